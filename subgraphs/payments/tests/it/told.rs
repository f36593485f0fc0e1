//! What a payment tells of how it was paid, of what is disputed, and of how often it may still be tried.

use chrono::{DateTime, TimeDelta};
use contracts::purchase::TakePayment;
use kernel::{PaymentId, UserId};
use payments::{
    Config,
    domain::{
        entities::{Means, MethodKind, PaidBy, Payment, PaymentStatus, ProviderAmount},
        ports::{Confirmed, IntentStatus, NewIntent, Opened},
    },
};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::stage::{Stage, an_order};

fn paid_by(payment: &Payment) -> &PaidBy {
    payment.snapshot().paid_by.as_ref().unwrap()
}

/// What REST tells the buyer.
async fn told(stage: &Stage, order: &TakePayment) -> Value {
    let path = format!("/v1/orders/{}/payment", order.order_id);
    let (status, told) = stage.get(Some(order.buyer_id), &path).await;
    assert_eq!(status, 200, "{told}");
    told
}

/// What the graph tells the buyer.
async fn shown(stage: &Stage, order: &TakePayment, fields: &str) -> Value {
    let query = format!(
        "query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Order {{ payment {{ {fields} }} }} }} }}"
    );
    let of = json!({ "of": [{"__typename": "Order", "id": order.order_id}] });
    stage.asks_over_http(order.buyer_id, &query, of).await["data"]["_entities"][0]["payment"].clone()
}

#[tokio::test]
async fn each_card_is_told_with_its_receipt_at_the_provider() {
    let stage = Stage::new().await;
    for (card, brand, last4) in [
        ("pm_card_visa", "visa", "4242"),
        ("pm_card_mastercard", "mastercard", "4444"),
        ("pm_card_amex", "amex", "8431"),
    ] {
        let order = stage.order().await;
        let payment = stage.pay(&order, card, card).await.unwrap();
        let PaidBy { kind, brand: by, last4: digits, receipt_url } = paid_by(&payment);
        assert_eq!((kind, by.as_deref(), digits.as_deref()), (&MethodKind::Card, Some(brand), Some(last4)));
        let receipt = stage.http.get(receipt_url.as_ref().unwrap()).send().await.unwrap();
        assert!(receipt.text().await.unwrap().contains(last4), "{card}");
        let seen = shown(&stage, &order, "receiptUrl method { kind brand last4 }").await;
        assert_eq!(seen["method"], json!({"kind": "CARD", "brand": brand, "last4": last4}));
        assert_eq!(seen["receiptUrl"], json!(receipt_url));
        assert_eq!(told(&stage, &order).await["receiptUrl"], json!(receipt_url));
    }
}

#[tokio::test]
async fn whoever_confirmed_at_the_bank_or_paid_in_the_last_moment_is_told_as_well() {
    let stage = Stage::new().await;
    let (confirmed, late) = (stage.order().await, stage.order().await);
    let waits = stage.pay(&confirmed, "pm_card_authenticationRequired", "a").await.unwrap();
    assert_eq!(waits.snapshot().paid_by, None);
    stage.at_the_bank(&waits, "approve").await;
    let paid = stage.becomes(&confirmed, PaymentStatus::Succeeded).await;
    assert_eq!(paid_by(&paid).last4.as_deref(), Some("3184"));

    // Nobody here has heard of the money: only the refusal to cancel tells.
    let waits = stage.pay(&late, "pm_card_authenticationRequired", "b").await.unwrap();
    stage.webhooks_arrived().await;
    stage.hold_webhooks_back();
    stage.at_the_bank(&waits, "approve").await;
    stage.end(&late, contracts::purchase::IfPaid::Keep).await;
    let paid = stage.becomes(&late, PaymentStatus::Succeeded).await;
    assert_eq!(paid_by(&paid).last4.as_deref(), Some("3184"));
}

#[tokio::test]
async fn a_card_that_another_version_has_tried_in_other_words_is_not_tried_again_and_is_told() {
    let (stage, order) = (Stage::new().await, an_order(4200, "EUR"));
    let gateway = stage.gateway();
    let ask = NewIntent {
        key: "opens".to_owned(),
        amount: ProviderAmount::of(order.amount).unwrap(),
        description: order.description.clone(),
        payment_id: PaymentId::new(),
        order_id: order.order_id,
        number: order.number.clone(),
        opening: 0,
        to: None,
    };
    let Opened::Intent(intent) = gateway.open(&ask).await.unwrap() else { panic!("it was refused") };
    let intent = intent.id;
    let before = stage
        .http
        .post(format!("{}/v1/payment_intents/{intent}/confirm", stage.sandbox.stripe_url()))
        .bearer_auth("sk_test_stage")
        .header("idempotency-key", "tries")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("payment_method=pm_card_visa");
    assert!(before.send().await.unwrap().status().is_success());
    let answer = gateway.confirm(&intent, &Means::method("pm_card_visa"), "tries").await.unwrap();
    let Confirmed::Answer(seen) = answer else { panic!("{answer:?}") };
    assert_eq!(
        (seen.status, seen.paid_by.unwrap().last4.as_deref()),
        (IntentStatus::Succeeded, Some("4242"))
    );
}

