use kernel::{Refusal, ReservationId, Result, UserId};

use super::{Tickets, tidied_inventory};
use crate::domain::entities::Reservation;

impl Tickets {
    /// Gives a buyer's places back before their time is over.
    #[tracing::instrument(skip_all)]
    pub async fn release_reservation(&self, id: ReservationId, by: UserId) -> Result<Reservation> {
        let missing = || Refusal::not_found("reservation");
        let mut tx = self.store.begin().await?;
        let reservation =
            tx.reservation(id).await?.filter(|found| found.state().buyer == by).ok_or_else(missing)?;
        let event = reservation.state().event;
        let mut inventory =
            tidied_inventory(&mut *tx, event, &reservation.seats()).await?.ok_or_else(missing)?;
        // Once more, now that the event is locked: its time may have run out meanwhile.
        let mut reservation = tx.reservation(id).await?.ok_or_else(missing)?;
        if reservation.release(tx.now())? {
            inventory.give_back(&reservation)?;
            tx.save_reservation(&mut reservation).await?;
            tx.save_inventory(&mut inventory).await?;
            tx.commit().await?;
        }
        Ok(reservation)
    }
}
