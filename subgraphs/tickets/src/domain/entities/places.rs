use chrono::{DateTime, Utc};
use kernel::{Fault, ReservationId, TicketTypeId};
use serde::Serialize;

/// What the public sees of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatStatus {
    /// It can be had.
    Available,
    /// It is set aside for somebody.
    Held,
    /// It has a ticket.
    Sold,
    /// The organizer keeps it back.
    Blocked,
}

impl SeatStatus {
    /// As columns keep it.
    pub fn as_number(self) -> i16 {
        match self {
            Self::Available => 0,
            Self::Held => 1,
            Self::Sold => 2,
            Self::Blocked => 3,
        }
    }

    /// What a column says.
    pub fn from_number(number: i16) -> Result<Self, Fault> {
        match number {
            0 => Ok(Self::Available),
            1 => Ok(Self::Held),
            2 => Ok(Self::Sold),
            3 => Ok(Self::Blocked),
            other => Err(Fault::broken_rule(format!("a seat has status {other}"))),
        }
    }
}

/// A seat's state, with who has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatState {
    /// What the public sees.
    pub status: SeatStatus,
    /// Which reservation has it.
    pub holder: Option<ReservationId>,
    /// Until when it is set aside.
    pub until: Option<DateTime<Utc>>,
}

impl SeatState {
    pub(super) const FREE: Self = Self { status: SeatStatus::Available, holder: None, until: None };
}

/// How a section's places are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionCount {
    /// How many there are.
    pub capacity: u32,
    /// Set aside.
    pub held: u32,
    /// With tickets.
    pub sold: u32,
    /// Kept back.
    pub blocked: u32,
}

impl SectionCount {
    /// How many can be had.
    pub fn available(&self) -> u32 {
        // Step by step, for a sum could wrap around. More taken than there are means that none is left.
        self.capacity.saturating_sub(self.held).saturating_sub(self.sold).saturating_sub(self.blocked)
    }
}

/// What changed on the seat map with one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatChangeLog {
    /// The seat map's version from now on.
    pub version: i64,
    /// Seats with their new status.
    pub seats: Vec<(u32, SeatStatus)>,
    /// Sections with what is left in them.
    pub sections: Vec<(String, u32)>,
}

impl SeatChangeLog {
    /// No change, at this version.
    pub fn nothing(version: i64) -> Self {
        Self { version, seats: Vec::new(), sections: Vec::new() }
    }
}

/// A wish for places of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Wish {
    /// This seat; as the one type that covers it when none is named.
    Seat {
        /// Its number.
        number: u32,
        /// As which type.
        ticket_type: Option<TicketTypeId>,
    },
    /// So many places without numbers.
    Standing {
        /// As which type.
        ticket_type: TicketTypeId,
        /// How many.
        quantity: u32,
    },
}

/// Everything somebody wants at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wishes {
    /// At least one.
    pub wishes: Vec<Wish>,
    /// Opens hidden ticket types.
    pub access_code: Option<String>,
}
