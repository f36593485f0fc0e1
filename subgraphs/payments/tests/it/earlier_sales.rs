//! What was sold before there were books is in them after an upgrade.

use chrono::{DateTime, Duration, Utc};
use contracts::{
    purchase::Way,
    saga::Asked,
    tickets::{OrderRefunded, TicketsIssued},
    users::Role,
};
use kernel::{Clock, EventId, OrderId, PaymentId, RefundId, SagaId, SystemClock, UserId};
use payments::{Arrears, arrears};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    organizer::{BOOKS, Organizer, eur, until},
    stage::Stage,
};

/// A payment of 59.50 as a version kept it that had no books.
struct Old {
    payment: PaymentId,
    order: OrderId,
    at: DateTime<Utc>,
}

/// An id that was made then.
fn made(at: DateTime<Utc>) -> Uuid {
    let random = OrderId::new().uuid().as_u128() & ((1 << 80) - 1);
    Uuid::from_u128((u128::from(at.timestamp_millis().unsigned_abs()) << 80) | random)
}

impl Old {
    async fn paid(stage: &Stage, event: EventId, days_ago: i64) -> Self {
        Self::kept(stage, event, Duration::days(days_ago), "CAPTURED", false).await
    }

    async fn kept(stage: &Stage, event: EventId, ago: Duration, how: &str, undo_asked: bool) -> Self {
        let at = SystemClock.now() - ago;
        let millis = at.timestamp_millis();
        let old = Self { payment: PaymentId::from_uuid(made(at)), order: OrderId::new(), at };
        let columns = "id, order_id, number, event_id, buyer_id, amount_minor, currency, description, expires_at, \
            created_at, state, intent_id, undo_asked, looks, captured_at, captured_minor, captured_currency";
        let captured = how == "CAPTURED";
        let values: [Value; 17] = [
            old.payment.uuid().into(),
            old.order.uuid().into(),
            "ODY-7K2M".into(),
            event.uuid().into(),
            UserId::new().uuid().into(),
            5_950_i64.into(),
            "EUR".into(),
            "2 tickets".into(),
            millis.into(),
            millis.into(),
            how.into(),
            format!("pi_{}", old.order).into(),
            undo_asked.into(),
            0_i32.into(),
            captured.then_some(millis).into(),
            captured.then_some(5_950_i64).into(),
            captured.then_some("EUR").into(),
        ];
        stage.insert("payments", columns, values).await;
        old
    }

    /// So much of it went back, because somebody asked for it, or in the provider's dashboard.
    async fn refund(&self, stage: &Stage, minor: i64, asked: bool) -> RefundId {
        let (refund, asked_by) = (
            RefundId::new(),
            Asked {
                saga_id: SagaId::new(),
                kind: "refund".to_owned(),
                step: "GIVE_BACK".to_owned(),
                way: Way::Do,
            },
        );
        let reason = if asked { "a ticket was given back" } else { "made at the payment provider" };
        let values: [Value; 10] = [
            refund.uuid().into(),
            self.payment.uuid().into(),
            i32::from(!asked).into(),
            minor.into(),
            "EUR".into(),
            reason.into(),
            "SUCCEEDED".into(),
            true.into(),
            self.at.timestamp_millis().into(),
            asked.then(|| serde_json::to_string(&asked_by).unwrap()).into(),
        ];
        let columns =
            "id, payment_id, number, amount_minor, currency, reason, state, announced, created_at, asked";
        stage.insert("refunds", columns, values).await;
        refund
    }

    async fn disputed(&self, stage: &Stage, minor: i64, how: &str) {
        let values: [Value; 7] = [
            format!("dp_{}", self.order).into(),
            self.payment.uuid().into(),
            minor.into(),
            "EUR".into(),
            "fraudulent".into(),
            how.into(),
            self.at.timestamp_millis().into(),
        ];
        let columns = "id, payment_id, amount_minor, currency, reason, state, created_at";
        stage.insert("disputes", columns, values).await;
    }
}

/// A stage with an organizer, on which the service does not book earlier sales by itself before it is started again.
async fn stage() -> (Stage, Organizer) {
    let mut stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    stage.stop().await;
    (stage, organizer)
}

/// As it is when the first replica of this version comes.
async fn upgraded(stage: &Stage) -> Arrears {
    stage.change("UPDATE earlier_payments SET books_began_at = NULL, read_up_to = NULL").await;
    arrears(&stage.database)
}

/// Works until nothing is left to do just now.
async fn booked(arrears: &Arrears) {
    while arrears.step().await.unwrap().is_zero() {}
}

/// What waits is tried again now.
async fn time_passes(stage: &Stage) {
    stage.change("UPDATE earlier_sales SET due_at = 0").await;
}

