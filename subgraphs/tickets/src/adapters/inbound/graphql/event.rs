use async_graphql::{Context, ID, Object, Result, SimpleObject};
use kernel::{EventId, PageAsk, Refusal, UserId};
use service::graphql::{ConnectionOf, IntoGraph, Money, caller, connection, into_graph, require_user};

use super::{
    order::{Order, OrderStatus},
    seat_map::SeatMap,
    ticket::Ticket,
    ticket_type::TicketType,
};
use crate::domain::{entities::KnownEvent, use_cases::Tickets};

/// An event, as far as its tickets go.
pub(crate) struct Event(pub(crate) EventId);

/// The lowest and the highest price of an event.
#[derive(SimpleObject)]
pub(crate) struct PriceRange {
    /// The cheapest ticket on sale now.
    lowest: Money,
    /// The dearest ticket on sale now.
    highest: Money,
}

/// How an event's places are used at this moment.
#[derive(SimpleObject)]
pub(crate) struct Availability {
    /// How many places there are.
    total: u32,
    /// How many can be had.
    available: u32,
    /// How many are set aside for buyers.
    held: u32,
    /// How many have tickets.
    sold: u32,
}

impl Event {
    async fn known(&self, context: &Context<'_>) -> Result<KnownEvent> {
        let tickets = context.data::<Tickets>()?;
        let by = caller(context).map(|caller| caller.user);
        let event = tickets.visible_event(self.0, by).await.graph()?;
        event.ok_or_else(|| into_graph(Refusal::not_found("event").into()))
    }
}

/// An event, as far as its tickets go.
// Fields on a type of another service, and fields that lead to one, are nullable: a service that is down
// costs its own fields, not the whole answer.
#[Object]
impl Event {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.into()
    }

    /// What can be bought. Hidden types need their access code.
    async fn ticket_types(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Shows the types that are hidden behind it, too.")] access_code: Option<String>,
    ) -> Result<Option<Vec<TicketType>>> {
        let tickets = context.data::<Tickets>()?;
        let event = self.known(context).await?;
        let by = caller(context).map(|caller| caller.user);
        tickets.try_code(self.0, access_code.as_deref(), by).graph()?;
        let manages = tickets.manages(&event, by).await.graph()?;
        let types = tickets.reads().ticket_types(self.0).await.graph()?;
        let open = types.into_iter().filter(|known| manages || known.is_open_to(access_code.as_deref()));
        Ok(Some(open.map(TicketType::alone).collect()))
    }

    /// From the cheapest to the dearest price on sale now; null when nothing is for sale.
    async fn price_range(&self, context: &Context<'_>) -> Result<Option<PriceRange>> {
        let tickets = context.data::<Tickets>()?;
        let event = self.known(context).await?;
        let types = tickets.visible_types(&event, None).await.graph()?;
        let now = tickets.reads().now().await.graph()?;
        let prices = || types.iter().map(|known| known.price(now));
        let lowest = prices().min_by_key(|price| price.minor);
        let highest = prices().max_by_key(|price| price.minor);
        Ok(lowest
            .zip(highest)
            .map(|(lowest, highest)| PriceRange { lowest: lowest.into(), highest: highest.into() }))
    }

    /// How its places are used at this moment.
    async fn availability(&self, context: &Context<'_>) -> Result<Option<Availability>> {
        let tickets = context.data::<Tickets>()?;
        self.known(context).await?;
        let counts = tickets.reads().availability(self.0).await.graph()?;
        let sum =
            |of: fn(&crate::domain::entities::SectionCount) -> u32| counts.sections.values().map(of).sum();
        Ok(Some(Availability {
            total: sum(|section| section.capacity),
            available: sum(crate::domain::entities::SectionCount::available),
            held: sum(|section| section.held),
            sold: sum(|section| section.sold),
        }))
    }

    /// The live map at this moment; null when the event has no layout, or its places are not open yet.
    async fn seat_map(&self, context: &Context<'_>) -> Result<Option<SeatMap>> {
        let tickets = context.data::<Tickets>()?;
        let event = self.known(context).await?;
        SeatMap::of(tickets, &event).await
    }
}

/// A person, as far as their orders and tickets go.
pub(crate) struct User(pub(crate) UserId);

impl User {
    fn require_self(&self, context: &Context<'_>) -> Result<()> {
        if require_user(context)? == self.0 {
            Ok(())
        } else {
            Err(into_graph(Refusal::forbidden("Orders and tickets are shown to their buyer only.").into()))
        }
    }
}

/// A person, as far as their orders and tickets go.
#[Object]
impl User {
    /// Their id.
    async fn id(&self) -> ID {
        self.0.into()
    }

    /// Their orders, newest first.
    async fn orders(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Only those with this status.")] status: Option<OrderStatus>,
    ) -> Result<Option<ConnectionOf<Order>>> {
        self.require_self(context)?;
        let ask = PageAsk::parse(first, after.as_deref(), 20).graph()?;
        let tickets = context.data::<Tickets>()?;
        let page = tickets.reads().orders_of(self.0, status.map(Into::into), &ask).await.graph()?;
        Ok(Some(connection(page.map(Order), ask.after.is_none())))
    }

    /// Their tickets, newest first.
    async fn tickets(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100; 20 when left out.")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "True: only of events that are not over. False: only of those that are.")] upcoming: Option<bool>,
    ) -> Result<Option<ConnectionOf<Ticket>>> {
        self.require_self(context)?;
        let ask = PageAsk::parse(first, after.as_deref(), 20).graph()?;
        let tickets = context.data::<Tickets>()?;
        let page = tickets.reads().tickets_of_buyer(self.0, upcoming, &ask).await.graph()?;
        Ok(Some(connection(page.map(Ticket), ask.after.is_none())))
    }
}
