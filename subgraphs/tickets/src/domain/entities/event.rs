use std::sync::Arc;

use chrono::{DateTime, Utc};
use contracts::{
    events::{EventFacts, EventStatus},
    settings::OrganizationSettings,
    users::Role,
};
use kernel::{EventId, Refusal};

use super::TicketType;
use crate::domain::{
    pricing::{RefundPolicy, Terms},
    reasons,
};

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
    /// When it was moved to another time for the last time.
    pub moved_at: Option<DateTime<Utc>>,
    /// Until when everything goes back of what was ordered before that, whatever the policy says.
    pub refundable_until: Option<DateTime<Utc>>,
    /// Of those settings; 0 when none were told.
    pub settings_version: i64,
    /// On which terms its organization sells just now.
    pub settings: Arc<OrganizationSettings>,
}

/// True for members of an organization who plan or sell its places: they know how many are left, and why some are kept back.
pub fn knows_stock(role: Role) -> bool {
    match role {
        Role::Owner | Role::Manager | Role::BoxOffice => true,
        Role::Scanner => false,
    }
}

impl KnownEvent {
    /// On which terms tickets of it are sold just now, as far as these types go: each may have a tax of its own.
    pub fn terms<'t>(&self, types: impl IntoIterator<Item = &'t TicketType>) -> Terms {
        let tax_of = types.into_iter().filter_map(TicketType::own_tax);
        Terms { tax_of: tax_of.collect(), ..Terms::of(&self.settings, self.facts.currency) }
    }

    /// What buyers get back who return tickets that they buy now.
    pub fn refund_policy(&self, now: DateTime<Utc>) -> RefundPolicy {
        RefundPolicy::of(&self.settings.refund_policy, self.facts.starts_at, now)
    }

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
                let message = "This event's places are being prepared. Try again in a moment.";
                Err(Refusal::new(reasons::PLACES_BEING_PREPARED, message))
            }
            EventStatus::Published if now < self.facts.ends_at => Ok(()),
            EventStatus::Published | EventStatus::Completed => {
                Err(Refusal::new(reasons::EVENT_OVER, "This event is over."))
            }
            EventStatus::Draft => Err(Refusal::not_found("event")),
            EventStatus::Postponed => {
                let message = "This event was put off; sales go on when it has a new date.";
                Err(Refusal::new(reasons::EVENT_POSTPONED, message))
            }
            EventStatus::Cancelled => {
                Err(Refusal::new(reasons::EVENT_CANCELLED, "This event was cancelled."))
            }
        }
    }
}
