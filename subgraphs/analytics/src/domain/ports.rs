//! What the domain needs of the world.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    tickets::{InventoryOpened, SoldLine, TicketCheckedIn, TicketTypeChanged},
    users::MembershipChanged,
};
use futures::stream::BoxStream;
use kernel::{EventId, OrderId, OrganizationId, ReservationId, Result, UserId};
use uuid::Uuid;

use super::entities::{EventCopy, Order, QuarterSales, Report, Reservation};

/// Keeps what was heard, and its totals.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a transaction that handles a message; none when it was handled before.
    async fn begin_handling(&self, message: Uuid) -> Result<Option<Box<dyn Tx>>>;
}

/// A transaction. What is not committed was never heard.
#[async_trait]
pub trait Tx: Send {
    /// What is known of an order, locked until the end; an order without facts when it is new. Refunds before there
    /// are tickets count for nothing, and are left out.
    async fn order(&mut self, id: OrderId, event: EventId) -> Result<Order>;

    /// The same, to issue tickets for it: with all refunds.
    async fn order_to_issue(&mut self, id: OrderId, event: EventId) -> Result<Order>;

    /// Keeps an order and adds what is new to the totals.
    async fn save_order(&mut self, order: &mut Order) -> Result<()>;

    /// What is known of a reservation, locked until the end; one without facts when it is new.
    async fn reservation(&mut self, id: ReservationId, event: EventId) -> Result<Reservation>;

    /// Keeps a reservation and adds what is new to the totals.
    async fn save_reservation(&mut self, reservation: &mut Reservation) -> Result<()>;

    /// Keeps a check-in, once for each ticket, and adds it to the totals.
    async fn check_in(&mut self, fact: &TicketCheckedIn) -> Result<()>;

    /// Keeps an event as it is now, unless a later change is known.
    async fn note_event(&mut self, event: &EventCopy) -> Result<()>;

    /// Keeps a ticket type's name, unless a later one is known.
    async fn note_ticket_type(&mut self, fact: &TicketTypeChanged) -> Result<()>;

    /// Keeps the name under which a ticket type was sold, until a better one is known.
    async fn name_ticket_type(&mut self, event: EventId, line: &SoldLine) -> Result<()>;

    /// Keeps how many places an event has.
    async fn note_capacity(&mut self, fact: &InventoryOpened) -> Result<()>;

    /// Keeps a member's role, unless a later one is known.
    async fn note_membership(&mut self, fact: &MembershipChanged) -> Result<()>;

    /// Makes all of it last, and announces the events whose report changed.
    async fn commit(self: Box<Self>) -> Result<()>;
}

/// Reads what was counted; nothing here looks at single orders.
#[async_trait]
pub trait Reads: Send + Sync {
    /// An event, if it was heard of.
    async fn event(&self, id: EventId) -> Result<Option<EventCopy>>;
    /// The same; where there is none it is waited for a little, since the news may be on its way.
    async fn event_soon(&self, id: EventId) -> Result<Option<EventCopy>>;

    /// Those of these events that were heard of.
    async fn events(&self, ids: &[EventId]) -> Result<Vec<EventCopy>>;

    /// Events' reports in their order, all of one moment; 0 everywhere when nothing was heard.
    async fn reports(&self, events: &[EventCopy]) -> Result<Vec<Report>>;

    /// The report's revision; 0 when nothing was heard.
    async fn revision(&self, event: EventId) -> Result<i64>;

    /// The first and the last quarter of an hour in which something was sold, of those events that sold.
    async fn selling_times(
        &self,
        events: &[EventId],
    ) -> Result<HashMap<EventId, (DateTime<Utc>, DateTime<Utc>)>>;

    /// What each of these events sold by quarters of an hour, from an instant until before another, in no order.
    async fn quarters(&self, asked: &[(EventId, DateTime<Utc>, DateTime<Utc>)]) -> Result<Vec<Quarter>>;
}

/// What an event sold in a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Which event.
    pub event: EventId,
    /// When the quarter of an hour began.
    pub at: DateTime<Utc>,
    /// What was sold.
    pub sold: QuarterSales,
}

/// Knows who may read an organization's reports.
#[async_trait]
pub trait Members: Send + Sync {
    /// True when the person is one of the organization's owners or managers, as known just now.
    async fn manages(&self, organization: OrganizationId, user: UserId) -> Result<bool>;

    /// Where these people are owners or managers, of these organizations, as known just now.
    async fn managed(
        &self,
        organizations: &[OrganizationId],
        users: &[UserId],
    ) -> Result<HashSet<(OrganizationId, UserId)>>;

    /// Refuses unless they are; waits a moment for a role that is still on its way.
    async fn require(&self, organization: OrganizationId, user: UserId) -> Result<()>;
}

/// Tells when a report has changed, at most once each time: a listener looks for itself now and then.
#[async_trait]
pub trait News: Send + Sync {
    /// What is told of an event from now on.
    async fn of(&self, event: EventId) -> Result<BoxStream<'static, ()>>;
}
