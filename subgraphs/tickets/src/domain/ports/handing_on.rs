//! Tickets that change hands.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{Fault, TicketId, UserId};

use crate::domain::entities::{Contact, Ticket, TicketSnapshot, Transfer};

/// What a transaction does with tickets that change hands.
#[async_trait]
pub trait HandingOn: Send {
    /// How a person is reached; none when it is not known, or nothing of them is kept.
    async fn contact(&mut self, person: UserId) -> Result<Option<Contact>, Fault>;
    /// To whom an address belongs, as it is compared. Nobody comes to be known to have it until commit: whoever does finds then
    /// what waits for them there. No order is locked behind it, and no ticket before it.
    async fn owner_of_address(&mut self, address: &str) -> Result<Option<UserId>, Fault>;
    /// Saves a ticket that took the place of another, and adds the transfer to the history of its place.
    async fn save_transfer(&mut self, transfer: &Transfer, ticket: &mut Ticket) -> Result<(), Fault>;
    /// A ticket that was passed on, as it is remembered.
    async fn replaced_ticket(&mut self, id: TicketId) -> Result<Option<TicketSnapshot>, Fault>;
}

/// Tickets that were passed on, straight from the database.
#[async_trait]
pub trait TransferReads: Send + Sync {
    /// Those of these tickets that were passed on, as they are remembered.
    async fn replaced_tickets(&self, ids: &[TicketId]) -> Result<HashMap<TicketId, TicketSnapshot>, Fault>;
}
