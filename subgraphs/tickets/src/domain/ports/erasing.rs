//! People who are forgotten.

use async_trait::async_trait;
use kernel::{Fault, ReservationId, UserId};

/// What is kept of people whose accounts are erased.
#[async_trait]
pub trait Erasing: Send + Sync {
    /// Forgets who a person's tickets and orders are for, as far as nobody needs it: in orders whose purchase is over, and on
    /// tickets that are used up or whose event is over. The others are noted, for [`Erasing::forget_next_names`]. Doing it twice is
    /// once.
    async fn forget_names(&self, person: UserId) -> Result<(), Fault>;
    /// Takes the names off those tickets of one person for one event that were noted, now that it is over; of an event that was
    /// moved, later. False when there is nothing to do.
    async fn forget_next_names(&self) -> Result<bool, Fault>;
}

/// The same, straight from the database.
#[async_trait]
pub trait ErasingReads: Send + Sync {
    /// True while an order of this buyer is being paid, or money of one is going back.
    async fn has_orders_under_way(&self, buyer: UserId) -> Result<bool, Fault>;
    /// What is set aside for a buyer and is no order yet.
    async fn open_reservations_of(&self, buyer: UserId) -> Result<Vec<ReservationId>, Fault>;
}
