//! What `tickets` tells.

mod waitlist;

pub use waitlist::{OfferedPlaces, WaitlistEnd, WaitlistEnded, WaitlistOffered};

use chrono::{DateTime, Utc};
use kernel::{
    EventId, Money, OrderId, OrganizationId, RefundId, ReservationId, TicketId, TicketTypeId, UserId,
};
use serde::{Deserialize, Serialize};

use crate::{
    contract,
    invoices::Invoice,
    purchase::{EventOnTicket, TicketInHand},
};

/// A published event's places are on sale from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryOpened {
    /// Of which event.
    pub event_id: EventId,
    /// Whose.
    pub organization_id: OrganizationId,
    /// How many places it has.
    pub capacity: u32,
}
contract!(InventoryOpened, "odysseus.tickets.inventory.opened.v1", event_id);

/// A ticket type was made or changed. Whole state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketTypeChanged {
    /// Which.
    pub ticket_type_id: TicketTypeId,
    /// Of which event.
    pub event_id: EventId,
    /// Rises with each change.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// The lowest price of its tiers.
    pub lowest_price: Money,
    /// The highest price of its tiers.
    pub highest_price: Money,
    /// True when only those see it who know its access code: nobody else is to learn of its prices.
    #[serde(default)]
    pub hidden: bool,
}
contract!(TicketTypeChanged, "odysseus.tickets.ticket_type.changed.v1", ticket_type_id, version);

/// How much is left of an event has changed, in a word: for lists, which need no more. Whole state. It is told about every two
/// seconds at most, so what comes and goes between is not told at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockChanged {
    /// Of which event.
    pub event_id: EventId,
    /// Rises with each change.
    pub version: i64,
    /// How much is left.
    pub level: StockLevel,
}
contract!(StockChanged, "odysseus.tickets.stock.changed.v1", event_id, version);

/// How much is left, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StockLevel {
    /// More than a tenth of all places.
    Plenty,
    /// A tenth of all places, or less.
    Few,
    /// Nothing.
    None,
}

/// Seats or places were set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacesHeld {
    /// By which reservation.
    pub reservation_id: ReservationId,
    /// Of which event.
    pub event_id: EventId,
    /// For whom.
    pub buyer_id: UserId,
    /// How many.
    pub quantity: u32,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(PlacesHeld, "odysseus.tickets.reservation.held.v1", reservation_id);

/// A buyer asked for more time, which a reservation gets once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservationExtended {
    /// Which reservation.
    pub reservation_id: ReservationId,
    /// Of which event.
    pub event_id: EventId,
    /// For whom.
    pub buyer_id: UserId,
    /// Until when its places are set aside from now on.
    pub expires_at: DateTime<Utc>,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(ReservationExtended, "odysseus.tickets.reservation.extended.v1", reservation_id);

/// A reservation ended without an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservationEnded {
    /// Which.
    pub reservation_id: ReservationId,
    /// Of which event.
    pub event_id: EventId,
    /// True when time ran out, false when the buyer gave it up.
    pub expired: bool,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(ReservationEnded, "odysseus.tickets.reservation.ended.v1", reservation_id);

/// A buyer went to the checkout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPlaced {
    /// Which order.
    pub order_id: OrderId,
    /// As people say it.
    pub number: String,
    /// Of which reservation.
    pub reservation_id: ReservationId,
    /// For which event.
    pub event_id: EventId,
    /// Who buys.
    pub buyer_id: UserId,
    /// How many places.
    pub quantity: u32,
    /// What is to be paid.
    pub total: Money,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(OrderPlaced, "odysseus.tickets.order.placed.v1", order_id);

/// What a guest bought was taken into an account: the order is another buyer's from now on, with those of its tickets that were
/// the guest's. It happens once to an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderClaimed {
    /// Which order.
    pub order_id: OrderId,
    /// As people say it.
    pub number: String,
    /// For which event.
    pub event_id: EventId,
    /// Whose it was.
    pub from: UserId,
    /// Whose it is.
    pub to: UserId,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(OrderClaimed, "odysseus.tickets.order.claimed.v1", order_id);

/// Tickets were issued: the order stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketsIssued {
    /// Of which order.
    pub order_id: OrderId,
    /// For which event.
    pub event_id: EventId,
    /// Whose event; nothing in what was told before it was.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// Who bought.
    pub buyer_id: UserId,
    /// What was paid.
    pub total: Money,
    /// Of it, fees.
    pub fees: Money,
    /// Of it, taxes; nothing in what was told before they were.
    #[serde(default)]
    pub tax: Option<Money>,
    /// Fees that the organizer bears, out of what was paid; nothing in what was told before they were.
    #[serde(default)]
    pub absorbed: Option<Money>,
    /// What was sold, by ticket type.
    pub lines: Vec<SoldLine>,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(TicketsIssued, "odysseus.tickets.order.issued.v1", order_id);

