//! What is read to be shown.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::purchase::PurchaseStep;
use kernel::{
    EventId, Fault, LayoutId, Money, OrderId, Page, PageAsk, PromoCodeId, RefundId, ReservationId, Result,
    SagaId, TicketId, TicketTypeId, TierId, UserId,
};
use saga::{Progress, Running};

use super::{CartReads, ClaimReads, ErasingReads, InvoiceReads, TransferReads, WaitlistReads};
use crate::domain::{
    entities::{
        AvailabilityLevel, Contact, House, HouseSection, KnownEvent, OrderSnapshot, OrderStatus, OrderStep,
        Price, PromoCode, Reservation, ReservationStatus, SeatChangeLog, SeatStatus, SectionCount,
        TicketSnapshot, TicketType,
    },
    pricing::{PriceBreakdown, TicketUnit},
    sagas::cancellation::Cancellation,
};

/// How far everything is given back of an event that was called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancellationView {
    /// When that began.
    pub started_at: DateTime<Utc>,
    /// When it was done.
    pub finished_at: Option<DateTime<Utc>>,
    /// How many orders have tickets or had some until then.
    pub orders: u64,
    /// Of how many the money went back.
    pub refunded: u64,
    /// Of how many it could not go back.
    pub failed: u64,
    /// How much went back.
    pub amount: Money,
}

/// What a seat map shows.
#[derive(Clone, Debug, Default)]
pub struct SeatMapView {
    /// Its version.
    pub version: i64,
    /// Seats that cannot be had; all others can.
    pub taken: BTreeMap<u32, SeatStatus>,
    /// What is left in each section.
    pub available: BTreeMap<String, u32>,
    /// How many places of price tiers are still held although their time is over.
    pub lapsed: BTreeMap<TierId, u32>,
}

impl SeatMapView {
    /// The seats of a section as text, a letter each, row by row: `a` can be had, `h` is set aside, `s` is sold, `b` is
    /// kept back.
    pub fn statuses(&self, section: &HouseSection) -> String {
        let seats: u32 = section.rows.iter().map(|row| u32::try_from(row.seats.len()).unwrap_or(0)).sum();
        let letter = |number: u32| match self.taken.get(&number) {
            None | Some(SeatStatus::Available) => 'a',
            Some(SeatStatus::Held) => 'h',
            Some(SeatStatus::Sold) => 's',
            Some(SeatStatus::Blocked) => 'b',
        };
        (section.first_seat..section.first_seat + seats).map(letter).collect()
    }
}

/// Which state a seat map is in: as long as it is the same, so is the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SeatMapStamp {
    /// Its version, which rises with each change.
    pub version: i64,
    /// How many reservations hold places although their time is over. The map shows those places as free at once; when
    /// they are given back, the version rises.
    pub lapsed: u64,
}

/// How many places an event has, and how they are used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AvailabilityView {
    /// In each section: capacity, held, sold, blocked, with what has run out counted as free.
    pub sections: BTreeMap<String, SectionCount>,
    /// How many places of price tiers are still held although their time is over.
    pub lapsed: BTreeMap<TierId, u32>,
}

/// Which of a buyer's reservations are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OnlyReservations {
    /// Those of this event; of all when left out.
    pub event: Option<EventId>,
    /// Those that stand so at this moment; all when left out.
    pub status: Option<ReservationStatus>,
}

/// An order for its readers.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// The order.
    pub order: OrderSnapshot,
    /// What it has.
    pub reservation: Reservation,
}

