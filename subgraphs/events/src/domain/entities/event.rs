//! An event, from draft to its end.

mod pictures;
mod rescheduling;

pub use pictures::MOST_IMAGES;
pub use rescheduling::NewTimes;

use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    events::{EventChange, EventChanged, EventFacts, EventStatus},
};
use kernel::{
    Change, EventId, ImageId, LayoutId, OrganizationId, Problems, Refusal, VenueId, line, to_millis, together,
};

use super::{
    event_details::{EventChanges, EventDetails},
    layout::LayoutHead,
    venue::Venue,
};
use crate::domain::reasons;

/// An event.
#[derive(Clone, Debug)]
pub struct Event {
    now: EventSnapshot,
    /// The version of the row it was read from; 0 for a new one.
    stored: i64,
    pending: Vec<Announcement>,
}

/// An event as a row keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSnapshot {
    /// Which.
    pub id: EventId,
    /// Whose.
    pub organization_id: OrganizationId,
    /// Where.
    pub venue_id: VenueId,
    /// With which seating plan; one of the venue's.
    pub layout_id: Option<LayoutId>,
    /// Its name in addresses; no two events have the same, and it never changes.
    pub slug: String,
    /// What its organizer says of it.
    pub details: EventDetails,
    /// Which pictures it shows, in their order; the first stands for it in lists.
    pub images: Vec<ImageId>,
    /// Where it stands.
    pub status: EventStatus,
    /// Why it was called off.
    pub cancel_reason: Option<String>,
    /// Since when everybody sees it.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Rises with each change.
    pub version: i64,
}

impl Event {
    /// A new draft at a venue, with a seating plan or none yet; it is complete once it has a
    /// [`name`](Self::name).
    pub fn draft(
        id: EventId,
        venue: &Venue,
        layout: Option<&LayoutHead>,
        details: EventDetails,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let start = details.check_start(now);
        let layout_id = layout.map(|layout| of_venue(layout, venue.id())).transpose();
        let (details, (), layout_id) = together((details.checked(), start, layout_id))?;
        let now = EventSnapshot {
            id,
            organization_id: venue.organization_id(),
            venue_id: venue.id(),
            layout_id,
            slug: String::new(),
            details,
            images: Vec::new(),
            status: EventStatus::Draft,
            cancel_reason: None,
            published_at: None,
            created_at: now,
            version: 0,
        };
        Ok(Self { now, stored: 0, pending: Vec::new() })
    }

    /// The event of a row; for stores only.
    pub fn restore(snapshot: EventSnapshot) -> Self {
        Self { stored: snapshot.version, now: snapshot, pending: Vec::new() }
    }

    /// What a row keeps of it.
    pub fn snapshot(&self) -> &EventSnapshot {
        &self.now
    }

    /// Which.
    pub fn id(&self) -> EventId {
        self.now.id
    }

    /// What its organizer says of it.
    pub fn details(&self) -> &EventDetails {
        &self.now.details
    }

    /// True when everybody may see it; a draft, also one that was called off, is its organizers' own.
    pub fn is_public(&self) -> bool {
        self.now.published_at.is_some()
    }

    /// The version of the row it was read from; for stores only.
    pub fn stored_version(&self) -> i64 {
        self.stored
    }

