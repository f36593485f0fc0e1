use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use contracts::users::Role;
use kernel::{EventId, OrganizationId, PageAsk, Refusal, UserId, optional_line, together};
use service::graphql::{
    ConnectionOf, IntoGraph, Money,
    Who::{Holder, Manager, Oneself, Operator, Owner, Public},
    access, connection, into_graph, require_user,
    terms::SalesTerms,
    viewer,
};

use super::{
    cancellation::EventCancellation,
    loaders::{CancellationOf, OrdersOf, ReservationsOf, TicketsOfOwner, TypesOf, UseOf, load},
    order::{Order, OrderStatus},
    promo_code::{PromoCode, PromoCodesOf},
    refund::RefundPolicy,
    reservation::{Reservation, ReservationStatus},
    seat_map::SeatMap,
    ticket::Ticket,
    ticket_type::{Seen, TicketType, now},
    waitlist::{self, WaitlistEntry},
};
use crate::domain::{
    entities::{self, KnownEvent, SalesStatus, SectionCount, knows_stock},
    ports::{AvailabilityView, OnlyReservations},
    use_cases::Tickets,
};

/// An event, as far as its tickets go.
pub(crate) struct Event(pub(crate) EventId);

/// Where a sale stands: of an event, all its ticket types together, or of one ticket type. More values may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::SaleStatus")]
pub(crate) enum SaleStatus {
    /// The event is a draft.
    NotPublished,
    /// Nothing can be bought yet.
    Scheduled,
    /// Something can be bought.
    OnSale,
    /// Nothing is left just now; what others do not pay for comes back.
    SoldOut,
    /// The event was put off, and has no new date yet.
    Paused,
    /// Sales are over.
    Closed,
    /// The event was called off.
    Cancelled,
}

/// How much is left, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::AvailabilityLevel")]
pub(crate) enum AvailabilityLevel {
    /// More than a tenth of all places.
    Plenty,
    /// A tenth of all places, or less.
    Few,
    /// Nothing.
    None,
}

/// The lowest and the highest price of an event, with fees and taxes in them.
#[derive(SimpleObject)]
pub(crate) struct PriceRange {
    /// The cheapest ticket on sale now.
    lowest: Money,
    /// The dearest ticket on sale now.
    highest: Money,
}

/// How an event's places are used at this moment.
pub(crate) struct Availability {
    event: KnownEvent,
    counts: Arc<AvailabilityView>,
}

impl Availability {
    fn sum(&self, of: fn(&SectionCount) -> u32) -> u32 {
        self.counts.sections.values().map(of).sum()
    }

    /// How many can be had: none once nothing of the event is sold any more.
    async fn left(&self, context: &Context<'_>) -> Result<u32> {
        let at = now(context).await?;
        if self.event.is_over(at) {
            return Ok(0);
        }
        self.counts.sections.values().map(SectionCount::available).sum::<Result<u32, _>>().graph()
    }

    /// What tells of sales is for those who see them. The counts are the same for whoever asks: who does is looked at
    /// here, each time.
    async fn for_organizers(
        &self,
        context: &Context<'_>,
        of: fn(&SectionCount) -> u32,
    ) -> Result<Option<u32>> {
        Ok(manages(context, self.event.facts.organization_id).await?.then(|| self.sum(of)))
    }
}

/// True for members of the organization whose role `may`, and for operators.
async fn is_one_who(
    may: impl Fn(Role) -> bool,
    context: &Context<'_>,
    organization: OrganizationId,
) -> Result<bool> {
    let viewer = viewer(context);
    if viewer.is_operator() {
        return Ok(true);
    }
    match viewer.user() {
        Some(by) => Ok(load(context, (organization, by)).await?.is_some_and(may)),
        None => Ok(false),
    }
}

/// True for who manages the events of the organization, and for operators.
pub(super) async fn manages(context: &Context<'_>, organization: OrganizationId) -> Result<bool> {
    is_one_who(Role::manages, context, organization).await
}

/// True for who plans or sells the event's places, and for operators.
pub(super) async fn is_insider(context: &Context<'_>, event: &KnownEvent) -> Result<bool> {
    is_one_who(knows_stock, context, event.facts.organization_id).await
}

