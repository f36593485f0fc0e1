//! The account's balance, as Stripe's clients read it.

use stripe::StripeRequest;
use stripe_core::balance_transaction::ListBalanceTransaction;
use stripe_shared::{BalanceTransaction, BalanceTransactionSource};

use crate::desk::Desk;

async fn listed(desk: &Desk, ask: ListBalanceTransaction) -> Vec<BalanceTransaction> {
    ask.customize().send(&desk.stripe).await.unwrap().data
}

fn moved(transactions: &[BalanceTransaction]) -> Vec<(&str, i64, i64)> {
    transactions.iter().map(|made| (made.type_.as_str(), made.amount, made.fee)).collect()
}

#[tokio::test]
async fn the_balance_tells_what_came_what_went_and_what_stripe_keeps() {
    let desk = Desk::open().await;
    let intent = desk.pay("pm_card_visa").await.unwrap();
    desk.pay("pm_card_chargeDeclined").await.unwrap_err();
    desk.post(&format!("/sandbox/payments/{}/refund", intent.id), "amount=1200").await;
    let paid = |all: serde_json::Value| {
        let mut all = all.as_array().unwrap().clone();
        all.retain(|payment| payment["id"] == intent.id.as_str());
        all.remove(0)
    };
    let refund = paid(desk.json("/sandbox/payments.json").await)["refunds"][0]["id"].clone();
    desk.post(&format!("/sandbox/refunds/{}/fail", refund.as_str().unwrap()), "").await;
    desk.post(&format!("/sandbox/payments/{}/dispute", intent.id), "").await;
    let dispute = paid(desk.json("/sandbox/payments.json").await)["disputes"][0]["id"].clone();
    desk.post(&format!("/sandbox/disputes/{}/won", dispute.as_str().unwrap()), "").await;
    let expanded = ListBalanceTransaction::new().expand(vec!["data.source".to_owned()]);
    let all = listed(&desk, expanded).await;
    let expected = [
        ("adjustment", 4200, 0),
        ("adjustment", -4200, 0),
        ("refund_failure", 1200, 0),
        ("refund", -1200, 0),
        ("charge", 4200, 83),
    ];
    assert_eq!(moved(&all), expected);
    for transaction in &all {
        let about = match transaction.source.as_ref().unwrap().as_object().unwrap() {
            BalanceTransactionSource::Charge(charge) => charge.payment_intent.as_ref(),
            BalanceTransactionSource::Refund(refund) => refund.payment_intent.as_ref(),
            BalanceTransactionSource::Dispute(dispute) => dispute.payment_intent.as_ref(),
            _ => None,
        };
        assert_eq!(about.unwrap().id(), &intent.id);
    }
    // Those that are newer than the charge, the nearest first to be read, and the newest of them first.
    let oldest = all[4].id.as_str();
    let next = listed(&desk, ListBalanceTransaction::new().ending_before(oldest).limit(2)).await;
    assert_eq!(moved(&next), &expected[2..4]);
    assert!(next[0].source.as_ref().unwrap().as_object().is_none());
}