    /// What is to be told once it is saved; for stores only. What is saved is then the stored state.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        self.stored = self.now.version;
        std::mem::take(&mut self.pending)
    }

    /// Names under which the event could be found, the nicest first: its title, with its day, with
    /// part of its id.
    pub fn slugs(&self, venue: &Venue) -> [String; 3] {
        let title = short_slug(&self.now.details.title);
        let day = self.now.details.starts_at.with_timezone(&venue.timezone().tz()).format("%Y-%m-%d");
        let id = self.now.id.uuid().simple().to_string();
        let last = &id[id.len() - 12..];
        [title.clone(), format!("{title}-{day}"), format!("{title}-{last}")]
    }

    /// Makes it known under this slug; the last step of its making.
    pub fn name(&mut self, slug: String, venue: &Venue) {
        self.pending.clear();
        self.now.version = 0;
        self.now.slug = slug;
        self.announce(EventChange::Created, Told::default(), venue);
    }

    /// Changes what is said of the event. False when nothing is different afterwards. What of the changes was `unread` is
    /// refused together with what is wrong with the others.
    pub fn update(
        &mut self,
        changes: EventChanges,
        layout: &Change<LayoutHead>,
        unread: Problems,
        venue: &Venue,
        now: DateTime<Utc>,
    ) -> Result<bool, Refusal> {
        self.refuse_when_ended(now)?;
        self.refuse_moving(&changes)?;
        let details = changes.applied(&self.now.details);
        let start = if self.now.status == EventStatus::Draft { details.check_start(now) } else { Ok(()) };
        let layout_id = match layout {
            Change::Keep => Ok(self.now.layout_id),
            Change::Clear => Ok(None),
            Change::Set(layout) => of_venue(layout, self.now.venue_id).map(Some),
        };
        let ((), details, (), layout_id) = together((unread.refuse(), details.checked(), start, layout_id))?;
        if self.now.status != EventStatus::Draft && layout_id != self.now.layout_id {
            return Err(fixed("layoutId"));
        }
        if details == self.now.details && layout_id == self.now.layout_id {
            return Ok(false);
        }
        (self.now.details, self.now.layout_id) = (details, layout_id);
        self.announce(EventChange::Updated, Told::default(), venue);
        Ok(true)
    }

    /// Shows the event to everybody. False when it was shown already.
    pub fn publish(&mut self, venue: &Venue, now: DateTime<Utc>) -> Result<bool, Refusal> {
        match self.now.status {
            EventStatus::Published => return Ok(false),
            EventStatus::Draft => {}
            status => {
                let message = format!("Only a draft can be published; this event is {}.", status.as_str());
                return Err(Refusal::new(reasons::NOT_A_DRAFT, message));
            }
        }
        if self.now.layout_id.is_none() {
            let message = "The event has no layout yet. Give it one with updateEvent, then publish it.";
            return Err(Refusal::new(kernel::reasons::LAYOUT_MISSING, message).with("field", "layoutId"));
        }
        self.now.details.check_start(now)?;
        self.now.status = EventStatus::Published;
        self.now.published_at = Some(now);
        self.announce(EventChange::Published, Told::default(), venue);
        Ok(true)
    }

    /// Calls the event off. False when it was called off already.
    pub fn cancel(&mut self, reason: &str, venue: &Venue, now: DateTime<Utc>) -> Result<bool, Refusal> {
        let reason = checked_reason(reason)?;
        if self.now.status == EventStatus::Cancelled {
            return Ok(false);
        }
        if self.now.status == EventStatus::Completed || self.now.details.ends_at <= now {
            let message = "The event is over; it can no longer be called off.";
            return Err(Refusal::new(reasons::EVENT_OVER, message));
        }
        self.now.status = EventStatus::Cancelled;
        self.now.cancel_reason = Some(reason.clone());
        let told = Told { reason: Some(reason), ..Told::default() };
        self.announce(EventChange::Cancelled, told, venue);
        Ok(true)
    }

    /// Refuses a change of what was called off or has begun; a draft may always be changed.
    pub fn refuse_when_ended(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.now.status {
            EventStatus::Draft => Ok(()),
            EventStatus::Cancelled => {
                let message = "The event was called off; it can no longer be changed.";
                Err(Refusal::new(reasons::EVENT_CANCELLED, message))
            }
            _ if self.now.details.starts_at <= now => {
                let message = "The event has begun; it can no longer be changed.";
                Err(Refusal::new(reasons::EVENT_BEGUN, message))
            }
            _ => Ok(()),
        }
    }

    /// Once an event is published its time stands, whatever else would be wrong with another one.
    fn refuse_moving(&self, changes: &EventChanges) -> Result<(), Refusal> {
        let details = &self.now.details;
        let moved =
            |wished: Option<DateTime<Utc>>, old| wished.is_some_and(|at| to_millis(at) != to_millis(old));
        match self.now.status {
            EventStatus::Draft => Ok(()),
            _ if moved(changes.starts_at, details.starts_at) => Err(moved_elsewhere("startsAt")),
            _ if moved(changes.ends_at, details.ends_at) => Err(moved_elsewhere("endsAt")),
            _ => Ok(()),
        }
    }

    fn announce(&mut self, change: EventChange, told: Told, venue: &Venue) {
        self.now.version += 1;
        let (now, details) = (&self.now, &self.now.details);
        let event = EventFacts {
            organization_id: now.organization_id,
            slug: now.slug.clone(),
            title: details.title.clone(),
            status: now.status,
            public: Some(self.is_public()),
            venue_id: now.venue_id,
            venue_name: venue.name().to_owned(),
            venue_address: venue.address().told(),
            city: venue.address().city.clone(),
            layout_id: now.layout_id,
            starts_at: details.starts_at,
            ends_at: details.ends_at,
            doors_at: details.doors_at,
            timezone: venue.timezone(),
            currency: details.currency,
            shows_stock: details.shows_stock,
        };
        let changed = EventChanged {
            event_id: now.id,
            version: now.version,
            change,
            reason: told.reason,
            refundable_until: told.refundable_until,
            terms: Some(details.terms.clone()),
            event,
        };
        self.pending.push(Announcement::of(&changed));
    }
}

/// What is told of a change beside how the event is now.
#[derive(Default)]
struct Told {
    reason: Option<String>,
    refundable_until: Option<DateTime<Utc>>,
}

/// Why an event is called off or moved, in order; or what is wrong with it.
pub fn checked_reason(reason: &str) -> Result<String, Refusal> {
    line("reason", reason, 500)
}

fn fixed(field: &'static str) -> Refusal {
    let message = "This cannot be changed once the event is published: tickets are sold for it.";
    Refusal::new(reasons::EVENT_PUBLISHED, message).with("field", field)
}

fn moved_elsewhere(field: &'static str) -> Refusal {
    let message = "A published event is moved to another time with rescheduleEvent, which tells all who have tickets for it.";
    Refusal::new(reasons::EVENT_PUBLISHED, message).with("field", field)
}

fn of_venue(layout: &LayoutHead, venue: VenueId) -> Result<LayoutId, Refusal> {
    if layout.venue_id == venue {
        Ok(layout.id)
    } else {
        Err(Refusal::bad_input("layoutId", "must be a layout of the event's venue")
            .because(kernel::reasons::INCONSISTENT))
    }
}

/// The title in letters that addresses can hold, cut at a word.
fn short_slug(title: &str) -> String {
    let mut slug = slug::slugify(title);
    if slug.len() > 80 {
        let end = slug[..80].rfind('-').unwrap_or(80);
        slug.truncate(end);
    }
    if slug.is_empty() { "event".to_owned() } else { slug }
}

#[cfg(test)]
mod tests;