/// True for who is told how many places of the event are left.
pub(super) async fn stock_is_told(context: &Context<'_>, event: &KnownEvent) -> Result<bool> {
    Ok(event.facts.shows_stock || is_insider(context, event).await?)
}

/// How an event's places are used at this moment. An organizer may hide the counts: then they are for the organizers and the
/// box office, and null for others. The level is told nevertheless, and the seat map shows each seat.
#[Object]
impl Availability {
    /// How much is left, in a word.
    async fn level(&self, context: &Context<'_>) -> Result<AvailabilityLevel> {
        let left = self.left(context).await?;
        Ok(entities::AvailabilityLevel::of(self.sum(|section| section.capacity), left).into())
    }

    /// How many places there are; null where that is not told.
    async fn total(&self, context: &Context<'_>) -> Result<Option<u32>> {
        let told = stock_is_told(context, &self.event).await?;
        Ok(told.then(|| self.sum(|section| section.capacity)))
    }

    /// How many can be had; none once the event is over, or called off. Null where that is not told.
    async fn available(&self, context: &Context<'_>) -> Result<Option<u32>> {
        if stock_is_told(context, &self.event).await? { self.left(context).await.map(Some) } else { Ok(None) }
    }

    /// How many are set aside for buyers. For organizers; null for others.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn held(&self, context: &Context<'_>) -> Result<Option<u32>> {
        self.for_organizers(context, |section| section.held).await
    }

    /// How many have tickets. For organizers; null for others.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn sold(&self, context: &Context<'_>) -> Result<Option<u32>> {
        self.for_organizers(context, |section| section.sold).await
    }

    /// How many the organizer keeps back. For organizers; null for others.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn blocked(&self, context: &Context<'_>) -> Result<Option<u32>> {
        self.for_organizers(context, |section| section.blocked).await
    }
}

impl PriceRange {
    /// From the cheapest to the dearest of these types that is on sale now; while none is, of those that come on sale
    /// later.
    pub(crate) async fn of(
        context: &Context<'_>,
        types: impl Iterator<Item = TicketType>,
    ) -> Result<Option<Self>> {
        let at = now(context).await?;
        let offers = types.map(async |shown| {
            let (stands, event, is) =
                futures::try_join!(shown.stands(context), shown.event(context), shown.current(context))?;
            Ok::<_, async_graphql::Error>((stands, is.price(&event, at).graph()?))
        });
        let offers = futures::future::try_join_all(offers).await?;
        let prices = |wanted: SalesStatus| -> Vec<_> {
            offers.iter().filter(|(stands, _)| *stands == wanted).map(|(_, price)| *price).collect()
        };
        let on_sale = Self::between(&prices(SalesStatus::OnSale));
        Ok(on_sale.or_else(|| Self::between(&prices(SalesStatus::Scheduled))))
    }

    fn between(prices: &[kernel::Money]) -> Option<Self> {
        let lowest = *prices.iter().min_by_key(|price| price.minor)?;
        let highest = *prices.iter().max_by_key(|price| price.minor)?;
        Some(Self { lowest: lowest.into(), highest: highest.into() })
    }
}

impl Event {
    /// The event, where the caller may see it. What was published a moment ago may not be known here yet: its fields of
    /// this service are null until then.
    async fn known(&self, context: &Context<'_>) -> Result<Option<KnownEvent>> {
        load(context, (viewer(context), self.0)).await
    }

    async fn types(&self, context: &Context<'_>) -> Result<Arc<Vec<entities::TicketType>>> {
        Ok(load(context, TypesOf(self.0)).await?.unwrap_or_default())
    }

    /// Its types that need no access code.
    async fn open_types(&self, context: &Context<'_>, event: KnownEvent) -> Result<Vec<TicketType>> {
        let types = self.types(context).await?;
        let seen = Arc::new(Seen { event: Arc::new(event), map: None });
        let open = types.iter().filter(|known| known.is_open_to(None));
        Ok(open.map(|known| TicketType::with(Arc::new(known.clone()), seen.clone())).collect())
    }
}

