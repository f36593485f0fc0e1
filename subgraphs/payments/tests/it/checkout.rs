//! Buyers who pay on the provider's own page.

use contracts::{
    payments::PaymentRefunded,
    purchase::{IfPaid, Outcome, TakePayment, Way},
};
use payments::{
    Config, Page,
    domain::entities::{Checkout, Means, PaymentStatus},
};
use sandbox::Times;
use serde_json::{Value, json};

use crate::stage::{Stage, an_order, wish};

/// A page that has to be looked at is left alone for so long that only its webhook tells of it.
fn late_looks() -> Config {
    Config { undecided_after_ms: 600_000, ..Config::default() }
}

fn quick() -> Config {
    Config { stripe_timeout_ms: 400, undecided_after_ms: 200, ..Config::default() }
}

/// Back at the shop, which is a page that is there.
fn shop(stage: &Stage) -> String {
    format!("{}/sandbox/healthz", stage.sandbox.http_url())
}

pub(crate) async fn opens(stage: &Stage, order: &TakePayment, key: &str) -> kernel::Result<Page> {
    let checkout = Checkout { success_url: shop(stage), cancel_url: shop(stage), session: None };
    stage.payments.open_page(wish(order, Means::Checkout(checkout), key)).await
}

/// What the buyer does there.
pub(crate) async fn does(stage: &Stage, page: &Page, what: &str) -> u16 {
    let done = stage.http.post(format!("{}/{what}", page.url)).send().await.unwrap();
    done.status().as_u16()
}

async fn at_stripe(stage: &Stage) -> Vec<Value> {
    let url = format!("{}/sandbox/checkouts.json", stage.sandbox.http_url());
    stage.http.get(url).send().await.unwrap().json().await.unwrap()
}

fn code(refused: kernel::Result<Page>) -> String {
    refused.unwrap_err().refusal().unwrap().reason.to_string()
}

#[tokio::test]
async fn a_buyer_pays_on_the_page_and_the_money_can_go_back() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let page = opens(&stage, &order, "a").await.unwrap();
    assert_eq!(page.until, stage.payment(&order).await.snapshot().expires_at);
    // The same page for the same key, for another, and for two at once.
    let (again, other) = tokio::join!(opens(&stage, &order, "a"), opens(&stage, &order, "b"));
    assert_eq!((again.unwrap(), other.unwrap()), (page.clone(), page.clone()));
    assert_eq!(stage.payment(&order).await.attempts(), 1);
    let shown = stage.http.get(&page.url).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("€42.00") && shown.contains("2 tickets, The Odyssey"), "{shown}");

    assert_eq!(does(&stage, &page, "pay").await, 200, "the buyer is back at the shop");
    let paid = stage.becomes(&order, PaymentStatus::Succeeded).await;
    let paid_by = paid.snapshot().paid_by.clone().unwrap();
    assert_eq!((paid_by.brand.as_deref(), paid_by.last4.as_deref()), (Some("visa"), Some("4242")));
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    assert_eq!(stage.booked(&order).await, (4200, 0));
    assert_eq!(stage.count("parked_events").await, 0);
    let of_stripe = at_stripe(&stage).await;
    assert_eq!((of_stripe.len(), &of_stripe[0]["amount_total"]), (1, &json!(4200)));
    assert_eq!(of_stripe[0]["client_reference_id"], order.order_id.to_string());
    assert_eq!(code(opens(&stage, &order, "c").await), "PAID_ALREADY");
    assert_eq!(stage.pay(&order, "pm_card_visa", "d").await.unwrap().status(), PaymentStatus::Succeeded);
    assert_eq!(stage.at_stripe(&order).await.len(), 1);

    stage.end(&order, IfPaid::Refund).await;
    stage.becomes(&order, PaymentStatus::Refunded).await;
    assert_eq!(stage.facts(1, |fact: &PaymentRefunded| fact.order_id == order.order_id).await.len(), 1);
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}

