//! What the domain needs of the world.

mod carts;
mod claiming;
mod erasing;
mod handing_on;
mod invoices;
mod moves;
mod reads;
mod waitlists;

pub use carts::{CartReads, Carts};
pub use claiming::{ClaimReads, Claiming};
pub use erasing::{Erasing, ErasingReads};
pub use handing_on::{HandingOn, TransferReads};
pub use invoices::{InvoiceReads, Invoicing};
pub use moves::{Moved, MovedOrder};
pub use reads::{
    AvailabilityView, CancellationView, OnlyReservations, OrderView, Reads, SeatMapStamp, SeatMapView,
};
pub use waitlists::{WaitlistReads, WaitlistView, Waitlists};

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    events::{EventChanged, LayoutDefined},
    settings::OrganizationSettingsChanged,
    users::{MembershipChanged, Role},
};
use kernel::{
    EventId, Fault, Money, OrderId, OrganizationId, PromoCodeId, RefundId, Refusal, ReservationId, Result,
    SagaId, TicketId, UserId,
};
use metrics::Counter;
use saga::Running;
use uuid::Uuid;

use super::{
    entities::{
        AvailabilityLevel, Contact, House, Inventory, KnownEvent, Order, OrderMoney, OrderSnapshot,
        PromoCode, Redemptions, Refund, Reservation, Ticket, TicketType, ToldBefore,
    },
    sagas::{cancellation::Cancellation, purchase::Purchase, refund::Refunding},
};

/// Where everything is kept.
#[async_trait]
pub trait Store: Erasing {
    /// Begins a transaction. Nothing but its own methods is awaited before it commits.
    async fn begin(&self) -> Result<Box<dyn Tx>, Fault>;
    /// Waits for a turn with an event, which is locked then as [`Tx::lock_event`] does. Several may have their turns in
    /// one transaction, one after the other: what each decides is there for the next, and becomes durable with the
    /// others'. Refused when too many wait already.
    async fn begin_on(&self, event: EventId, look: Look<'_>) -> Result<Option<(Box<dyn Tx>, Locked)>>;
    /// The same for a message: none when it was handled before. Never refused, and an event that is not known is a fault.
    async fn begin_handling_on(
        &self,
        message: Uuid,
        event: EventId,
        look: Look<'_>,
    ) -> Result<Option<(Box<dyn Tx>, Locked)>>;
    /// Begins a transaction in which the next ticket types are told of an organization, or an event, whose prices are listed
    /// anew, at most so many; with the commit they are. None when there is nothing to tell.
    async fn begin_relisting(&self, limit: u64) -> Result<Option<(Box<dyn Tx>, Relisted)>, Fault>;
    /// Lets them wait for so long before their ticket types are told again.
    async fn set_relisting_aside(&self, whose: Relisting, rest: Duration) -> Result<(), Fault>;
    /// Begins a transaction in which a message is handled; none when it was handled before.
    async fn begin_handling(&self, message: Uuid) -> Result<Option<Box<dyn Tx>>, Fault>;
    /// Lets an event that was called off wait for so long before its holders are told again.
    async fn set_called_off_aside(&self, event: EventId, rest: Duration) -> Result<(), Fault>;
    /// Lets an event that was moved wait for so long before its holders are told again.
    async fn set_move_aside(&self, event: EventId, rest: Duration) -> Result<(), Fault>;
    /// Keeps how a person is reached, and whether they are a guest, or that nothing of them is to be kept; late news change
    /// nothing. Durable when it returns, and known to whatever order is placed from then on.
    async fn keep_contact(
        &self,
        person: UserId,
        version: i64,
        contact: Option<Contact>,
        is_guest: bool,
    ) -> Result<(), Fault>;
    /// Has a buyer's orders follow what is kept of them: those without a contact get it; when nothing is to be kept, it is
    /// blanked in all of them. Doing it twice is once.
    async fn follow_contact(&self, buyer: UserId) -> Result<(), Fault>;
    /// Keeps which address is shown to be a person's, as it is compared, or that none is; and gives them the tickets that were
    /// passed on to it. Late news change nothing, and doing it twice is once. When nothing is to be kept of the person, their
    /// tickets name them no more.
    async fn keep_address(&self, person: UserId, version: i64, address: Option<String>) -> Result<(), Fault>;
}

/// An event that was called off, and orders whose holders are to be told of it.
#[derive(Debug)]
pub struct CalledOff {
    /// Which event.
    pub event: EventId,
    /// Why, in the organizer's words.
    pub reason: Option<String>,
    /// The next orders that have tickets. Those that cannot be read are left out.
    pub orders: Vec<Order>,
    /// The last of them, one that cannot be read included; none when there are no more.
    pub through: Option<OrderId>,
}

/// Whose ticket types are listed for other prices than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relisting {
    /// Those of an organization that sells on other terms.
    OfOrganization(OrganizationId),
    /// Those of an event that has another tax of its own, or none any more.
    OfEvent(EventId),
}

