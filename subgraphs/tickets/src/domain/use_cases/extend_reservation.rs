use kernel::{Refusal, ReservationId, Result, UserId};

use super::{Tickets, begin_tidied, choosing::load_its_seats};
use crate::domain::{entities::Reservation, ports::Look};

impl Tickets {
    /// Sets a buyer's places aside for longer, once; asking again changes nothing. Refused when they do not wait for the buyer
    /// any more, and when nothing of the event is sold just now.
    #[tracing::instrument(skip_all)]
    pub async fn extend_reservation(&self, id: ReservationId, by: UserId) -> Result<Reservation> {
        let missing = || Refusal::not_found("reservation");
        let known = self.own_reservation(id, by).await?.ok_or_else(missing)?;
        let seats = known.seats();
        let look = Look { seats: &seats, reservation: Some(id), ..Look::default() };
        let begun = begin_tidied(&*self.store, known.state().event, look).await?;
        let (mut tx, mut locked) = begun.ok_or_else(missing)?;
        load_its_seats(&mut *tx, &mut locked).await?;
        // As it is now that the event is locked: its time may have run out meanwhile, or it became an order.
        let (mut inventory, reservation) = (locked.inventory, locked.reservation);
        let mut reservation = reservation.ok_or_else(missing)?;
        let extended = match reservation.extend(self.terms.extend, tx.now()) {
            Ok(extended) => extended,
            Err(refused) => {
                drop(tx);
                return Err(self.naming_its_order(refused, id).await?.into());
            }
        };
        if extended {
            inventory.event().sells(tx.now())?;
            inventory.extend(&reservation);
            tx.save_reservation(&mut reservation).await?;
            tx.save_inventory(&mut inventory).await?;
            tx.commit().await?;
        }
        Ok(reservation)
    }
}
