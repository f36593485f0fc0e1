//! Choosing places: the best there are, and a cart that changes.

use async_graphql::{Context, ID, InputObject, Object, Result};
use kernel::{EventId, Id, Refusal, UserId, idempotency_key, optional_line, together};
use service::graphql::{
    IntoGraph,
    Who::{Buyer, Manager, Owner, User},
    access, require_user,
};

use super::{
    event::Event,
    input::{HoldPlacesInput, HoldSeatInput, MOST_LINES, each_at, each_line, not_negative, positive},
    mutation::count,
    reservation::Reservation,
};
use crate::domain::{
    entities::{House, Party, Wishes},
    use_cases::{ChangeReservation, HoldBestAvailable, SetSeatingRules, Tickets},
};

/// Choosing places.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Choosing;

/// Choosing places.
#[Object]
impl Choosing {
    /// Sets the best places that are left aside for the caller, for a while: all of them, or none. Seats are side by side, near
    /// to the focal point of the layout, or to what the reservation has already; no single seat is left alone where a choice without
    /// one exists. Where there are not so many side by side it is refused, unless the party may be split.
    #[graphql(directive = access::apply([User].into(), None))]
    async fn hold_best_available(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, and where.")] input: HoldBestAvailableInput,
    ) -> Result<Option<Reservation>> {
        let by = require_user(context)?;
        let outcome = context.data::<Tickets>()?.hold_best_available(input.read(by).graph()?).await;
        count("hold_best", &outcome);
        Ok(Some(Reservation(outcome.graph()?)))
    }

    /// Adds places to one's reservation and takes others out, before the checkout: all of that or nothing. Its clock goes on. It
    /// costs what all of it is listed for just now; a promo code stays as long as it is for something that is left. Seats in the
    /// way are named in a refusal `SEATS_UNAVAILABLE`.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn change_reservation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What comes and what goes.")] input: ChangeReservationInput,
    ) -> Result<Option<Reservation>> {
        let by = require_user(context)?;
        let tickets = context.data::<Tickets>()?;
        let id = service::graphql::id("reservationId", &input.reservation_id)?;
        let known = tickets.own_reservation(id, by).await.graph()?;
        let event = known.ok_or_else(|| Refusal::not_found("reservation")).graph()?.state().event;
        let house = if input.add_seats.iter().any(HoldSeatInput::names_key) {
            tickets.house_of(event).await.graph()?
        } else {
            None
        };
        let ask = input.read(by, event, house.as_deref()).graph()?;
        let outcome = tickets.change_reservation(ask).await;
        count("change", &outcome);
        Ok(Some(Reservation(outcome.graph()?)))
    }

    /// Says how the seats of an event may be chosen from now on. What is set aside already stays. For its owners and managers.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn set_seating_rules(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The event, and its rules.")] input: SetSeatingRulesInput,
    ) -> Result<Option<Event>> {
        let by = require_user(context)?;
        let event = service::graphql::id("eventId", &input.event_id)?;
        let ask = SetSeatingRules { by, event, orphan_seat_rule: input.orphan_seat_rule };
        context.data::<Tickets>()?.set_seating_rules(ask).await.graph()?;
        Ok(Some(Event(event)))
    }
}

/// A party that wants the best places that are left.
#[derive(InputObject)]
pub(crate) struct HoldBestAvailableInput {
    /// Of which event.
    event_id: ID,
    /// As which ticket type.
    ticket_type_id: ID,
    /// How many places, all together: 1 to 50.
    quantity: i32,
    /// How many of them are to be places for wheelchairs. Nobody else is given such a place.
    #[graphql(default = 0)]
    accessible: i32,
    /// How many of the others sit right beside those places.
    #[graphql(default = 0)]
    companions: i32,
    /// Only in these sections, by their keys; in any of the ticket type's when null.
    section_keys: Option<Vec<String>>,
    /// True when the party may sit apart where there are not so many places side by side.
    #[graphql(default = false)]
    may_be_split: bool,
    /// The caller's reservation that they are added to, near to what it has; one of their own when null.
    reservation_id: Option<ID>,
    /// Opens hidden ticket types.
    access_code: Option<String>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: String,
}

