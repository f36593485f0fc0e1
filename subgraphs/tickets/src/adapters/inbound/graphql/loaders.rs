//! Reading for many objects at once, so that a list costs as many statements as one of its items.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::Arc,
};

use async_graphql::{
    Context, Error, Result,
    dataloader::{DataLoader, Loader},
};
use contracts::users::Role;
use kernel::{
    Cursor, EventId, LayoutId, Money, OrderId, OrganizationId, Page, PageAsk, ReservationId, TicketId,
    TicketTypeId, UserId, Viewer,
};
use service::graphql::IntoGraph;

use crate::domain::{
    entities::{Contact, House, KnownEvent, OrderStatus, OrderStep, Reservation, TicketSnapshot, TicketType},
    ports::{AvailabilityView, CancellationView, OnlyReservations, OrderView, SeatMapView},
    use_cases::Tickets,
};

/// What resolvers read in batches. Keys that begin with a person are for what that person may see.
#[derive(Clone)]
pub(super) struct Loaders(pub(super) Tickets);

/// The ticket types of an event.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TypesOf(pub(super) EventId);

/// How the places of an event are used.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct UseOf(pub(super) EventId);

/// The seat map of an event.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct MapOf(pub(super) EventId);

/// Why seats of an event are kept back.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct WhyBlocked(pub(super) EventId);

/// Who was told at the purchase of an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ContactOf(pub(super) OrderId);

/// How far the refunds of an event are that was called off.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CancellationOf(pub(super) EventId);

/// The tickets of an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TicketsOf(pub(super) OrderId);

/// What happened to an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct HistoryOf(pub(super) OrderId);

/// A page of what a buyer has: `only` says of what.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Bought<Only> {
    pub(super) buyer: UserId,
    pub(super) only: Only,
    pub(super) first: u32,
    pub(super) after: Option<String>,
    pub(super) counted: bool,
}

/// Orders, perhaps with one status only.
pub(super) type OrdersOf = Bought<Option<OrderStatus>>;
/// Tickets, perhaps only of events that are not over, or only of others.
pub(super) type TicketsOfOwner = Bought<Option<bool>>;

impl<Only> Bought<Only> {
    pub(super) fn page(context: &Context<'_>, buyer: UserId, only: Only, ask: &PageAsk) -> Self {
        Self {
            buyer,
            only,
            first: ask.first,
            after: ask.after.as_ref().map(|cursor| cursor.key().to_owned()),
            counted: context.look_ahead().field("totalCount").exists(),
        }
    }

    pub(super) fn ask(&self) -> PageAsk {
        PageAsk { first: self.first, after: self.after.clone().map(Cursor::after) }
    }
}

/// Reservations, perhaps only of one event or with one status.
pub(super) type ReservationsOf = Bought<OnlyReservations>;

/// The order that a reservation became.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct OrderOf(pub(super) ReservationId);

/// How many places of an event a buyer has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PlacesOf(pub(super) UserId, pub(super) EventId);

/// How much of an order was given back for tickets.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct GivenBackOf(pub(super) OrderId);

/// Reads one of many.
pub(super) async fn load<K>(context: &Context<'_>, key: K) -> Result<Option<<Loaders as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Loaders: Loader<K, Error = Error>,
{
    context.data::<DataLoader<Loaders>>()?.load_one(key).await
}

fn by<K: Hash + Eq, T>(items: Vec<T>, key: impl Fn(&T) -> K) -> HashMap<K, T> {
    items.into_iter().map(|item| (key(&item), item)).collect()
}

/// Nothing is said of keys of which there is nothing.
fn grouped<K: Hash + Eq, T>(items: impl IntoIterator<Item = (K, T)>) -> HashMap<K, Vec<T>> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for (key, item) in items {
        groups.entry(key).or_default().push(item);
    }
    groups
}

impl Loader<EventId> for Loaders {
    type Value = KnownEvent;
    type Error = Error;

    async fn load(&self, ids: &[EventId]) -> Result<HashMap<EventId, KnownEvent>> {
        Ok(by(self.0.reads().events(ids).await.graph()?, |event| event.id))
    }
}

impl Loader<(Viewer, EventId)> for Loaders {
    type Value = KnownEvent;
    type Error = Error;

    async fn load(&self, asked: &[(Viewer, EventId)]) -> Result<HashMap<(Viewer, EventId), KnownEvent>> {
        self.0.visible_events(asked).await.graph()
    }
}

impl Loader<(OrganizationId, UserId)> for Loaders {
    type Value = Role;
    type Error = Error;

    async fn load(
        &self,
        asked: &[(OrganizationId, UserId)],
    ) -> Result<HashMap<(OrganizationId, UserId), Role>> {
        self.0.roles(asked.iter().copied()).await.graph()
    }
}

impl Loader<TypesOf> for Loaders {
    type Value = Arc<Vec<TicketType>>;
    type Error = Error;

