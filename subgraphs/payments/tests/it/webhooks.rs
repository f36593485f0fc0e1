//! What the provider tells, in whatever order and however often.

use contracts::{
    payments::PaymentSucceeded,
    purchase::{Outcome, Way},
};
use kernel::{Clock, SystemClock};
use payments::{Config, domain::entities::PaymentStatus};
use serde_json::json;
use stripe_webhook::Webhook;

use crate::stage::{SECRET, Stage};

#[tokio::test]
async fn webhooks_repeated_reordered_and_late_lead_to_the_same_end() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.faults(|switches| {
        switches.webhook_duplicates = 2;
        switches.webhook_reorder = true;
        switches.webhook_drop_first = true;
        switches.webhook_delay_ms = 300;
    });
    stage.refusal(&order, "pm_card_chargeDeclined", "a").await;
    stage.refusal(&order, "pm_card_chargeDeclinedInsufficientFunds", "b").await;
    let waits = stage.pay(&order, "pm_card_authenticationRequired", "c").await.unwrap();
    stage.at_the_bank(&waits, "approve").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    let kinds = stage.webhooks_arrived().await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "payment_intent.payment_failed").count(), 2);
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Succeeded);
    stage.all_is_told().await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    assert_eq!(stage.facts(1, |fact: &PaymentSucceeded| fact.order_id == order.order_id).await.len(), 1);
    assert_eq!(stage.booked(&order).await, (4200, 0));
    assert_eq!(stage.count("parked_events").await, 0);
}

#[tokio::test]
async fn a_webhook_may_come_before_the_answer_of_our_own_call() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.refusal(&order, "pm_card_chargeDeclined", "a").await;
    stage.lose_the_next_answer();
    let paid = stage.pay(&order, "pm_card_visa", "b").await.unwrap();
    assert_eq!(paid.status(), PaymentStatus::Succeeded);
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
}

#[tokio::test]
async fn a_webhook_that_is_late_keeps_nobody_waiting_and_adds_nothing() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.hold_webhooks_back();
    assert_eq!(stage.pay(&order, "pm_card_visa", "a").await.unwrap().status(), PaymentStatus::Succeeded);
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    stage.let_webhooks_go();
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    assert_eq!(stage.facts(1, |fact: &PaymentSucceeded| fact.order_id == order.order_id).await.len(), 1);
    assert_eq!(stage.booked(&order).await, (4200, 0));
    assert_eq!(stage.count("parked_events").await, 0);
}

#[tokio::test]
async fn a_lost_webhook_is_asked_for() {
    let quick = Config { undecided_after_ms: 200, ..Config::default() };
    let stage = Stage::with(quick).await;
    let order = stage.order().await;
    stage.hold_webhooks_back();
    let waits = stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    stage.at_the_bank(&waits, "approve").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    stage.let_webhooks_go();
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Do, Outcome::Done)]);
    assert_eq!(stage.booked(&order).await, (4200, 0));
}

#[tokio::test]
async fn a_forged_webhook_changes_nothing() {
    let stage =
        Stage::with(Config { stripe_webhook_secret_before: "whsec_before".to_owned(), ..Config::default() })
            .await;
    let order = stage.order().await;
    let waits = stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    stage.webhooks_arrived().await;
    let events_before = stage.count("provider_events").await;
    let body = |id: &str| success(id, &waits.snapshot().intent.as_ref().unwrap().id, 4200).to_string();
    let now = SystemClock.now().timestamp();
    let sign = |body: &str, secret: &str, at| Webhook::generate_test_header(body, secret, Some(at));
    let good = body("evt_1");
    for (body, signature) in [
        (good.clone(), None),
        (good.clone(), Some("nonsense".to_owned())),
        (good.clone(), Some(sign(&good, "whsec_wrong", now))),
        (good.clone(), Some(sign(&good, "", now))),
        (good.clone(), Some(sign(&good, SECRET, now - 301))),
        // Further off than the test may take.
        (good.clone(), Some(sign(&good, SECRET, now + 900))),
        (body("evt_2"), Some(sign(&good, SECRET, now))),
    ] {
        assert_eq!(stage.webhook(&body, signature.as_deref()).await, 400, "{signature:?}");
    }
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::RequiresAction);
    assert_eq!(stage.count("provider_events").await, events_before);
    // The secret before the present one is still good, and the present one too.
    let other = body("evt_3").replace("payment_intent.succeeded", "payment_intent.created");
    assert_eq!(stage.webhook(&other, Some(&sign(&other, "whsec_before", now))).await, 200);
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::RequiresAction);
    // Who has the secret says that it is paid: the provider is asked, and knows better.
    assert_eq!(stage.webhook(&good, Some(&sign(&good, SECRET, now))).await, 200);
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::RequiresAction);
    assert_eq!(stage.booked(&order).await, (0, 0));
    stage.at_the_bank(&waits, "approve").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
}

