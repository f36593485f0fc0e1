use async_graphql::{Context, ID, Object, Result};
use kernel::{Refusal, Result as DomainResult};
use service::graphql::{
    IntoGraph,
    Who::{self, BoxOffice, Buyer, Manager, Owner, Scanner},
    access, require_user,
};

use super::{
    input::{CheckInInput, CheckoutInput, CreateTicketTypeInput, HoldSeatsInput, SetSeatsBlockedInput},
    order::Order,
    promo_code::{ApplyPromoCodeInput, CreatePromoCodeInput, PromoCode, UpdatePromoCodeInput},
    refund::RefundOrderInput,
    reservation::Reservation,
    seat_map::SeatMap,
    ticket::CheckInResult,
    ticket_type::TicketType,
};
use crate::domain::{ports::OrderView, use_cases::Tickets};

/// Selling, giving back, and letting people in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Selling;

/// Selling, giving back, and letting people in.
#[Object]
impl Selling {
    /// Adds a ticket type to an event. For its owners and managers.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn create_ticket_type(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The ticket type.")] input: CreateTicketTypeInput,
    ) -> Result<Option<TicketType>> {
        let by = require_user(context)?;
        let made = context.data::<Tickets>()?.create_ticket_type(input.read(by).graph()?).await.graph()?;
        Ok(Some(TicketType::alone(made)))
    }

    /// Keeps seats back from sale, or lets them go again: all of them or none. For owners and managers.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn set_seats_blocked(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The seats.")] input: SetSeatsBlockedInput,
    ) -> Result<Option<SeatMap>> {
        let by = require_user(context)?;
        let tickets = context.data::<Tickets>()?;
        let ask = input.read(by).graph()?;
        let event = ask.event;
        tickets.block_seats(ask).await.graph()?;
        let known = tickets.reads().event(event).await.graph()?;
        let known = known.ok_or_else(|| Refusal::not_found("event")).graph()?;
        SeatMap::of(context, &known).await
    }

    /// Sets seats and places aside for the caller, for a while: all of them, or none. Seats in the way are
    /// named in a refusal `SEATS_UNAVAILABLE`. Seats that are the caller's own already are not in the way: what is new joins the
    /// reservation that has them, whose clock goes on.
    #[graphql(directive = access::apply([Who::User].into(), None))]
    async fn hold_seats(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The places.")] input: HoldSeatsInput,
    ) -> Result<Option<Reservation>> {
        let by = require_user(context)?;
        let tickets = context.data::<Tickets>()?;
        let house = match input.keys_of() {
            Some(event) => {
                let known = tickets.visible_event(event, Some(by)).await.graph()?;
                let known = known.ok_or_else(|| Refusal::not_found("event")).graph()?;
                tickets.house_in(&known).await.graph()?
            }
            None => None,
        };
        let outcome = tickets.hold_seats(input.read(by, house.as_deref()).graph()?).await;
        count("hold", &outcome);
        Ok(Some(Reservation(outcome.graph()?)))
    }

    /// Gives one's places back before their time is over.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn release_reservation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<Reservation>> {
        let by = require_user(context)?;
        let id = service::graphql::id("id", &id)?;
        let released = context.data::<Tickets>()?.release_reservation(id, by).await.graph()?;
        Ok(Some(Reservation(released)))
    }

    /// Gives one's reservation more time, once. Asking again changes nothing: its answer says until when there is time. Refused
    /// are reservations that do not wait any more. Reservation.canExtend says beforehand whether there is more time to be had.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn extend_reservation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<Reservation>> {
        let by = require_user(context)?;
        let id = service::graphql::id("id", &id)?;
        let outcome = context.data::<Tickets>()?.extend_reservation(id, by).await;
        count("extend", &outcome);
        Ok(Some(Reservation(outcome.graph()?)))
    }

    /// Adds a promo code to an event. For its owners and managers.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn create_promo_code(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The code.")] input: CreatePromoCodeInput,
    ) -> Result<Option<PromoCode>> {
        let by = require_user(context)?;
        let made = context.data::<Tickets>()?.create_promo_code(input.read(by).graph()?).await.graph()?;
        Ok(Some(PromoCode(made)))
    }

    /// Changes a promo code, or switches it off. Reservations and orders that have it keep what it took off. For owners and
    /// managers of its event.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn update_promo_code(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What becomes of it.")] input: UpdatePromoCodeInput,
    ) -> Result<Option<PromoCode>> {
        let by = require_user(context)?;
        let changed = context.data::<Tickets>()?.update_promo_code(input.read(by).graph()?).await.graph()?;
        Ok(Some(PromoCode(changed)))
    }

    /// Takes off one's reservation what a promo code takes off, before the checkout. Another code takes the place of the one
    /// before; the same one again changes nothing. The code counts as used until the reservation, or its order, ends
    /// without tickets.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn apply_promo_code(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The reservation and the code.")] input: ApplyPromoCodeInput,
    ) -> Result<Option<Reservation>> {
        let by = require_user(context)?;
        let (reservation, code) = input.read().graph()?;
        let outcome = context.data::<Tickets>()?.apply_promo_code(reservation, by, &code).await;
        count("promo_code", &outcome);
        Ok(Some(Reservation(outcome.graph()?)))
    }

    /// Takes the promo code off one's reservation again, which costs then what it did before. Without a code nothing changes.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn remove_promo_code(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which reservation.")] reservation_id: ID,
    ) -> Result<Option<Reservation>> {
        let by = require_user(context)?;
        let id = service::graphql::id("reservationId", &reservation_id)?;
        let priced = context.data::<Tickets>()?.remove_promo_code(id, by).await.graph()?;
        Ok(Some(Reservation(priced)))
    }

    /// Turns one's reservation into an order. Pay it next, then follow orderChanged.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn checkout(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is bought, and who goes in.")] input: CheckoutInput,
    ) -> Result<Option<Order>> {
        let by = require_user(context)?;
        let tickets = context.data::<Tickets>()?;
        let outcome = tickets.checkout(input.read(by).graph()?).await;
        count("checkout", &outcome);
        let (order, reservation) = outcome.graph()?;
        Ok(Some(Order(OrderView { order: order.state().clone(), reservation })))
    }

    /// Gives an order up before it is paid. Its places are free again at once.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn cancel_order(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<Order>> {
        let by = require_user(context)?;
        let tickets = context.data::<Tickets>()?;
        let cancelled = tickets.cancel_order(service::graphql::id("id", &id)?, by).await.graph()?;
        Ok(tickets.reads().order(cancelled.state().id).await.graph()?.map(Order))
    }

    /// Gives tickets of an order back, with their money: all that may go back, or those that are named. They stop admitting at
    /// once. When the money is on its way they are void, and their places can be had again; follow orderChanged. When no money
    /// can go back they are valid as before. Owners and managers give back all of what was paid, at any time. The buyer gives
    /// back what nobody went in with, and gets what Order.refundQuote says.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn refund_order(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The order, and which of its tickets.")] input: RefundOrderInput,
    ) -> Result<Option<Order>> {
        let by = require_user(context)?;
        let tickets = context.data::<Tickets>()?;
        Ok(Some(Order(tickets.refund_order(input.read(by).graph()?).await.graph()?)))
    }

    /// Admits the holder of a ticket, once. For members of the event's organization.
    #[graphql(directive = access::apply([Scanner, BoxOffice, Manager, Owner].into(), None))]
    async fn check_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The scan.")] input: CheckInInput,
    ) -> Result<Option<CheckInResult>> {
        let by = require_user(context)?;
        let answer = context.data::<Tickets>()?.check_in(input.read(by).graph()?).await.graph()?;
        Ok(Some(answer.into()))
    }
}

/// Counts what came of a request.
pub(super) fn count<T>(what: &'static str, outcome: &DomainResult<T>) {
    let result = match outcome {
        Ok(_) => "done",
        Err(kernel::Error::Refused(refusal)) => refusal.code.as_str(),
        Err(kernel::Error::Broken(_)) => "fault",
    };
    metrics::counter!("tickets_requests_total", "what" => what, "result" => result).increment(1);
}