/// Tickets of one type in one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldLine {
    /// Which type.
    pub ticket_type_id: TicketTypeId,
    /// Its name at the time.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// What they cost together.
    pub amount: Money,
}

/// An order ended without tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEnded {
    /// Which.
    pub order_id: OrderId,
    /// For which event.
    pub event_id: EventId,
    /// Who wanted to buy.
    pub buyer_id: UserId,
    /// How.
    pub how: OrderEnd,
    /// True when it ended because its event was called off; what was told before that was said says false.
    #[serde(default)]
    pub called_off: bool,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(OrderEnded, "odysseus.tickets.order.ended.v1", order_id);

/// How an order ended without tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderEnd {
    /// Time ran out before payment.
    Expired,
    /// The buyer, or the event's end, cancelled it before payment.
    Cancelled,
    /// It was paid when the seats were gone, and the money went back.
    Refunded,
}

/// Tickets of an order went back, with their money: the buyer is to be told which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRefunded {
    /// Which refund.
    pub refund_id: RefundId,
    /// Of which order.
    pub order_id: OrderId,
    /// As people say it.
    pub number: String,
    /// For which event.
    pub event_id: EventId,
    /// Whose event; nothing in what was told before it was.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// Who had bought.
    pub buyer_id: UserId,
    /// How much went back.
    pub amount: Money,
    /// Of it, fees.
    pub fees: Money,
    /// Of it, taxes; nothing in what was told before they were.
    #[serde(default)]
    pub tax: Option<Money>,
    /// Fees that the organizer bears, and get back out of this; nothing in what was told before they were.
    #[serde(default)]
    pub absorbed: Option<Money>,
    /// What went back, by ticket type.
    pub lines: Vec<SoldLine>,
    /// Which tickets.
    pub tickets: Vec<RefundedTicket>,
    /// True when no ticket of the order is left.
    pub whole: bool,
    /// For which event, as it was then.
    pub event: EventOnTicket,
    /// Why, in the organizer's words.
    pub reason: Option<String>,
    /// True when the event was called off, of which its holders are told already.
    #[serde(default)]
    pub called_off: bool,
    /// The credit note, where the order has an invoice; nothing in what was told before there were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Box<Invoice>>,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(OrderRefunded, "odysseus.tickets.order.refunded.v1", refund_id);

/// A ticket that went back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundedTicket {
    /// Which.
    pub ticket_id: TicketId,
    /// The ticket type's name.
    pub ticket_type: String,
    /// Section, row and seat, where there are any.
    pub section: Option<String>,
    /// The row's label.
    pub row: Option<String>,
    /// The seat's number.
    pub seat: Option<String>,
    /// Who would have gone in.
    pub holder_name: String,
    /// Their address.
    pub holder_email: String,
    /// True when it was passed on to them: they are told in any case that it admits nobody any
    /// more. What was told before tickets were passed on says false.
    #[serde(default)]
    pub passed_on: bool,
}

/// The event of an order that has tickets was called off: whoever holds one is to be told. Once for each order, also
/// for one that was completed while the event was being called off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderCalledOff {
    /// Which order.
    pub order_id: OrderId,
    /// As people say it.
    pub number: String,
    /// Who bought; the address is known from the account.
    pub buyer_id: UserId,
    /// What was paid.
    pub total: Money,
    /// Of which event, as it was when it was called off.
    pub event: EventOnTicket,
    /// Why, in the organizer's words; perhaps nothing.
    pub reason: Option<String>,
    /// Who would have gone in, one for each ticket; the same person may be there several times.
    pub holders: Vec<TicketHolder>,
    /// When this order's turn came.
    pub at: DateTime<Utc>,
}
contract!(OrderCalledOff, "odysseus.tickets.order.called_off.v1", order_id);

