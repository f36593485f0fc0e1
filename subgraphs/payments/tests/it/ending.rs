//! Payments that are to end.

use contracts::{
    payments::{PaymentRefunded, PaymentSucceeded},
    purchase::{IfPaid, Outcome, TakePayment, Way},
};
use payments::{Config, domain::entities::PaymentStatus};

use crate::stage::{Stage, an_order};

/// A payment that has to be looked at is left alone for so long that only its webhook tells of it.
fn late_looks() -> Config {
    Config { undecided_after_ms: 600_000, ..Config::default() }
}

/// The buyer has confirmed at the bank, and the webhook is late: only the provider knows of the money.
async fn has_paid_unheard_of(stage: &Stage, order: &TakePayment) {
    let waits = stage.pay(order, "pm_card_authenticationRequired", "a").await.unwrap();
    stage.hold_webhooks_back();
    stage.at_the_bank(&waits, "approve").await;
    assert_eq!(stage.at_stripe(order).await[0]["status"], "succeeded");
    assert_eq!(stage.payment(order).await.status(), PaymentStatus::RequiresAction);
}

#[tokio::test]
async fn a_payment_that_never_began_ends_at_once_and_stays_ended() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.end(&order, IfPaid::Keep).await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Undo, Outcome::Done)]);
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Cancelled);
    assert_eq!(stage.refusal(&order, "pm_card_visa", "a").await.0, "CONFLICT");
    // Each further ask is answered with what stands.
    stage.end(&order, IfPaid::Refund).await;
    stage.ask(&order).await;
    let replies = stage.replies(&order, 3).await;
    assert_eq!(replies[..2], [(Way::Undo, Outcome::Done), (Way::Undo, Outcome::Done)]);
    assert!(matches!(&replies[2], (Way::Do, Outcome::Refused { reason }) if reason == "time ran out"));
    assert!(stage.at_stripe(&order).await.is_empty());
}

#[tokio::test]
async fn an_end_wins_over_the_ask_that_comes_after_it() {
    let stage = Stage::new().await;
    let order = an_order(4200, "EUR");
    stage.end(&order, IfPaid::Refund).await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Undo, Outcome::Done)]);
    stage.ask(&order).await;
    let replies = stage.replies(&order, 2).await;
    assert!(matches!(&replies[1], (Way::Do, Outcome::Refused { .. })), "{replies:?}");
    assert_eq!(stage.refusal(&order, "pm_card_visa", "a").await.0, "CONFLICT");
    assert_eq!(stage.count("payments").await, 0);
}

#[tokio::test]
async fn an_open_payment_is_cancelled_at_the_provider() {
    let stage = Stage::new().await;
    let order = stage.order().await;
    stage.pay(&order, "pm_card_authenticationRequired", "a").await.unwrap();
    stage.end(&order, IfPaid::Keep).await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Undo, Outcome::Done)]);
    assert_eq!(stage.at_stripe(&order).await[0]["status"], "canceled");
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    assert_eq!(stage.replies(&order, 1).await.len(), 1);
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Cancelled);
    assert_eq!(stage.refusal(&order, "pm_card_visa", "b").await.0, "CONFLICT");
    assert_eq!(stage.booked(&order).await, (0, 0));
}

#[tokio::test]
async fn money_that_came_just_before_the_end_is_kept_when_it_may_be() {
    let stage = Stage::with(late_looks()).await;
    let order = stage.order().await;
    has_paid_unheard_of(&stage, &order).await;
    stage.end(&order, IfPaid::Keep).await;
    assert_eq!(stage.replies(&order, 1).await, [(Way::Undo, Outcome::Stands)]);
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Succeeded);
    stage.let_webhooks_go();
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    assert_eq!(stage.replies(&order, 1).await.len(), 1);
    assert_eq!(stage.facts(1, |fact: &PaymentSucceeded| fact.order_id == order.order_id).await.len(), 1);
    assert_eq!(stage.booked(&order).await, (4200, 0));
    // The seats turn out to be gone: now it goes back.
    stage.end(&order, IfPaid::Refund).await;
    let replies = stage.replies(&order, 2).await;
    assert_eq!(replies[1], (Way::Undo, Outcome::Done));
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Refunded);
}

#[tokio::test]
async fn money_that_came_just_before_the_end_goes_back_once_when_it_must() {
    let stage = Stage::with(late_looks()).await;
    let order = stage.order().await;
    has_paid_unheard_of(&stage, &order).await;
    tokio::join!(stage.end(&order, IfPaid::Keep), stage.end(&order, IfPaid::Refund));
    let refunded = stage.becomes(&order, PaymentStatus::Refunded).await;
    assert_eq!(refunded.refunded(), order.amount);
    stage.let_webhooks_go();
    stage.webhooks_arrived().await;
    stage.end(&order, IfPaid::Refund).await;
    stage.all_is_told().await;
    let replies = stage.replies(&order, 2).await;
    assert_eq!(replies.last(), Some(&(Way::Undo, Outcome::Done)));
    assert!(!replies.contains(&(Way::Do, Outcome::Done)), "{replies:?}");
    let facts = stage.facts(1, |fact: &PaymentRefunded| fact.order_id == order.order_id).await;
    assert_eq!((facts.len(), facts[0].refunded_in_all), (1, order.amount));
    assert_eq!(stage.at_stripe(&order).await[0]["refunds"].as_array().unwrap().len(), 1);
    assert_eq!(stage.booked(&order).await, (4200, 4200));
}

#[tokio::test]
async fn an_end_while_the_bank_is_being_asked_loses_no_money() {
    let stage = Stage::with(late_looks()).await;
    stage.faults(|switches| switches.api_latency_ms = 150);
    for pause in [0, 75, 150, 225, 300, 375] {
        let order = an_order(4200 + pause, "EUR");
        stage.ask(&order).await;
        let key = format!("key-{pause}");
        let ((), _) = tokio::join!(
            async {
                tokio::time::sleep(std::time::Duration::from_millis(pause.unsigned_abs())).await;
                stage.end(&order, IfPaid::Refund).await;
            },
            stage.pay(&order, "pm_card_visa", &key),
        );
        let replies = stage.replies(&order, 1).await;
        let (way, outcome) = replies.last().unwrap();
        if *way == Way::Do {
            // Paid before the end was asked for: the end follows.
            assert_eq!(*outcome, Outcome::Done);
            stage.replies(&order, 2).await;
        }
        let (captured, refunded) = stage.booked(&order).await;
        assert_eq!(captured, refunded, "pause {pause}");
        for payment in stage.ended_at_stripe(&order).await {
            if payment["status"] == "succeeded" {
                assert_eq!(payment["amountRefunded"], payment["amount"], "pause {pause}");
            }
        }
    }
}
