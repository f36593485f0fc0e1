use contracts::events::{EventChanged, EventStatus};
use kernel::{Currency, EventId, OrganizationId, TimeZone};

/// What `events` told of an event, as far as reports need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventCopy {
    /// Which.
    pub id: EventId,
    /// Rises with each change.
    pub version: i64,
    /// Whose members may read the report.
    pub organization: OrganizationId,
    /// Where it stands.
    pub status: EventStatus,
    /// True once it was shown to everybody; nothing where that was never told.
    pub public: Option<bool>,
    /// In whose days and hours sales are counted.
    pub timezone: TimeZone,
    /// In which its money is.
    pub currency: Currency,
}

impl EventCopy {
    /// What to keep of a change.
    pub fn of(change: &EventChanged) -> Self {
        Self {
            id: change.event_id,
            version: change.version,
            organization: change.event.organization_id,
            status: change.event.status,
            public: change.event.public,
            timezone: change.event.timezone,
            currency: change.event.currency,
        }
    }

    /// True when strangers may know that there is such an event: not of a draft, also when it was called off.
    pub fn is_public(&self) -> bool {
        self.public.unwrap_or(self.status != EventStatus::Draft)
    }
}
