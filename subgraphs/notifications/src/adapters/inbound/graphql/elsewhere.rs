//! What messages point at, which other services know.

use async_graphql::{ID, SimpleObject};
use kernel::{EventId, OrderId, TicketId};

/// What a buyer is buying.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(unresolvable = "id")]
pub(super) struct Order {
    /// Which.
    id: ID,
}

impl From<OrderId> for Order {
    fn from(id: OrderId) -> Self {
        Self { id: id.public().into() }
    }
}

/// A right to enter.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(unresolvable = "id")]
pub(super) struct Ticket {
    /// Which.
    id: ID,
}

impl From<TicketId> for Ticket {
    fn from(id: TicketId) -> Self {
        Self { id: id.public().into() }
    }
}

/// Something that takes place.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(unresolvable = "id")]
pub(super) struct Event {
    /// Which.
    id: ID,
}

impl From<EventId> for Event {
    fn from(id: EventId) -> Self {
        Self { id: id.public().into() }
    }
}