    async fn load(&self, events: &[TypesOf]) -> Result<HashMap<TypesOf, Self::Value>> {
        let events: Vec<EventId> = events.iter().map(|of| of.0).collect();
        let types = self.0.reads().ticket_types_of(&events).await.graph()?;
        let types = grouped(types.into_iter().map(|known| (TypesOf(known.state().event), known)));
        Ok(types.into_iter().map(|(of, types)| (of, Arc::new(types))).collect())
    }
}

impl Loader<TicketTypeId> for Loaders {
    type Value = TicketType;
    type Error = Error;

    async fn load(&self, ids: &[TicketTypeId]) -> Result<HashMap<TicketTypeId, TicketType>> {
        Ok(by(self.0.reads().ticket_types_by_id(ids).await.graph()?, |known| known.state().id))
    }
}

impl Loader<(Viewer, TicketTypeId)> for Loaders {
    type Value = TicketType;
    type Error = Error;

    async fn load(
        &self,
        asked: &[(Viewer, TicketTypeId)],
    ) -> Result<HashMap<(Viewer, TicketTypeId), TicketType>> {
        self.0.visible_types(asked).await.graph()
    }
}

impl Loader<UseOf> for Loaders {
    type Value = Arc<AvailabilityView>;
    type Error = Error;

    async fn load(&self, events: &[UseOf]) -> Result<HashMap<UseOf, Self::Value>> {
        let events: Vec<EventId> = events.iter().map(|of| of.0).collect();
        let views = self.0.reads().availabilities(&events).await.graph()?;
        Ok(views.into_iter().map(|(event, view)| (UseOf(event), Arc::new(view))).collect())
    }
}

impl Loader<MapOf> for Loaders {
    type Value = Arc<SeatMapView>;
    type Error = Error;

    async fn load(&self, events: &[MapOf]) -> Result<HashMap<MapOf, Self::Value>> {
        let events: Vec<EventId> = events.iter().map(|of| of.0).collect();
        let views = self.0.reads().seat_maps(&events).await.graph()?;
        Ok(views.into_iter().map(|(event, view)| (MapOf(event), Arc::new(view))).collect())
    }
}

impl Loader<WhyBlocked> for Loaders {
    type Value = Arc<BTreeMap<u32, String>>;
    type Error = Error;

    async fn load(&self, events: &[WhyBlocked]) -> Result<HashMap<WhyBlocked, Self::Value>> {
        let events: Vec<EventId> = events.iter().map(|of| of.0).collect();
        let reasons = self.0.reads().why_blocked(&events).await.graph()?;
        Ok(reasons.into_iter().map(|(event, reasons)| (WhyBlocked(event), Arc::new(reasons))).collect())
    }
}

impl Loader<LayoutId> for Loaders {
    type Value = Arc<House>;
    type Error = Error;

    async fn load(&self, ids: &[LayoutId]) -> Result<HashMap<LayoutId, Arc<House>>> {
        Ok(by(self.0.reads().houses(ids).await.graph()?, |house| house.layout()))
    }
}

impl Loader<(UserId, ReservationId)> for Loaders {
    type Value = Reservation;
    type Error = Error;

    async fn load(
        &self,
        asked: &[(UserId, ReservationId)],
    ) -> Result<HashMap<(UserId, ReservationId), Reservation>> {
        self.0.own_reservations(asked).await.graph()
    }
}

impl Loader<PlacesOf> for Loaders {
    type Value = Arc<BTreeMap<TicketTypeId, u32>>;
    type Error = Error;

    async fn load(&self, asked: &[PlacesOf]) -> Result<HashMap<PlacesOf, Self::Value>> {
        let events = grouped(asked.iter().map(|PlacesOf(by, event)| (*by, *event)));
        let mut found = HashMap::new();
        // It is one person who asks.
        for (by, events) in events {
            let has = self.0.reads().places_of(by, &events).await.graph()?;
            found.extend(has.into_iter().map(|(event, has)| (PlacesOf(by, event), Arc::new(has))));
        }
        Ok(found)
    }
}

impl Loader<OrderOf> for Loaders {
    type Value = OrderId;
    type Error = Error;

    async fn load(&self, asked: &[OrderOf]) -> Result<HashMap<OrderOf, OrderId>> {
        let asked: Vec<ReservationId> = asked.iter().map(|of| of.0).collect();
        let found = self.0.reads().orders_of_reservations(&asked).await.graph()?;
        Ok(found.into_iter().map(|(reservation, order)| (OrderOf(reservation), order)).collect())
    }
}

impl Loader<OrderId> for Loaders {
    type Value = OrderView;
    type Error = Error;

    async fn load(&self, ids: &[OrderId]) -> Result<HashMap<OrderId, OrderView>> {
        Ok(by(self.0.reads().orders(ids).await.graph()?, |view| view.order.id))
    }
}

impl Loader<(Viewer, OrderId)> for Loaders {
    type Value = OrderView;
    type Error = Error;