/// Ticket types whose listed prices are others than before.
#[derive(Debug)]
pub struct Relisted {
    /// Whose.
    pub whose: Relisting,
    /// The next of them, with their events, or why they cannot be read; none when all are told.
    pub types: Result<Vec<(KnownEvent, TicketType)>, Fault>,
}

/// What was answered under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Of the input; another input under the same key is refused.
    pub fingerprint: String,
    /// Of what was made.
    pub made: Uuid,
}

/// An idempotency key, and whose.
#[derive(Clone, Copy, Debug)]
pub struct Key<'k> {
    /// Whose.
    pub by: UserId,
    /// Of which operation.
    pub operation: &'static str,
    /// As it was sent.
    pub key: &'k str,
}

/// What is to be known of an event, besides its counters, when it is locked. What is not named is not read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look<'l> {
    /// These seats.
    pub seats: &'l [u32],
    /// What is set aside for this buyer.
    pub buyer: Option<UserId>,
    /// This reservation.
    pub reservation: Option<ReservationId>,
    /// What was answered under this key.
    pub key: Option<Key<'l>>,
    /// This promo code of the event, and how often it is redeemed, by the buyer too.
    pub promo_code: Option<PromoCodeId>,
}

/// A promo code of an event that is locked.
#[derive(Clone, Debug)]
pub struct Redeemable {
    /// The code.
    pub code: PromoCode,
    /// How often it is redeemed. It is not once more while the event is locked.
    pub so_far: Redemptions,
}

/// An event that is locked, with what was looked for.
#[derive(Clone, Debug)]
pub struct Locked {
    /// Its places.
    pub inventory: Inventory,
    /// Reservations that hold places although their time is over: as many as [`Tx::lapsed`] gives.
    pub lapsed: Vec<Reservation>,
    /// The buyer's active reservations.
    pub active: Vec<Reservation>,
    /// The reservation.
    pub reservation: Option<Reservation>,
    /// What was answered under the key.
    pub answered: Option<Answered>,
    /// The promo code.
    pub promo_code: Option<Redeemable>,
}

/// How many lapsed reservations are read at once.
pub const LAPSED_AT_ONCE: usize = 500;

/// A transaction. Dropped without commit, nothing of it remains.
///
/// Locks are taken in one order: an event's row before those of its orders.
#[async_trait]
pub trait Tx: Invoicing + HandingOn + Claiming + Carts + Waitlists {
    /// The database's clock when the transaction began, or when an event or an order was locked since: whoever waited
    /// for a lock decides by the moment at which the wait was over.
    fn now(&self) -> DateTime<Utc>;

