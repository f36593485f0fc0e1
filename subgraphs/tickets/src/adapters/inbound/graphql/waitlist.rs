//! Waiting lists.

use std::collections::HashMap;

use async_graphql::{Context, Enum, Error, ID, InputObject, Object, Result, dataloader::Loader};
use chrono::{DateTime, Utc};
use kernel::{Fault, Id, Page, PageAsk, Refusal, UserId, WaitlistEntryId, idempotency_key, together};
use service::graphql::{
    ConnectionOf, IntoGraph, MoneyInput,
    Who::{self, Buyer},
    access, connection, require_user,
};

use super::{
    event::Event,
    input::{each_at, positive},
    loaders::{Bought, Loaders, load},
    mutation::count,
    reservation::{LineItem, PriceBreakdown, Reservation, Seats, lines},
    ticket_type::{TicketType, now},
};
use crate::domain::{
    entities::{self, WaitlistWish},
    ports::WaitlistView,
    use_cases::{AcceptWaitlistOffer, JoinWaitlist, Tickets},
};

/// Where an entry of a waiting list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::WaitlistStatus")]
pub(crate) enum WaitlistStatus {
    /// It waits for places.
    Waiting,
    /// Places are set aside for it, until the offer's time is over or it is paid.
    Offered,
    /// What was offered was bought.
    Bought,
    /// What was offered was declined, or given back.
    Declined,
    /// The time of the offer was over, or nothing of it is sold any more.
    Expired,
    /// Its buyer did not want to wait any longer.
    Left,
}

/// Somebody's place on the waiting list of an event. It is made one offer at most: when that is over, so is the entry, and who
/// still wants to come joins anew.
pub(crate) struct WaitlistEntry(pub(crate) WaitlistView);

/// Places that came free and are set aside for who waits.
pub(crate) struct WaitlistOffer(entities::Reservation);

impl WaitlistEntry {
    fn is(&self) -> &entities::WaitlistSnapshot {
        self.0.entry.state()
    }

    fn stands(&self) -> entities::WaitlistStatus {
        self.0.entry.status(self.0.fate)
    }
}

/// Somebody's place on the waiting list of an event. It is made one offer at most: when that is over, so is the entry, and who
/// still wants to come joins anew.
#[Object(directive = access::apply([Buyer].into(), None))]
impl WaitlistEntry {
    /// Its id.
    async fn id(&self) -> ID {
        self.is().id.public().into()
    }

    /// Of which event.
    async fn event(&self) -> Option<Event> {
        Some(Event(self.is().event))
    }

    /// Any of these is waited for, the first that can be had.
    async fn ticket_types(&self, context: &Context<'_>) -> Result<Vec<TicketType>> {
        let types = self.is().wish.types.iter().map(|id| load(context, *id));
        let types = futures::future::try_join_all(types).await?;
        let known = |found: Option<entities::TicketType>| {
            let missing = || Fault::broken_rule("somebody waits for an unknown ticket type");
            found.map(TicketType::alone).ok_or_else(missing)
        };
        types.into_iter().map(known).collect::<Result<_, _>>().graph()
    }

    /// How many places are waited for, all of one type.
    async fn quantity(&self) -> u32 {
        self.is().wish.quantity
    }

    /// Where it stands at this moment.
    async fn status(&self) -> WaitlistStatus {
        self.stands().into()
    }

    /// Its place in the queue at this moment, from 1 on: one more than wait longer for one of the same ticket types. Who waits
    /// longer is served first; who wants more than is free just now may be passed over. Null once it waits no more.
    async fn position(&self, context: &Context<'_>) -> Result<Option<u32>> {
        if self.stands() != entities::WaitlistStatus::Waiting {
            return Ok(None);
        }
        load(context, PositionOf(self.is().id)).await
    }

