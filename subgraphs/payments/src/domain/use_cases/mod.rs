//! What can be done with payments, a file each.

mod forget;
mod hear_of_order;
mod hear_provider;
mod pay;
mod read_payments;
mod refund_payment;
mod return_payment;
mod said;
mod settle;
mod take_payment;

use std::{sync::Arc, time::Duration};

use super::ports::{PaymentGateway, Store};
use chrono::{DateTime, Utc};
use kernel::Fault;

pub use pay::Pay;
pub use read_payments::may_read;

use said::Said;

/// How long whoever waits does so without looking, when nothing is heard: what is heard may get lost.
pub(crate) const LOOK: Duration = Duration::from_secs(2);

/// Everything that can be done with payments.
#[derive(Clone)]
pub struct Payments {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) gateway: Arc<dyn PaymentGateway>,
    pub(crate) patience: Patience,
    said: Said,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the provider's answer to a buyer's try.
    pub answer: Duration,
    /// For the webhook, before the provider is asked.
    pub undecided: Duration,
}

impl Payments {
    /// The use cases over these ports.
    pub fn new(store: Arc<dyn Store>, gateway: Arc<dyn PaymentGateway>, patience: Patience) -> Self {
        Self { store, gateway, patience, said: Said::default() }
    }

    /// The same over another store of the same database: for consumers and workers.
    #[must_use]
    pub fn over(&self, store: Arc<dyn Store>) -> Self {
        Self { store, ..self.clone() }
    }

    /// The database's clock.
    pub(crate) async fn now(&self) -> Result<DateTime<Utc>, Fault> {
        self.store.now().await
    }

    fn undecided(&self) -> chrono::Duration {
        chrono::Duration::from_std(self.patience.undecided).unwrap_or(chrono::Duration::seconds(10))
    }
}
