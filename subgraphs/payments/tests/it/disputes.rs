//! What people do in the provider's dashboard, and banks behind it.

use contracts::{
    payments::{DisputeState, PaymentDisputed, PaymentRefunded},
    purchase::{IfPaid, Outcome, TakePayment, Way},
};
use payments::domain::entities::PaymentStatus;

use crate::stage::Stage;

/// An order that is paid, and what Stripe calls its payment.
async fn paid(stage: &Stage) -> (TakePayment, String) {
    let order = stage.order().await;
    let payment = stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    let intent = payment.snapshot().intent.as_ref().unwrap().id.clone();
    (order, intent)
}

/// The bank opens a dispute; what Stripe calls it.
async fn disputed(stage: &Stage, order: &TakePayment, intent: &str) -> String {
    stage.at_the_dashboard(&format!("payments/{intent}/dispute"), "").await;
    stage.at_stripe(order).await[0]["disputes"][0]["id"].as_str().unwrap().to_owned()
}

async fn facts(stage: &Stage, order: &TakePayment, at_least: usize) -> Vec<PaymentDisputed> {
    let mut facts = stage.facts(at_least, |fact: &PaymentDisputed| fact.order_id == order.order_id).await;
    facts.sort_by_key(|fact| fact.version);
    facts
}

#[tokio::test]
async fn a_dispute_that_is_won_leaves_the_payment_as_it_was() {
    let stage = Stage::new().await;
    let (order, intent) = paid(&stage).await;
    let dispute = disputed(&stage, &order, &intent).await;
    stage.becomes(&order, PaymentStatus::Disputed).await;
    let open = &facts(&stage, &order, 1).await[0];
    assert_eq!((open.state, open.withheld, open.whole), (DisputeState::Open, true, true));
    assert_eq!((open.amount, open.buyer_id, &open.dispute), (order.amount, order.buyer_id, &dispute));
    stage.at_the_dashboard(&format!("disputes/{dispute}/won"), "").await;
    stage.becomes(&order, PaymentStatus::Succeeded).await;
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    let told = facts(&stage, &order, 2).await;
    assert_eq!((told.len(), told[1].state, told[1].withheld), (2, DisputeState::Won, false));
    assert!(told[0].version < told[1].version);
    assert_eq!(stage.booked(&order).await, (4200, 0));
    assert_eq!(stage.count("parked_events").await, 0);
}

#[tokio::test]
async fn a_dispute_that_is_lost_has_given_the_money_back_and_nothing_goes_back_twice() {
    let stage = Stage::new().await;
    let (order, intent) = paid(&stage).await;
    let dispute = disputed(&stage, &order, &intent).await;
    stage.becomes(&order, PaymentStatus::Disputed).await;
    // The event is called off meanwhile: Stripe gives nothing back of what a bank has.
    stage.end(&order, IfPaid::Refund).await;
    stage.at_the_dashboard(&format!("disputes/{dispute}/lost"), "").await;
    let lost = stage.becomes(&order, PaymentStatus::Refunded).await;
    assert_eq!(lost.refunded(), order.amount);
    assert_eq!(stage.replies(&order, 2).await.last(), Some(&(Way::Undo, Outcome::Done)));
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    let told = facts(&stage, &order, 2).await;
    assert_eq!((told.len(), told[1].state, told[1].withheld), (2, DisputeState::Lost, true));
    assert_eq!(stage.booked(&order).await, (4200, 4200));
    assert!(stage.at_stripe(&order).await[0]["refunds"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_end_of_a_dispute_may_be_heard_of_before_its_beginning() {
    let stage = Stage::new().await;
    let (order, intent) = paid(&stage).await;
    stage.webhooks_arrived().await;
    stage.faults(|switches| {
        switches.webhook_reorder = true;
        switches.webhook_duplicates = 1;
    });
    let dispute = disputed(&stage, &order, &intent).await;
    stage.at_the_dashboard(&format!("disputes/{dispute}/lost"), "").await;
    stage.webhooks_arrived().await;
    assert_eq!(stage.becomes(&order, PaymentStatus::Refunded).await.refunded(), order.amount);
    stage.all_is_told().await;
    assert_eq!(facts(&stage, &order, 1).await.last().unwrap().state, DisputeState::Lost);
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}

#[tokio::test]
async fn a_refund_made_in_the_dashboard_is_told_as_such_and_whether_it_is_all() {
    let stage = Stage::new().await;
    let (order, intent) = paid(&stage).await;
    stage.at_the_dashboard(&format!("payments/{intent}/refund"), "amount=1200").await;
    stage.becomes(&order, PaymentStatus::PartiallyRefunded).await;
    stage.at_the_dashboard(&format!("payments/{intent}/refund"), "").await;
    stage.becomes(&order, PaymentStatus::Refunded).await;
    let mut told = stage.facts(2, |fact: &PaymentRefunded| fact.order_id == order.order_id).await;
    told.sort_by_key(|fact| fact.refunded_in_all.minor);
    let said: Vec<_> =
        told.iter().map(|fact| (fact.amount.minor, fact.whole, fact.made_at_provider)).collect();
    assert_eq!(said, [(1200, false, true), (3000, true, true)]);
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}

#[tokio::test]
async fn an_order_of_which_a_part_was_given_back_in_the_dashboard_is_still_paid() {
    let stage = Stage::new().await;
    let (order, intent) = paid(&stage).await;
    stage.at_the_dashboard(&format!("payments/{intent}/refund"), "amount=1200").await;
    let partly = stage.becomes(&order, PaymentStatus::PartiallyRefunded).await;
    assert_eq!((partly.refunded().minor, partly.snapshot().refunds.len()), (1200, 1));
    // Nobody is told that the money went back: the buyer who clicks again, and the purchase that asks again.
    assert_eq!(
        stage.pay(&order, "pm_card_visa", "b").await.unwrap().status(),
        PaymentStatus::PartiallyRefunded
    );
    stage.ask(&order).await;
    assert_eq!(stage.replies(&order, 2).await, [(Way::Do, Outcome::Done), (Way::Do, Outcome::Done)]);
    // When the purchase is undone, the rest goes back, and no more.
    stage.end(&order, IfPaid::Refund).await;
    stage.becomes(&order, PaymentStatus::Refunded).await;
    stage.all_is_told().await;
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}