#[tokio::test]
async fn amounts_on_the_page_are_in_the_units_of_the_provider() {
    let stage = Stage::new().await;
    for (minor, currency, units) in [(1200, "JPY", 1200), (1230, "KWD", 1230), (1200, "ISK", 120_000)] {
        let order = an_order(minor, currency);
        stage.ask(&order).await;
        let page = opens(&stage, &order, "a").await.unwrap();
        assert_eq!(at_stripe(&stage).await[0]["amount_total"], units, "{currency}");
        does(&stage, &page, "pay").await;
        let paid = stage.becomes(&order, PaymentStatus::Succeeded).await;
        assert_eq!(paid.snapshot().amount.minor, minor);
        assert_eq!(stage.booked(&order).await, (minor, 0));
    }
}

#[tokio::test]
async fn a_card_that_is_declined_on_the_page_or_asks_first_leaves_the_page_open() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let page = opens(&stage, &order, "a").await.unwrap();
    does(&stage, &page, "decline").await;
    stage.webhooks_arrived().await;
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Pending);
    assert_eq!(opens(&stage, &order, "b").await.unwrap(), page);
    does(&stage, &page, "authenticate").await;
    stage.webhooks_arrived().await;
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Pending);
    let asked = stage.at_stripe(&order).await[0]["id"].as_str().unwrap().to_owned();
    let bank = format!("{}/sandbox/authenticate/{asked}/approve", stage.sandbox.http_url());
    assert!(stage.http.post(bank).send().await.unwrap().status().is_success());
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    stage.webhooks_arrived().await;
    assert_eq!(stage.booked(&order).await, (4200, 0));
    assert_eq!((stage.at_stripe(&order).await.len(), stage.count("parked_events").await), (1, 0));
}

#[tokio::test]
async fn who_opened_the_page_and_pays_with_a_card_pays_once() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let page = opens(&stage, &order, "a").await.unwrap();
    assert_eq!(stage.pay(&order, "pm_card_visa", "b").await.unwrap().status(), PaymentStatus::Succeeded);
    assert_eq!(at_stripe(&stage).await[0]["status"], "expired");
    assert_eq!(does(&stage, &page, "pay").await, 409);
    stage.webhooks_arrived().await;
    assert_eq!(stage.booked(&order).await, (4200, 0));
    assert_eq!(stage.count("parked_events").await, 0);
    assert_eq!(stage.payment(&order).await.attempts(), 2);
}

#[tokio::test]
async fn who_paid_on_the_page_unheard_of_is_not_charged_by_a_card_as_well() {
    let stage = Stage::with(late_looks()).await;
    let order = stage.order().await;
    let page = opens(&stage, &order, "a").await.unwrap();
    stage.hold_webhooks_back();
    does(&stage, &page, "pay").await;
    assert_eq!(stage.pay(&order, "pm_card_amex", "b").await.unwrap().status(), PaymentStatus::Succeeded);
    stage.let_webhooks_go();
    stage.webhooks_arrived().await;
    assert_eq!(stage.at_stripe(&order).await.len(), 1);
    assert_eq!(stage.booked(&order).await, (4200, 0));
    assert_eq!(stage.count("parked_events").await, 0);
}

#[tokio::test]
async fn what_waits_at_the_bank_cannot_be_paid_once_the_page_is_open_and_cards_can_be_tried_again_after_it() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let waits = stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    let page = opens(&stage, &order, "b").await.unwrap();
    stage.at_the_bank(&waits, "approve").await;
    stage.webhooks_arrived().await;
    assert_eq!(stage.at_stripe(&order).await[0]["status"], "canceled");
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Pending);
    assert!(stage.replies(&order, 0).await.is_empty());
    // Back to cards.
    assert_eq!(
        stage.refusal(&order, "pm_card_chargeDeclined", "c").await,
        ("PAYMENT_DECLINED".to_owned(), "generic_decline".to_owned())
    );
    assert_eq!(does(&stage, &page, "pay").await, 409);
    let page = opens(&stage, &order, "d").await.unwrap();
    does(&stage, &page, "pay").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    stage.webhooks_arrived().await;
    assert_eq!(stage.booked(&order).await, (4200, 0));
    assert_eq!((stage.payment(&order).await.attempts(), stage.count("parked_events").await), (4, 0));
}