/// An event, as far as its tickets go.
// Fields on a type of another service, and fields that lead to one, are nullable: a service that is down
// costs its own fields, not the whole answer.
#[Object(directive = access::apply([Public].into(), None))]
impl Event {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.public().into()
    }

    /// What can be bought. Hidden types need their access code.
    #[graphql(directive = access::apply([Public].into(), Some([Holder, Manager, Owner, Operator].into())))]
    async fn ticket_types(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Shows the types that are hidden behind it, too.")] access_code: Option<String>,
    ) -> Result<Option<Vec<TicketType>>> {
        let access_code = optional_line("accessCode", access_code.as_deref(), 100).graph()?;
        let Some(event) = self.known(context).await? else { return Ok(None) };
        let by = viewer(context).user();
        context.data::<Tickets>()?.try_code(self.0, access_code.as_deref(), by).graph()?;
        let types = self.types(context).await?;
        let is_open = |known: &&entities::TicketType| known.is_open_to(access_code.as_deref());
        let sees_all = types.iter().all(|known| is_open(&known))
            || manages(context, event.facts.organization_id).await?;
        let shown = types.iter().filter(|known| sees_all || is_open(known));
        let seen = Arc::new(Seen { event: Arc::new(event), map: None });
        let shown = shown.map(|known| TicketType::with(Arc::new(known.clone()), seen.clone()));
        Ok(Some(shown.collect()))
    }

    /// From the cheapest to the dearest price on sale now; while nothing is, of what comes on sale later. Null when
    /// nothing is for sale.
    #[graphql(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
    async fn price_range(&self, context: &Context<'_>) -> Result<Option<PriceRange>> {
        let Some(event) = self.known(context).await? else { return Ok(None) };
        PriceRange::of(context, self.open_types(context, event).await?.into_iter()).await
    }

    /// How far everything is given back, once it was called off; null otherwise, and where nobody had ordered. For
    /// owners and managers; null for others.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn cancellation(&self, context: &Context<'_>) -> Result<Option<EventCancellation>> {
        let Some(event) = self.known(context).await? else { return Ok(None) };
        if !event.is_called_off() || !manages(context, event.facts.organization_id).await? {
            return Ok(None);
        }
        Ok(load(context, CancellationOf(self.0)).await?.map(Into::into))
    }

    /// What buyers get back who return tickets that they buy now; null where nothing goes back, or does any more.
    #[graphql(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
    async fn refund_policy(&self, context: &Context<'_>) -> Result<Option<RefundPolicy>> {
        let Some(event) = self.known(context).await? else { return Ok(None) };
        let policy = event.refund_policy(now(context).await?);
        Ok((!policy.is_none()).then(|| RefundPolicy::of(&policy, event.facts.timezone)))
    }

    /// The organizer's terms of business, which whoever buys accepts: checkout wants the name of this version. Null where there is
    /// nothing to accept.
    #[graphql(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
    async fn sales_terms(&self, context: &Context<'_>) -> Result<Option<SalesTerms>> {
        let event = self.known(context).await?;
        Ok(event.and_then(|event| event.settings.terms.clone()).map(Into::into))
    }

    /// Its promo codes, newest first. For owners and managers; null for others.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn promo_codes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<Option<ConnectionOf<PromoCode>>> {
        let ask = PageAsk::by_id(first, after.as_deref(), 20).graph()?;
        let (Some(event), Some(by)) = (self.known(context).await?, viewer(context).user()) else {
            return Ok(None);
        };
        // What a code is worth is no matter of support.
        let role = load(context, (event.facts.organization_id, by)).await?;
        if !role.is_some_and(Role::manages) {
            return Ok(None);
        }
        let page = load(context, PromoCodesOf::page(context, self.0, &ask)).await?;
        Ok(page.map(|page| connection(page.map(PromoCode), ask.after.is_none())))
    }

    /// Where its sale stands, all ticket types together that need no access code.
    #[graphql(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
    async fn sale_status(&self, context: &Context<'_>) -> Result<Option<SaleStatus>> {
        let Some(event) = self.known(context).await? else { return Ok(None) };
        let at = now(context).await?;
        let types = self.open_types(context, event.clone()).await?;
        let stand = futures::future::try_join_all(types.iter().map(|shown| shown.stands(context))).await?;
        Ok(Some(entities::SaleStatus::of(&event, at, &stand).into()))
    }

    /// When the first of its ticket types comes on sale, of those that need no access code; null when that is with its
    /// publication.
    #[graphql(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
    async fn sale_starts_at(&self, context: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        if self.known(context).await?.is_none() {
            return Ok(None);
        }
        let types = self.types(context).await?;
        Ok(entities::sale_starts_at(types.iter().filter(|known| known.is_open_to(None))))
    }

    /// True while who picks seats may leave no single seat alone where that can be avoided; setSeatingRules says so.
    #[graphql(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
    async fn orphan_seat_rule(&self, context: &Context<'_>) -> Result<Option<bool>> {
        Ok(self.known(context).await?.map(|event| event.orphan_seat_rule))
    }

    /// How its places are used at this moment.
    #[graphql(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
    async fn availability(&self, context: &Context<'_>) -> Result<Option<Availability>> {
        let Some(event) = self.known(context).await? else { return Ok(None) };
        let counts = load(context, UseOf(self.0)).await?.unwrap_or_default();
        Ok(Some(Availability { event, counts }))
    }

    /// The live map at this moment; null when the event has no layout, or its places are not open yet.
    #[graphql(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
    async fn seat_map(&self, context: &Context<'_>) -> Result<Option<SeatMap>> {
        match self.known(context).await? {
            Some(event) => SeatMap::of(context, &event).await,
            None => Ok(None),
        }
    }
}

