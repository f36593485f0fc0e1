//! What a purchase costs payments: each statement is a way to the database and back while a buyer waits, each transaction
//! a wait for the disk, each call to the provider some hundred milliseconds.

use contracts::purchase::{IfPaid, ReturnPayment, TakePayment};
use kernel::OrderId;
use payments::domain::entities::PaymentStatus;
use uuid::Uuid;

use crate::stage::{Stage, an_order};

fn message() -> Uuid {
    OrderId::new().uuid()
}

/// A stage where webhooks come after the answer to the buyer, as they nearly always do. One that comes before it is a
/// second reader of the same payment, and costs statements of its own.
async fn stage() -> Stage {
    let stage = Stage::new().await;
    stage.hold_webhooks_back();
    stage
}

/// Webhooks come now, and all have come.
async fn webhooks_come(stage: &Stage) {
    stage.let_webhooks_go();
    stage.webhooks_arrived().await;
    stage.hold_webhooks_back();
}

/// An order that can be paid, of which the consumer has not heard.
async fn asked(stage: &Stage) -> TakePayment {
    let order = an_order(4200, "EUR");
    stage.payments.take_payment(message(), &order).await.unwrap();
    order
}

#[tokio::test]
async fn asking_for_the_money_costs_two_statements_and_the_second_time_one() {
    let stage = Stage::new().await;
    let (order, message) = (an_order(4200, "EUR"), message());
    for cost in [2, 1] {
        let before = stage.foreground();
        stage.payments.take_payment(message, &order).await.unwrap();
        assert_eq!(stage.foreground() - before, cost);
    }
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Pending);
}

#[tokio::test]
async fn a_try_to_pay_costs_five_statements_and_two_calls_to_the_provider_and_its_webhook_none() {
    let stage = stage().await;
    let order = asked(&stage).await;
    let (before, calls) = (stage.foreground(), stage.sandbox.api_calls());
    // Over the service itself: what Stripe has said to this process need not be asked for once more.
    let paid = stage.pays_over_http(&order, "pm_card_visa").await;
    assert_eq!(paid["data"]["pay"]["status"], "SUCCEEDED", "{paid}");
    webhooks_come(&stage).await;
    assert_eq!(
        stage.foreground() - before,
        5,
        "the payment is locked, and the attempt written down; it is locked and read whole, and the money noted"
    );
    assert_eq!(
        stage.sandbox.api_calls() - calls,
        2,
        "opened, and the card tried: that is Stripe's word for it"
    );
}

#[tokio::test]
async fn a_purchase_costs_seven_statements() {
    let stage = stage().await;
    let before = stage.foreground();
    let order = asked(&stage).await;
    let paid = stage.pays_over_http(&order, "pm_card_visa").await;
    assert_eq!(paid["data"]["pay"]["status"], "SUCCEEDED", "{paid}");
    webhooks_come(&stage).await;
    assert_eq!(stage.foreground() - before, 7, "the ask 2, the try 5");
}

#[tokio::test]
async fn an_end_costs_four_statements_and_five_when_money_goes_back() {
    let stage = stage().await;
    let (open, paid) = (asked(&stage).await, asked(&stage).await);
    stage.pay(&paid, "pm_card_visa", "a").await.unwrap();
    webhooks_come(&stage).await;
    for (order, cost) in [(&open, 4), (&paid, 5)] {
        let end = ReturnPayment {
            order_id: order.order_id,
            if_paid: IfPaid::Refund,
            reason: "the event was called off".to_owned(),
        };
        let before = stage.foreground();
        stage.payments.return_payment(message(), &end).await.unwrap();
        assert_eq!(stage.foreground() - before, cost);
    }
    stage.becomes(&paid, PaymentStatus::Refunded).await;
}

#[tokio::test]
async fn whatever_is_due_is_taken_and_read_together() {
    let mut stage = stage().await;
    let mut orders = Vec::new();
    for _ in 0..10 {
        let order = asked(&stage).await;
        stage.pay(&order, "pm_card_visa", &order.order_id.to_string()).await.unwrap();
        orders.push(order);
    }
    webhooks_come(&stage).await;
    stage.stop().await;
    for order in &orders {
        let end = ReturnPayment {
            order_id: order.order_id,
            if_paid: IfPaid::Refund,
            reason: "called off".to_owned(),
        };
        stage.payments.return_payment(message(), &end).await.unwrap();
    }
    let before = stage.foreground();
    stage.payments.settle_due().await.unwrap();
    let each = 3; // the payment is locked, what it consists of is read, and what became of it is written
    assert_eq!(stage.foreground() - before, 3 + 10 * each, "a look, the taking, what they consist of");
    for order in &orders {
        assert_eq!(stage.payment(order).await.status(), PaymentStatus::Refunded);
    }
}