    /// What is offered; null while nothing is, and once the offer is over.
    async fn offer(&self, context: &Context<'_>) -> Result<Option<WaitlistOffer>> {
        let Some(reservation) = self.is().reservation else { return Ok(None) };
        if self.stands() != entities::WaitlistStatus::Offered {
            return Ok(None);
        }
        Ok(load(context, (self.is().buyer, reservation)).await?.map(WaitlistOffer))
    }

    /// When it joined.
    async fn created_at(&self) -> DateTime<Utc> {
        self.is().joined_at
    }
}

/// Places that came free and are set aside for who waits.
#[Object]
impl WaitlistOffer {
    /// Until when they are set aside. From acceptWaitlistOffer on it is the reservation's time.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.state().expires_at
    }

    /// For how many more seconds they are, by the clock that decides about it.
    async fn expires_in_seconds(&self, context: &Context<'_>) -> Result<i32> {
        let left = self.0.left(now(context).await?).as_secs();
        Ok(i32::try_from(left).unwrap_or(i32::MAX))
    }

    /// Which places.
    async fn items(&self) -> Result<Vec<LineItem>> {
        Ok(lines(&self.0, self.0.price().graph()?, Seats::of(&self.0)))
    }

    /// What they cost.
    async fn total(&self) -> Result<PriceBreakdown> {
        let price = self.0.price().and_then(|price| price.price());
        Ok(price.graph()?.into())
    }
}

/// What somebody wants to wait for.
#[derive(InputObject)]
pub(crate) struct JoinWaitlistInput {
    /// Of which event.
    event_id: ID,
    /// For any of these ticket types, the first that can be had; 1 to 10. Hidden types cannot be waited for.
    ticket_type_ids: Vec<ID>,
    /// For how many places, all of one type: as many as an order may have of it.
    quantity: i32,
    /// True: seats must be side by side. False: any will do, side by side where there are such.
    #[graphql(default = true)]
    together: bool,
    /// The most that one ticket may cost, with fees and taxes in it; any price when left out.
    price_max: Option<MoneyInput>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: Option<String>,
}

impl JoinWaitlistInput {
    fn read(self, buyer: UserId) -> Result<JoinWaitlist, Refusal> {
        let field = "ticketTypeIds";
        let (event, types, quantity, price_max, idempotency_key) = together((
            Id::parse("eventId", &self.event_id),
            each_at(field, &self.ticket_type_ids, |id| Id::parse(field, id)),
            positive("quantity", self.quantity),
            self.price_max.map(|most| most.read("priceMax")).transpose(),
            self.idempotency_key.as_deref().map(idempotency_key).transpose(),
        ))?;
        let wish = WaitlistWish { types, quantity, together: self.together, price_max };
        Ok(JoinWaitlist { buyer, event, wish, idempotency_key })
    }
}

/// Which offer is accepted.
#[derive(InputObject)]
pub(crate) struct AcceptWaitlistOfferInput {
    /// That of which entry.
    entry_id: ID,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    idempotency_key: String,
}

impl AcceptWaitlistOfferInput {
    fn read(&self, buyer: UserId) -> Result<AcceptWaitlistOffer, Refusal> {
        let (entry, idempotency_key) =
            together((Id::parse("entryId", &self.entry_id), idempotency_key(&self.idempotency_key)))?;
        Ok(AcceptWaitlistOffer { buyer, entry, idempotency_key })
    }
}

/// Waiting for places.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waiting;

/// Waiting for places.
#[Object]
impl Waiting {
    /// Waits for places of an event that is sold out, behind all who wait already. What comes free is set aside for who waits
    /// before anybody else can have it, and they are told by mail. Refused while there are such places to choose, and when they
    /// are not sold yet or any more. Who waits for the very same already goes on waiting.
    #[graphql(directive = access::apply([Who::User].into(), None))]
    async fn join_waitlist(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is waited for.")] input: JoinWaitlistInput,
    ) -> Result<Option<WaitlistEntry>> {
        let by = require_user(context)?;
        let outcome = context.data::<Tickets>()?.join_waitlist(input.read(by).graph()?).await;
        count("join_waitlist", &outcome);
        // As it stands now: the same call may have been made long ago.
        let id = outcome.graph()?.state().id;
        Ok(load(context, (by, id)).await?.map(WaitlistEntry))
    }

