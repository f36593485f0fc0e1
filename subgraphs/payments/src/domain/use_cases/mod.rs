//! What can be done with payments, a file each.

mod books;
mod catch_up;
mod forget;
mod hear_of_order;
mod hear_provider;
mod money_health;
mod page_declines;
mod pay;
mod payouts;
mod read_payments;
mod reconcile;
mod refund_payment;
mod return_payment;
mod said;
mod settle;
mod take_payment;
mod wishes;

use std::{sync::Arc, time::Duration};

use super::{
    entities::{Declines, Payment},
    ports::{PaymentGateway, Store},
};
use chrono::{DateTime, Utc};
use kernel::Fault;

pub use books::{Arrears, Books};
pub use catch_up::{CatchUp, CaughtUp};
pub use money_health::Health;
pub use pay::{Page, Pay};
pub use payouts::{AccountRead, PayoutTerms, Payouts};
pub use read_payments::may_read;
pub use reconcile::Reconciliation;
pub use wishes::means;

use said::Said;

/// How long whoever waits does so without looking, when nothing is heard: what is heard may get lost.
pub(crate) const LOOK: Duration = Duration::from_secs(2);

/// Everything that can be done with payments.
#[derive(Clone)]
pub struct Payments {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) gateway: Arc<dyn PaymentGateway>,
    pub(crate) terms: Arc<Terms>,
    said: Said,
    /// Where organizations have accounts at the provider.
    payouts: Option<Payouts>,
}

/// What holds for every payment.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How long is waited for what.
    pub patience: Patience,
    /// How often an order may be tried to be paid.
    pub attempts_per_order: u32,
    /// How many cards may be declined in an hour, before no more are tried.
    pub declines: Declines,
    /// With this a buyer's browser speaks to the provider by itself; none when it is not to.
    pub publishable_key: Option<String>,
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
    pub fn new(store: Arc<dyn Store>, gateway: Arc<dyn PaymentGateway>, terms: Terms) -> Self {
        Self { store, gateway, terms: Arc::new(terms), said: Said::default(), payouts: None }
    }

    /// The same over another store of the same database: for consumers and workers.
    #[must_use]
    pub fn over(&self, store: Arc<dyn Store>) -> Self {
        Self { store, ..self.clone() }
    }

    /// The same where organizations have accounts at the provider, to which their sales go.
    #[must_use]
    pub fn with_payouts(&self, payouts: Payouts) -> Self {
        Self { payouts: Some(payouts), ..self.clone() }
    }

    /// Organizations' accounts at the provider, where they have any.
    pub fn payouts(&self) -> Option<&Payouts> {
        self.payouts.as_ref()
    }

    /// With this a buyer's browser speaks to the provider by itself; none when it is not to. It is no secret.
    pub fn publishable_key(&self) -> Option<&str> {
        self.terms.publishable_key.as_deref()
    }

    /// How often the order of this payment may still be tried to be paid.
    pub fn attempts_left(&self, payment: &Payment) -> u32 {
        payment.attempts_left(self.terms.attempts_per_order)
    }

    /// The database's clock.
    pub(crate) async fn now(&self) -> Result<DateTime<Utc>, Fault> {
        self.store.now().await
    }

    fn undecided(&self) -> chrono::Duration {
        chrono::Duration::from_std(self.terms.patience.undecided).unwrap_or(chrono::Duration::seconds(10))
    }
}
