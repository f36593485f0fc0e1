//! What `tickets` tells of waiting lists.

use chrono::{DateTime, Utc};
use kernel::{EventId, Money, ReservationId, UserId, WaitlistEntryId};
use serde::{Deserialize, Serialize};

use crate::{contract, purchase::EventOnTicket};

/// Places that came free are set aside for somebody who waits: they are to be told, and how long they have. An entry gets one
/// offer at most. Whole state: nothing else has to be asked for a mail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitlistOffered {
    /// To which entry; where it is accepted or declined is addressed with it.
    pub entry_id: WaitlistEntryId,
    /// Of which event.
    pub event_id: EventId,
    /// By which reservation the places are set aside.
    pub reservation_id: ReservationId,
    /// To whom; the address, the language and the zone are known from the account.
    pub buyer_id: UserId,
    /// The event, as it was then.
    pub event: EventOnTicket,
    /// What is offered: all of it or none.
    pub places: Vec<OfferedPlaces>,
    /// How many places these are.
    pub quantity: u32,
    /// What they cost together, with everything in it.
    pub total: Money,
    /// Until when they are set aside.
    pub expires_at: DateTime<Utc>,
    /// When they were set aside.
    pub at: DateTime<Utc>,
}
contract!(WaitlistOffered, "odysseus.tickets.waitlist.offered.v1", entry_id);

/// A seat, or places of one type in one section, that are offered to somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferedPlaces {
    /// The ticket type's name.
    pub ticket_type: String,
    /// The section's name; none where it is not known any more.
    pub section: Option<String>,
    /// The row's label, where there is a seat.
    pub row: Option<String>,
    /// The seat's number, where there is a seat.
    pub seat: Option<String>,
    /// How many; one for a seat.
    pub quantity: u32,
}

/// An entry of a waiting list has come to its end. Once for each entry. Who did it themselves ([`WaitlistEnd::Bought`],
/// [`WaitlistEnd::Declined`], [`WaitlistEnd::Left`]) need not be told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitlistEnded {
    /// Which entry.
    pub entry_id: WaitlistEntryId,
    /// Of which event.
    pub event_id: EventId,
    /// Who waited; the address, the language and the zone are known from the account.
    pub buyer_id: UserId,
    /// The event, as it was then.
    pub event: EventOnTicket,
    /// For how many places.
    pub quantity: u32,
    /// The names of the ticket types that they would have taken.
    pub ticket_types: Vec<String>,
    /// How it ended.
    pub how: WaitlistEnd,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(WaitlistEnded, "odysseus.tickets.waitlist.ended.v1", entry_id);

/// How an entry of a waiting list ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WaitlistEnd {
    /// What was offered was bought.
    Bought,
    /// What was offered was declined, or given back before it was paid.
    Declined,
    /// The time of the offer was over before it was accepted, or before it was paid.
    OfferExpired,
    /// They did not want to wait any longer.
    Left,
    /// Sales of what they waited for are over.
    SalesEnded,
    /// The event was called off.
    EventCancelled,
}
