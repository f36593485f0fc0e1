//! How buyers choose places.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use kernel::{EventId, Fault, PromoCodeId, TicketTypeId, UserId};

use crate::domain::entities::{PromoCode, Reservation};

/// What a transaction does while a buyer chooses. The event is locked.
#[async_trait]
pub trait Carts: Send {
    /// The seats of an event that cannot be had: of those from the first to the last number. What has run out, and was not
    /// given back yet, is among them.
    async fn taken_seats(&mut self, event: EventId, first: u32, last: u32) -> Result<Vec<u32>, Fault>;
    /// How many places of each ticket type a buyer has: what is set aside for them, in orders too, and what has tickets that
    /// admit.
    async fn places_of_buyer(
        &mut self,
        event: EventId,
        buyer: UserId,
    ) -> Result<BTreeMap<TicketTypeId, u32>, Fault>;
    /// A promo code as it is just now. It is not locked.
    async fn known_promo_code(&mut self, id: PromoCodeId) -> Result<Option<PromoCode>, Fault>;
    /// Saves what a reservation has and what that costs; nothing else of it.
    async fn save_cart(&mut self, reservation: &Reservation) -> Result<(), Fault>;
    /// Keeps whether seats may be left alone.
    async fn save_orphan_seat_rule(&mut self, event: EventId, is_on: bool) -> Result<(), Fault>;
}

/// What buyers have, straight from the database.
#[async_trait]
pub trait CartReads: Send + Sync {
    /// How many places of each ticket type a buyer has of these events: what is set aside for them, in orders too, and what has
    /// tickets that admit.
    async fn places_of(
        &self,
        buyer: UserId,
        events: &[EventId],
    ) -> Result<HashMap<EventId, BTreeMap<TicketTypeId, u32>>, Fault>;
}
