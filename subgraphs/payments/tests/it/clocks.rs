//! The database's clock says when the time for paying is over, not that of a machine whose clock is off.

use chrono::TimeDelta;
use kernel::{Clock, SystemClock};
use payments::domain::entities::PaymentStatus;

use crate::stage::{Stage, an_order};

const OFF: TimeDelta = TimeDelta::minutes(15);

#[tokio::test]
async fn with_a_clock_that_is_ahead_an_order_is_paid_until_its_time_is_over() {
    let stage = Stage::off_by(OFF).await;
    let order = stage.order().await; // there are ten minutes for it
    stage.pay(&order, "pm_card_visa", "a").await.unwrap();
    // The webhook was signed a quarter of an hour ago, by that clock.
    stage.webhooks_arrived().await;
    assert_eq!(stage.payment(&order).await.status(), PaymentStatus::Succeeded);
    assert_eq!(stage.booked(&order).await, (4200, 0));
}

#[tokio::test]
async fn with_a_clock_that_is_behind_an_order_whose_time_is_over_is_not_paid() {
    let stage = Stage::off_by(-OFF).await;
    let mut order = an_order(4200, "EUR");
    order.expires_at = SystemClock.now() - TimeDelta::seconds(1);
    stage.ask(&order).await;
    assert_eq!(stage.refusal(&order, "pm_card_visa", "a").await.0, "RESERVATION_EXPIRED");
    assert_eq!(stage.booked(&order).await, (0, 0));
}
