//! What can be done with events: a file for each change.

use std::sync::Arc;

use kernel::{Clock, EventId, OrganizationId, Refusal, Result, UserId};

use super::{
    Event, Venue,
    ports::{ClientLimits, EventIndex, Members, Reads, Renderer, Store},
};

mod cancel_event;
mod create_event;
mod create_venue;
mod define_layout;
mod develop;
mod discover;
mod note_membership;
mod note_offers;
mod note_sales;
mod publish_event;
mod reading;
mod reschedule_event;
mod search_events;
mod show_images;
mod show_motifs;
mod update_event;

pub use cancel_event::CancelEvent;
pub use create_event::CreateEvent;
pub use create_venue::CreateVenue;
pub use define_layout::DefineLayout;
pub use develop::SetImage;
pub use discover::{SuggestEvents, at_most};
pub use reschedule_event::RescheduleEvent;
pub use search_events::SearchEvents;
pub use show_motifs::MOST_PERFORMERS;
pub use update_event::UpdateEvent;

/// Everything that can be done with venues, layouts and events.
#[derive(Clone)]
pub struct Events {
    /// Where they are kept.
    pub store: Arc<dyn Store>,
    /// How they are read.
    pub reads: Arc<dyn Reads>,
    /// How they are looked for by words.
    pub index: Arc<dyn EventIndex>,
    /// Who belongs to which organization.
    pub members: Arc<dyn Members>,
    /// How much one client may ask for.
    pub limits: Arc<dyn ClientLimits>,
    /// What makes the files of pictures.
    pub renderer: Arc<dyn Renderer>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The most seats one layout may have.
    pub layout_max_seats: u32,
}

/// An event and where it is.
#[derive(Clone, Debug)]
pub struct EventAtVenue {
    /// The event.
    pub event: Event,
    /// Where it is.
    pub venue: Venue,
}

/// By what an event is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventBy {
    /// By id.
    Id(EventId),
    /// By its name in addresses.
    Slug(String),
}

impl Events {
    /// Refuses who may not change the event. Who may not even see it hears what is said of an event
    /// that does not exist.
    async fn require_organizer_of(&self, id: EventId, by: UserId) -> Result<()> {
        let found = self.reads.event(EventBy::Id(id)).await?.ok_or_else(no_such_event)?;
        let organization = found.event.snapshot().organization_id;
        match self.members.require_organizer(organization, by).await {
            Err(kernel::Error::Refused(_))
                if !found.event.is_public() && !self.members.is_member(organization, by).await? =>
            {
                Err(no_such_event().into())
            }
            outcome => outcome,
        }
    }

    async fn require_organizer(&self, organization: OrganizationId, by: UserId) -> Result<()> {
        self.members.require_organizer(organization, by).await
    }
}

fn no_such_event() -> Refusal {
    Refusal::not_found("event")
}
