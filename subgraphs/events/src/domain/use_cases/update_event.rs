use kernel::{Change, EventId, LayoutId, Problems, Result, UserId};

use super::{EventAtVenue, Events, create_event::layout_of, no_such_event};
use crate::domain::EventChanges;

/// Change what is said of an event.
#[derive(Debug, Default)]
pub struct UpdateEvent {
    /// What is to be different.
    pub changes: EventChanges,
    /// Another seating plan of the venue; only before publication.
    pub layout_id: Change<LayoutId>,
    /// What could not be read; it stays as it is above, and is refused beside what is wrong with the rest.
    pub unread: Problems,
}

impl Events {
    /// Changes what is said of an event.
    pub async fn update_event(&self, by: UserId, id: EventId, ask: UpdateEvent) -> Result<EventAtVenue> {
        self.require_organizer_of(id, by).await?;
        let mut tx = self.store.begin().await?;
        let (mut event, venue) = tx.event(id).await?.ok_or_else(no_such_event)?;
        let layout = match ask.layout_id {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(layout) => {
                Change::Set(layout_of(tx.as_mut(), layout, venue.organization_id()).await?)
            }
        };
        if event.update(ask.changes, &layout, ask.unread, &venue, self.clock.now())? {
            tx.save_event(&mut event, &venue).await?;
            tx.commit().await?;
        }
        Ok(EventAtVenue { event, venue })
    }
}
