//! What `events` tells.

use chrono::{DateTime, Utc};
use kernel::{Currency, EventId, LayoutId, OrganizationId, TimeZone, VenueId};
use serde::{Deserialize, Serialize};

use crate::{contract, settings::EventTerms};

/// A seating plan was drawn up. It never changes afterwards: a changed plan is another layout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayoutDefined {
    /// Which.
    pub layout_id: LayoutId,
    /// Of which venue.
    pub venue_id: VenueId,
    /// Whose.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: String,
    /// In the order they were drawn; keys are unique.
    pub sections: Vec<SectionPlan>,
    /// Where everybody looks, to the right and downwards in the plan's own units; nothing where the plan does not say.
    #[serde(default)]
    pub focal_point: Option<(f32, f32)>,
}
contract!(LayoutDefined, "odysseus.events.layout.defined.v1", layout_id);

/// A part of a venue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SectionPlan {
    /// Unique in the layout.
    pub key: String,
    /// As on the ticket.
    pub name: String,
    /// Seats, or standing.
    pub places: Places,
}

impl SectionPlan {
    /// How many people fit in.
    pub fn capacity(&self) -> u32 {
        match &self.places {
            Places::Seated { rows } => {
                u32::try_from(rows.iter().map(|row| row.seats.len()).sum::<usize>()).unwrap_or(u32::MAX)
            }
            Places::GeneralAdmission { capacity } => *capacity,
        }
    }
}

/// What a section holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Places {
    /// Numbered seats in rows.
    Seated {
        /// From front to back.
        rows: Vec<RowPlan>,
    },
    /// A number of places without numbers.
    GeneralAdmission {
        /// How many.
        capacity: u32,
    },
}

/// A row of seats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowPlan {
    /// As on the ticket.
    pub label: String,
    /// From left to right.
    pub seats: Vec<SeatPlan>,
}

/// A seat; on the wire an array, since a large house has tens of thousands:
/// `[key, label, x, y, flags]` with flag 1 accessible, flag 2 restricted view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "(String, String, f32, f32, u8)", into = "(String, String, f32, f32, u8)")]
pub struct SeatPlan {
    /// Unique in the layout, such as `101-A-12`.
    pub key: String,
    /// The seat's number, as on the ticket.
    pub label: String,
    /// Where it stands on the plan, in the plan's own units.
    pub x: f32,
    /// Where it stands on the plan, in the plan's own units; downwards.
    pub y: f32,
    /// Fit for a wheelchair.
    pub accessible: bool,
    /// A pillar or a rail is in the way.
    pub restricted_view: bool,
}

impl From<(String, String, f32, f32, u8)> for SeatPlan {
    fn from((key, label, x, y, flags): (String, String, f32, f32, u8)) -> Self {
        Self { key, label, x, y, accessible: flags & 1 != 0, restricted_view: flags & 2 != 0 }
    }
}

impl From<SeatPlan> for (String, String, f32, f32, u8) {
    fn from(seat: SeatPlan) -> Self {
        let flags = u8::from(seat.accessible) | u8::from(seat.restricted_view) << 1;
        (seat.key, seat.label, seat.x, seat.y, flags)
    }
}

/// An event was made or changed. Whole state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventChanged {
    /// Which.
    pub event_id: EventId,
    /// Rises with each change.
    pub version: i64,
    /// What was done to it.
    pub change: EventChange,
    /// Why, where a reason was asked for.
    #[serde(default)]
    pub reason: Option<String>,
    /// Until when buyers may give their tickets back whatever the policy says, where it was moved to another time.
    #[serde(default)]
    pub refundable_until: Option<DateTime<Utc>>,
    /// What of the terms on which its tickets are sold is its own just now. Nothing where a version told it that knows of no
    /// such terms: they are then as they were told last.
    #[serde(default)]
    pub terms: Option<EventTerms>,
    /// How it is now.
    pub event: EventFacts,
}
contract!(EventChanged, "odysseus.events.event.changed.v1", event_id, version);

/// What was done to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventChange {
    /// Made, as a draft.
    Created,
    /// Described anew.
    Updated,
    /// Shown to the public; its inventory is to be opened.
    Published,
    /// Moved to another time.
    Rescheduled,
    /// Called off; every paid order is to be refunded.
    Cancelled,
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventStatus {
    /// Seen by its organizers only.
    Draft,
    /// Seen by everybody.
    Published,
    /// Put off, no new time yet.
    Postponed,
    /// Called off.
    Cancelled,
    /// Over.
    Completed,
}

impl EventStatus {
    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Published => "PUBLISHED",
            Self::Postponed => "POSTPONED",
            Self::Cancelled => "CANCELLED",
            Self::Completed => "COMPLETED",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Draft, Self::Published, Self::Postponed, Self::Cancelled, Self::Completed]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

/// What others may know of an event, and keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventFacts {
    /// Who sells the tickets.
    pub organization_id: OrganizationId,
    /// Its name in addresses.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: EventStatus,
    /// True once it was shown to everybody, also when it was called off afterwards; nothing in what was
    /// told before this was.
    #[serde(default)]
    pub public: Option<bool>,
    /// Where.
    pub venue_id: VenueId,
    /// The venue's name.
    pub venue_name: String,
    /// Street, postal code, city, country, in lines as on an envelope.
    pub venue_address: String,
    /// The city alone.
    pub city: String,
    /// The seating plan.
    pub layout_id: Option<LayoutId>,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// When doors open.
    pub doors_at: Option<DateTime<Utc>>,
    /// The venue's zone, in which times are shown.
    pub timezone: TimeZone,
    /// In which prices are.
    pub currency: Currency,
    /// True when everybody may know how many places are left, and not only whether there are plenty, few or none. What was
    /// told before there was a choice is true.
    #[serde(default = "shown")]
    pub shows_stock: bool,
}

/// What is told of no choice.
fn shown() -> bool {
    true
}

impl EventFacts {
    /// True when strangers may know that there is such an event: a draft is its organizers' own, also when
    /// it was called off.
    pub fn is_public(&self) -> bool {
        self.public.unwrap_or(self.status != EventStatus::Draft)
    }
}
