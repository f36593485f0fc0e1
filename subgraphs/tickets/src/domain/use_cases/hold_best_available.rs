use kernel::{EventId, Refusal, ReservationId, Result, TicketTypeId, UserId, spoken_word};

use super::{
    Tickets, begin_tidied,
    choosing::{Choosing, MOST_AT_ONCE, load_its_seats, too_many_at_once},
    hold_seats::{Waiting, count_hold},
    made_before,
};
use crate::domain::{
    entities::{Fields, Inventory, Party, PlaceKind, Reservation, Where, Wish, Wishes, numbers_of},
    ports::{Key, Look, Tx},
};

/// A party that takes the best places there are.
#[derive(Clone, Debug)]
pub struct HoldBestAvailable {
    /// For whom.
    pub buyer: UserId,
    /// Of which event.
    pub event: EventId,
    /// As which ticket type.
    pub ticket_type: TicketTypeId,
    /// Who they are.
    pub party: Party,
    /// In one of these sections; in any of the ticket type's when empty.
    pub sections: Vec<String>,
    /// The cart that they are added to; a reservation of their own when left out.
    pub reservation: Option<ReservationId>,
    /// Opens hidden ticket types.
    pub access_code: Option<String>,
    /// The same key gives the same answer.
    pub idempotency_key: String,
}

impl Tickets {
    /// Sets the best places that are left aside for a party: all of them or none. They are chosen while the event is locked, so
    /// that nobody is faster.
    #[tracing::instrument(skip_all)]
    pub async fn hold_best_available(&self, ask: HoldBestAvailable) -> Result<Reservation> {
        let _waiting = Waiting::begin();
        let held = self.set_best_aside(ask).await;
        count_hold(&held);
        held
    }

    async fn set_best_aside(&self, ask: HoldBestAvailable) -> Result<Reservation> {
        let missing = || Refusal::not_found("reservation");
        let party = ask.party.checked()?;
        if party.quantity > MOST_AT_ONCE {
            return Err(too_many_at_once().into());
        }
        self.pace.wants(ask.buyer, ask.event, party.quantity)?;
        if let Some(code) = &ask.access_code {
            self.pace.tries_code(Some(ask.buyer), ask.event, &spoken_word(code))?;
        }
        let cart = match ask.reservation {
            Some(id) => Some(self.own_reservation(id, ask.buyer).await?.ok_or_else(missing)?),
            None => None,
        };
        if cart.as_ref().is_some_and(|cart| cart.state().event != ask.event) {
            let refusal = Refusal::bad_input("reservationId", "is a reservation of another event");
            return Err(refusal.because(kernel::reasons::INCONSISTENT).into());
        }
        let what = (ask.event, ask.ticket_type, party, &ask.sections, ask.reservation, &ask.access_code);
        let fingerprint = kernel::fingerprint(&what);
        let seats = cart.as_ref().map(Reservation::seats).unwrap_or_default();
        let key = Key { by: ask.buyer, operation: "holdBestAvailable", key: &ask.idempotency_key };
        let (buyer, reservation) = (Some(ask.buyer), ask.reservation);
        let look = Look { seats: &seats, buyer, reservation, key: Some(key), ..Look::default() };
        let begun = begin_tidied(&*self.store, ask.event, look).await?;
        let (mut tx, mut locked) = begun.ok_or_else(|| Refusal::not_found("event"))?;
        if let Some(made) = made_before(locked.answered.take(), &fingerprint)? {
            return Ok(tx.reservation(ReservationId::from_uuid(made)).await?.ok_or_else(missing)?);
        }
        load_its_seats(&mut *tx, &mut locked).await?;
        if let (Some(cart), Some(id)) = (&locked.reservation, ask.reservation)
            && let Err(refused) = cart.must_wait(tx.now())
        {
            drop(tx);
            return Err(self.naming_its_order(refused, id).await?.into());
        }
        locked.inventory.event().sells(tx.now())?;
        let beside = locked.reservation.as_ref().map(Reservation::seats).unwrap_or_default();
        let at = Where {
            ticket_type: ask.ticket_type,
            sections: &ask.sections,
            access_code: ask.access_code.as_deref(),
            beside: &beside,
        };
        let wishes = best_places(&mut *tx, &mut locked.inventory, &at, party).await?;
        let cart = locked.reservation;
        let choosing = Choosing::of(ask.buyer, tx, locked.inventory, locked.active, self.terms);
        let mut choosing = choosing.not_by_hand();
        let held = match cart {
            Some(cart) => choosing.change(cart, &[], &wishes, Fields::OF_A_CHANGE).await?,
            None => choosing.hold(&wishes, party.quantity).await?,
        };
        choosing.finish(key, fingerprint, &held).await?;
        Ok(held)
    }
}

/// The best places for a party. Where there are no seats to choose from, so many places without numbers.
async fn best_places(
    tx: &mut dyn Tx,
    inventory: &mut Inventory,
    at: &Where<'_>,
    party: Party,
) -> Result<Wishes> {
    if !inventory.has_seats(at)? {
        if party.accessible > 0 {
            let message = "must be left out where there are no seats; ask the organizer for a place";
            let refusal = Refusal::bad_input("accessible", message);
            return Err(refusal.because(kernel::reasons::INCONSISTENT).into());
        }
        let wish = Wish::Standing { ticket_type: at.ticket_type, quantity: party.quantity };
        let access_code = at.access_code.map(ToOwned::to_owned);
        return Ok(Wishes { wishes: vec![wish], access_code });
    }
    let house = inventory.house().clone();
    let looked_at = house.sections().iter().filter(|section| section.kind == PlaceKind::Seated);
    let looked_at = looked_at.filter(|section| at.sections.is_empty() || at.sections.contains(&section.key));
    let seats = looked_at.map(|section| (section.first_seat, section.first_seat + section.capacity));
    let (first, end) = seats.fold((u32::MAX, 0), |(first, end), (from, to)| (first.min(from), end.max(to)));
    let taken = tx.taken_seats(inventory.event().id, first, end).await?;
    let wishes = inventory.best_seats(at, party, &taken)?;
    let unknown = inventory.unknown(numbers_of(&wishes));
    if !unknown.is_empty() {
        tx.more_seats(inventory, &unknown).await?;
    }
    Ok(wishes)
}
