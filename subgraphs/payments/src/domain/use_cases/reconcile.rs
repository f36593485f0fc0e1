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
    /// interrupted is begun again, and books nothing twice.
    #[tracing::instrument(skip_all)]
    pub async fn take_turn(&self) -> Result<()> {
        let Some(mut after) = self.store.take_turn(LEASE).await? else { return Ok(()) };
        for _ in 0..MOST_PAGES {
            let movements = self.provider.movements(after.as_deref()).await?;
            let Some(last) = movements.last() else { break };
            after = Some(last.id().to_owned());
            for movement in &movements {
                if let Read::Uncountable(id) = movement {
                    tracing::error!(movement = id, "the provider moved what cannot be counted in our money");
                }
            }
            self.store.keep_movements(&movements).await?;
        }
        self.book_fees().await?;
        for found in self.store.compare(REST).await? {
            tracing::error!(intent = found.intent, provider = %found.provider, ledger = %found.ledger,
                "the payment provider has another amount of a payment than the books say");
        }
        let differences = self.store.end_turn(PAUSE).await?;
        metrics::gauge!("reconciliation_differences").set(u32::try_from(differences).unwrap_or(u32::MAX));
        Ok(())
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
