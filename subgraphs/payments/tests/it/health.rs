//! What those who run the platform see of the money, and put right.

use async_graphql::{Request, Variables};
use chrono::{DateTime, TimeDelta, Utc};
use contracts::purchase::IfPaid;
use kernel::{Clock as _, SessionId, SystemClock, UserId};
use payments::{
    adapters::inbound::graphql::{PaymentsSchema, Tries, schema_over},
    domain::entities::PaymentStatus,
};
use serde_json::{Value, json};
use service::{Caller, clients::Quota};
use stripe_webhook::Webhook;

use crate::{
    organizer::until,
    stage::{SECRET, Stage},
};

const HEALTH: &str = "{ moneyHealth { unfinishedPayments { state count olderThanAnHour oldest }
    refundsOwed { count amount { amount currency } oldest }
    differences { payment atProvider { amount } inLedger { amount } foundAt } differenceCount
    payouts { state count amount { amount currency } oldest }
    unexplainedMovements { id kind amount { amount currency } seenAt } unexplainedMovementCount unbookedSaleCount
    parkedWebhooks { id kind reason parkedAt } parkedWebhookCount } }";
const REPLAY: &str = "mutation($id: ID!) { replayWebhook(id: $id) { stillParked { id reason } } }";

fn graph(stage: &Stage) -> PaymentsSchema {
    let plenty = Quota::new(1_000, std::time::Duration::from_millis(1));
    let (payments, database) = (&stage.payments, &stage.database);
    let (books, health) = (payments::books(database), payments::health(database, payments.clone()));
    schema_over(payments.clone(), books, health, Tries::new(plenty, plenty))
}

pub(crate) async fn asked(stage: &Stage, operator: Option<bool>, operation: &str, variables: Value) -> Value {
    let mut request = Request::new(operation).variables(Variables::from_json(variables));
    if let Some(operator) = operator {
        let until = DateTime::<Utc>::MAX_UTC;
        request = request.data(Caller { user: UserId::new(), session: SessionId::new(), until, operator });
    }
    serde_json::to_value(graph(stage).execute(request).await).unwrap()
}

async fn health(stage: &Stage) -> Value {
    asked(stage, Some(true), HEALTH, json!({})).await["data"]["moneyHealth"].clone()
}

/// A webhook of Stripe's that tells of a refund of this payment.
async fn a_refund_is_told(stage: &Stage, event: &str, intent: &str) -> u16 {
    let body = json!({
        "id": event, "object": "event", "type": "refund.created", "created": 1_700_000_000,
        "api_version": "2026-09-30.endive", "livemode": false, "pending_webhooks": 1,
        "request": {"id": null, "idempotency_key": null},
        "data": {"object": {
            "id": format!("re_{event}"), "object": "refund", "amount": 1200, "balance_transaction": null,
            "charge": "ch_1", "created": 1_700_000_000, "currency": "eur", "metadata": {}, "payment_intent": intent,
            "reason": null, "receipt_number": null, "source_transfer_reversal": null, "status": "succeeded",
            "transfer_reversal": null,
        }},
    });
    let body = body.to_string();
    let signature =
        Webhook::generate_test_header(&body, SECRET, Some(stage.foundation.clock.now().timestamp()));
    stage.webhook(&body, Some(&signature)).await
}

#[tokio::test]
async fn an_operator_sees_what_is_unfinished_and_what_is_owed() {
    let stage = Stage::new().await;
    let nothing = json!({
        "unfinishedPayments": [], "refundsOwed": [], "differences": [], "differenceCount": 0,
        "payouts": [], "unexplainedMovements": [], "unexplainedMovementCount": 0, "unbookedSaleCount": 0,
        "parkedWebhooks": [], "parkedWebhookCount": 0,
    });
    assert_eq!(health(&stage).await, nothing);
    let old = stage.order().await;
    stage.becomes(&old, PaymentStatus::Pending).await;
    let hours = TimeDelta::hours(2).num_milliseconds();
    stage.change(&format!("UPDATE payments SET created_at = created_at - {hours}")).await;
    stage.order().await;
    let paid = stage.order().await;
    stage.pay(&paid, "pm_card_visa", "a").await.unwrap();
    stage.webhooks_arrived().await;
    stage.faults(|switches| switches.api_fail = sandbox::Times::Always);
    stage.end(&paid, IfPaid::Refund).await;
    until(async || health(&stage).await["refundsOwed"] != json!([])).await;
    let seen = health(&stage).await;
    let pending = &seen["unfinishedPayments"][0];
    assert_eq!((&pending["state"], &pending["olderThanAnHour"]), (&json!("PENDING"), &json!(1)), "{seen}");
    let owed = &seen["refundsOwed"][0];
    assert_eq!((&owed["count"], &owed["amount"]["amount"]), (&json!(1), &json!("42.00")), "{seen}");
}

