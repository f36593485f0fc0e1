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
    /// How many can be had. More taken than there are is a fault.
    pub fn available(&self) -> Result<u32, Fault> {
        left(self.capacity, [self.held, self.sold, self.blocked], "places of a section")
    }

    /// So many are no longer set aside.
    pub fn let_go(&mut self, quantity: u32) -> Result<(), Fault> {
        self.held = less(self.held, quantity, "held of a section")?;
        Ok(())
    }
}

/// What is left of `all` when these are taken off. Counters never clamp: below zero is a fault of ours.
pub(super) fn left<const N: usize>(all: u32, taken: [u32; N], what: &'static str) -> Result<u32, Fault> {
    let gone: u64 = taken.into_iter().map(u64::from).sum();
    u64::from(all)
        .checked_sub(gone)
        .and_then(|left| u32::try_from(left).ok())
        .ok_or_else(|| Fault::broken_rule(format!("{what} would fall below zero: {all} - {gone}")))
}

/// What changed on the seat map with one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatChangeLog {
    /// The seat map's version from now on.
    pub version: i64,
    /// Seats with their new status.
    pub seats: Vec<(u32, SeatStatus)>,
    /// Sections with what is left in them; without that where the organizer hides it.
    pub sections: Vec<(String, Option<u32>)>,
}

impl SeatChangeLog {
    /// No change, at this version.
    pub fn nothing(version: i64) -> Self {
        Self { version, seats: Vec::new(), sections: Vec::new() }
    }

    /// The same for those who are not told how many places are left.
    #[must_use]
    pub fn without_counts(mut self) -> Self {
        for (_, left) in &mut self.sections {
            *left = None;
        }
        self
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

impl Wishes {
    /// The same without these seats.
    #[must_use]
    pub fn without(&self, seats: &[u32]) -> Self {
        let is_one = |wish: &&Wish| matches!(wish, Wish::Seat { number, .. } if seats.contains(number));
        let wishes = self.wishes.iter().filter(|wish| !is_one(wish)).cloned().collect();
        Self { wishes, access_code: self.access_code.clone() }
    }
}

/// One counter less this many.
pub(super) fn less(from: u32, quantity: u32, what: &'static str) -> Result<u32, Fault> {
    left(from, [quantity], what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_taken_than_there_are_is_a_fault_and_not_none_left() {
        let count = |capacity, held, sold| SectionCount { capacity, held, sold, blocked: 0 };
        assert_eq!(count(20, 3, 17).available().unwrap(), 0);
        assert_eq!(count(20, 3, 4).available().unwrap(), 13);
        assert!(count(20, 4, 17).available().is_err());
        assert!(count(20, u32::MAX, 21).available().is_err(), "the sum does not wrap around");
    }
}