#[tokio::test]
async fn the_page_ends_with_the_order() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let page = opens(&stage, &order, "a").await.unwrap();
    stage.end(&order, IfPaid::Keep).await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Undo, Outcome::Done)]);
    assert_eq!(at_stripe(&stage).await[0]["status"], "expired");
    assert_eq!(does(&stage, &page, "pay").await, 409);
    stage.webhooks_arrived().await;
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Cancelled);
    assert_eq!(code(opens(&stage, &order, "b").await), "ORDER_CANCELLED");
    assert!(stage.at_stripe(&order).await.is_empty());
    assert_eq!(stage.count("parked_events").await, 0);
}

#[tokio::test]
async fn an_order_whose_page_was_paid_just_before_its_end_completes() {
    let stage = Stage::with(late_looks()).await;
    for (if_paid, outcome) in [(IfPaid::Keep, Outcome::Stands), (IfPaid::Refund, Outcome::Done)] {
        let order = stage.order().await;
        let page = opens(&stage, &order, "a").await.unwrap();
        stage.hold_webhooks_back();
        does(&stage, &page, "pay").await;
        stage.end(&order, if_paid).await;
        assert_eq!(stage.replies(&order, 1).await, [(Way::Undo, outcome)]);
        stage.let_webhooks_go();
        stage.webhooks_arrived().await;
        let returned = if if_paid == IfPaid::Keep { 0 } else { 4200 };
        assert_eq!(stage.booked(&order).await, (4200, returned));
    }
    assert_eq!(stage.count("parked_events").await, 0);
}

#[tokio::test]
async fn a_page_that_is_paid_is_found_out_without_webhooks() {
    let stage = Stage::with(quick()).await;
    let order = stage.order().await;
    let page = opens(&stage, &order, "a").await.unwrap();
    stage.hold_webhooks_back();
    does(&stage, &page, "pay").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
}

#[tokio::test]
async fn webhooks_of_a_page_may_come_twice_and_in_any_order() {
    let stage = Stage::with(late_looks()).await;
    stage.faults(|switches| {
        switches.webhook_duplicates = 2;
        switches.webhook_reorder = true;
    });
    let order = stage.order().await;
    let page = opens(&stage, &order, "a").await.unwrap();
    does(&stage, &page, "decline").await;
    does(&stage, &page, "pay").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    let kinds = stage.webhooks_arrived().await;
    assert!(kinds.iter().any(|kind| kind == "checkout.session.completed"), "{kinds:?}");
    stage.all_is_told().await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    assert_eq!(stage.booked(&order).await, (4200, 0));
    assert_eq!(stage.count("parked_events").await, 0);
}

#[tokio::test]
async fn a_lost_answer_to_the_wish_for_a_page_leads_to_one_page() {
    let stage = Stage::with(quick()).await;
    let order = stage.order().await;
    stage.lose_the_next_answer();
    let first = opens(&stage, &order, "a").await;
    assert!(first.is_ok() || code(first) == "OUTCOME_UNKNOWN");
    let patience = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    let page = loop {
        match opens(&stage, &order, "a").await {
            Ok(page) => break page,
            Err(_) => assert!(tokio::time::Instant::now() < patience, "it is asked for again by itself"),
        }
    };
    assert_eq!(at_stripe(&stage).await.len(), 1);
    does(&stage, &page, "pay").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
}

