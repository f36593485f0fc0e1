use kernel::{LineItemId, OrderId, Refusal, ReservationId, Result, UserId};

use super::{Tickets, begin_tidied, choosing::load_its_seats, made_before, own_steps::Hall};
use crate::domain::{
    entities::{AcceptedTerms, Attendee, Contact, Given, Order, Reservation},
    ports::{Answered, Key, Look},
};

/// A reservation to be bought.
#[derive(Clone, Debug)]
pub struct Checkout {
    /// Who buys.
    pub buyer: UserId,
    /// What.
    pub reservation: ReservationId,
    /// Who goes in: one for each place, or one for all.
    pub attendees: Vec<Attendee>,
    /// For which item each of them goes in; when empty, they are in the order of the places.
    pub items: Vec<LineItemId>,
    /// Who is told of the purchase, instead of whom the account names.
    pub contact: Option<Contact>,
    /// Which version of the organizer's terms of business the buyer accepts.
    pub accepted_terms: Option<String>,
    /// The same key gives the same answer.
    pub idempotency_key: String,
}

impl Checkout {
    /// As versions from before there was so much to say made it, where no more is said.
    fn fingerprint(&self) -> String {
        let Self { reservation, attendees, items, contact, accepted_terms, .. } = self;
        match (items.as_slice(), contact, accepted_terms) {
            ([], None, None) => kernel::fingerprint(&(reservation, attendees)),
            (items, None, None) => kernel::fingerprint(&(reservation, attendees, items)),
            (items, contact, terms) => kernel::fingerprint(&(reservation, attendees, items, contact, terms)),
        }
    }
}

impl Tickets {
    /// Turns a reservation into an order and starts its purchase; what costs nothing is bought with it. Both as they are
    /// then.
    #[tracing::instrument(skip_all)]
    pub async fn checkout(&self, ask: Checkout) -> Result<(Order, Reservation)> {
        let missing = || Refusal::not_found("reservation");
        let fingerprint = ask.fingerprint();
        let reservation = self.reads.reservation(ask.reservation).await?;
        let reservation = reservation.filter(|found| found.state().buyer == ask.buyer).ok_or_else(missing)?;
        let seats = reservation.seats();
        let key = Key { by: ask.buyer, operation: "checkout", key: &ask.idempotency_key };
        let wanted = Some(ask.reservation);
        let look = Look { seats: &seats, reservation: wanted, key: Some(key), ..Look::default() };
        let begun = begin_tidied(&*self.store, reservation.state().event, look).await?;
        let (mut tx, mut locked) = begun.ok_or_else(missing)?;
        load_its_seats(&mut *tx, &mut locked).await?;
        if let Some(made) = made_before(locked.answered, &fingerprint)? {
            let order = tx.order(OrderId::from_uuid(made)).await?;
            return Ok(order.zip(locked.reservation).ok_or_else(|| Refusal::not_found("order"))?);
        }
        // As it is now that the event is locked.
        let (mut inventory, reservation) = (locked.inventory, locked.reservation);
        let mut reservation = reservation.ok_or_else(missing)?;
        let attendees = if ask.items.is_empty() {
            attendees(ask.attendees, reservation.quantity())?
        } else {
            reservation.in_order(ask.items.into_iter().zip(ask.attendees).collect())?
        };
        let now = tx.now();
        // Going to the checkout lengthens the time once: afterwards it is an order, which is never again.
        if let Err(refused) = reservation.check_out(now, now + self.terms.pay) {
            drop(tx);
            return Err(self.naming_its_order(refused, ask.reservation).await?.into());
        }
        inventory.event().sells(now)?;
        let in_force = inventory.event().settings.terms.as_ref();
        let terms = AcceptedTerms::of(in_force, ask.accepted_terms.as_deref())?;
        inventory.extend(&reservation);
        if reservation.state().breakdown.is_none() {
            // Set aside by a version that did not look at it then.
            reservation.price()?.require_chargeable()?;
        }
        let given = Given { contact: ask.contact, terms };
        let policy = inventory.event().refund_policy(now);
        let mut order = Order::place(&reservation, attendees, policy, given, now)?;
        let mut hall = Hall::changed(inventory, reservation);
        self.begin_purchase(&mut *tx, &mut order, &mut hall).await?;
        hall.save(&mut *tx).await?;
        tx.remember(key, Answered { fingerprint, made: order.state().id.uuid() }).await?;
        tx.commit().await?;
        Ok((order, hall.reservation()))
    }
}

fn attendees(given: Vec<Attendee>, quantity: u32) -> Result<Vec<Attendee>, Refusal> {
    match given.as_slice() {
        [one] => Ok(vec![one.clone(); quantity as usize]),
        many if many.len() == quantity as usize => Ok(given),
        many => Err(Refusal::bad_input(
            "attendees",
            format!("must be one for all places or one for each of the {quantity}, not {}", many.len()),
        )
        .because(kernel::reasons::INCONSISTENT)),
    }
}
