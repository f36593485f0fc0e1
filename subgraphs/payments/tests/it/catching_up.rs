//! What the provider has told while nobody heard, read from it afterwards.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{
    payments::{PaymentRefunded, PaymentSucceeded},
    purchase::{Outcome, TakePayment, Way},
};
use kernel::{Clock, SystemClock, reasons};
use payments::{CatchUp, CaughtUp, Config, domain::entities::PaymentStatus};
use sandbox::Times;
use serde_json::Value;

use crate::stage::{SECRET, Stage};

/// A stage that hears no webhook, and asks about no payment by itself.
async fn deaf() -> Stage {
    let stage = Stage::with(Config { undecided_after_ms: 3_600_000, ..Config::default() }).await;
    stage.faults(|switches| switches.webhook_lose = Times::Always);
    stage
}

/// Somebody beside the service, as the command is.
fn somebody(stage: &Stage) -> CatchUp {
    let config = Config {
        stripe_url: stage.sandbox.stripe_url(),
        stripe_secret_key: "sk_test_stage".to_owned(),
        stripe_webhook_secret: SECRET.to_owned(),
        ..Config::default()
    };
    payments::catch_up(&config, stage.database.clone(), &stage.foundation).unwrap()
}

fn an_hour_ago() -> DateTime<Utc> {
    SystemClock.now() - TimeDelta::hours(1)
}

async fn caught_up(stage: &Stage) -> CaughtUp {
    somebody(stage).since(an_hour_ago(), |_| ()).await.unwrap()
}

/// An order that is paid, of which nobody here has heard; and what Stripe calls its payment.
async fn paid_unheard(stage: &Stage) -> (TakePayment, String) {
    let order = stage.order().await;
    let waits = stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    stage.at_the_bank(&waits, "approve").await;
    assert_eq!(stage.at_stripe(&order).await[0]["status"], "succeeded");
    let intent = waits.snapshot().intent.as_ref().unwrap().id.clone();
    (order, intent)
}

async fn refunded(stage: &Stage, intent: &str) {
    stage.at_the_dashboard(&format!("payments/{intent}/refund"), "amount=1000").await;
}

/// Somebody takes money with our keys for what is no order.
async fn charged(stage: &Stage) {
    let form = [
        ("amount", "1500"),
        ("currency", "eur"),
        ("confirm", "true"),
        ("payment_method", "pm_card_visa"),
        ("automatic_payment_methods[enabled]", "true"),
        ("automatic_payment_methods[allow_redirects]", "never"),
    ];
    assert_eq!(stage.stripe("/v1/payment_intents", &form).await["status"], "succeeded");
}

#[tokio::test]
async fn what_webhooks_told_in_vain_is_caught_up_with_and_only_once() {
    let stage = deaf().await;
    let ((back, of_back), (disputed, of_disputed)) = (paid_unheard(&stage).await, paid_unheard(&stage).await);
    refunded(&stage, &of_back).await;
    stage.at_the_dashboard(&format!("payments/{of_disputed}/dispute"), "").await;
    let dispute = stage.at_stripe(&disputed).await[0]["disputes"][0]["id"].as_str().unwrap().to_owned();
    stage.at_the_dashboard(&format!("disputes/{dispute}/lost"), "").await;
    for order in [&back, &disputed] {
        assert_eq!(stage.payment(order).await.status(), PaymentStatus::RequiresAction);
    }
    let first = caught_up(&stage).await;
    assert!(first.read >= 6, "{first:?}");
    assert_eq!((first.new, first.known, first.parked, first.failed), (first.read, 0, 0, 0));
    let (oldest, newest) = first.between.unwrap();
    assert!(an_hour_ago() < oldest && oldest <= newest && newest <= SystemClock.now());
    for again in 0..3 {
        assert_eq!(stage.payment(&back).await.status(), PaymentStatus::PartiallyRefunded);
        assert_eq!(stage.payment(&disputed).await.status(), PaymentStatus::Refunded);
        assert_eq!(stage.booked(&back).await, (4200, 1000), "{again}");
        assert_eq!(stage.booked(&disputed).await, (4200, 4200), "{again}");
        stage.all_is_told().await;
        for order in [&back, &disputed] {
            assert_eq!(stage.replies(order, 1).await, [(Way::Do, Outcome::Done)], "{again}");
            let taken = stage.facts(1, |fact: &PaymentSucceeded| fact.order_id == order.order_id).await;
            assert_eq!(taken.len(), 1, "{again}");
        }
        let given = stage.facts(1, |fact: &PaymentRefunded| fact.order_id == back.order_id).await;
        assert_eq!(given.len(), 1, "{again}");
        let next = caught_up(&stage).await;
        assert_eq!((next.read, next.known), (first.read, first.read), "{next:?}");
    }
}

