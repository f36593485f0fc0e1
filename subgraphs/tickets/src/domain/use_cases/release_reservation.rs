use kernel::{Refusal, ReservationId, Result, UserId};

use super::{Tickets, begin_tidied, choosing::load_its_seats};
use crate::domain::{entities::Reservation, ports::Look};

impl Tickets {
    /// Gives a buyer's places back before their time is over.
    #[tracing::instrument(skip_all)]
    pub async fn release_reservation(&self, id: ReservationId, by: UserId) -> Result<Reservation> {
        let missing = || Refusal::not_found("reservation");
        let reservation = self.reads.reservation(id).await?;
        let reservation = reservation.filter(|found| found.state().buyer == by).ok_or_else(missing)?;
        let seats = reservation.seats();
        let look = Look { seats: &seats, reservation: Some(id), ..Look::default() };
        let begun = begin_tidied(&*self.store, reservation.state().event, look).await?;
        let (mut tx, mut locked) = begun.ok_or_else(missing)?;
        load_its_seats(&mut *tx, &mut locked).await?;
        // As it is now that the event is locked: its time may have run out meanwhile.
        let (mut inventory, reservation) = (locked.inventory, locked.reservation);
        let mut reservation = reservation.ok_or_else(missing)?;
        let released = match reservation.release(tx.now()) {
            Ok(released) => released,
            Err(refused) => {
                drop(tx);
                return Err(self.naming_its_order(refused, id).await?.into());
            }
        };
        if released {
            inventory.give_back(&reservation)?;
            tx.save_reservation(&mut reservation).await?;
            tx.save_inventory(&mut inventory).await?;
            tx.commit().await?;
        }
        Ok(reservation)
    }
}