    /// Waits no longer, or declines what is offered: it goes to the next at once. An entry that has ended stays as it is.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn leave_waitlist(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which entry.")] id: ID,
    ) -> Result<Option<WaitlistEntry>> {
        let by = require_user(context)?;
        let id = service::graphql::id("id", &id)?;
        let left = context.data::<Tickets>()?.leave_waitlist(id, by).await.graph()?;
        Ok(Some(WaitlistEntry(left)))
    }

    /// Accepts what is offered: it becomes a reservation with the time that any other has, to be checked out. Accepting twice
    /// is once. Refused when the time of the offer is over.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn accept_waitlist_offer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: AcceptWaitlistOfferInput,
    ) -> Result<Option<Reservation>> {
        let by = require_user(context)?;
        let outcome = context.data::<Tickets>()?.accept_waitlist_offer(input.read(by).graph()?).await;
        count("accept_waitlist_offer", &outcome);
        Ok(Some(Reservation(outcome.graph()?)))
    }
}

/// One's own entry; none when there is none with this id.
pub(super) async fn find(context: &Context<'_>, text: &ID) -> Result<Option<WaitlistEntry>> {
    let by = require_user(context)?;
    let id: WaitlistEntryId = service::graphql::id("id", text)?;
    Ok(load(context, (by, id)).await?.map(WaitlistEntry))
}

/// A page of a buyer's entries, newest first.
pub(super) async fn page(
    context: &Context<'_>,
    buyer: UserId,
    first: Option<i32>,
    after: Option<&str>,
) -> Result<Option<ConnectionOf<WaitlistEntry>>> {
    let ask = PageAsk::by_id(first, after, 20).graph()?;
    let page = load(context, Bought::page(context, buyer, Entries, &ask)).await?;
    Ok(page.map(|page| connection(page.map(WaitlistEntry), ask.after.is_none())))
}

/// Entries of waiting lists.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Entries;

/// The place of an entry in its queue.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PositionOf(WaitlistEntryId);

/// Everybody sees where they wait and nobody else's: there is one page for each time that an operation asks.
impl Loader<Bought<Entries>> for Loaders {
    type Value = Page<WaitlistView>;
    type Error = Error;

    async fn load(&self, pages: &[Bought<Entries>]) -> Result<HashMap<Bought<Entries>, Page<WaitlistView>>> {
        let mut found = HashMap::new();
        for of in pages {
            let page = self.0.reads().waitlist_entries_of(of.buyer, &of.ask(), of.counted).await.graph()?;
            found.insert(of.clone(), page);
        }
        Ok(found)
    }
}

impl Loader<PositionOf> for Loaders {
    type Value = u32;
    type Error = Error;

    async fn load(&self, asked: &[PositionOf]) -> Result<HashMap<PositionOf, u32>> {
        let ids: Vec<_> = asked.iter().map(|of| of.0).collect();
        let found = self.0.reads().waitlist_positions(&ids).await.graph()?;
        Ok(found.into_iter().map(|(id, position)| (PositionOf(id), position)).collect())
    }
}

impl Loader<(UserId, WaitlistEntryId)> for Loaders {
    type Value = WaitlistView;
    type Error = Error;

    async fn load(
        &self,
        asked: &[(UserId, WaitlistEntryId)],
    ) -> Result<HashMap<(UserId, WaitlistEntryId), WaitlistView>> {
        let ids: Vec<_> = asked.iter().map(|(_, id)| *id).collect();
        let found = self.0.reads().waitlist_entries(&ids).await.graph()?;
        let own = found.into_iter().filter_map(|view| {
            let of = (view.entry.state().buyer, view.entry.state().id);
            asked.contains(&of).then_some((of, view))
        });
        Ok(own.collect())
    }
}
