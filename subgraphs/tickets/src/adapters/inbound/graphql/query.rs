use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use kernel::{OrderId, PromoCodeId, ReservationId, TicketId, TicketTypeId, UserId};
use service::graphql::{
    IntoGraph,
    Who::{Buyer, Manager, Operator, Owner, Public},
    access, id, require_user, viewer,
};

use super::{
    event::{Event, User},
    loaders::load,
    order::Order,
    promo_code::PromoCode,
    reservation::Reservation,
    seat_map::SeatMapChange,
    ticket::Ticket,
    ticket_type::{TicketType, now},
    waitlist::{self, WaitlistEntry},
};
use crate::domain::use_cases::Tickets;

/// What can be asked.
pub struct Query;

/// What can be asked.
#[Object]
impl Query {
    /// This moment, by the clock that decides when places are free again and when sales open: set countdowns by it, since your
    /// own clock may be wrong.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn now(&self, context: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        now(context).await.map(Some)
    }

    /// One's own reservation; null when there is none with this id.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn reservation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<Reservation>> {
        self.find_reservation(context, id).await
    }

    /// An order, for its buyer and for the organizers of its event; null when there is none with this id.
    #[graphql(directive = access::apply([Buyer, Manager, Owner, Operator].into(), None))]
    async fn order(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<Order>> {
        self.find_order(context, id).await
    }

    /// A ticket, for whose it is, its buyer and the organizers of its event; null when there is none with this id.
    #[graphql(directive = access::apply([Buyer, Manager, Owner, Operator].into(), None))]
    async fn ticket(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<Ticket>> {
        self.find_ticket(context, id).await
    }

    /// All changes of a seat map after a version, merged; null when that is too long ago: then read the map again.
    #[graphql(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
    async fn seat_map_changes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of which event.")] event_id: ID,
        #[graphql(desc = "The version you have.")] since: i64,
    ) -> Result<Option<SeatMapChange>> {
        let event = id("eventId", &event_id)?;
        let by = viewer(context);
        let found = context.data::<Tickets>()?.seat_map_changes(event, since, by).await.graph()?;
        let Some((change, house)) = found else { return Ok(None) };
        SeatMapChange::of(event, since, change, house.as_deref()).graph().map(Some)
    }

    /// An event, as far as its tickets go.
    #[graphql(entity)]
    async fn find_event_by_id(&self, #[graphql(desc = "Which.")] id: ID) -> Option<Event> {
        id.parse().ok().map(Event)
    }

    /// A person, as far as their orders and tickets go.
    #[graphql(entity)]
    async fn find_user_by_id(&self, #[graphql(desc = "Which.")] id: ID) -> Option<User> {
        id.parse().ok().map(User)
    }

    /// A ticket type of an event that the caller may see.
    #[graphql(entity)]
    async fn find_ticket_type_by_id(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<TicketType>> {
        let by = viewer(context);
        let id: TicketTypeId = service::graphql::id("id", &id)?;
        Ok(load(context, (by, id)).await?.map(TicketType::alone))
    }

    /// One's own reservation.
    #[graphql(entity)]
    async fn find_reservation_by_id(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<Reservation>> {
        self.find_reservation(context, id).await
    }

    /// One's own entry of a waiting list.
    #[graphql(entity)]
    async fn find_waitlist_entry_by_id(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<WaitlistEntry>> {
        waitlist::find(context, &id).await
    }

    /// A promo code, for owners and managers of its event.
    #[graphql(entity)]
    async fn find_promo_code_by_id(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<PromoCode>> {
        let by = require_user(context)?;
        let id: PromoCodeId = service::graphql::id("id", &id)?;
        Ok(load(context, (by, id)).await?.map(PromoCode))
    }

    /// An order, for its buyer and for the organizers of its event.
    #[graphql(entity)]
    async fn find_order_by_id(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<Order>> {
        self.find_order(context, id).await
    }

    /// A ticket, for whose it is, its buyer and the organizers of its event.
    #[graphql(entity)]
    async fn find_ticket_by_id(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<Ticket>> {
        self.find_ticket(context, id).await
    }
}

impl Query {
    async fn find_reservation(&self, context: &Context<'_>, text: ID) -> Result<Option<Reservation>> {
        let by: UserId = require_user(context)?;
        let id: ReservationId = id("id", &text)?;
        Ok(load(context, (by, id)).await?.map(Reservation))
    }

    async fn find_order(&self, context: &Context<'_>, text: ID) -> Result<Option<Order>> {
        require_user(context)?;
        let by = viewer(context);
        let id: OrderId = id("id", &text)?;
        Ok(load(context, (by, id)).await?.map(Order))
    }

    async fn find_ticket(&self, context: &Context<'_>, text: ID) -> Result<Option<Ticket>> {
        require_user(context)?;
        let by = viewer(context);
        let id: TicketId = id("id", &text)?;
        Ok(load(context, (by, id)).await?.map(Ticket))
    }
}
