use std::time::Duration;

use kernel::{EventId, Result};

use super::{Tickets, begin_tidied};
use crate::domain::ports::Look;

/// How many are worked off before the worker looks at its stop signal again.
const AT_ONCE: u64 = 50;

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
}