impl OrderView {
    /// What is asked for it, and what that is made of.
    pub fn price(&self) -> Result<Cow<'_, PriceBreakdown>, Fault> {
        self.order.price(&self.reservation)
    }

    /// As which ticket of the order's price one of its tickets was bought; a fault when it has no such ticket.
    pub fn unit_of(&self, ticket: &TicketSnapshot) -> Result<TicketUnit, Fault> {
        let by_position = || {
            let mut units = self.reservation.lines().flat_map(|(_, units)| units);
            units.nth(ticket.position as usize)
        };
        let unit = ticket.unit.or_else(by_position);
        unit.ok_or_else(|| Fault::broken_rule(format!("an order without its ticket {}", ticket.id)))
    }

    /// What was paid for one of its tickets, and what that is made of. Those of all its tickets sum to its price.
    pub fn price_of(&self, ticket: &TicketSnapshot) -> Result<Price, Fault> {
        self.price()?.together(&[self.unit_of(ticket)?])
    }
}

/// Lists and views, straight from the database.
///
/// What is asked for many at once costs as many statements as for one; what is not there is left out of the answer.
#[async_trait]
pub trait Reads:
    InvoiceReads + TransferReads + ClaimReads + CartReads + WaitlistReads + ErasingReads
{
    /// The database's clock.
    async fn now(&self) -> Result<DateTime<Utc>, Fault>;
    /// Events.
    async fn events(&self, ids: &[EventId]) -> Result<Vec<KnownEvent>, Fault>;
    /// Events that may have been made a moment ago and still be on their way here: waits a little.
    async fn events_soon(&self, ids: &[EventId]) -> Result<Vec<KnownEvent>, Fault>;
    /// A plan.
    async fn house(&self, id: LayoutId) -> Result<Option<Arc<House>>, Fault>;
    /// A plan that may still be on its way here: waits a little.
    async fn house_soon(&self, id: LayoutId) -> Result<Option<Arc<House>>, Fault>;
    /// Plans.
    async fn houses(&self, ids: &[LayoutId]) -> Result<Vec<Arc<House>>, Fault>;
    /// The ticket types of events, each event's in the order they were made.
    async fn ticket_types_of(&self, events: &[EventId]) -> Result<Vec<TicketType>, Fault>;
    /// Ticket types.
    async fn ticket_types_by_id(&self, ids: &[TicketTypeId]) -> Result<Vec<TicketType>, Fault>;
    /// Events whose places were used otherwise within so long before now.
    async fn moved_within(&self, within: Duration) -> Result<Vec<EventId>, Fault>;
    /// How much was said to be left of these events last; those of which nothing was are missing.
    async fn stock_told(&self, events: &[EventId]) -> Result<HashMap<EventId, AvailabilityLevel>, Fault>;
    /// How the places of events are used. An event whose places are not open has none.
    async fn availabilities(&self, events: &[EventId]) -> Result<HashMap<EventId, AvailabilityView>, Fault>;
    /// The whole maps of events, each at one version.
    async fn seat_maps(&self, events: &[EventId]) -> Result<HashMap<EventId, SeatMapView>, Fault>;
    /// In which state the map is.
    async fn seat_map_stamp(&self, event: EventId) -> Result<SeatMapStamp, Fault>;
    /// Why seats of events are kept back, where a reason was given.
    async fn why_blocked(&self, events: &[EventId])
    -> Result<HashMap<EventId, BTreeMap<u32, String>>, Fault>;
    /// The version of the map.
    async fn seat_map_version(&self, event: EventId) -> Result<i64, Fault>;
    /// All changes after a version, merged; none when that is too long ago.
    async fn seat_changes(&self, event: EventId, since: i64) -> Result<Option<SeatChangeLog>, Fault>;
    /// Promo codes.
    async fn promo_codes(&self, ids: &[PromoCodeId]) -> Result<Vec<PromoCode>, Fault>;
    /// Which promo code of an event has this name, as [`PromoCode::name_of`] gives it.
    async fn promo_code_named(&self, event: EventId, name: &str) -> Result<Option<PromoCodeId>, Fault>;
    /// The promo codes of events, each event's newest first. How many there are in all is 0 unless it is to be counted.
    async fn promo_codes_of(
        &self,
        events: &[EventId],
        ask: &PageAsk,
        counted: bool,
    ) -> Result<HashMap<EventId, Page<PromoCode>>>;
    /// How often promo codes are redeemed.
    async fn redemptions(&self, codes: &[PromoCodeId]) -> Result<HashMap<PromoCodeId, u32>, Fault>;
    /// Reservations.
    async fn reservations(&self, ids: &[ReservationId]) -> Result<Vec<Reservation>, Fault>;
    /// A buyer's reservations, newest first; perhaps only those of one event, and those that stand so at this moment. How many
    /// there are in all is 0 unless it is to be counted.
    async fn reservations_of(
        &self,
        buyer: UserId,
        only: OnlyReservations,
        ask: &PageAsk,
        counted: bool,
    ) -> Result<Page<Reservation>>;
    /// The orders that reservations became.
    async fn orders_of_reservations(
        &self,
        reservations: &[ReservationId],
    ) -> Result<HashMap<ReservationId, OrderId>, Fault>;
    /// Orders.
    async fn orders(&self, ids: &[OrderId]) -> Result<Vec<OrderView>, Fault>;
    /// Who was told at the purchase, of orders of which it is known.
    async fn contacts_of(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, Contact>, Fault>;
    /// What happened to orders, each order's in the order it happened.
    async fn histories(&self, orders: &[OrderId]) -> Result<Vec<(OrderId, OrderStep)>, Fault>;
    /// A buyer's orders, newest first. How many there are in all is 0 unless it is to be counted.
    async fn orders_of(
        &self,
        buyer: UserId,
        status: Option<OrderStatus>,
        ask: &PageAsk,
        counted: bool,
    ) -> Result<Page<OrderView>>;
    /// The tickets of orders, each order's in the order of its places.
    async fn tickets_of_orders(&self, orders: &[OrderId]) -> Result<Vec<TicketSnapshot>, Fault>;
    /// The ticket of that event that a person at its door means by a text: the ticket's own code, or an order's
    /// number, and then the one that the scan with this nonce admitted before, or the first that has not been in.
    async fn ticket_said(
        &self,
        event: EventId,
        said: &str,
        nonce: Option<&str>,
    ) -> Result<Option<TicketSnapshot>, Fault>;
    /// Tickets.
    async fn tickets(&self, ids: &[TicketId]) -> Result<Vec<TicketSnapshot>, Fault>;
    /// A person's tickets, bought or passed on to them, newest first; only those of events that are not over, or only the others.
    /// How many there are in all is 0 unless it is to be counted.
    async fn tickets_of_owner(
        &self,
        owner: UserId,
        upcoming: Option<bool>,
        ask: &PageAsk,
        counted: bool,
    ) -> Result<Page<TicketSnapshot>>;
    /// An order, and where its purchase stands.
    async fn purchase(&self, id: OrderId) -> Result<Option<(OrderView, Progress<PurchaseStep>)>, Fault>;
    /// The cancellation of an event, as it stands.
    async fn cancellation(&self, event: EventId) -> Result<Option<Running<Cancellation>>, Fault>;
    /// How many refunds that a cancellation has begun are not over.
    async fn refunds_under_way(&self, cancellation: SagaId) -> Result<u64, Fault>;
    /// The next orders of an event that have tickets, in the order of their ids, behind `after`.
    async fn orders_with_tickets(
        &self,
        event: EventId,
        after: Option<OrderId>,
        limit: u64,
    ) -> Result<Vec<OrderId>, Fault>;
    /// The next orders of an event that wait for their money, in the order of their ids, behind `after`.
    async fn unpaid_orders(
        &self,
        event: EventId,
        after: Option<OrderId>,
        limit: u64,
    ) -> Result<Vec<OrderId>, Fault>;
    /// How far the refunds are of those of these events that were called off, and for which somebody had ordered.
    async fn refunds_of_called_off(
        &self,
        events: &[EventId],
    ) -> Result<HashMap<EventId, CancellationView>, Fault>;
    /// The order of a refund.
    async fn refunded_order(&self, refund: RefundId) -> Result<Option<OrderView>, Fault>;
    /// How much of each of these orders was given back for tickets; nothing is said of those of which nothing was.
    async fn given_back(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, Money>, Fault>;
    /// True when a refund was decided here, and not at the payment provider or by a purchase that went back.
    async fn is_refund_of_ours(&self, refund: RefundId) -> Result<bool, Fault>;
    /// An event that was moved to another time, and whose holders are still to be told.
    async fn event_with_untold_move(&self) -> Result<Option<EventId>, Fault>;
    /// Events with reservations that hold places although their time is over, in the order of their ids, behind `after`.
    async fn events_with_lapsed(&self, after: Option<EventId>, limit: u64) -> Result<Vec<EventId>, Fault>;
    /// How long it is until the next reservation that holds places runs out; none when no such time is to come.
    async fn until_next_lapse(&self) -> Result<Option<Duration>, Fault>;

    /// An event.
    async fn event(&self, id: EventId) -> Result<Option<KnownEvent>, Fault> {
        Ok(self.events(&[id]).await?.pop())
    }
    /// An event that may have been made a moment ago and still be on its way here: waits a little.
    async fn event_soon(&self, id: EventId) -> Result<Option<KnownEvent>, Fault> {
        Ok(self.events_soon(&[id]).await?.pop())
    }
    /// A promo code.
    async fn promo_code(&self, id: PromoCodeId) -> Result<Option<PromoCode>, Fault> {
        Ok(self.promo_codes(&[id]).await?.pop())
    }
    /// The ticket types of an event, in the order they were made.
    async fn ticket_types(&self, event: EventId) -> Result<Vec<TicketType>, Fault> {
        self.ticket_types_of(&[event]).await
    }
    /// A ticket type.
    async fn ticket_type(&self, id: TicketTypeId) -> Result<Option<TicketType>, Fault> {
        Ok(self.ticket_types_by_id(&[id]).await?.pop())
    }
    /// How places are used.
    async fn availability(&self, event: EventId) -> Result<AvailabilityView, Fault> {
        Ok(self.availabilities(&[event]).await?.remove(&event).unwrap_or_default())
    }
    /// The whole map at one version; none when the event is not known.
    async fn seat_map(&self, event: EventId) -> Result<Option<SeatMapView>, Fault> {
        Ok(self.seat_maps(&[event]).await?.remove(&event))
    }
    /// The order that a reservation became.
    async fn order_of(&self, reservation: ReservationId) -> Result<Option<OrderId>, Fault> {
        Ok(self.orders_of_reservations(&[reservation]).await?.remove(&reservation))
    }
    /// A reservation.
    async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, Fault> {
        Ok(self.reservations(&[id]).await?.pop())
    }
    /// An order.
    async fn order(&self, id: OrderId) -> Result<Option<OrderView>, Fault> {
        Ok(self.orders(&[id]).await?.pop())
    }
    /// How far the refunds of an event are; none when it was not called off, or nobody had ordered.
    async fn refunds_of(&self, event: EventId) -> Result<Option<CancellationView>, Fault> {
        Ok(self.refunds_of_called_off(&[event]).await?.remove(&event))
    }
    /// Who was told at the purchase; none when it is not known.
    async fn contact_of(&self, order: OrderId) -> Result<Option<Contact>, Fault> {
        Ok(self.contacts_of(&[order]).await?.remove(&order))
    }
    /// What happened to an order.
    async fn history(&self, order: OrderId) -> Result<Vec<OrderStep>, Fault> {
        Ok(self.histories(&[order]).await?.into_iter().map(|(_, step)| step).collect())
    }
    /// The tickets of an order.
    async fn tickets_of(&self, order: OrderId) -> Result<Vec<TicketSnapshot>, Fault> {
        self.tickets_of_orders(&[order]).await
    }
    /// A ticket.
    async fn ticket(&self, id: TicketId) -> Result<Option<TicketSnapshot>, Fault> {
        Ok(self.tickets(&[id]).await?.pop())
    }
}