    /// What this person was answered under this key before.
    async fn answered(&mut self, key: Key<'_>) -> Result<Option<Answered>, Fault>;
    /// Keeps the answer under the key.
    async fn remember(&mut self, key: Key<'_>, answer: Answered) -> Result<(), Fault>;

    /// Keeps a plan. Once.
    async fn learn_layout(&mut self, plan: LayoutDefined) -> Result<(), Fault>;
    /// Locks an event and reads what was told of it before; none when nothing was.
    async fn told_before(&mut self, event: EventId) -> Result<Option<ToldBefore>, Fault>;
    /// Keeps what was told of an event; false when something newer is known.
    async fn learn_event(&mut self, told: &EventChanged) -> Result<bool, Fault>;
    /// Keeps on which terms an organization sells; false when something newer is known.
    async fn learn_settings(&mut self, told: &OrganizationSettingsChanged) -> Result<bool, Fault>;
    /// Notes that an event was called off, so that its holders are told: that, and nothing more of its moves. False
    /// when that was noted before.
    async fn note_called_off(&mut self, event: EventId, reason: Option<&str>) -> Result<bool, Fault>;
    /// Notes that an event that is locked was moved to another time, so that its holders are told; and nobody of an earlier
    /// move any more.
    async fn note_move(&mut self, told: &EventChanged, before: &ToldBefore) -> Result<(), Fault>;
    /// Keeps until when everything goes back of what was ordered before the last move of an event that is locked.
    async fn promise_refunds(&mut self, event: EventId, until: Option<DateTime<Utc>>) -> Result<(), Fault>;
    /// The last move of an event that is locked, with at most `limit` of the next orders whose tickets say an earlier time,
    /// locked too; none when nobody is to be told any more.
    async fn next_moved(&mut self, event: EventId, limit: u64) -> Result<Option<Moved>, Fault>;
    /// The holders of an event have been told of this move up to this order; all of them when there was none any more.
    async fn told_of_move(
        &mut self,
        event: EventId,
        sequence: i64,
        through: Option<OrderId>,
    ) -> Result<(), Fault>;
    /// Loads the cancellation of an event that is locked.
    async fn cancellation(&mut self, event: EventId) -> Result<Option<Running<Cancellation>>, Fault>;
    /// Saves it, and beside it when its refunds began and ended.
    async fn save_cancellation(&mut self, cancellation: &Running<Cancellation>) -> Result<(), Fault>;
    /// Reservations of an event that are not orders yet and hold places; at most [`LAPSED_AT_ONCE`].
    async fn active_holds(&mut self, event: EventId) -> Result<Vec<Reservation>, Fault>;
    /// A saga that waits for others looks at them now.
    async fn wake(&mut self, saga: SagaId) -> Result<(), Fault>;
    /// An event that was called off and whose holders are still to be told, locked, with at most `limit` of its next
    /// orders that have tickets.
    async fn next_called_off(&mut self, limit: u64) -> Result<Option<CalledOff>, Fault>;
    /// The holders of an event have been told up to this order; all of them when there was none any more.
    async fn told_of_called_off(&mut self, event: EventId, through: Option<OrderId>) -> Result<(), Fault>;
    /// Keeps a member's role.
    async fn learn_membership(&mut self, told: &MembershipChanged) -> Result<(), Fault>;

    /// Locks the event and loads its inventory with what is looked for; none when the event, or its plan, is
    /// not known.
    async fn lock_event(&mut self, event: EventId, look: Look<'_>) -> Result<Option<Locked>, Fault>;
    /// Loads more seats into an inventory of this transaction.
    async fn more_seats(&mut self, inventory: &mut Inventory, seats: &[u32]) -> Result<(), Fault>;
    /// Saves what changed with the commit, with its line in the log of the seat map and what is to be told. A seat that
    /// is not as it was loaded is a passing fault then.
    async fn save_inventory(&mut self, inventory: &mut Inventory) -> Result<(), Fault>;
    /// Keeps why these seats are kept back; without a reason, what was said before is forgotten.
    async fn note_why_blocked(
        &mut self,
        event: EventId,
        seats: &[u32],
        reason: Option<&str>,
    ) -> Result<(), Fault>;
    /// An event with what is needed to describe its tickets; not locked.
    async fn sold_event(&mut self, event: EventId) -> Result<Option<SoldEvent>, Fault>;
    /// Makes the rows of an inventory that is being opened.
    async fn lay_out(&mut self, event: EventId, house: &House) -> Result<(), Fault>;
    /// The ticket types of an event that is locked.
    async fn ticket_types(&mut self, event: EventId) -> Result<Vec<TicketType>, Fault>;
    /// Saves until when these and their prices are sold.
    async fn save_sales_times(&mut self, types: &[TicketType]) -> Result<(), Fault>;
    /// Saves a new ticket type.
    async fn add_ticket_type(&mut self, ticket_type: &mut TicketType) -> Result<(), Fault>;

    /// Saves a new promo code; false when its event has one of the same name.
    async fn add_promo_code(&mut self, code: &PromoCode) -> Result<bool, Fault>;
    /// Locks and loads a promo code.
    async fn promo_code(&mut self, id: PromoCodeId) -> Result<Option<PromoCode>, Fault>;
    /// Saves what was changed of it.
    async fn save_promo_code(&mut self, code: &PromoCode) -> Result<(), Fault>;
    /// Counts redemptions of promo codes once and for all which have come to their end, at most so many: how many there were.
    /// What is redeemed is the same before and afterwards; it is found sooner.
    async fn settle_promo_codes(&mut self, limit: u64) -> Result<u64, Fault>;
    /// Notes how much is left of an event, as it is told; the number of this change, or none when that was told last.
    async fn note_stock(&mut self, event: EventId, level: AvailabilityLevel) -> Result<Option<i64>, Fault>;

    /// Reservations of the event that still hold places although their time is over; at most [`LAPSED_AT_ONCE`].
    async fn lapsed(&mut self, event: EventId) -> Result<Vec<Reservation>, Fault>;
    /// Loads a reservation.
    async fn reservation(&mut self, id: ReservationId) -> Result<Option<Reservation>, Fault>;
    /// Saves it, with what is to be told.
    async fn save_reservation(&mut self, reservation: &mut Reservation) -> Result<(), Fault>;
    /// Saves what a reservation costs, and with which code; nothing else of it.
    async fn save_price(&mut self, reservation: &Reservation) -> Result<(), Fault>;
    /// Saves reservations of which nothing changed but that they have lapsed, with what is to be told.
    async fn save_lapsed(&mut self, lapsed: &mut [Reservation]) -> Result<(), Fault>;

    /// Locks and loads an order.
    async fn order(&mut self, id: OrderId) -> Result<Option<Order>, Fault>;
    /// Locks and loads an order with its purchase.
    async fn purchase(&mut self, id: OrderId) -> Result<Option<(Order, Running<Purchase>)>, Fault>;
    /// Saves both, as [`Tx::save_order`] does.
    async fn save_purchase(&mut self, order: &mut Order, purchase: &Running<Purchase>) -> Result<(), Fault>;
    /// Saves an order, with its history and what is to be told. What is known of its buyer's contact is frozen into it, unless
    /// it has one.
    async fn save_order(&mut self, order: &mut Order) -> Result<(), Fault>;

    /// Loads a refund with its saga. Its order is locked.
    async fn refund(&mut self, id: RefundId) -> Result<Option<(Refund, Running<Refunding>)>, Fault>;
    /// The refund of an order that followed from its event being called off, if it has begun.
    async fn refund_of_called_off(&mut self, order: OrderId) -> Result<Option<RefundId>, Fault>;
    /// How much of an order went back, by refunds that were begun here and are done.
    async fn given_back(&mut self, order: &OrderSnapshot) -> Result<Money, Fault>;
    /// Saves both.
    async fn save_refund(&mut self, refund: &Refund, saga: &Running<Refunding>) -> Result<(), Fault>;

    /// Locks and loads tickets, in the order of their ids.
    async fn tickets_to_change(&mut self, ids: &[TicketId]) -> Result<Vec<Ticket>, Fault>;
    /// The tickets of an order.
    async fn tickets_of(&mut self, order: OrderId) -> Result<Vec<Ticket>, Fault>;
    /// Locks and loads a ticket.
    async fn ticket(&mut self, id: TicketId) -> Result<Option<Ticket>, Fault>;
    /// Keeps an order's new tickets, in the order of their places, with what is to be told.
    async fn add_tickets(&mut self, tickets: &mut [Ticket]) -> Result<(), Fault>;
    /// Saves a ticket that is known, with what is to be told.
    async fn save_ticket(&mut self, ticket: &mut Ticket) -> Result<(), Fault>;
    /// When the scan with this nonce admitted the ticket, if it did.
    async fn admitted_by(&mut self, ticket: TicketId, nonce: &str) -> Result<Option<DateTime<Utc>>, Fault>;
    /// Writes a scan down, whatever came of it.
    async fn log_scan(&mut self, scan: Scan<'_>) -> Result<(), Fault>;

    /// What the money of an order is worth; not locked.
    async fn order_money(&mut self, order: OrderId) -> Result<OrderMoney, Fault>;

    /// Tells something that belongs to no aggregate, such as a reply.
    async fn tell(&mut self, announcement: Announcement) -> Result<(), Fault>;
    /// Counts one once it is durable.
    fn count(&mut self, counter: Counter);
    /// Makes all of it durable, then wakes whoever waits for it.
    async fn commit(self: Box<Self>) -> Result<(), Fault>;
}

/// What is needed to describe an event's tickets.
#[derive(Clone, Debug)]
pub struct SoldEvent {
    /// The event.
    pub event: KnownEvent,
    /// Its ticket types, whose counters may be of some other time.
    pub types: Vec<TicketType>,
    /// Its plan.
    pub house: Option<Arc<House>>,
}

/// A line of the door's log.
#[derive(Clone, Debug)]
pub struct Scan<'s> {
    /// Of which ticket.
    pub ticket: TicketId,
    /// To which event it was shown.
    pub event: EventId,
    /// By whom.
    pub by: UserId,
    /// What came of it.
    pub outcome: &'static str,
    /// Where.
    pub gate: Option<&'s str>,
    /// The scanner's own mark of this scan.
    pub nonce: Option<&'s str>,
}

/// Who may do what for an organization.
#[async_trait]
pub trait Members: Send + Sync {
    /// Refuses unless the person may manage the organization's events.
    async fn require_manager(&self, organization: OrganizationId, user: UserId) -> Result<()>;
    /// Refuses unless the person may admit people for the organization.
    async fn require_doorkeeper(&self, organization: OrganizationId, user: UserId) -> Result<()>;
    /// The roles of these persons in the organization beside them; none of who has none.
    async fn roles(
        &self,
        asked: &[(OrganizationId, UserId)],
    ) -> Result<HashMap<(OrganizationId, UserId), Role>, Fault>;
}

/// How fast one client may set places aside, and try codes.
pub trait Pace: Send + Sync {
    /// Refuses, with a hint when to come again, who wants more places of an event than anybody needs.
    fn wants(&self, buyer: UserId, event: EventId, places: u32) -> Result<(), Refusal>;
    /// Refuses, with a hint when to come again, who tries more access codes than anybody is given, right ones among them:
    /// otherwise the refusal would tell them apart. A code that was tried before costs nothing.
    fn tries_code(&self, who: Option<UserId>, event: EventId, code: &str) -> Result<(), Refusal>;
    /// Refuses, with a hint when to come again, who has tried too many promo codes that do not exist. Each counts as one of
    /// them until [`Pace::knew_promo_code`].
    fn tries_promo_code(&self, who: UserId) -> Result<(), Refusal>;
    /// The code that was tried exists.
    fn knew_promo_code(&self, who: UserId);
    /// Refuses, with a hint when to come again, who has tried too many claims of orders that are wrong. Each counts as one of
    /// them until [`Pace::knew_claim`].
    fn tries_claim(&self, who: UserId) -> Result<(), Refusal>;
    /// The claim was right.
    fn knew_claim(&self, who: UserId);
}
