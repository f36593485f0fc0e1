//! Organizations' accounts at the payment provider, and what is paid out to them.

mod carry_out;
mod hear;
mod look;
mod onboard;
mod read;

use std::{sync::Arc, time::Duration};

use kernel::Clock;

use crate::domain::{
    entities::payout::{AddressKey, Payout, PayoutState},
    ports::{Ledger, PayoutGateway, PayoutStore, Roles},
};

pub use read::AccountRead;

/// Everything that can be done with accounts and payouts of organizations.
#[derive(Clone)]
pub struct Payouts {
    store: Arc<dyn PayoutStore>,
    gateway: Arc<dyn PayoutGateway>,
    roles: Arc<dyn Roles>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    terms: Arc<PayoutTerms>,
}

/// What holds for all of them.
#[derive(Clone, Debug)]
pub struct PayoutTerms {
    /// What addresses are signed with.
    pub key: AddressKey,
    /// Where this service is reached from outside, without a slash at the end.
    pub public_url: String,
    /// Where owners are sent back to by the provider.
    pub return_url: String,
    /// How long an account is left alone at most, before it is looked whether something can be paid out.
    pub look: Duration,
}

impl Payouts {
    /// The use cases over these ports.
    pub fn new(
        store: Arc<dyn PayoutStore>,
        gateway: Arc<dyn PayoutGateway>,
        roles: Arc<dyn Roles>,
        ledger: Arc<dyn Ledger>,
        clock: Arc<dyn Clock>,
        terms: PayoutTerms,
    ) -> Self {
        Self { store, gateway, roles, ledger, clock, terms: Arc::new(terms) }
    }

    /// The same over another store of the same database.
    #[must_use]
    pub fn over(&self, store: Arc<dyn PayoutStore>) -> Self {
        Self { store, ..self.clone() }
    }
}

/// Counts what became of a payout that was so before.
fn count(payout: &Payout, before: PayoutState) {
    if payout.state == before {
        return;
    }
    let outcome = match payout.state {
        PayoutState::Asked => return,
        PayoutState::Sent => "sent",
        PayoutState::Paid => "paid",
        PayoutState::Failed => "failed",
        PayoutState::Refused => "refused",
    };
    metrics::counter!("payments_payouts_total", "kind" => payout.kind.name(), "outcome" => outcome)
        .increment(1);
}