    async fn load(&self, asked: &[(Viewer, OrderId)]) -> Result<HashMap<(Viewer, OrderId), OrderView>> {
        self.0.visible_orders(asked).await.graph()
    }
}

impl Loader<ContactOf> for Loaders {
    type Value = Contact;
    type Error = Error;

    async fn load(&self, orders: &[ContactOf]) -> Result<HashMap<ContactOf, Contact>> {
        let orders: Vec<OrderId> = orders.iter().map(|of| of.0).collect();
        let contacts = self.0.reads().contacts_of(&orders).await.graph()?;
        Ok(contacts.into_iter().map(|(order, contact)| (ContactOf(order), contact)).collect())
    }
}

impl Loader<GivenBackOf> for Loaders {
    type Value = Money;
    type Error = Error;

    async fn load(&self, orders: &[GivenBackOf]) -> Result<HashMap<GivenBackOf, Money>> {
        let orders: Vec<OrderId> = orders.iter().map(|of| of.0).collect();
        let found = self.0.reads().given_back(&orders).await.graph()?;
        Ok(found.into_iter().map(|(order, amount)| (GivenBackOf(order), amount)).collect())
    }
}

impl Loader<CancellationOf> for Loaders {
    type Value = CancellationView;
    type Error = Error;

    async fn load(&self, events: &[CancellationOf]) -> Result<HashMap<CancellationOf, CancellationView>> {
        let events: Vec<EventId> = events.iter().map(|of| of.0).collect();
        let found = self.0.reads().refunds_of_called_off(&events).await.graph()?;
        Ok(found.into_iter().map(|(event, view)| (CancellationOf(event), view)).collect())
    }
}

impl Loader<HistoryOf> for Loaders {
    type Value = Vec<OrderStep>;
    type Error = Error;

    async fn load(&self, orders: &[HistoryOf]) -> Result<HashMap<HistoryOf, Vec<OrderStep>>> {
        let orders: Vec<OrderId> = orders.iter().map(|of| of.0).collect();
        let steps = self.0.reads().histories(&orders).await.graph()?;
        Ok(grouped(steps.into_iter().map(|(order, step)| (HistoryOf(order), step))))
    }
}

impl Loader<TicketsOf> for Loaders {
    type Value = Vec<TicketSnapshot>;
    type Error = Error;

    async fn load(&self, orders: &[TicketsOf]) -> Result<HashMap<TicketsOf, Vec<TicketSnapshot>>> {
        let orders: Vec<OrderId> = orders.iter().map(|of| of.0).collect();
        let tickets = self.0.reads().tickets_of_orders(&orders).await.graph()?;
        Ok(grouped(tickets.into_iter().map(|ticket| (TicketsOf(ticket.order), ticket))))
    }
}

impl Loader<(Viewer, TicketId)> for Loaders {
    type Value = TicketSnapshot;
    type Error = Error;

    async fn load(
        &self,
        asked: &[(Viewer, TicketId)],
    ) -> Result<HashMap<(Viewer, TicketId), TicketSnapshot>> {
        self.0.visible_tickets(asked).await.graph()
    }
}

/// Everybody sees what they bought and nobody else's: there is one page for each time that an operation asks.
impl Loader<OrdersOf> for Loaders {
    type Value = Page<OrderView>;
    type Error = Error;

    async fn load(&self, pages: &[OrdersOf]) -> Result<HashMap<OrdersOf, Page<OrderView>>> {
        let mut found = HashMap::new();
        for of in pages {
            let page = self.0.reads().orders_of(of.buyer, of.only, &of.ask(), of.counted).await.graph()?;
            found.insert(of.clone(), page);
        }
        Ok(found)
    }
}

/// Everybody sees what they bought and nobody else's: there is one page for each time that an operation asks.
impl Loader<TicketsOfOwner> for Loaders {
    type Value = Page<TicketSnapshot>;
    type Error = Error;

    async fn load(&self, pages: &[TicketsOfOwner]) -> Result<HashMap<TicketsOfOwner, Page<TicketSnapshot>>> {
        let mut found = HashMap::new();
        for of in pages {
            let page = self.0.reads().tickets_of_owner(of.buyer, of.only, &of.ask(), of.counted).await;
            found.insert(of.clone(), page.graph()?);
        }
        Ok(found)
    }
}

/// Everybody sees what they have set aside and nobody else's: there is one page for each time that an operation asks.
impl Loader<ReservationsOf> for Loaders {
    type Value = Page<Reservation>;
    type Error = Error;

    async fn load(&self, pages: &[ReservationsOf]) -> Result<HashMap<ReservationsOf, Page<Reservation>>> {
        let mut found = HashMap::new();
        for of in pages {
            let page = self.0.reads().reservations_of(of.buyer, of.only, &of.ask(), of.counted).await;
            found.insert(of.clone(), page.graph()?);
        }
        Ok(found)
    }
}
