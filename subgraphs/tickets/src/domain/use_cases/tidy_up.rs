use std::time::Duration;

use kernel::{Error, EventId, OrderId, Result};
use tracing::Instrument as _;

use super::{Tickets, begin_tidied};
use crate::domain::ports::Look;

/// How many are worked off before the worker looks at its stop signal again.
const AT_ONCE: u64 = 50;

/// How long rests what cannot go on, such as an order's purchase, so that it keeps no other from going on.
pub(super) const SET_ASIDE: Duration = Duration::from_mins(10);

impl Tickets {
    /// Gives back what has run out, so that subscribers hear of it. Nobody depends on it: whoever wants
    /// such a place gets it without it. An event of which nothing can be given back delays no other. How long it is until
    /// something else runs out.
    pub async fn tidy_up(&self) -> Result<Duration> {
        let mut after = None;
        loop {
            let events = self.reads.events_with_lapsed(after, AT_ONCE).await?;
            for event in &events {
                if let Err(error) = self.tidy_up_after(*event).await {
                    metrics::counter!("sweeps_failed_total").increment(1);
                    tracing::error!(%event, %error, "what has run out cannot be given back");
                }
            }
            if (events.len() as u64) < AT_ONCE {
                return Ok(self.reads.until_next_lapse().await?.unwrap_or(Duration::MAX));
            }
            after = events.last().copied();
        }
    }

    async fn tidy_up_after(&self, event: EventId) -> Result<()> {
        if let Some((mut tx, mut locked)) = begin_tidied(&*self.store, event, Look::default()).await? {
            tx.save_inventory(&mut locked.inventory).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Moves on purchases whose time is over. One that cannot go on rests for a while, and delays nobody. How long it is
    /// until the next one's time is over; nothing when there may be more at once.
    pub async fn time_out_purchases(&self) -> Result<Duration> {
        let orders = self.reads.due_orders(AT_ONCE).await?;
        let mut failed = None;
        for due in &orders {
            match self.purchase_timed_out(due.order).instrument(due.span.clone()).await {
                Ok(_) => {}
                // The next look meets what failed for a moment only.
                Err(Error::Broken(fault)) if fault.passing => failed = Some(fault),
                Err(error) => self.lets_rest(due.order, &error).await?,
            }
        }
        if let Some(fault) = failed {
            return Err(fault.into());
        }
        if orders.len() as u64 == AT_ONCE {
            return Ok(Duration::ZERO);
        }
        Ok(self.reads.until_next_due_order().await?.unwrap_or(Duration::MAX))
    }

    async fn lets_rest(&self, order: OrderId, error: &Error) -> Result<()> {
        metrics::counter!("purchases_set_aside_total").increment(1);
        tracing::error!(%order, %error, "a purchase cannot go on and is set aside for a while");
        Ok(self.store.set_aside(order, SET_ASIDE).await?)
    }
}
