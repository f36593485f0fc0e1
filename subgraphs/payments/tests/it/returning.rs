//! Money that goes back.

use contracts::{
    payments::PaymentRefunded,
    purchase::{IfPaid, Outcome, TakePayment, Way},
};
use payments::domain::entities::PaymentStatus;
use sandbox::Times;

use crate::stage::Stage;

/// Somebody with our keys takes money for an order, and names it.
async fn take_elsewhere(stage: &Stage, order: &TakePayment, amount: &str) {
    let payment = stage.payment(order).await.snapshot().id.to_string();
    let order = order.order_id.to_string();
    let form = [
        ("amount", amount),
        ("currency", "eur"),
        ("confirm", "true"),
        ("payment_method", "pm_card_visa"),
        ("automatic_payment_methods[enabled]", "true"),
        ("automatic_payment_methods[allow_redirects]", "never"),
        ("metadata[payment_id]", &payment),
        ("metadata[order_id]", &order),
    ];
    let taken = stage.stripe("/v1/payment_intents", &form).await;
    assert_eq!(taken["status"], "succeeded", "{taken}");
}

#[tokio::test]
async fn money_that_comes_after_the_end_goes_back_by_itself() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.end(&order, IfPaid::Keep).await;
    take_elsewhere(&stage, &order, "4200").await;
    let refunded = stage.becomes(&order, PaymentStatus::Refunded).await;
    assert_eq!(refunded.refunded(), order.amount);
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    assert_eq!(stage.facts(1, |fact: &PaymentRefunded| fact.order_id == order.order_id).await.len(), 1);
    assert!(stage.replies(&order, 1).await.iter().all(|reply| *reply == (Way::Undo, Outcome::Done)));
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}

#[tokio::test]
async fn another_amount_than_was_asked_for_goes_back() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    take_elsewhere(&stage, &order, "4300").await;
    let refunded = stage.becomes(&order, PaymentStatus::Refunded).await;
    assert_eq!(refunded.refunded().minor, 4300);
    let replies = stage.replies(&order, 1).await;
    assert!(matches!(&replies[..], [(Way::Do, Outcome::Refused { .. })]), "{replies:?}");
    assert_eq!(stage.booked(&order).await, (4300, 4300));
    assert_eq!(stage.refusal(&order, "pm_card_visa", "a").await.0, "CONFLICT");
}

#[tokio::test]
async fn a_refund_survives_a_provider_that_is_down() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    stage.faults(|switches| {
        switches.api_fail = Times::Next(4);
        switches.api_time_out = Times::Never;
    });
    stage.end(&order, IfPaid::Refund).await;
    stage.becomes(&order, PaymentStatus::Refunded).await;
    let replies = stage.replies(&order, 2).await;
    assert_eq!(replies, [(Way::Do, Outcome::Done), (Way::Undo, Outcome::Done)]);
    assert_eq!(stage.at_stripe(&order).await[0]["refunds"].as_array().unwrap().len(), 1);
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}

#[tokio::test]
async fn a_refund_that_fails_later_is_owed_again_and_told_once() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let paid = stage.pays_over_http(&order, "pm_card_refundFail").await;
    assert_eq!(paid["data"]["pay"]["status"], "SUCCEEDED", "{paid}");
    stage.end(&order, IfPaid::Refund).await;
    stage.becomes(&order, PaymentStatus::Refunded).await;
    // It comes back after two seconds, and is given back again, with another key.
    let again = async {
        while stage.at_stripe(&order).await[0]["refunds"].as_array().unwrap().len() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), again).await.unwrap();
    stage.becomes(&order, PaymentStatus::Refunded).await;
    stage.all_is_told().await;
    assert_eq!(stage.facts(1, |fact: &PaymentRefunded| fact.order_id == order.order_id).await.len(), 1);
    let (captured, refunded) = stage.booked(&order).await;
    assert_eq!((captured, refunded), (4200, 4200));
    assert_eq!(stage.count("refunds").await, 1);
}

#[tokio::test]
async fn a_refund_made_at_the_provider_is_recorded() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    let paid = stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    let intent = paid.snapshot().intent.as_ref().unwrap().id.clone();
    stage.stripe("/v1/refunds", &[("payment_intent", &intent), ("amount", "1200")]).await;
    let partly = stage.becomes(&order, PaymentStatus::PartiallyRefunded).await;
    assert_eq!(partly.refunded().minor, 1200);
    // What is left, and no more, goes back when the purchase is undone.
    stage.end(&order, IfPaid::Refund).await;
    stage.becomes(&order, PaymentStatus::Refunded).await;
    assert_eq!(stage.replies(&order, 2).await[1], (Way::Undo, Outcome::Done));
    let facts = stage.facts(2, |fact: &PaymentRefunded| fact.order_id == order.order_id).await;
    let mut told: Vec<_> = facts.iter().map(|fact| (fact.refunded_in_all.minor, fact.amount.minor)).collect();
    told.sort_unstable();
    assert_eq!(told, [(1200, 1200), (4200, 3000)]);
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}
