//! What can be done with payments, a file each.

mod forget;
mod hear_provider;
mod pay;
mod read_payments;
mod return_payment;
mod settle;
mod take_payment;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use kernel::Fault;
use tokio::sync::Notify;

use super::ports::{PaymentGateway, Store};

pub use hear_provider::{News, ProviderEvent};
pub use pay::Pay;

/// Everything that can be done with payments.
#[derive(Clone)]
pub struct Payments {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) gateway: Arc<dyn PaymentGateway>,
    pub(crate) patience: Patience,
    /// Rung when the provider is to be asked something.
    pub(crate) bell: Arc<Notify>,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For an order that is still on its way here.
    pub preparing: Duration,
    /// For the provider's answer to a buyer's try.
    pub answer: Duration,
    /// For the webhook after a good answer, before the buyer is told that it is pending.
    pub webhook: Duration,
    /// For the webhook, before the provider is asked.
    pub undecided: Duration,
}

impl Payments {
    /// The use cases over these ports.
    pub fn new(store: Arc<dyn Store>, gateway: Arc<dyn PaymentGateway>, patience: Patience) -> Self {
        Self { store, gateway, patience, bell: Arc::default() }
    }

    /// The database's clock.
    pub(crate) async fn now(&self) -> Result<DateTime<Utc>, Fault> {
        self.store.now().await
    }

    fn undecided(&self) -> chrono::Duration {
        chrono::Duration::from_std(self.patience.undecided).unwrap_or(chrono::Duration::seconds(10))
    }
}
