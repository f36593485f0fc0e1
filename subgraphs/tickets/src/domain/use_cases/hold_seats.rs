use kernel::{EventId, Refusal, ReservationId, Result, UserId, spoken_word};

use super::{
    Tickets, begin_tidied, made_before,
    price_of::{price_of, terms_of},
};
use crate::domain::{
    entities::{Claim, Reservation, Wish, Wishes},
    ports::{Answered, Key, Look},
    reasons,
};

/// The most places one hold may ask for.
const MOST_AT_ONCE: u32 = 50;

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
        let outcome = match &held {
            Ok(_) => "held",
            Err(kernel::Error::Refused(_)) => "refused",
            Err(kernel::Error::Broken(_)) => "failed",
        };
        metrics::counter!("holds_total", "outcome" => outcome).increment(1);
        held
    }

    async fn set_aside(&self, ask: HoldSeats) -> Result<Reservation> {
        let places = wished_places(&ask.wishes)?;
        self.pace.wants(ask.buyer, ask.event, places)?;
        if let Some(code) = &ask.wishes.access_code {
            self.pace.tries_code(Some(ask.buyer), ask.event, &spoken_word(code))?;
        }
        let fingerprint = kernel::fingerprint(&(ask.event, &ask.wishes));
        let seats: Vec<u32> = ask.wishes.wishes.iter().filter_map(seat_of).collect();
        let key = Key { by: ask.buyer, operation: "holdSeats", key: &ask.idempotency_key };
        let look = Look { seats: &seats, buyer: Some(ask.buyer), key: Some(key), ..Look::default() };
        // The event's lock comes before the look at the key: the same call, sent twice at once, waits here.
        let begun = begin_tidied(&*self.store, ask.event, look).await?;
        let (mut tx, locked) = begun.ok_or_else(|| Refusal::not_found("event"))?;
        if let Some(made) = made_before(locked.answered, &fingerprint)? {
            let reservation = tx.reservation(ReservationId::from_uuid(made)).await?;
            return Ok(reservation.ok_or_else(|| Refusal::not_found("reservation"))?);
        }
        let mut inventory = locked.inventory;
        if let Some(same) = locked.active.iter().find(|mine| has_all(mine, &ask.wishes)) {
            // The key has its answer now, and what had run out is given back with it.
            tx.save_inventory(&mut inventory).await?;
            tx.remember(key, Answered { fingerprint, made: same.state().id.uuid() }).await?;
            tx.commit().await?;
            return Ok(same.clone());
        }
        let open: u32 = locked.active.iter().map(Reservation::quantity).sum();
        if open + places > self.terms.open_places {
            let most = self.terms.open_places;
            let message = format!(
                "At most {most} places of one event can be set aside at once; you have {open}. Check out or release some first."
            );
            return Err(Refusal::new(reasons::TOO_MANY_OPEN_PLACES, message).with("limit", most).into());
        }
        let now = tx.now();
        let (event, buyer, until) = (ask.event, ask.buyer, now + self.terms.hold);
        let terms = terms_of(&inventory);
        // What is asked for them is said from now on, and stays.
        let priced = |claims: Vec<Claim>| {
            let price = price_of(&claims, &terms, None)?;
            Ok(Reservation::hold(event, buyer, claims, price, terms, now, until))
        };
        let mut reservation = inventory.hold(&ask.wishes, priced, now)?;
        tx.save_reservation(&mut reservation).await?;
        tx.save_inventory(&mut inventory).await?;
        tx.remember(key, Answered { fingerprint, made: reservation.state().id.uuid() }).await?;
        tx.commit().await?;
        Ok(reservation)
    }
}

/// A hold that is being decided, or waits for its event's turn. It may be given up at any moment.
struct Waiting;

impl Waiting {
    fn begin() -> Self {
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
    match places {
        0 => Err(Refusal::bad_input("seats", "choose at least one seat or place")
            .because(kernel::reasons::REQUIRED)
            .into()),
        1..=MOST_AT_ONCE => Ok(places),
        _ => {
            let message = format!("At most {MOST_AT_ONCE} places can be set aside at once.");
            Err(Refusal::new(reasons::TOO_MANY_AT_ONCE, message).with("limit", MOST_AT_ONCE).into())
        }
    }
}

fn seat_of(wish: &Wish) -> Option<u32> {
    match wish {
        Wish::Seat { number, .. } => Some(*number),
        Wish::Standing { .. } => None,
    }
}

/// True when the reservation has every seat that is wished for: holding one's own seats again is no
/// second hold.
fn has_all(reservation: &Reservation, wishes: &Wishes) -> bool {
    let has = reservation.seats();
    wishes.wishes.iter().all(|wish| seat_of(wish).is_some_and(|number| has.contains(&number)))
}
