//! What can be done with tickets. A file each: load, decide, save.

mod block_seats;
mod call_off;
mod check_in;
mod checkout;
mod create_ticket_type;
mod hold_seats;
mod issue_tickets;
mod learn;
mod read;
mod release_reservation;
mod run_purchase;
mod tidy_up;

pub use block_seats::BlockSeats;
pub use check_in::{CheckInAnswer, CheckInAsk};
pub use checkout::Checkout;
pub use create_ticket_type::CreateTicketType;
pub use hold_seats::HoldSeats;

use std::{sync::Arc, time::Duration};

use kernel::{EventId, Refusal, Result, UserId};

use super::{
    entities::{Inventory, Reservation, TicketKeys},
    errors,
    ports::{Answered, Members, Reads, Store, Tx},
};

/// How long things may take, and how many of them there may be.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How long places are set aside for a buyer who is choosing.
    pub hold: Duration,
    /// How long a buyer has to pay, from the checkout.
    pub pay: Duration,
    /// How many places of one event a buyer may have set aside, not counting orders.
    pub open_places: u32,
}

/// The use cases of `tickets`.
#[derive(Clone)]
pub struct Tickets {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) reads: Arc<dyn Reads>,
    pub(crate) members: Arc<dyn Members>,
    pub(crate) keys: TicketKeys,
    pub(crate) terms: Terms,
}

impl Tickets {
    /// The use cases over these adapters.
    pub fn new(
        store: Arc<dyn Store>,
        reads: Arc<dyn Reads>,
        members: Arc<dyn Members>,
        keys: TicketKeys,
        terms: Terms,
    ) -> Self {
        Self { store, reads, members, keys, terms }
    }

    /// The key that signs tickets, its public half.
    pub fn public_key(&self) -> String {
        self.keys.public()
    }
}

/// Loads an event's inventory, locked, with these seats, and gives back first what has run out: expiry is
/// decided here and now, whether or not the sweeper runs.
async fn tidied_inventory(tx: &mut dyn Tx, event: EventId, seats: &[u32]) -> Result<Option<Inventory>> {
    // The event's lock comes first, so that what has lapsed is read when nobody else can tidy it.
    let Some(mut inventory) = tx.inventory(event, seats).await? else { return Ok(None) };
    // Some at a time, and all of them: a place that has run out is free, however many did.
    loop {
        let lapsed = tx.lapsed(event).await?;
        if lapsed.is_empty() {
            return Ok(Some(inventory));
        }
        let theirs: Vec<u32> = lapsed.iter().flat_map(Reservation::seats).collect();
        if !theirs.is_empty() {
            tx.more_seats(&mut inventory, &theirs).await?;
        }
        for mut reservation in lapsed {
            inventory.give_back(&reservation)?;
            reservation.lapse(tx.now());
            tx.save_reservation(&mut reservation).await?;
        }
    }
}

/// What was made under this key before, when the input was the same.
async fn answered(
    tx: &mut dyn Tx,
    by: UserId,
    operation: &'static str,
    key: Option<&str>,
    fingerprint: &str,
) -> Result<Option<uuid::Uuid>> {
    let Some(key) = key else { return Ok(None) };
    match tx.answered(by, operation, key).await? {
        None => Ok(None),
        Some(before) if before.fingerprint == fingerprint => Ok(Some(before.made)),
        Some(_) => Err(errors::key_reused().into()),
    }
}

/// Keeps what was made under this key.
async fn remember(
    tx: &mut dyn Tx,
    by: UserId,
    operation: &'static str,
    key: Option<&str>,
    fingerprint: String,
    made: uuid::Uuid,
) -> Result<()> {
    if let Some(key) = key {
        tx.remember(by, operation, key, Answered { fingerprint, made }).await?;
    }
    Ok(())
}

/// Reads an idempotency key: 1 to 200 visible characters.
pub fn idempotency_key(key: &str) -> Result<String, Refusal> {
    kernel::line("idempotencyKey", key, 200)
}
