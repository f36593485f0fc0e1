use kernel::{LineItemId, Refusal, ReservationId, Result, UserId, spoken_word};

use super::{
    Tickets, begin_tidied,
    choosing::{Choosing, load_its_seats},
    hold_seats::{places_of, seats_of},
    made_before,
};
use crate::domain::{
    entities::{Fields, Reservation, Wishes},
    ports::{Key, Look},
};

/// What a buyer changes of a cart.
#[derive(Clone, Debug)]
pub struct ChangeReservation {
    /// Whose cart.
    pub buyer: UserId,
    /// Which.
    pub reservation: ReservationId,
    /// What is added; perhaps nothing.
    pub wishes: Wishes,
    /// What is taken out.
    pub removed: Vec<LineItemId>,
    /// The same key gives the same answer.
    pub idempotency_key: String,
}

impl Tickets {
    /// Adds places to a buyer's reservation and takes others out: all of that or nothing. What is taken out is free first, so
    /// that a seat can come back as another ticket type. Its clock goes on as it was.
    #[tracing::instrument(skip_all)]
    pub async fn change_reservation(&self, ask: ChangeReservation) -> Result<Reservation> {
        let missing = || Refusal::not_found("reservation");
        let places = places_of(&ask.wishes)?;
        if places == 0 && ask.removed.is_empty() {
            let message = "must name something to add, or removeItemIds something to take out";
            return Err(Refusal::bad_input("addSeats", message).because(kernel::reasons::REQUIRED).into());
        }
        let known = self.own_reservation(ask.reservation, ask.buyer).await?.ok_or_else(missing)?;
        let event = known.state().event;
        if places > 0 {
            self.pace.wants(ask.buyer, event, places)?;
        }
        if let Some(code) = &ask.wishes.access_code {
            self.pace.tries_code(Some(ask.buyer), event, &spoken_word(code))?;
        }
        let fingerprint = kernel::fingerprint(&(ask.reservation, &ask.wishes, &ask.removed));
        let mut seats = known.seats();
        seats.extend(seats_of(&ask.wishes));
        let key = Key { by: ask.buyer, operation: "changeReservation", key: &ask.idempotency_key };
        let (buyer, reservation) = (Some(ask.buyer), Some(ask.reservation));
        let look = Look { seats: &seats, buyer, reservation, key: Some(key), ..Look::default() };
        let begun = begin_tidied(&*self.store, event, look).await?;
        let (mut tx, mut locked) = begun.ok_or_else(missing)?;
        load_its_seats(&mut *tx, &mut locked).await?;
        // As it is now that the event is locked: its time may have run out meanwhile, or it became an order.
        let cart = locked.reservation.ok_or_else(missing)?;
        if made_before(locked.answered, &fingerprint)?.is_some() {
            return Ok(cart);
        }
        if let Err(refused) = cart.must_wait(tx.now()) {
            drop(tx);
            return Err(self.naming_its_order(refused, ask.reservation).await?.into());
        }
        let mut choosing = Choosing::of(ask.buyer, tx, locked.inventory, locked.active, self.terms);
        let changed = choosing.change(cart, &ask.removed, &ask.wishes, Fields::OF_A_CHANGE).await?;
        choosing.finish(key, fingerprint, &changed).await?;
        Ok(changed)
    }
}