#[tokio::test]
async fn money_that_was_taken_for_another_order_pays_none() {
    let stage = Stage::new().await;
    let (order, another) = (stage.order().await, stage.order().await);
    let payment = stage.payment(&order).await.snapshot().id.to_string();
    let form = [
        ("amount", "4200"),
        ("currency", "eur"),
        ("confirm", "true"),
        ("payment_method", "pm_card_visa"),
        ("automatic_payment_methods[enabled]", "true"),
        ("automatic_payment_methods[allow_redirects]", "never"),
        ("metadata[payment_id]", &payment),
        ("metadata[order_id]", &another.order_id.to_string()),
    ];
    assert_eq!(stage.stripe("/v1/payment_intents", &form).await["status"], "succeeded");
    stage.webhooks_arrived().await;
    assert_eq!(stage.count("parked_events").await, 1);
    for order in [&order, &another] {
        assert_eq!(stage.payment(order).await.status(), PaymentStatus::Pending);
        assert_eq!(stage.booked(order).await, (0, 0));
    }
}

#[tokio::test]
async fn what_nobody_here_understands_is_put_aside() {
    let stage = Stage::new().await;
    let now = SystemClock.now().timestamp();
    let sparse = json!({
        "id": "evt_sparse", "object": "event", "created": now, "livemode": false, "pending_webhooks": 1,
        "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
    });
    let unknown = success("evt_unknown", "pi_unknown", 4200);
    for body in [sparse.to_string(), "{}".to_owned(), unknown.to_string()] {
        for _ in 0..2 {
            let signature = Webhook::generate_test_header(&body, SECRET, Some(now));
            assert_eq!(stage.webhook(&body, Some(&signature)).await, 200, "{body}");
        }
    }
    assert_eq!(stage.count("parked_events").await, 3);
    // A kind of event that says nothing to us is no reason to worry.
    let other = json!({
        "id": "evt_other", "object": "event", "created": now, "livemode": false, "pending_webhooks": 1,
        "type": "some.thing", "data": {"object": {"id": "x_1", "object": "thing"}},
    })
    .to_string();
    let signature = Webhook::generate_test_header(&other, SECRET, Some(now));
    assert_eq!(stage.webhook(&other, Some(&signature)).await, 200);
    assert_eq!(stage.count("parked_events").await, 3);
}

#[tokio::test]
async fn a_refund_told_before_its_payment_comes_again() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let waits = stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    let intent = waits.snapshot().intent.as_ref().unwrap().id.clone();
    let now = SystemClock.now().timestamp();
    let body = json!({
        "id": "evt_early", "object": "event", "created": now, "livemode": false, "pending_webhooks": 1,
        "type": "refund.created", "data": {"object": {
            "id": "re_1", "object": "refund", "amount": 1200, "created": now, "currency": "eur",
            "payment_intent": intent, "status": "succeeded", "metadata": {},
        }},
    })
    .to_string();
    let signature = Webhook::generate_test_header(&body, SECRET, Some(now));
    assert_eq!(stage.webhook(&body, Some(&signature)).await, 503);
    stage.at_the_bank(&waits, "approve").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    for _ in 0..2 {
        assert_eq!(stage.webhook(&body, Some(&signature)).await, 200);
    }
    assert_eq!(stage.becomes(&order, PaymentStatus::PartiallyRefunded).await.refunded().minor, 1200);
    assert_eq!(stage.booked(&order).await, (4200, 1200));
}

/// An event as Stripe sends it.
fn success(event: &str, intent: &str, amount: i64) -> serde_json::Value {
    json!({
        "id": event, "object": "event", "created": SystemClock.now().timestamp(), "livemode": false,
        "pending_webhooks": 1, "type": "payment_intent.succeeded",
        "data": {"object": {
            "id": intent, "object": "payment_intent", "amount": amount, "amount_capturable": 0,
            "amount_received": amount, "capture_method": "automatic_async", "confirmation_method": "automatic",
            "created": 1, "currency": "eur", "livemode": false, "metadata": {},
            "payment_method_types": ["card"], "status": "succeeded",
        }},
    })
}
