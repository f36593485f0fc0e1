//! Our books beside the payment provider's: its fees, and what differs.

use chrono::TimeDelta;
use contracts::purchase::TakePayment;
use payments::{
    adapters::outbound::persistence::SeaReconciling,
    domain::{
        entities::PaymentStatus,
        ports::{Movement, Read, Reconciling},
    },
};

use crate::{
    organizer::{BOOKS, Organizer},
    stage::Stage,
};

/// Every turn is due, and everything was long ago.
async fn hours_pass(stage: &Stage) {
    let past = |column| format!("{column} = {column} - {}", TimeDelta::hours(2).num_milliseconds());
    for (table, column) in [("provider_movements", "seen_at"), ("ledger_entries", "at")] {
        stage.change(&format!("UPDATE {table} SET {}", past(column))).await;
    }
    stage.change("UPDATE reconciliation SET next_at = 0, compared_until = 0").await;
}

/// The books are compared, if that is due.
async fn turn(stage: &Stage) {
    payments::reconciliation(stage.stripe_gateway(), &stage.database).take_turn().await.unwrap();
}

/// What is read now is compared in the turn after, when it has been left alone.
async fn two_turns(stage: &Stage) {
    for _ in 0..2 {
        hours_pass(stage).await;
        turn(stage).await;
    }
}

/// What differs, as it is kept: the provider's side and ours.
async fn differences(stage: &Stage) -> Vec<(i64, i64)> {
    let query =
        "SELECT provider_minor, ledger_minor FROM reconciliation_differences WHERE settled_at IS NULL";
    let rows = stage.rows(query).await;
    let side = |row: &sea_orm::QueryResult, column| row.try_get("", column).unwrap();
    rows.iter().map(|row| (side(row, "provider_minor"), side(row, "ledger_minor"))).collect()
}

/// Somebody with our keys takes so much from a card.
async fn charged(stage: &Stage, cents: u32) {
    let amount = cents.to_string();
    let form = [
        ("amount", amount.as_str()),
        ("currency", "eur"),
        ("confirm", "true"),
        ("payment_method", "pm_card_visa"),
        ("automatic_payment_methods[enabled]", "true"),
        ("automatic_payment_methods[allow_redirects]", "never"),
    ];
    let answer = stage.stripe("/v1/payment_intents", &form).await;
    assert_eq!(answer["status"], "succeeded", "{answer}");
}

async fn intent(stage: &Stage, order: &TakePayment) -> String {
    stage.payment(order).await.snapshot().intent.as_ref().unwrap().id.clone()
}

#[tokio::test]
async fn what_the_provider_keeps_is_taken_from_what_the_organizer_is_owed_once() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let (sold, unsold) = (organizer.buyer(&stage).await, organizer.buyer(&stage).await);
    stage.ask(&organizer.sale(sold.order_id)).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    two_turns(&stage).await;
    // 1.4 % of 59.50, and 0.25 besides.
    organizer.comes_to(&stage, "51.92", "0.00").await;
    // What has a fee before it is sold is charged with it then.
    stage.ask(&organizer.sale(unsold.order_id)).await;
    organizer.comes_to(&stage, "103.84", "0.00").await;
    two_turns(&stage).await;
    let seen = organizer.asked(&stage, organizer.owner, BOOKS).await;
    let kinds = seen["ledger"]["nodes"].as_array().unwrap().iter().map(|node| &node["kind"]);
    assert_eq!(kinds.filter(|kind| *kind == "PROVIDER_FEE").count(), 2);
    assert!(differences(&stage).await.is_empty());
}

#[tokio::test]
async fn books_that_agree_have_no_differences_whatever_happened_to_the_money() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let (back, lost, open, won) = (
        organizer.buyer(&stage).await,
        organizer.buyer(&stage).await,
        organizer.buyer(&stage).await,
        organizer.buyer(&stage).await,
    );
    let at_stripe = async |order: &TakePayment| intent(&stage, order).await;
    stage.at_the_dashboard(&format!("payments/{}/refund", at_stripe(&back).await), "amount=1000").await;
    stage.becomes(&back, PaymentStatus::PartiallyRefunded).await;
    for order in [&lost, &open, &won] {
        stage.at_the_dashboard(&format!("payments/{}/dispute", at_stripe(order).await), "").await;
        stage.becomes(order, PaymentStatus::Disputed).await;
    }
    for (order, end, status) in
        [(&lost, "lost", PaymentStatus::Refunded), (&won, "won", PaymentStatus::Succeeded)]
    {
        let dispute = stage.at_stripe(order).await[0]["disputes"][0]["id"].as_str().unwrap().to_owned();
        stage.at_the_dashboard(&format!("disputes/{dispute}/{end}"), "").await;
        stage.becomes(order, status).await;
    }
    two_turns(&stage).await;
    assert_eq!(stage.count("provider_movements").await, 4 + 1 + 3 + 1);
    assert_eq!(differences(&stage).await, []);
}

