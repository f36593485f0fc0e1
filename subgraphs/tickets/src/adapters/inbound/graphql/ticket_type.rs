use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use kernel::Fault;
use service::graphql::{
    IntoGraph, Money,
    Who::{Manager, Operator, Owner, Public, User},
    access, viewer,
};

use super::{
    event::{SaleStatus, manages, stock_is_told},
    loaders::{PlacesOf, UseOf, load},
    tax::TicketTax,
};
use crate::domain::{
    entities::{self, KnownEvent, SalesStatus},
    ports::SeatMapView,
    use_cases::Tickets,
};

/// A kind of ticket of an event.
#[derive(Clone)]
pub(crate) struct TicketType {
    is: Arc<entities::TicketType>,
    seen: Option<Arc<Seen>>,
}

/// What was read together with ticket types, so that none of them asks for it again.
pub(crate) struct Seen {
    /// Their event.
    pub(crate) event: Arc<KnownEvent>,
    /// The seat map they are shown on, if they are.
    pub(crate) map: Option<Arc<SeatMapView>>,
}

/// A price, for a time or for a number of places.
pub(crate) struct PriceTier {
    is: entities::PriceTier,
    of: TicketType,
}

impl TicketType {
    /// One that looks for itself what it needs besides.
    pub(crate) fn alone(is: entities::TicketType) -> Self {
        Self { is: Arc::new(is), seen: None }
    }

    /// One beside which that was seen.
    pub(crate) fn with(is: Arc<entities::TicketType>, seen: Arc<Seen>) -> Self {
        Self { is, seen: Some(seen) }
    }

    /// True when it is for a section.
    pub(crate) fn covers(&self, section: &str) -> bool {
        self.is.covers(section)
    }

    /// How many can be had; of an event of which nothing is sold any more, none.
    async fn left(&self, context: &Context<'_>) -> Result<u32> {
        // All at once: what many ask for at the same moment is read together.
        let (now, event, places, is) = futures::try_join!(
            now(context),
            self.event(context),
            self.places(context),
            self.current(context)
        )?;
        if event.is_over(now) {
            return Ok(0);
        }
        is.left_of(places, now).graph()
    }

    /// The type as it is at this moment: what has run out counts as free, tidied up or not.
    pub(crate) async fn current(&self, context: &Context<'_>) -> Result<Arc<entities::TicketType>> {
        if !self.is.is_limited() {
            return Ok(self.is.clone());
        }
        if let Some(map) = self.seen.as_ref().and_then(|seen| seen.map.as_ref()) {
            return Ok(Arc::new(self.is.without_lapsed(&map.lapsed)));
        }
        let counts = load(context, UseOf(self.is.state().event)).await?.unwrap_or_default();
        Ok(Arc::new(self.is.without_lapsed(&counts.lapsed)))
    }

    /// How many places its sections have left.
    async fn places(&self, context: &Context<'_>) -> Result<u32> {
        if let Some(map) = self.seen.as_ref().and_then(|seen| seen.map.as_ref()) {
            let covered = map.available.iter().filter(|(key, _)| self.is.covers(key));
            return Ok(covered.map(|(_, left)| *left).sum());
        }
        let counts = load(context, UseOf(self.is.state().event)).await?.unwrap_or_default();
        let covered = counts.sections.iter().filter(|(key, _)| self.is.covers(key));
        covered.map(|(_, section)| section.available()).sum::<Result<u32, _>>().graph()
    }

    /// Where it stands at this moment.
    pub(crate) async fn stands(&self, context: &Context<'_>) -> Result<SalesStatus> {
        let (now, event, left) = futures::try_join!(now(context), self.event(context), self.left(context))?;
        Ok(self.is.status_at(&event, now, left))
    }

    /// True for who is told how many are left.
    async fn is_told(&self, context: &Context<'_>) -> Result<bool> {
        let event = self.event(context).await?;
        stock_is_told(context, &event).await
    }

    pub(super) async fn event(&self, context: &Context<'_>) -> Result<Arc<KnownEvent>> {
        if let Some(seen) = &self.seen {
            return Ok(seen.event.clone());
        }
        let event = load(context, self.is.state().event).await?;
        event.map(Arc::new).ok_or_else(|| Fault::broken_rule("a ticket type without its event")).graph()
    }
}

/// This moment, by the database's clock.
pub(crate) async fn now(context: &Context<'_>) -> Result<DateTime<Utc>> {
    context.data::<Tickets>()?.reads().now().await.graph()
}

/// A kind of ticket of an event.
#[Object(directive = access::apply([Public].into(), Some([Manager, Owner, Operator].into())))]
impl TicketType {
    /// Its id.
    async fn id(&self) -> ID {
        self.is.state().id.public().into()
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.is.state().name
    }

    /// What it includes.
    async fn description(&self) -> &str {
        &self.is.state().description
    }

    /// Keys of the sections it is for; all when empty.
    async fn sections(&self) -> &[String] {
        &self.is.state().sections
    }

    /// The price on sale now, with fees and taxes in it; before sales the first to come.
    async fn price(&self, context: &Context<'_>) -> Result<Money> {
        let (now, event, is) = futures::try_join!(now(context), self.event(context), self.current(context))?;
        Ok(is.price(&event, now).graph()?.into())
    }