/// The event of an order that has tickets was moved to another time: whoever holds one is to be told. Once for each order and
/// move, unless the event is moved again before its turn has come: then of the last move alone. Who bought after the move has
/// the new times with the tickets, and is not told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRescheduled {
    /// Which order.
    pub order_id: OrderId,
    /// As people say it.
    pub number: String,
    /// Who bought; the address is known from the account.
    pub buyer_id: UserId,
    /// Of which event, with its new times.
    pub event: EventOnTicket,
    /// When it was to begin, as the holders of this order know it.
    pub previous_start: DateTime<Utc>,
    /// Why, in the organizer's words.
    pub reason: Option<String>,
    /// Until when all of the money goes back for tickets that are given back, whatever the policy says.
    pub refundable_until: Option<DateTime<Utc>>,
    /// Rises with each move of the event, from 1 on: what is told with a lower one is out of date.
    pub sequence: i64,
    /// The tickets that are good for it.
    pub tickets: Vec<HeldTicket>,
    /// When this order's turn came.
    pub at: DateTime<Utc>,
}
contract!(OrderRescheduled, "odysseus.tickets.order.rescheduled.v1", order_id, sequence);

/// A ticket, where it is for, and who goes in with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldTicket {
    /// Which.
    pub ticket_id: TicketId,
    /// The ticket type's name.
    pub ticket_type: String,
    /// Section, row and seat, where there are any.
    pub section: Option<String>,
    /// The row's label.
    pub row: Option<String>,
    /// The seat's number.
    pub seat: Option<String>,
    /// Who goes in.
    pub holder_name: String,
    /// Their address.
    pub holder_email: String,
}

/// Who has a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketHolder {
    /// With which ticket.
    pub ticket_id: TicketId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// A ticket was passed on to somebody else: another took its place, with an id and a code of its own, and what was shown at the
/// door before admits nobody any more. Whoever has it now is to be given the ticket; whoever had it is to be told that it is gone.
/// Once for each transfer. Place, type and price are what they were, and so is whose the order is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketTransferred {
    /// Which ticket there is now.
    pub ticket_id: TicketId,
    /// Which one it took the place of: nothing that was to be sent for that is to be sent any more.
    pub replaced_ticket_id: TicketId,
    /// Of which order. It stays the buyer's, and whoever was given the ticket is told nothing of it.
    pub order_id: OrderId,
    /// As people say it.
    pub number: String,
    /// Of which type.
    pub ticket_type_id: TicketTypeId,
    /// The ticket as its new holder has it, who is named in it.
    pub ticket: TicketInHand,
    /// To which event, as it is now.
    pub event: EventOnTicket,
    /// Who passed it on.
    pub from: TransferParty,
    /// Who has it now.
    pub to: TransferParty,
    /// The how manieth transfer of this place it is, from 1 on: of two, the higher one is the later.
    pub sequence: i64,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(TicketTransferred, "odysseus.tickets.ticket.transferred.v1", ticket_id, sequence);

/// One of the two between whom a ticket changed hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferParty {
    /// Their account, where there is one: language, zone and address are known from it. Whoever was given a ticket has none
    /// here until an account with that address is known, whose owner has shown that mail to it arrives.
    pub user_id: Option<UserId>,
    /// Their name: of who was given it, as it was typed; of who passed it on, as their account says it, or else as it stood on the
    /// ticket before. Empty where none is known.
    pub name: String,
    /// Their address, from the same place.
    pub email: String,
    /// A language tag, such as `de-AT`, where it is known.
    pub locale: Option<String>,
}

/// Another name stands on a ticket, or it goes to another address. Its code is what it was, and what was printed before still
/// admits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketRenamed {
    /// Which.
    pub ticket_id: TicketId,
    /// Of which order.
    pub order_id: OrderId,
    /// As people say it.
    pub number: String,
    /// Whose ticket it is, where that is known: the buyer, or the person to whom it was passed on.
    pub owner_id: Option<UserId>,
    /// The ticket with the name and the address that it has now.
    pub ticket: TicketInHand,
    /// To which event, as it is now.
    pub event: EventOnTicket,
    /// Who stood on it before.
    pub previous_name: String,
    /// Their address.
    pub previous_email: String,
    /// Who wrote it: the owner, or an organizer of the event.
    pub by: UserId,
    /// When: of two, the later one stands.
    pub at: DateTime<Utc>,
}
contract!(TicketRenamed, "odysseus.tickets.ticket.renamed.v1", ticket_id);

/// Somebody was let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketCheckedIn {
    /// With which ticket.
    pub ticket_id: TicketId,
    /// Of which order.
    pub order_id: OrderId,
    /// To which event.
    pub event_id: EventId,
    /// Of which type.
    pub ticket_type_id: TicketTypeId,
    /// Where.
    pub gate: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(TicketCheckedIn, "odysseus.tickets.ticket.checked_in.v1", ticket_id);
