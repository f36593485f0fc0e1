//! What every bus does with a delivery.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
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

pub(crate) fn tell_of_failure(consumer: &Consumer, message: &Message, delivery: u32, error: &str) {
    metrics::counter!("bus_redeliveries_total", "consumer" => consumer.name).increment(1);
    tracing::warn!(consumer = consumer.name, subject = message.subject, id = %message.id, delivery, error, "a message was not handled and will come again");
}