#[tokio::test]
async fn a_page_whose_making_was_lost_is_closed_with_the_order() {
    let mut stage = Stage::with(quick()).await;
    let order = stage.order().await;
    stage.stop().await; // so that nobody asks but the buyer
    stage.lose_the_next_answer();
    assert_eq!(code(opens(&stage, &order, "a").await), "OUTCOME_UNKNOWN");
    assert_eq!(at_stripe(&stage).await[0]["status"], "open");
    stage.faults(|switches| switches.api_fail = Times::Never);
    stage.start().await;
    stage.end(&order, IfPaid::Keep).await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Undo, Outcome::Done)]);
    assert_eq!(at_stripe(&stage).await[0]["status"], "expired");
    assert_eq!(at_stripe(&stage).await.len(), 1);
}

#[tokio::test]
async fn pages_and_cards_are_counted_together() {
    let stage = Stage::with(Config { attempts_per_order: 2, ..Config::default() }).await;
    let order = stage.order().await;
    stage.refusal(&order, "pm_card_chargeDeclined", "a").await;
    let page = opens(&stage, &order, "b").await.unwrap();
    assert_eq!(stage.payment(&order).await.attempts_left(2), 0);
    assert_eq!(stage.refusal(&order, "pm_card_visa", "c").await.0, "LIMIT_EXCEEDED");
    // The page that is there can be paid.
    assert_eq!(opens(&stage, &order, "d").await.unwrap(), page);
    does(&stage, &page, "pay").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
}

#[tokio::test]
async fn only_the_buyer_gets_a_page_and_only_for_what_is_to_be_paid() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let thief = TakePayment { buyer_id: kernel::UserId::new(), ..order.clone() };
    assert_eq!(code(opens(&stage, &thief, "a").await), "NOT_READY_YET");
    let free = an_order(0, "EUR");
    stage.ask(&free).await;
    assert_eq!(code(opens(&stage, &free, "a").await), "NO_PAYMENT_NEEDED");
    let late =
        TakePayment { expires_at: order.expires_at - chrono::TimeDelta::hours(1), ..an_order(4200, "EUR") };
    stage.ask(&late).await;
    assert_eq!(code(opens(&stage, &late, "a").await), "TIME_TO_PAY_OVER");
    // A key stands for one input.
    opens(&stage, &order, "a").await.unwrap();
    let elsewhere = Means::Checkout(Checkout {
        success_url: "https://elsewhere.example".to_owned(),
        cancel_url: shop(&stage),
        session: None,
    });
    let other = stage.payments.open_page(wish(&order, elsewhere, "a")).await;
    assert_eq!(code(other), "SAME_KEY_OTHER_INPUT");
    assert_eq!(at_stripe(&stage).await.len(), 1);
}

const OPEN: &str = "mutation($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { url expiresAt } }";

#[tokio::test]
async fn a_page_is_made_through_the_graph_and_bad_addresses_are_refused_by_name() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let good = json!({"orderId": order.order_id, "successUrl": "https://a.example/done", "cancelUrl": "http://localhost:3000/",
        "idempotencyKey": "a"});
    for (field, bad) in [
        ("successUrl", json!("javascript:alert(1)")),
        ("cancelUrl", json!("ftp://a.example")),
        ("cancelUrl", json!("")),
        ("idempotencyKey", json!("")),
        ("orderId", json!("1 OR 1=1")),
    ] {
        let mut input = good.clone();
        input[field] = bad;
        let answer = stage.asks_over_http(order.buyer_id, OPEN, json!({ "input": input })).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(
            (&extensions["code"], &extensions["field"]),
            (&json!("BAD_USER_INPUT"), &json!(field)),
            "{answer}"
        );
    }
    assert_eq!(stage.count("attempts").await, 0);
    let answer = stage.asks_over_http(order.buyer_id, OPEN, json!({ "input": good })).await;
    let made = &answer["data"]["createCheckoutSession"];
    assert!(made["url"].as_str().unwrap().contains("/sandbox/checkout/cs_test_"), "{answer}");
    assert!(made["expiresAt"].as_str().unwrap().ends_with('Z'), "{answer}");
}
