use std::sync::Arc;

use chrono::Duration;
use kernel::Result;

use super::Books;
use crate::domain::ports::{ProviderBooks, Read, Reconciling};

/// How long whoever compares has for it, before somebody else begins.
const LEASE: Duration = Duration::minutes(10);
/// How often is compared.
const PAUSE: Duration = Duration::hours(1);
/// For how long a payment is left alone before it is compared: webhooks are late, and the provider's books too.
const REST: Duration = Duration::hours(1);
/// How many pages of the provider's books are read in one turn.
const MOST_PAGES: usize = 50;

/// Compares our books with the payment provider's, and books what it keeps for itself.
#[derive(Clone)]
pub struct Reconciliation {
    provider: Arc<dyn ProviderBooks>,
    store: Arc<dyn Reconciling>,
    books: Books,
}

impl Reconciliation {
    /// Over these ports.
    pub fn new(provider: Arc<dyn ProviderBooks>, store: Arc<dyn Reconciling>, books: Books) -> Self {
        Self { provider, store, books }
    }

    /// One turn, if it is due: reads what the provider says since the last time, books its fees, and compares. What is
    /// interrupted is begun again, and books nothing twice. Whoever had the turn, each replica tells how many differences there
    /// are: one that told of some goes on doing so until it knows better.
    #[tracing::instrument(skip_all)]
    pub async fn take_turn(&self) -> Result<()> {
        if let Some(read_up_to) = self.store.take_turn(LEASE).await? {
            self.compare(read_up_to).await?;
        }
        let differences = self.store.differences().await?;
        metrics::gauge!("reconciliation_differences").set(u32::try_from(differences).unwrap_or(u32::MAX));
        Ok(())
    }

    async fn compare(&self, mut after: Option<String>) -> Result<()> {
        for _ in 0..MOST_PAGES {
            let movements = self.provider.movements(after.as_deref()).await?;
            let Some(last) = movements.last() else { break };
            after = Some(last.id().to_owned());
            for movement in &movements {
                match movement {
                    Read::Uncountable { id, kind } => {
                        tracing::error!(
                            movement = id,
                            kind,
                            "the provider moved what cannot be counted in our money"
                        );
                    }
                    Read::Counted(movement) if !movement.is_explained() => {
                        tracing::error!(movement = movement.id, kind = movement.kind, amount = %movement.amount,
                            "the provider moved money that is no payment's, and nobody here knows what for");
                    }
                    Read::Counted(_) => {}
                }
            }
            self.store.keep_movements(&movements).await?;
        }
        self.book_fees().await?;
        for found in self.store.compare(REST).await? {
            tracing::error!(intent = found.intent, provider = %found.provider, ledger = %found.ledger,
                "the payment provider has another amount of a payment than the books say");
        }
        Ok(self.store.end_turn(PAUSE).await?)
    }

    async fn book_fees(&self) -> Result<()> {
        loop {
            let due = self.store.fees_due().await?;
            if due.is_empty() {
                return Ok(());
            }
            let mut booked = Vec::with_capacity(due.len());
            for fee in due {
                if fee.fee.currency == fee.of.currency {
                    self.books.charged(fee.of, &fee.movement, fee.fee.minor).await?;
                } else {
                    tracing::warn!(movement = fee.movement, fee = %fee.fee, order = %fee.of.order,
                        "the provider's fee is in another currency than the order, and is no organizer's");
                }
                booked.push(fee.movement);
            }
            self.store.fees_booked(&booked).await?;
        }
    }
}
