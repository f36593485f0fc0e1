use contracts::events::{EventFacts, EventStatus};
use kernel::{EventId, Refusal};

use crate::domain::errors;
use chrono::{DateTime, Utc};

/// An event as `events` told it.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownEvent {
    /// Which.
    pub id: EventId,
    /// Of what was told last.
    pub version: i64,
    /// What was told last.
    pub facts: EventFacts,
    /// True once its places are on sale.
    pub opened: bool,
}

impl KnownEvent {
    /// True for everybody, not only its organizers.
    pub fn is_public(&self) -> bool {
        self.facts.is_public()
    }

    /// True when it will not take place.
    pub fn is_called_off(&self) -> bool {
        self.facts.status == EventStatus::Cancelled
    }

    /// True when nothing of it will ever be sold again.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        let ended = matches!(self.facts.status, EventStatus::Cancelled | EventStatus::Completed);
        ended || self.facts.ends_at <= now
    }

    /// Refuses when nothing of this event can be bought at `now`.
    pub fn sells(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.facts.status {
            _ if !self.is_public() => Err(Refusal::not_found("event")),
            EventStatus::Published if !self.opened => {
                Err(errors::sales_closed("This event's places are being prepared. Try again in a moment."))
            }
            EventStatus::Published if now < self.facts.ends_at => Ok(()),
            EventStatus::Published | EventStatus::Completed => {
                Err(errors::sales_closed("This event is over."))
            }
            EventStatus::Draft => Err(Refusal::not_found("event")),
            EventStatus::Postponed => {
                Err(errors::sales_closed("This event was put off; sales go on when it has a new date."))
            }
            EventStatus::Cancelled => Err(errors::sales_closed("This event was cancelled.")),
        }
    }
}
