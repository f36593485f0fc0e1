//! Payments as clients of the graph see them.

use std::time::Duration;

use async_graphql::{Request, Variables};
use chrono::{DateTime, Utc};
use kernel::{OrderId, PaymentId, SessionId, UserId};
use payments::adapters::inbound::graphql::{PaymentsSchema, Tries, schema_over};
use serde_json::{Value, json};
use service::{Caller, clients::Quota};

use crate::stage::Stage;

const PAY: &str =
    "mutation($input: PayInput!) { pay(input: $input) { id status provider declineCode clientSecret
    nextActionUrl amount { amount currency } refunded { amount currency } refunds { id } method { kind brand last4 }
    receiptUrl dispute { id } attempts attemptsLeft createdAt } }";
const OF_ORDER: &str = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Order {
    payment { id status } } } }";
const ENTITY: &str =
    "query($of: [_Any!]!) { _entities(representations: $of) { ... on Payment { id status } } }";

fn graph(stage: &Stage) -> PaymentsSchema {
    let plenty = Quota::new(1_000, Duration::from_millis(1));
    limited_to(stage, plenty)
}

fn limited_to(stage: &Stage, tries: Quota) -> PaymentsSchema {
    let (payments, database) = (&stage.payments, &stage.database);
    let (books, health) = (payments::books(database), payments::health(database, payments.clone()));
    schema_over(payments.clone(), books, health, Tries::new(tries, tries))
}

async fn ask(graph: &PaymentsSchema, caller: Option<UserId>, operation: &str, variables: Value) -> Value {
    let mut request = Request::new(operation).variables(Variables::from_json(variables));
    if let Some(user) = caller {
        let until = DateTime::<Utc>::MAX_UTC;
        request = request.data(Caller { user, session: SessionId::new(), until, operator: false });
    }
    serde_json::to_value(graph.execute(request).await).unwrap()
}

fn input(order: OrderId, method: &str, key: &str) -> Value {
    json!({"input": {"orderId": order, "paymentMethod": method, "idempotencyKey": key}})
}

#[tokio::test]
async fn a_buyer_pays_through_the_graph_and_nobody_else_sees_it() {
    let stage = Stage::new().await;
    let graph = graph(&stage);
    let order = stage.order().await;
    let buyer = Some(order.buyer_id);
    let answer = ask(&graph, buyer, PAY, input(order.order_id, "pm_card_chargeDeclined", "a")).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["declineCode"]),
        (&json!("PAYMENT_DECLINED"), &json!("generic_decline"))
    );
    let answer = ask(&graph, buyer, PAY, input(order.order_id, "pm_card_visa", "b")).await;
    let paid = &answer["data"]["pay"];
    assert_eq!(
        paid,
        &json!({
            "id": paid["id"], "status": "SUCCEEDED", "provider": "stripe", "declineCode": null,
            "clientSecret": null, "nextActionUrl": null, "amount": {"amount": "42.00", "currency": "EUR"},
            "refunded": {"amount": "0.00", "currency": "EUR"}, "refunds": [],
            "method": {"kind": "CARD", "brand": "visa", "last4": "4242"}, "receiptUrl": paid["receiptUrl"],
            "dispute": null, "attempts": 2, "attemptsLeft": 0, "createdAt": paid["createdAt"],
        })
    );
    assert!(paid["createdAt"].as_str().unwrap().ends_with('Z'), "{paid}");
    let of_order = json!({"of": [{"__typename": "Order", "id": order.order_id}]});
    let of_payment = json!({"of": [{"__typename": "Payment", "id": paid["id"]}]});
    let seen = ask(&graph, buyer, OF_ORDER, of_order.clone()).await;
    assert_eq!(seen["data"]["_entities"][0]["payment"], json!({"id": paid["id"], "status": "SUCCEEDED"}));
    let seen = ask(&graph, buyer, ENTITY, of_payment.clone()).await;
    assert_eq!(seen["data"]["_entities"][0]["status"], "SUCCEEDED");
    for stranger in [None, Some(UserId::new())] {
        let seen = ask(&graph, stranger, OF_ORDER, of_order.clone()).await;
        assert_eq!(seen["data"]["_entities"][0]["payment"], Value::Null, "{seen}");
        let seen = ask(&graph, stranger, ENTITY, of_payment.clone()).await;
        assert_eq!(seen["data"]["_entities"][0], Value::Null, "{seen}");
        let missing = json!({"of": [{"__typename": "Payment", "id": PaymentId::new()}]});
        assert_eq!(seen, ask(&graph, stranger, ENTITY, missing).await);
    }
    for id in ["", "1 OR 1=1"] {
        let seen = ask(&graph, buyer, OF_ORDER, json!({"of": [{"__typename": "Order", "id": id}]})).await;
        assert_eq!(seen["data"]["_entities"][0]["payment"], Value::Null, "{seen}");
    }
}