#[tokio::test]
async fn a_free_order_and_one_of_the_version_before_say_nothing_of_how_they_were_paid() {
    let stage = Stage::new().await;
    let (old, free) = (stage.order().await, an_order(0, "EUR"));
    stage.ask(&free).await;
    stage.pay(&old, "pm_card_visa", "a").await.unwrap();
    stage.webhooks_arrived().await;
    let before = "UPDATE payments SET method_kind = NULL, method_brand = NULL, method_last4 = NULL, \
                  receipt_url = NULL";
    stage.database.writes.execute_unprepared(before).await.unwrap();
    for order in [&old, &free] {
        stage.becomes(order, PaymentStatus::Succeeded).await;
        let seen = told(&stage, order).await;
        assert_eq!((&seen["method"], &seen["receiptUrl"]), (&Value::Null, &Value::Null));
        assert_eq!(seen["attemptsLeft"], 0);
        let seen = shown(&stage, order, "method { kind } receiptUrl attemptsLeft").await;
        assert_eq!(seen, json!({"method": null, "receiptUrl": null, "attemptsLeft": 0}));
    }
}

#[tokio::test]
async fn a_dispute_is_told_with_the_time_there_is_to_answer_it() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let paid = stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    stage.webhooks_arrived().await;
    assert_eq!(told(&stage, &order).await["dispute"], Value::Null);
    let intent = paid.snapshot().intent.as_ref().unwrap().id.clone();
    stage.at_the_dashboard(&format!("payments/{intent}/dispute"), "").await;
    stage.becomes(&order, PaymentStatus::Disputed).await;
    stage.webhooks_arrived().await;
    let dispute = stage.at_stripe(&order).await[0]["disputes"][0].clone();
    let id = dispute["id"].as_str().unwrap().to_owned();
    let opened = DateTime::from_timestamp_millis(dispute["createdAt"].as_i64().unwrap()).unwrap();
    for (decision, status) in [(None, "OPEN"), (Some("won"), "WON")] {
        if let Some(decision) = decision {
            stage.at_the_dashboard(&format!("disputes/{id}/{decision}"), "").await;
            stage.becomes(&order, PaymentStatus::Succeeded).await;
            stage.webhooks_arrived().await;
        }
        let fields = "dispute { id status amount { amount currency } reason respondBy }";
        let seen = shown(&stage, &order, fields).await["dispute"].clone();
        assert_eq!(
            seen,
            json!({
                "id": id, "status": status, "amount": {"amount": "42.00", "currency": "EUR"},
                "reason": dispute["reason"], "respondBy": seen["respondBy"],
            })
        );
        let until: DateTime<chrono::Utc> = seen["respondBy"].as_str().unwrap().parse().unwrap();
        assert_eq!(until.timestamp(), (opened + TimeDelta::days(7)).timestamp());
        let over_rest = told(&stage, &order).await["dispute"].clone();
        let instant: DateTime<chrono::Utc> = over_rest["respondBy"].as_str().unwrap().parse().unwrap();
        assert_eq!(instant, until);
        for field in ["id", "status", "amount", "reason"] {
            assert_eq!(over_rest[field], seen[field]);
        }
    }
}

#[tokio::test]
async fn an_order_is_tried_to_be_paid_ten_times_and_the_eleventh_asks_no_bank() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    for number in 1..=10 {
        let (code, _) = stage.refusal(&order, "pm_card_chargeDeclined", &number.to_string()).await;
        assert_eq!(code, "PAYMENT_DECLINED");
        let seen = shown(&stage, &order, "attempts attemptsLeft").await;
        assert_eq!(seen, json!({"attempts": number, "attemptsLeft": 10 - number}));
    }
    stage.webhooks_arrived().await;
    let calls = stage.sandbox.api_calls();
    let refused = stage.pay(&order, "pm_card_visa", "one more").await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!((refusal.code.as_str(), &refusal.details["limit"]), ("LIMIT_EXCEEDED", &json!(10)));
    assert!(refusal.message.contains("10 times"), "{}", refusal.message);
    // What was tried before is still answered as it was.
    assert_eq!(stage.refusal(&order, "pm_card_chargeDeclined", "10").await.0, "PAYMENT_DECLINED");
    assert_eq!((stage.sandbox.api_calls() - calls, stage.count("attempts").await), (0, 10));
    assert_eq!(told(&stage, &order).await["attemptsLeft"], 0);
}

#[tokio::test]
async fn how_often_an_order_is_tried_is_a_setting_and_of_many_at_once_no_more_get_through() {
    let stage = Stage::with(Config { attempts_per_order: 2, ..Config::default() }).await;
    let order = stage.order().await;
    let keys: Vec<_> = (0..8).map(|number| number.to_string()).collect();
    for _ in 0..4 {
        futures::future::join_all(keys.iter().map(|key| stage.pay(&order, "pm_card_chargeDeclined", key)))
            .await;
    }
    assert_eq!(stage.count("attempts").await, 2);
    assert_eq!(stage.refusal(&order, "pm_card_visa", "more").await.0, "LIMIT_EXCEEDED");
    // A card that is known to pay is not one too many.
    let other = stage.order().await;
    stage.refusal(&other, "pm_card_chargeDeclined", "a").await;
    assert_eq!(told(&stage, &other).await["attemptsLeft"], 1);
    assert_eq!(stage.pay(&other, "pm_card_visa", "b").await.unwrap().status(), PaymentStatus::Succeeded);
}

#[tokio::test]
async fn anybody_reads_with_what_a_browser_speaks_to_the_provider() {
    let key = "pk_sandbox_stage";
    let published = Config { stripe_publishable_key: key.to_owned(), ..Config::default() };
    for (config, expected) in [(Config::default(), Value::Null), (published, json!(key))] {
        let stage = Stage::with(config).await;
        let settings = json!({"provider": "stripe", "publishableKey": expected});
        let query = "{ paymentSettings { provider publishableKey } }";
        let seen = stage.asks_over_http(UserId::new(), query, json!({})).await;
        assert_eq!(seen, json!({"data": {"paymentSettings": settings.clone()}}));
        assert_eq!(stage.get(None, "/v1/settings").await, (200, settings));
    }
}
