use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    tickets::{PlacesHeld, ReservationEnded},
};
use kernel::{EventId, Fault, Money, Refusal, ReservationId, TicketTypeId, TierId, UserId};
use serde::{Deserialize, Serialize};

use crate::domain::{errors, reasons};

/// Where a claim is, within its section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// On this seat.
    Seat(u32),
    /// Anywhere in the section.
    Standing,
}

impl Place {
    /// The seat's number, where there is a seat.
    pub fn seat(self) -> Option<u32> {
        match self {
            Self::Seat(number) => Some(number),
            Self::Standing => None,
        }
    }
}

/// Places set aside, all of one type and price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Where.
    pub place: Place,
    /// In which section.
    pub section: String,
    /// As which ticket type.
    pub ticket_type: TicketTypeId,
    /// At which tier's price.
    pub tier: TierId,
    /// How many; one for a seat.
    pub quantity: u32,
    /// What each costs.
    pub unit_price: Money,
}

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReservationStatus {
    /// Its places wait for the buyer.
    Active,
    /// It became an order.
    CheckedOut,
    /// The buyer gave it up.
    Released,
    /// Time ran out.
    Expired,
}

/// Everything about a reservation; what databases keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservationSnapshot {
    /// Which.
    pub id: ReservationId,
    /// Of which event.
    pub event: EventId,
    /// For whom.
    pub buyer: UserId,
    /// Where it stands, as written; see [`Reservation::status`] for the truth at a time.
    pub status: ReservationStatus,
    /// True while its places are set aside for it; no longer when they are given back or sold.
    pub holding: bool,
    /// Until when they are set aside.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What it has.
    pub claims: Vec<Claim>,
}

/// Places set aside for a buyer.
#[derive(Clone, Debug)]
pub struct Reservation {
    state: ReservationSnapshot,
    pending: Vec<Announcement>,
}

impl Reservation {
    /// Claims that the inventory has just set aside, until `expires_at`.
    pub fn hold(
        event: EventId,
        buyer: UserId,
        claims: Vec<Claim>,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        let id = ReservationId::new();
        let quantity = claims.iter().map(|claim| claim.quantity).sum();
        let held = PlacesHeld {
            reservation_id: id,
            event_id: event,
            buyer_id: buyer,
            quantity,
            expires_at,
            at: now,
        };
        Self {
            state: ReservationSnapshot {
                id,
                event,
                buyer,
                status: ReservationStatus::Active,
                holding: true,
                expires_at,
                created_at: now,
                claims,
            },
            pending: vec![Announcement::of(&held)],
        }
    }

    /// The reservation as it was saved; for adapters.
    pub fn restore(state: ReservationSnapshot) -> Self {
        Self { state, pending: Vec::new() }
    }

    /// Everything about it.
    pub fn state(&self) -> &ReservationSnapshot {
        &self.state
    }

    /// What is to be told; for adapters, when it is saved.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.pending)
    }

    /// Where it stands at `now`: an active one whose time is over is expired, tidied up or not.
    pub fn status(&self, now: DateTime<Utc>) -> ReservationStatus {
        match self.state.status {
            ReservationStatus::Active if self.state.expires_at <= now => ReservationStatus::Expired,
            status => status,
        }
    }

    /// Until when its places are set aside for it; none when they no longer are, given back or sold.
    pub fn holds_until(&self) -> Option<DateTime<Utc>> {
        self.state.holding.then_some(self.state.expires_at)
    }

    /// The numbers of its seats.
    pub fn seats(&self) -> Vec<u32> {
        self.state.claims.iter().filter_map(|claim| claim.place.seat()).collect()
    }

    /// How many places it has.
    pub fn quantity(&self) -> u32 {
        self.state.claims.iter().map(|claim| claim.quantity).sum()
    }

    /// What its places cost together.
    pub fn total(&self) -> Result<Money, Fault> {
        let first = self.state.claims.first();
        let currency =
            first.ok_or_else(|| Fault::broken_rule("a reservation of nothing"))?.unit_price.currency;
        let amounts: Result<Vec<Money>, Fault> =
            self.state.claims.iter().map(|claim| claim.unit_price.times(claim.quantity)).collect();
        Money::sum(currency, amounts?)
    }

    /// The buyer gives it up. True when places are to be given back now; giving up twice is once.
    pub fn release(&mut self, now: DateTime<Utc>) -> Result<bool, Refusal> {
        match self.status(now) {
            ReservationStatus::Active => {
                self.end(ReservationStatus::Released, now);
                Ok(true)
            }
            ReservationStatus::Released => Ok(false),
            ReservationStatus::Expired => Err(errors::reservation_expired()),
            ReservationStatus::CheckedOut => {
                let message = "This reservation became an order. Cancel the order instead.";
                Err(Refusal::new(reasons::ALREADY_CHECKED_OUT, message))
            }
        }
    }

    /// Time is over: its places are to be given back. An order's saga decides about the order.
    pub fn lapse(&mut self, now: DateTime<Utc>) {
        if self.state.status == ReservationStatus::Active {
            self.end(ReservationStatus::Expired, now);
        } else {
            self.state.holding = false;
        }
    }

    /// The buyer goes to the checkout, and has until `expires_at` to pay.
    pub fn check_out(&mut self, now: DateTime<Utc>, expires_at: DateTime<Utc>) -> Result<(), Refusal> {
        match self.status(now) {
            ReservationStatus::Active => {
                self.state.status = ReservationStatus::CheckedOut;
                self.state.expires_at = expires_at;
                Ok(())
            }
            ReservationStatus::Expired => Err(errors::reservation_expired()),
            ReservationStatus::Released => {
                let message = "This reservation was given up. Choose places again.";
                Err(Refusal::new(reasons::RESERVATION_RELEASED, message))
            }
            ReservationStatus::CheckedOut => {
                let message = "This reservation became an order already.";
                Err(Refusal::new(reasons::ALREADY_CHECKED_OUT, message))
            }
        }
    }

    /// Its places were taken again, until then.
    pub fn regain(&mut self, until: DateTime<Utc>) {
        self.state.holding = true;
        self.state.expires_at = until;
    }

    /// Its places are no longer set aside: they were given back by its order, or sold to it.
    pub fn let_go(&mut self) {
        self.state.holding = false;
    }

    fn end(&mut self, status: ReservationStatus, now: DateTime<Utc>) {
        self.state.status = status;
        self.state.holding = false;
        self.pending.push(Announcement::of(&ReservationEnded {
            reservation_id: self.state.id,
            event_id: self.state.event,
            expired: status == ReservationStatus::Expired,
            at: now,
        }));
    }
}
