//! Events that were moved, and who is to be told.

use chrono::{DateTime, Utc};

use crate::domain::entities::{Order, Ticket};

/// The last move of an event of which holders are still to be told.
#[derive(Debug)]
pub struct Moved {
    /// Which of the event's moves.
    pub sequence: i64,
    /// Why, in the organizer's words.
    pub reason: Option<String>,
    /// The next orders whose tickets say an earlier time, locked. Those that cannot be read are left out.
    pub orders: Vec<MovedOrder>,
    /// The last of them, one that cannot be read included; none when there are no more.
    pub through: Option<kernel::OrderId>,
}

/// An order whose event was moved.
#[derive(Debug)]
pub struct MovedOrder {
    /// The order.
    pub order: Order,
    /// Its tickets.
    pub tickets: Vec<Ticket>,
    /// When the event was to begin, as its holders know it.
    pub previous_start: DateTime<Utc>,
}