    /// All its prices; the first that holds is charged.
    async fn tiers(&self, context: &Context<'_>) -> Result<Vec<PriceTier>> {
        let is = self.current(context).await?;
        let tiers = is.state().tiers.iter().cloned();
        Ok(tiers.map(|is| PriceTier { is, of: self.clone() }).collect())
    }

    /// When sales open; at once when null.
    async fn sales_start(&self) -> Option<DateTime<Utc>> {
        self.is.state().sales_start
    }

    /// When sales close; with the event when null. When the event is moved, it moves along, unless it is before the event's
    /// beginning.
    async fn sales_end(&self) -> Option<DateTime<Utc>> {
        self.is.state().sales_end
    }

    /// The fewest in one order.
    async fn min_per_order(&self) -> u32 {
        self.is.state().min_per_order
    }

    /// The most in one order.
    async fn max_per_order(&self) -> u32 {
        self.is.state().max_per_order
    }

    /// The most that one buyer may have, in all orders together; null where one may have as many as one likes.
    async fn limit_per_buyer(&self) -> Option<u32> {
        self.is.state().limit_per_buyer
    }

    /// How many of it the caller has: set aside, ordered or bought, less what was given back. Null for who is not logged in.
    #[graphql(directive = access::apply([User].into(), None))]
    async fn bought_by_me(&self, context: &Context<'_>) -> Result<Option<u32>> {
        let Some(by) = viewer(context).user() else { return Ok(None) };
        let has = load(context, PlacesOf(by, self.is.state().event)).await?;
        Ok(Some(has.and_then(|has| has.get(&self.is.state().id).copied()).unwrap_or_default()))
    }

    /// What it demands of who goes in with it, in the organizer's words, a sentence each.
    async fn restrictions(&self) -> &[String] {
        &self.is.state().restrictions
    }

    /// True when only those see it who know its access code.
    async fn hidden(&self) -> bool {
        self.is.is_hidden()
    }

    /// In how many seconds its sale begins, by the clock that decides about it; null once it has begun, and when that is with
    /// the event's publication.
    async fn sale_starts_in_seconds(&self, context: &Context<'_>) -> Result<Option<i32>> {
        let now = now(context).await?;
        let left = self.is.opens_at().filter(|at| *at > now).and_then(|at| (at - now).to_std().ok());
        // Whoever comes when they are over is not too early.
        let seconds = left.map(|left| left.as_millis().div_ceil(1_000));
        Ok(seconds.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX)))
    }

    /// What it costs once the price on sale now is over, where that is more: an early bird's price beside the one that follows.
    /// Null where no higher price follows.
    async fn compare_at_price(&self, context: &Context<'_>) -> Result<Option<Money>> {
        let (now, event, is) = futures::try_join!(now(context), self.event(context), self.current(context))?;
        Ok(is.price_to_come(&event, now).graph()?.map(Into::into))
    }

    /// How it is taxed on its own; null where it is taxed as its event's other tickets are. For owners and managers; null for
    /// others.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn tax(&self, context: &Context<'_>) -> Result<Option<TicketTax>> {
        let event = self.event(context).await?;
        let is_told = manages(context, event.facts.organization_id).await?;
        Ok(self.is.state().tax.as_ref().filter(|_| is_told).map(TicketTax::from))
    }

    /// How many can be had at this moment; null where the organizer hides that.
    async fn available(&self, context: &Context<'_>) -> Result<Option<u32>> {
        let (told, left) = futures::try_join!(self.is_told(context), self.left(context))?;
        Ok(told.then_some(left))
    }

    /// Where its sale stands at this moment.
    async fn status(&self, context: &Context<'_>) -> Result<SaleStatus> {
        let (now, event, stands) =
            futures::try_join!(now(context), self.event(context), self.stands(context))?;
        Ok(entities::SaleStatus::of(&event, now, &[stands]).into())
    }
}

/// A price, for a time or for a number of places.
#[Object]
impl PriceTier {
    /// Its id.
    async fn id(&self) -> ID {
        self.is.id.public().into()
    }

    /// Its name, such as "Early bird".
    async fn name(&self) -> &str {
        &self.is.name
    }

    /// What a place costs, with fees and taxes in it.
    async fn price(&self, context: &Context<'_>) -> Result<Money> {
        let event = self.of.event(context).await?;
        Ok(self.of.is.listed(&self.is, &event).graph()?.into())
    }

    /// From when; from the start of sales when null.
    async fn from(&self) -> Option<DateTime<Utc>> {
        self.is.from
    }

    /// Until when; to the end of sales when null.
    async fn until(&self) -> Option<DateTime<Utc>> {
        self.is.until
    }

    /// For how many places; for all when null. Null also where the organizer hides how many there are.
    async fn quota(&self, context: &Context<'_>) -> Result<Option<u32>> {
        Ok(if self.of.is_told(context).await? { self.is.quota } else { None })
    }

    /// How many are left at this price; null when it is not limited, and where the organizer hides how many are left.
    async fn remaining(&self, context: &Context<'_>) -> Result<Option<u32>> {
        if self.of.is_told(context).await? { self.is.remaining().graph() } else { Ok(None) }
    }
}
