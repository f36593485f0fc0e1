use kernel::{EventId, Refusal, Result, UserId};

use super::{Tickets, begin_tidied};
use crate::domain::{ports::Look, reasons};

/// The most seats at once.
const MOST: usize = 20_000;

/// Seats an organizer keeps back, or lets go.
#[derive(Clone, Debug)]
pub struct BlockSeats {
    /// Who asks.
    pub by: UserId,
    /// Of which event.
    pub event: EventId,
    /// Which.
    pub seats: Vec<u32>,
    /// Keep back, or let go.
    pub blocked: bool,
    /// Why they are kept back.
    pub reason: Option<String>,
}

impl Tickets {
    /// Keeps seats back from sale, or lets them go: all or none. Doing it twice is once. Why is known until they are let go,
    /// or kept back once more for another reason, or for none.
    #[tracing::instrument(skip_all)]
    pub async fn block_seats(&self, mut ask: BlockSeats) -> Result<()> {
        self.event_to_manage(ask.event, ask.by).await?;
        ask.seats.sort_unstable();
        ask.seats.dedup();
        if ask.seats.is_empty() || ask.seats.len() > MOST {
            return Err(Refusal::bad_input("seatIds", format!("must be from 1 to {MOST} seats"))
                .because(kernel::reasons::OUT_OF_RANGE)
                .into());
        }
        let look = Look { seats: &ask.seats, ..Look::default() };
        let begun = begin_tidied(&*self.store, ask.event, look).await?;
        let (mut tx, locked) =
            begun.filter(|(_, locked)| locked.inventory.event().opened).ok_or_else(|| {
                let message = "This event's places are not open yet. Publish it first.";
                Refusal::new(reasons::PLACES_NOT_OPEN, message)
            })?;
        let mut inventory = locked.inventory;
        inventory.block(&ask.seats, ask.blocked)?;
        tx.save_inventory(&mut inventory).await?;
        tx.note_why_blocked(ask.event, &ask.seats, ask.reason.as_deref().filter(|_| ask.blocked)).await?;
        Ok(tx.commit().await?)
    }
}