#[tokio::test]
async fn it_is_read_page_by_page_from_the_oldest_on_and_what_nobody_knows_is_put_aside() {
    let stage = deaf().await;
    let (order, intent) = paid_unheard(&stage).await;
    for _ in 0..110 {
        charged(&stage).await;
    }
    refunded(&stage, &intent).await;
    let mut told = Vec::new();
    let done = somebody(&stage).since(an_hour_ago(), |so_far| told.push(so_far.read)).await.unwrap();
    assert_eq!((done.parked, done.failed), (110, 0), "{done:?}");
    assert_eq!(done.read, done.new + 110);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.is_sorted() && told.last() == Some(&done.read), "{told:?}");
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::PartiallyRefunded);
    assert_eq!(stage.count("parked_events").await, 110);
    let again = caught_up(&stage).await;
    assert_eq!((again.known, stage.count("parked_events").await), (done.read, 110));
}

#[tokio::test]
async fn an_event_that_cannot_be_heard_holds_up_no_other_and_is_read_again() {
    let stage = deaf().await;
    let ((one, of_one), (other, of_other)) = (paid_unheard(&stage).await, paid_unheard(&stage).await);
    refunded(&stage, &of_one).await;
    refunded(&stage, &of_other).await;
    let url = format!("{}/sandbox/webhooks.json", stage.sandbox.http_url());
    let events: Vec<Value> = stage.http.get(url).send().await.unwrap().json().await.unwrap();
    let success = |event: &&Value| {
        event["type"] == "payment_intent.succeeded" && event["about"].as_str() == Some(of_one.as_str())
    };
    let success = events.iter().find(success).unwrap()["id"].as_str().unwrap();
    // As if its payment were being noted just now.
    let noted =
        format!("('{success}', 'payment_intent.succeeded', {})", SystemClock.now().timestamp_millis());
    stage.change(&format!("INSERT INTO provider_events (id, kind, received_at) VALUES {noted}")).await;
    let first = caught_up(&stage).await;
    assert_eq!((first.known, first.parked), (1, 0), "{first:?}");
    assert!(first.failed >= 1, "{first:?}");
    assert_eq!(stage.payment(&one).await.status(), PaymentStatus::RequiresAction);
    assert_eq!(stage.payment(&other).await.status(), PaymentStatus::PartiallyRefunded);
    stage.change(&format!("DELETE FROM provider_events WHERE id = '{success}'")).await;
    let second = caught_up(&stage).await;
    assert_eq!((second.new, second.failed), (1 + first.failed, 0), "{second:?}");
    assert_eq!(stage.payment(&one).await.status(), PaymentStatus::PartiallyRefunded);
    assert_eq!(stage.booked(&one).await, (4200, 1000));
}

#[tokio::test]
async fn webhooks_that_come_after_all_while_it_is_caught_up_add_nothing() {
    let stage = Stage::with(Config { undecided_after_ms: 3_600_000, ..Config::default() }).await;
    stage.hold_webhooks_back();
    let mut orders = Vec::new();
    for _ in 0..5 {
        let (order, intent) = paid_unheard(&stage).await;
        refunded(&stage, &intent).await;
        orders.push(order);
    }
    stage.let_webhooks_go();
    let (done, _) = tokio::join!(caught_up(&stage), stage.webhooks_arrived());
    assert_eq!((done.parked, done.new + done.known + done.failed), (0, done.read), "{done:?}");
    stage.all_is_told().await;
    for order in &orders {
        stage.becomes(order, PaymentStatus::PartiallyRefunded).await;
        assert_eq!(stage.booked(order).await, (4200, 1000));
        assert_eq!(stage.replies(order, 1).await, [(Way::Do, Outcome::Done)]);
    }
    assert_eq!(caught_up(&stage).await.known, done.read);
}

#[tokio::test]
async fn the_provider_is_asked_for_nothing_that_it_no_longer_knows_and_nothing_to_come() {
    let stage = deaf().await;
    for (ago, is_refused) in
        [(TimeDelta::days(31), true), (TimeDelta::days(29), false), (TimeDelta::hours(-1), true)]
    {
        let asked = somebody(&stage).since(SystemClock.now() - ago, |_| ()).await;
        let refused = asked.as_ref().err().and_then(kernel::Error::refusal);
        assert_eq!(refused.is_some_and(|refusal| refusal.is(reasons::OUT_OF_RANGE)), is_refused, "{asked:?}");
        assert_eq!(asked.is_err(), is_refused, "{asked:?}");
    }
}