/// A person, as far as their orders and tickets go.
pub(crate) struct User(pub(crate) UserId);

impl User {
    fn require_self(&self, context: &Context<'_>) -> Result<()> {
        if require_user(context)? == self.0 {
            Ok(())
        } else {
            let message = "Orders and tickets are shown to their buyer only.";
            Err(into_graph(Refusal::new(kernel::reasons::OWNER_ONLY, message).into()))
        }
    }
}

/// A person, as far as their orders and tickets go.
#[Object(directive = access::apply([Public].into(), None))]
impl User {
    /// Their id.
    async fn id(&self) -> ID {
        self.0.public().into()
    }

    /// Their orders, newest first.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn orders(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Only those with this status.")] status: Option<OrderStatus>,
    ) -> Result<Option<ConnectionOf<Order>>> {
        self.require_self(context)?;
        let ask = PageAsk::by_id(first, after.as_deref(), 20).graph()?;
        let page = load(context, OrdersOf::page(context, self.0, status.map(Into::into), &ask)).await?;
        Ok(page.map(|page| connection(page.map(Order), ask.after.is_none())))
    }

    /// Where they wait, and waited, for places; newest first.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn waitlist_entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
    ) -> Result<Option<ConnectionOf<WaitlistEntry>>> {
        self.require_self(context)?;
        waitlist::page(context, self.0, first, after.as_deref()).await
    }

    /// What they have set aside, newest first.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn reservations(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Only those of this event.")] event_id: Option<ID>,
        #[graphql(
            desc = "Only those that stand so at this moment; all when null.",
            default_with = "Some(ReservationStatus::Active)"
        )]
        status: Option<ReservationStatus>,
    ) -> Result<Option<ConnectionOf<Reservation>>> {
        self.require_self(context)?;
        let (ask, event) = together((
            PageAsk::by_id(first, after.as_deref(), 20),
            event_id.map(|id| EventId::parse("eventId", &id)).transpose(),
        ))
        .graph()?;
        let only = OnlyReservations { event, status: status.map(Into::into) };
        let page = load(context, ReservationsOf::page(context, self.0, only, &ask)).await?;
        Ok(page.map(|page| connection(page.map(Reservation), ask.after.is_none())))
    }

    /// Their tickets, newest first: those that they have bought and not passed on, and those that others have passed on to them.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn tickets(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "True: only of events that are not over. False: only of those that are.")] upcoming: Option<bool>,
    ) -> Result<Option<ConnectionOf<Ticket>>> {
        self.require_self(context)?;
        let ask = PageAsk::by_id(first, after.as_deref(), 20).graph()?;
        let page = load(context, TicketsOfOwner::page(context, self.0, upcoming, &ask)).await?;
        Ok(page.map(|page| connection(page.map(Ticket), ask.after.is_none())))
    }
}