#[tokio::test]
async fn an_old_databases_sales_are_booked_with_what_went_back_and_failed_purchases_are_not() {
    let (mut stage, organizer) = stage().await;
    let event = organizer.event;
    Old::paid(&stage, event, 400).await;
    Old::paid(&stage, event, 30).await.refund(&stage, 2_000, true).await;
    Old::paid(&stage, event, 29).await.refund(&stage, 1_000, false).await;
    Old::paid(&stage, event, 28).await.disputed(&stage, 5_950, "LOST").await;
    Old::paid(&stage, event, 27).await.disputed(&stage, 5_950, "OPEN").await;
    Old::kept(&stage, event, Duration::days(26), "CAPTURED", true).await;
    Old::kept(&stage, event, Duration::days(25), "CANCELLED", false).await;
    booked(&upgraded(&stage).await).await;
    assert_eq!(stage.count("earlier_sales").await, 0);
    let rest =
        stage.rows("SELECT order_id FROM postings GROUP BY order_id HAVING SUM(amount_minor) <> 0").await;
    assert!(rest.is_empty());
    // And once more, from the beginning, with another beside it.
    let lines = stage.count("postings").await;
    let again = upgraded(&stage).await;
    let other = arrears(&stage.database);
    futures::join!(booked(&again), booked(&other));
    assert_eq!((stage.count("postings").await, stage.count("earlier_sales").await), (lines, 0));
    stage.start().await;
    // Whole, 39.50, 49.50, nothing, nothing for now.
    organizer.comes_to(&stage, "148.50", "0.00").await;
}

#[tokio::test]
async fn many_are_booked_a_few_at_a_time_and_whoever_is_interrupted_goes_on() {
    let (mut stage, organizer) = stage().await;
    for days in 0..120 {
        Old::paid(&stage, organizer.event, 2 + days).await;
    }
    let arrears = upgraded(&stage).await;
    assert!(arrears.step().await.unwrap().is_zero(), "there is more");
    let first = stage.count("earlier_sales").await;
    assert!((1..120).contains(&first), "{first}");
    // The process dies after it has booked some, and before it has noted that.
    stage.change("UPDATE earlier_payments SET read_up_to = NULL").await;
    booked(&payments::arrears(&stage.database)).await;
    stage.start().await;
    organizer.comes_to(&stage, &eur(120 * 5_950).decimal(), "0.00").await;
}

#[tokio::test]
async fn a_sale_waits_until_it_is_known_whose_event_it_is_and_old_enough_to_stand() {
    let (mut stage, known) = stage().await;
    let organizer = Organizer::unheard_of();
    Old::paid(&stage, organizer.event, 30).await;
    let young = Old::kept(&stage, known.event, Duration::hours(3), "CAPTURED", false).await;
    let arrears = upgraded(&stage).await;
    booked(&arrears).await;
    assert_eq!((stage.count("postings").await, stage.count("earlier_sales").await), (0, 2));
    stage.start().await;
    organizer.joined(&stage, organizer.owner, Role::Owner).await;
    organizer.ends(&stage, 1, SystemClock.now() + Duration::days(1)).await;
    until(async || stage.count("events").await == 2).await;
    time_passes(&stage).await;
    booked(&arrears).await;
    organizer.comes_to(&stage, "59.50", "0.00").await;
    // Nobody has asked for its money back by the next day.
    stage.change("UPDATE payments SET captured_at = captured_at - 86400000").await;
    time_passes(&stage).await;
    booked(&arrears).await;
    known.comes_to(&stage, "59.50", "0.00").await;
    let of_young = stage.rows("SELECT DISTINCT order_id FROM postings").await;
    assert!(of_young.iter().any(|row| row.try_get::<Uuid>("", "order_id").unwrap() == young.order.uuid()));
    until(async || stage.count("earlier_sales").await == 0).await;
}

#[tokio::test]
async fn what_its_tickets_tell_late_counts_instead_of_what_was_booked_without_them() {
    let (mut stage, organizer) = stage().await;
    let old = Old::paid(&stage, organizer.event, 2).await;
    let refund = old.refund(&stage, 2_975, true).await;
    let sale = TicketsIssued { at: old.at, ..organizer.sale(old.order) };
    let back = OrderRefunded {
        refund_id: refund,
        fees: eur(0),
        tax: None,
        absorbed: None,
        ..organizer.refund(old.order)
    };
    booked(&upgraded(&stage).await).await;
    stage.start().await;
    organizer.comes_to(&stage, "29.75", "0.00").await;
    stage.ask(&sale).await;
    stage.ask(&back).await;
    // Without fees of 6.50, of which it knew nothing.
    organizer.comes_to(&stage, "23.25", "0.00").await;
    let seen = organizer.asked(&stage, organizer.owner, BOOKS).await;
    assert_eq!(
        seen["ledger"]["nodes"].as_array().unwrap().iter().filter(|line| line["kind"] == "REFUND").count(),
        1
    );
}
