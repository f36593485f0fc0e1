use kernel::{EventId, Refusal, ReservationId, Result, UserId, spoken_word};

use super::{
    Tickets, begin_tidied,
    choosing::{Choosing, MOST_AT_ONCE, too_many_at_once},
    made_before,
};
use crate::domain::{
    entities::{Fields, Reservation, Wish, Wishes},
    ports::{Key, Look},
};

/// Places a buyer wants set aside.
#[derive(Clone, Debug)]
pub struct HoldSeats {
    /// For whom.
    pub buyer: UserId,
    /// Of which event.
    pub event: EventId,
    /// Which.
    pub wishes: Wishes,
    /// The same key gives the same answer.
    pub idempotency_key: String,
}

impl Tickets {
    /// Sets places aside for a buyer until the hold runs out: all of them or none.
    #[tracing::instrument(skip_all)]
    pub async fn hold_seats(&self, ask: HoldSeats) -> Result<Reservation> {
        let _waiting = Waiting::begin();
        let held = self.set_aside(ask).await;
        count_hold(&held);
        held
    }

    async fn set_aside(&self, ask: HoldSeats) -> Result<Reservation> {
        let places = wished_places(&ask.wishes)?;
        self.pace.wants(ask.buyer, ask.event, places)?;
        if let Some(code) = &ask.wishes.access_code {
            self.pace.tries_code(Some(ask.buyer), ask.event, &spoken_word(code))?;
        }
        let fingerprint = kernel::fingerprint(&(ask.event, &ask.wishes));
        let seats = seats_of(&ask.wishes);
        let key = Key { by: ask.buyer, operation: "holdSeats", key: &ask.idempotency_key };
        let look = Look { seats: &seats, buyer: Some(ask.buyer), key: Some(key), ..Look::default() };
        // The event's lock comes before the look at the key: the same call, sent twice at once, waits here.
        let begun = begin_tidied(&*self.store, ask.event, look).await?;
        let (mut tx, locked) = begun.ok_or_else(|| Refusal::not_found("event"))?;
        if let Some(made) = made_before(locked.answered, &fingerprint)? {
            let reservation = tx.reservation(ReservationId::from_uuid(made)).await?;
            return Ok(reservation.ok_or_else(|| Refusal::not_found("reservation"))?);
        }
        let mut choosing = Choosing::of(ask.buyer, tx, locked.inventory, locked.active, self.terms);
        let own = choosing.active.iter().filter(|mine| has_some(mine, &seats));
        let reservation = match own.min_by_key(|mine| mine.state().id).cloned() {
            // The key has its answer now, and what had run out is given back with it.
            Some(same) if has_all(&same, &ask.wishes) => same,
            // What one has set aside already is no conflict: the others join it.
            Some(cart) => {
                let others = choosing.active.iter().filter(|mine| mine.state().id != cart.state().id);
                let wishes = ask.wishes.without(&others.flat_map(Reservation::seats).collect::<Vec<_>>());
                choosing.change(cart, &[], &wishes, Fields::OF_A_HOLD).await?
            }
            None => choosing.hold(&ask.wishes, places).await?,
        };
        choosing.finish(key, fingerprint, &reservation).await?;
        Ok(reservation)
    }
}

/// Counts what came of a wish to hold places.
pub(super) fn count_hold(held: &Result<Reservation>) {
    let outcome = match held {
        Ok(_) => "held",
        Err(kernel::Error::Refused(_)) => "refused",
        Err(kernel::Error::Broken(_)) => "failed",
    };
    metrics::counter!("holds_total", "outcome" => outcome).increment(1);
}

/// A hold that is being decided, or waits for its event's turn. It may be given up at any moment.
pub(super) struct Waiting;

impl Waiting {
    pub(super) fn begin() -> Self {
        metrics::gauge!("holds_waiting").increment(1.0);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        metrics::gauge!("holds_waiting").decrement(1.0);
    }
}

fn wished_places(wishes: &Wishes) -> Result<u32> {
    match places_of(wishes)? {
        0 => Err(Refusal::bad_input("seats", "choose at least one seat or place")
            .because(kernel::reasons::REQUIRED)
            .into()),
        places => Ok(places),
    }
}

/// How many places are wished for; refused when they are too many for one cart.
pub(super) fn places_of(wishes: &Wishes) -> Result<u32> {
    let mut places = 0_u32;
    for wish in &wishes.wishes {
        places = places.saturating_add(match wish {
            Wish::Seat { .. } => 1,
            Wish::Standing { quantity: 0, .. } => {
                return Err(Refusal::bad_input("quantity", "must be at least 1")
                    .because(kernel::reasons::OUT_OF_RANGE)
                    .into());
            }
            Wish::Standing { quantity, .. } => *quantity,
        });
    }
    if places > MOST_AT_ONCE {
        return Err(too_many_at_once().into());
    }
    Ok(places)
}

/// The numbers of the seats that are wished for.
pub(super) fn seats_of(wishes: &Wishes) -> Vec<u32> {
    wishes.wishes.iter().filter_map(seat_of).collect()
}

fn seat_of(wish: &Wish) -> Option<u32> {
    match wish {
        Wish::Seat { number, .. } => Some(*number),
        Wish::Standing { .. } => None,
    }
}

/// True when the reservation has one of the seats.
fn has_some(reservation: &Reservation, seats: &[u32]) -> bool {
    reservation.seats().iter().any(|has| seats.contains(has))
}

/// True when the reservation has every seat that is wished for: holding one's own seats again is no
/// second hold.
fn has_all(reservation: &Reservation, wishes: &Wishes) -> bool {
    let has = reservation.seats();
    wishes.wishes.iter().all(|wish| seat_of(wish).is_some_and(|number| has.contains(&number)))
}