#[tokio::test]
async fn a_webhook_that_was_put_aside_is_heard_once_its_payment_is_known() {
    let stage = Stage::new().await;
    assert_eq!(a_refund_is_told(&stage, "evt_lost", "pi_unknown").await, 200);
    let seen = health(&stage).await;
    assert_eq!(
        (&seen["parkedWebhookCount"], &seen["parkedWebhooks"][0]["id"]),
        (&json!(1), &json!("evt_lost"))
    );
    let again = asked(&stage, Some(true), REPLAY, json!({"id": "evt_lost"})).await;
    assert_eq!(again["data"]["replayWebhook"]["stillParked"]["id"], "evt_lost", "{again}");
    // Somebody finds out what it was about.
    let order = stage.order().await;
    let payment = stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    let intent = payment.snapshot().intent.as_ref().unwrap().id.clone();
    stage.change(&format!("UPDATE parked_events SET body = REPLACE(body, 'pi_unknown', '{intent}')")).await;
    let again = asked(&stage, Some(true), REPLAY, json!({"id": "evt_lost"})).await;
    assert_eq!(again["data"]["replayWebhook"], json!({"stillParked": null}), "{again}");
    let payment = stage.becomes(&order, PaymentStatus::PartiallyRefunded).await;
    assert_eq!(payment.refunded().minor, 1_200);
    assert_eq!(health(&stage).await["parkedWebhookCount"], 0);
}

#[tokio::test]
async fn operators_see_what_moved_for_nothing_that_is_known_and_what_is_still_to_be_booked() {
    let stage = Stage::new().await;
    let none = health(&stage).await;
    assert_eq!((&none["unexplainedMovements"], &none["unbookedSaleCount"]), (&json!([]), &json!(0)));
    let columns = "id, kind, amount_minor, currency, seen_at";
    let a_while_ago = (SystemClock.now() - TimeDelta::days(30)).timestamp_millis();
    let row = |id: &str, minor: Option<i64>, seen_at: i64| -> [sea_orm::Value; 5] {
        let currency = minor.map(|_| "EUR");
        [id.into(), "adjustment".into(), minor.into(), currency.into(), seen_at.into()]
    };
    stage.insert("unexplained_movements", columns, row("txn_1", Some(-250), a_while_ago)).await;
    stage.insert("unexplained_movements", columns, row("txn_2", None, a_while_ago + 1)).await;
    stage.insert("earlier_sales", "payment_id, due_at", [UserId::new().uuid().into(), i64::MAX.into()]).await;
    let seen = health(&stage).await;
    let moved = |id: &str, amount: Value, seen_at: i64| {
        let seen_at = kernel::rfc3339(kernel::from_millis(seen_at));
        json!({"id": id, "kind": "adjustment", "amount": amount, "seenAt": seen_at})
    };
    let less = json!({"amount": "-2.50", "currency": "EUR"});
    let expected = [moved("txn_2", Value::Null, a_while_ago + 1), moved("txn_1", less, a_while_ago)];
    assert_eq!(seen["unexplainedMovements"], json!(expected));
    assert_eq!((&seen["unexplainedMovementCount"], &seen["unbookedSaleCount"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn a_hundred_webhooks_put_aside_cost_as_many_statements_as_one() {
    let stage = Stage::new().await;
    let mut costs = Vec::new();
    for (number, count) in [(0..1, 1), (1..100, 100)] {
        for number in number {
            assert_eq!(a_refund_is_told(&stage, &format!("evt_{number}"), "pi_unknown").await, 200);
        }
        let mut least = u64::MAX;
        // The relay looks now and then, on the same connections.
        for _ in 0..5 {
            let before = stage.foreground();
            let seen = health(&stage).await;
            least = least.min(stage.foreground() - before);
            assert_eq!(seen["parkedWebhookCount"], count, "{seen}");
        }
        costs.push(least);
    }
    assert_eq!(costs[0], costs[1], "one and a hundred: {costs:?}");
}

#[tokio::test]
async fn nobody_but_operators_sees_how_the_money_is_or_hears_a_webhook_again() {
    let stage = Stage::new().await;
    assert_eq!(a_refund_is_told(&stage, "evt_lost", "pi_unknown").await, 200);
    for (who, code) in [(None, "UNAUTHENTICATED"), (Some(false), "FORBIDDEN")] {
        let seen = asked(&stage, who, HEALTH, json!({})).await;
        assert_eq!(seen, json!({"data": {"moneyHealth": null}}));
        let refused = asked(&stage, who, REPLAY, json!({"id": "evt_lost"})).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], code, "{refused}");
    }
    let missing = asked(&stage, Some(true), REPLAY, json!({"id": "evt_other"})).await;
    assert_eq!(missing["errors"][0]["extensions"]["code"], "NOT_FOUND", "{missing}");
    assert_eq!(stage.count("parked_events").await, 1);
}
