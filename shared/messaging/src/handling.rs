//! What every bus does with a delivery.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt as _;
use kernel::Fault;
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use crate::{
    Consumer, Message,
    bus::{DELIVERY_TIMEOUT, MAX_DELIVERIES, MAX_PASSING_DELIVERIES},
    trace,
};

/// Why a message was not handled.
pub(crate) struct Failure {
    /// In words.
    pub(crate) error: String,
    /// True when it is the surroundings that failed, and not the message.
    passing: bool,
}

impl Failure {
    fn lasting(error: impl Into<String>) -> Self {
        Self { error: error.into(), passing: false }
    }

    /// How many deliveries such a failure is worth.
    pub(crate) fn patience(&self) -> u32 {
        if self.passing { MAX_PASSING_DELIVERIES } else { MAX_DELIVERIES }
    }
}

/// Hands the message over, within the limit. A panic is a failed delivery like any other: its unwinding rolls the
/// transaction back.
pub(crate) async fn attempt(consumer: &Consumer, message: &Message, delivery: u32) -> Result<(), Failure> {
    let handling = AssertUnwindSafe(consumer.handler.handle(message)).catch_unwind();
    let handling = handling.instrument(trace::delivery(consumer.name, message, delivery));
    match tokio::time::timeout(DELIVERY_TIMEOUT, handling).await {
        Ok(Ok(Ok(()))) => Ok(()),
        Ok(Ok(Err(kernel::Error::Broken(fault)))) => {
            Err(Failure { error: fault.chain(), passing: fault.passing })
        }
        Ok(Ok(Err(kernel::Error::Refused(refusal)))) => Err(Failure::lasting(refusal.to_string())),
        Ok(Err(_)) => Err(Failure::lasting("the handler panicked")),
        Err(_) => Err(Failure { error: format!("took longer than {DELIVERY_TIMEOUT:?}"), passing: true }),
    }
}

/// Hands the message over until it is handled, or until it was tried as often as such a failure is worth and is kept as a
/// dead letter. An error where that cannot be done.
pub(crate) async fn to_the_end(
    consumer: &Consumer,
    handlers: &Semaphore,
    pause: fn(u32) -> Duration,
    patience: fn(&Failure) -> u32,
    message: &Message,
) -> Result<(), Fault> {
    let mut delivery = 1;
    loop {
        let handled = {
            let _handler = handlers.acquire().await;
            attempt(consumer, message, delivery).await
        };
        let Err(failure) = handled else { return Ok(()) };
        tell_of_failure(consumer, message, delivery, &failure.error);
        if delivery >= patience(&failure) {
            return consumer.dead_letters.bury(consumer.name, message, delivery, &failure.error).await;
        }
        tokio::time::sleep(pause(delivery)).await;
        delivery += 1;
    }
}

pub(crate) fn tell_of_failure(consumer: &Consumer, message: &Message, delivery: u32, error: &str) {
    metrics::counter!("bus_redeliveries_total", "consumer" => consumer.name).increment(1);
    tracing::warn!(consumer = consumer.name, subject = message.subject, id = %message.id, delivery, error, "a message was not handled and will come again");
}
