use kernel::{EventId, Result, UserId};

use super::{EventAtVenue, Events, no_such_event};

impl Events {
    /// Calls an event off. One that was called off stays as it is.
    #[tracing::instrument(skip_all)]
    pub async fn cancel_event(&self, by: UserId, id: EventId, reason: &str) -> Result<EventAtVenue> {
        self.require_organizer_of(id, by).await?;
        let mut tx = self.store.begin().await?;
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        if event.cancel(reason, &venue, self.clock.now())? {
            tx.save_event(&mut event, &venue).await?;
            tx.commit().await?;
        }
        Ok(EventAtVenue { event, venue })
    }
}