#[tokio::test]
async fn bad_input_is_refused_naming_the_field_and_changes_nothing() {
    let stage = Stage::new().await;
    let graph = graph(&stage);
    let order = stage.order().await;
    let huge = "x".repeat(testbed::LARGEST_TEXT);
    let good = input(order.order_id, "pm_card_visa", "a")["input"].clone();
    let with = |field: &str, value: Value| {
        let mut bad = good.clone();
        bad[field] = value;
        (json!({ "input": bad }), field.to_owned())
    };
    let mut cases = Vec::new();
    for bad in ["", "1 OR 1=1", "00000000", &huge] {
        cases.push(with("orderId", json!(bad)));
    }
    for bad in ["", "   ", "pm card", "../v1/refunds", "pm_card_ünsinn", &"p".repeat(101), &huge] {
        cases.push(with("paymentMethod", json!(bad)));
    }
    for bad in ["", "   ", "a\u{0}b", &"k".repeat(101), &huge] {
        cases.push(with("idempotencyKey", json!(bad)));
    }
    for (variables, field) in cases {
        let answer = ask(&graph, Some(order.buyer_id), PAY, variables).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "BAD_USER_INPUT", "{field}: {}", answer["errors"]);
        assert_eq!(extensions["field"], field, "{}", answer["errors"]);
    }
    for variables in [
        json!({}),
        json!({"input": {}}),
        json!({"input": {"orderId": order.order_id, "paymentMethod": 7, "idempotencyKey": "a"}}),
        json!({"input": {"orderId": order.order_id, "paymentMethod": "x", "idempotencyKey": "a", "amount": 1}}),
    ] {
        let answer = ask(&graph, Some(order.buyer_id), PAY, variables).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    }
    let answer = ask(&graph, None, PAY, json!({ "input": good })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let answer = ask(&graph, Some(UserId::new()), PAY, json!({ "input": good })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "SERVICE_UNAVAILABLE");
    assert_eq!(stage.count("attempts").await, 0);
    assert!(stage.at_stripe(&order).await.is_empty());
}

#[tokio::test]
async fn who_tries_to_pay_too_often_is_told_to_wait() {
    let stage = Stage::new().await;
    let few = Quota::new(2, Duration::from_mins(10));
    let graph = limited_to(&stage, few);
    let order = stage.order().await;
    for key in ["a", "b"] {
        let answer =
            ask(&graph, Some(order.buyer_id), PAY, input(order.order_id, "pm_card_chargeDeclined", key))
                .await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "PAYMENT_DECLINED", "{answer}");
    }
    let answer = ask(&graph, Some(order.buyer_id), PAY, input(order.order_id, "pm_card_visa", "c")).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "RATE_LIMITED", "{answer}");
    assert!(extensions["retryAfterSeconds"].as_u64().unwrap() > 0, "{answer}");
    assert_eq!(stage.count("attempts").await, 2);
}

/// Each is waited for, since it may be on its way; but not each for itself.
#[tokio::test]
async fn many_orders_that_somebody_made_up_hold_nobody_up_for_long() {
    let stage = Stage::new().await;
    let pays = (0..2).map(|number| {
        let order = OrderId::new();
        format!("p{number}: pay(input: {{orderId: \"{order}\", paymentMethod: \"x\", idempotencyKey: \"k\"}}) {{ id }}")
    });
    let query = format!("mutation {{ {} }}", pays.collect::<Vec<_>>().join(" "));
    let began = tokio::time::Instant::now();
    let answer = stage.asks_over_http(UserId::new(), &query, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "SERVICE_UNAVAILABLE", "{answer}");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test]
async fn whoever_tries_to_pay_too_often_waits_whether_by_card_or_on_the_providers_page() {
    const OPEN: &str =
        "mutation($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { url } }";
    let stage = Stage::new().await;
    let graph = limited_to(&stage, Quota::new(2, Duration::from_hours(1)));
    let order = stage.order().await;
    let page = json!({"input": {"orderId": order.order_id, "successUrl": "https://a.example/",
        "cancelUrl": "https://a.example/", "idempotencyKey": "a"}});
    for _ in 0..2 {
        let opened = ask(&graph, Some(order.buyer_id), OPEN, page.clone()).await;
        assert!(opened["data"]["createCheckoutSession"]["url"].is_string(), "{opened}");
    }
    let card = input(order.order_id, "pm_card_visa", "b");
    for (operation, variables) in [(OPEN, page), (PAY, card)] {
        let refused = ask(&graph, Some(order.buyer_id), operation, variables).await;
        let extensions = &refused["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "RATE_LIMITED", "{refused}");
        let wait = extensions["retryAfterSeconds"].as_u64().unwrap();
        assert!((3_500..=3_600).contains(&wait), "{refused}");
    }
}