impl HoldBestAvailableInput {
    fn read(self, buyer: UserId) -> Result<HoldBestAvailable, Refusal> {
        let sections = self.section_keys.unwrap_or_default();
        let sections = if sections.len() > MOST_LINES {
            let message = format!("must be at most {MOST_LINES}");
            Err(Refusal::bad_input("sectionKeys", message).because(kernel::reasons::WRONG_COUNT))
        } else {
            each_line("sectionKeys", &sections, 100)
        };
        let party = together((
            positive("quantity", self.quantity),
            not_negative("accessible", self.accessible),
            not_negative("companions", self.companions),
        ));
        let (event, ticket_type, (quantity, accessible, companions), sections, reservation, code, key) =
            together((
                Id::parse("eventId", &self.event_id),
                Id::parse("ticketTypeId", &self.ticket_type_id),
                party,
                sections,
                self.reservation_id.as_ref().map(|text| Id::parse("reservationId", text)).transpose(),
                optional_line("accessCode", self.access_code.as_deref(), 100),
                idempotency_key(&self.idempotency_key),
            ))?;
        let party = Party { quantity, accessible, companions, may_be_split: self.may_be_split };
        Ok(HoldBestAvailable {
            buyer,
            event,
            ticket_type,
            party,
            sections,
            reservation,
            access_code: code,
            idempotency_key: key,
        })
    }
}

/// What comes to a reservation, and what goes: all of it or nothing.
#[derive(InputObject)]
pub(crate) struct ChangeReservationInput {
    /// Which.
    reservation_id: ID,
    /// Seats that are added. Those that it has already stay as they are.
    #[graphql(default)]
    add_seats: Vec<HoldSeatInput>,
    /// Places without numbers that are added.
    #[graphql(default)]
    add_places: Vec<HoldPlacesInput>,
    /// Items that are taken out: `LineItem.id`. They are free first: a seat can be added again as another ticket type.
    #[graphql(default)]
    remove_item_ids: Vec<ID>,
    /// Opens hidden ticket types.
    access_code: Option<String>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: String,
}

impl ChangeReservationInput {
    fn read(
        self,
        buyer: UserId,
        event: EventId,
        house: Option<&House>,
    ) -> Result<ChangeReservation, Refusal> {
        for (list, length) in [
            ("addSeats", self.add_seats.len()),
            ("addPlaces", self.add_places.len()),
            ("removeItemIds", self.remove_item_ids.len()),
        ] {
            if length > MOST_LINES {
                let refusal = Refusal::bad_input(list, format!("must be at most {MOST_LINES}"));
                return Err(refusal.because(kernel::reasons::WRONG_COUNT));
            }
        }
        let removed = kernel::each(self.remove_item_ids.iter().enumerate().map(|(at, text)| {
            let item = Id::parse("removeItemIds", text);
            item.map_err(|refusal| refusal.standing_at(&format!("removeItemIds[{at}]")))
        }));
        let (reservation, mut wishes, mut places, removed, access_code, idempotency_key) = together((
            Id::parse("reservationId", &self.reservation_id),
            each_at("addSeats", &self.add_seats, |wish| wish.read(event, house)),
            each_at("addPlaces", &self.add_places, HoldPlacesInput::read),
            removed,
            optional_line("accessCode", self.access_code.as_deref(), 100),
            idempotency_key(&self.idempotency_key),
        ))?;
        wishes.append(&mut places);
        let wishes = Wishes { wishes, access_code };
        Ok(ChangeReservation { buyer, reservation, wishes, removed, idempotency_key })
    }
}

/// How the seats of an event may be chosen.
#[derive(InputObject)]
pub(crate) struct SetSeatingRulesInput {
    /// Of which event.
    event_id: ID,
    /// True: who picks seats may leave no single seat alone between taken ones, where another choice of as many leaves none.
    /// Such a choice is refused with the reason `SEAT_STRANDED`; a booking is never impossible for it.
    orphan_seat_rule: bool,
}
