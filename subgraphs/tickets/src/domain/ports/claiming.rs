//! Orders of guests that are taken into accounts.

use async_trait::async_trait;
use kernel::{Fault, OrderId, UserId};

use crate::domain::entities::OrderSnapshot;

/// What a transaction does with an order that changes hands. The order is locked.
#[async_trait]
pub trait Claiming: Send {
    /// True for who buys without an account, as far as is known.
    async fn is_guest(&mut self, person: UserId) -> Result<bool, Fault>;
    /// Gives what an order has to whose it is now: its reservation, and those of its tickets that were `from` whom it was. What
    /// was passed on stays with whoever has it.
    async fn hand_over(&mut self, order: &OrderSnapshot, from: UserId) -> Result<(), Fault>;
}

/// Orders by what people say, straight from the database.
#[async_trait]
pub trait ClaimReads: Send + Sync {
    /// The order of this number.
    async fn order_numbered(&self, number: &str) -> Result<Option<OrderId>, Fault>;
}