#[tokio::test]
async fn money_that_only_one_side_knows_of_is_kept_as_a_difference_until_both_do() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let order = organizer.buyer(&stage).await;
    stage.webhooks_arrived().await;
    // A refund of which nobody hears.
    stage.hold_webhooks_back();
    let payment = intent(&stage, &order).await;
    stage.at_the_dashboard(&format!("payments/{payment}/refund"), "amount=1000").await;
    two_turns(&stage).await;
    assert_eq!(differences(&stage).await, [(4950, 5950)]);
    two_turns(&stage).await;
    assert_eq!(differences(&stage).await, [(4950, 5950)], "it is the same one");
    stage.change("DELETE FROM provider_movements WHERE amount_minor = -1000").await;
    two_turns(&stage).await;
    assert_eq!(differences(&stage).await, []);
    assert_eq!(stage.count("reconciliation_differences").await, 1, "what was wrong once is remembered");
}

#[tokio::test]
async fn a_payment_that_nobody_here_made_is_a_difference() {
    let stage = Stage::new().await;
    charged(&stage, 1_500).await;
    two_turns(&stage).await;
    assert_eq!(differences(&stage).await, [(1500, 0)]);
}

/// What Stripe pays out to our bank is accounted for there; of what it takes for nothing that is known, people hear.
#[tokio::test]
async fn kinds_of_movements_that_nobody_knows_hide_no_difference_and_are_kept_to_be_looked_at() {
    let stage = Stage::new().await;
    let at = |kind: &str, intent: Option<&str>, minor| {
        let amount = kernel::Money::new(minor, kernel::Currency::EUR);
        Read::Counted(Movement {
            id: format!("txn_{kind}_{minor}"),
            kind: kind.to_owned(),
            intent: intent.map(str::to_owned),
            amount,
            fee: kernel::Money::zero(kernel::Currency::EUR),
            at: kernel::Clock::now(&kernel::SystemClock),
        })
    };
    let store = SeaReconciling::new(stage.database.clone());
    let uncountable = Read::Uncountable { id: "txn_odd".to_owned(), kind: "charge".to_owned() };
    let movements = [
        at("payout", None, -900),
        at("transfer", None, -800),
        at("sent_by_pigeon", None, -250),
        at("sent_by_pigeon", Some("pi_unknown"), 70),
        uncountable,
    ];
    for _ in 0..2 {
        store.keep_movements(&movements).await.unwrap();
    }
    let kept = stage.rows("SELECT id FROM unexplained_movements ORDER BY id").await;
    let kept: Vec<String> = kept.iter().map(|row| row.try_get("", "id").unwrap()).collect();
    assert_eq!(kept, ["txn_odd", "txn_sent_by_pigeon_-250"]);
    hours_pass(&stage).await;
    stage.change("UPDATE reconciliation SET read_up_to = NULL").await;
    turn(&stage).await;
    assert_eq!(differences(&stage).await, [(70, 0)]);
}

#[tokio::test]
async fn whoever_reads_the_providers_books_page_by_page_misses_nothing() {
    let stage = Stage::new().await;
    for number in 0..120 {
        charged(&stage, 1_000 + number).await;
    }
    turn(&stage).await;
    assert_eq!(stage.count("provider_movements").await, 120);
    // It is nobody's turn until the next hour.
    charged(&stage, 1_500).await;
    turn(&stage).await;
    assert_eq!(stage.count("provider_movements").await, 120);
    hours_pass(&stage).await;
    turn(&stage).await;
    assert_eq!(stage.count("provider_movements").await, 121);
}

/// A refund made at the provider that fails there later brings the money back.
#[tokio::test]
async fn a_refund_made_in_the_dashboard_that_fails_is_owed_to_the_organizer_again() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let order = organizer.buyer(&stage).await;
    stage.ask(&organizer.sale(order.order_id)).await;
    let payment = intent(&stage, &order).await;
    stage.at_the_dashboard(&format!("payments/{payment}/refund"), "amount=2975").await;
    organizer.comes_to(&stage, "26.50", "0.00").await;
    let refund = stage.at_stripe(&order).await[0]["refunds"][0]["id"].as_str().unwrap().to_owned();
    stage.at_the_dashboard(&format!("refunds/{refund}/fail"), "").await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    two_turns(&stage).await;
    assert_eq!(differences(&stage).await, []);
}
