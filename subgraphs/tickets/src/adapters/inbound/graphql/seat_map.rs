use std::{collections::HashSet, sync::Arc};

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use kernel::{EventId, Fault};
use service::graphql::{
    Who::{BoxOffice, Manager, Operator, Owner},
    access,
};

use super::{
    event::{PriceRange, is_insider, stock_is_told},
    loaders::{MapOf, TypesOf, WhyBlocked, load},
    ticket_type::{Seen, TicketType},
};
use crate::domain::{
    entities::{self, House, HouseSeat, KnownEvent, PlaceKind, SeatChangeLog, SeatId},
    ports::SeatMapView,
};

/// What the public sees of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::SeatStatus")]
pub(crate) enum SeatStatus {
    /// It can be had.
    Available,
    /// It is set aside for somebody.
    Held,
    /// It has a ticket.
    Sold,
    /// The organizer keeps it back.
    Blocked,
}

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum SectionKind {
    /// Numbered seats in rows.
    Seated,
    /// Places without numbers.
    GeneralAdmission,
}

/// A map as it was read, with what belongs to it.
pub(crate) struct Shown {
    event: Arc<KnownEvent>,
    house: Arc<House>,
    view: Arc<SeatMapView>,
    types: Vec<TicketType>,
}

/// An event's seats and standing areas at one version. Subscribe to seatMapChanged first, then read this,
/// then apply every change after its version.
pub(crate) struct SeatMap(Arc<Shown>);

/// A part of the seat map.
pub(crate) struct SeatMapSection(Arc<Shown>, usize);

/// A seat of an event.
pub(crate) struct Seat {
    pub(crate) event: EventId,
    pub(crate) house: Arc<House>,
    pub(crate) number: u32,
    pub(crate) status: entities::SeatStatus,
    /// The map it is on, when it was read as a part of one.
    pub(crate) map: Option<Arc<Shown>>,
}

impl SeatMap {
    /// The map of an event; none where there is no layout, or nothing is open yet.
    pub(crate) async fn of(context: &Context<'_>, event: &KnownEvent) -> Result<Option<Self>> {
        let Some(layout) = event.facts.layout_id.filter(|_| event.opened) else { return Ok(None) };
        let (house, types, view) = futures::try_join!(
            load(context, layout),
            load(context, TypesOf(event.id)),
            load(context, MapOf(event.id)),
        )?;
        let types = types.unwrap_or_default();
        let Some((house, view)) = house.zip(view) else { return Ok(None) };
        let event = Arc::new(event.clone());
        let seen = Arc::new(Seen { event: event.clone(), map: Some(view.clone()) });
        let types = (types.iter().filter(|known| known.is_open_to(None)))
            .map(|known| TicketType::with(Arc::new(known.clone()), seen.clone()));
        Ok(Some(Self(Arc::new(Shown { event, house, view, types: types.collect() }))))
    }
}

/// An event's seats and standing areas at one version. Subscribe to seatMapChanged first, then read this,
/// then apply every change after its version.
#[Object]
impl SeatMap {
    /// Rises with each change.
    async fn version(&self) -> i64 {
        self.0.view.version
    }

    /// In the order they were drawn.
    async fn sections(
        &self,
        #[graphql(desc = "Only the sections with these keys.")] keys: Option<Vec<String>>,
    ) -> Vec<SeatMapSection> {
        let wanted: Option<HashSet<String>> = keys.map(|keys| keys.into_iter().collect());
        (self.0.house.sections().iter().enumerate())
            .filter(|(_, section)| wanted.as_ref().is_none_or(|wanted| wanted.contains(&section.key)))
            .map(|(index, _)| SeatMapSection(self.0.clone(), index))
            .collect()
    }
}

impl SeatMapSection {
    fn types(&self) -> impl Iterator<Item = &TicketType> {
        let section = &self.0.house.sections()[self.1].key;
        self.0.types.iter().filter(|known| known.covers(section))
    }
}

/// A part of the seat map.
#[Object]
impl SeatMapSection {
    /// Unique in the layout.
    async fn key(&self) -> &str {
        &self.0.house.sections()[self.1].key
    }

    /// Its name, as on tickets.
    async fn name(&self) -> &str {
        &self.0.house.sections()[self.1].name
    }

    /// Seats, or standing.
    async fn kind(&self) -> SectionKind {
        match self.0.house.sections()[self.1].kind {
            PlaceKind::Seated => SectionKind::Seated,
            PlaceKind::GeneralAdmission => SectionKind::GeneralAdmission,
        }
    }

    /// How many places can be had here; null where the organizer hides that, though each seat is shown.
    async fn available(&self, context: &Context<'_>) -> Result<Option<u32>> {
        let told = stock_is_told(context, &self.0.event).await?;
        let left = self.0.view.available.get(&self.0.house.sections()[self.1].key).copied();
        Ok(told.then_some(left.unwrap_or(0)))
    }

    /// Its seats as text, a letter each, in the order of LayoutSection.rows: a AVAILABLE, h HELD, s SOLD, b BLOCKED, any
    /// other one that cannot be had. Much less to send than seats; where they are is in the layout, which never changes.
    async fn statuses(&self) -> String {
        self.0.view.statuses(&self.0.house.sections()[self.1])
    }

    /// What its places are sold as, without what is hidden behind an access code.
    async fn ticket_types(&self) -> Vec<TicketType> {
        self.types().cloned().collect()
    }

    /// From the cheapest to the dearest price on sale here now; while nothing is, of what comes on sale later. Null when
    /// nothing is for sale.
    async fn price_range(&self, context: &Context<'_>) -> Result<Option<PriceRange>> {
        PriceRange::of(context, self.types().cloned()).await
    }

    /// Its seats, row by row; none where people stand.
    async fn seats(
        &self,
        #[graphql(desc = "Only rows with these labels.")] rows: Option<Vec<String>>,
    ) -> Vec<Seat> {
        let section = &self.0.house.sections()[self.1];
        (self.0.house.seats_of(section))
            .filter(|seat| rows.as_ref().is_none_or(|rows| rows.contains(&seat.row.label)))
            .map(|seat| Seat {
                event: self.0.event.id,
                house: self.0.house.clone(),
                number: seat.number,
                status: self
                    .0
                    .view
                    .taken
                    .get(&seat.number)
                    .copied()
                    .unwrap_or(entities::SeatStatus::Available),
                map: Some(self.0.clone()),
            })
            .collect()
    }
}

impl Seat {
    /// The seat on its plan.
    pub(super) fn seat(&self) -> HouseSeat<'_> {
        self.house.seat(self.number).expect("seats are made of their house's numbers")
    }
}

/// A seat of an event.
#[Object]
impl Seat {
    /// Its id, unique among all events.
    async fn id(&self) -> ID {
        SeatId { event: self.event, number: self.number }.to_string().into()
    }

    /// Its key in the layout.
    async fn key(&self) -> &str {
        &self.seat().seat.key
    }

    /// The key of its section.
    async fn section(&self) -> &str {
        &self.seat().section.key
    }

    /// Its row, as on the ticket.
    async fn row(&self) -> &str {
        &self.seat().row.label
    }

    /// Its number, as on the ticket.
    async fn number(&self) -> &str {
        &self.seat().seat.label
    }

    /// Where it stands on the plan.
    async fn x(&self) -> f32 {
        self.seat().seat.x
    }

    /// Where it stands on the plan, downwards.
    async fn y(&self) -> f32 {
        self.seat().seat.y
    }

    /// Whether it can be had.
    async fn status(&self) -> SeatStatus {
        self.status.into()
    }

    /// Why the organizer keeps it back; null where no reason was given, and of seats that are not blocked. For organizers and
    /// the box office; null for others.
    #[graphql(directive = access::apply([BoxOffice, Manager, Owner, Operator].into(), None))]
    async fn blocked_reason(&self, context: &Context<'_>) -> Result<Option<String>> {
        if self.status != entities::SeatStatus::Blocked {
            return Ok(None);
        }
        let event = match &self.map {
            Some(map) => Some(map.event.clone()),
            None => load(context, self.event).await?.map(Arc::new),
        };
        let Some(event) = event else { return Ok(None) };
        if !is_insider(context, &event).await? {
            return Ok(None);
        }
        let reasons = load(context, WhyBlocked(self.event)).await?;
        Ok(reasons.and_then(|reasons| reasons.get(&self.number).cloned()))
    }

    /// The ticket type it is sold as, when none is named. For a whole map ask for SeatMapSection.ticketTypes: all seats of
    /// a section have the same, and here it is sent with each.
    async fn ticket_type(&self, context: &Context<'_>) -> Result<Option<TicketType>> {
        let section = &self.seat().section.key;
        if let Some(map) = &self.map {
            return Ok(map.types.iter().find(|known| known.covers(section)).cloned());
        }
        let types = load(context, TypesOf(self.event)).await?.unwrap_or_default();
        let sold_as = types.iter().find(|known| known.is_open_to(None) && known.covers(section));
        Ok(sold_as.cloned().map(TicketType::alone))
    }

    /// Fit for a wheelchair.
    async fn accessible(&self) -> bool {
        self.seat().seat.accessible
    }

    /// A pillar or a rail is in the way.
    async fn restricted_view(&self) -> bool {
        self.seat().seat.restricted_view
    }
}

/// What changed on a seat map from one version to another.
// Its tags let routers share one stream among all who watch a map (router/README.md): nothing here may depend on who
// asks.
#[derive(SimpleObject)]
#[graphql(tag = "same-for-all")]
pub(crate) struct SeatMapChange {
    /// Of which event.
    event_id: ID,
    /// The version this is to be applied on. When it is not your own, ask seatMapChanges, or read the map again.
    #[graphql(tag = "position")]
    previous_version: i64,
    /// The version afterwards.
    #[graphql(tag = "position")]
    pub(crate) version: i64,
    /// Seats with their new status.
    changes: Vec<SeatChange>,
    /// Sections with what is left in them now.
    sections: Vec<SectionAvailability>,
}

/// A seat's new status.
#[derive(SimpleObject)]
#[graphql(tag = "same-for-all")]
pub(crate) struct SeatChange {
    /// Which seat.
    seat_id: ID,
    /// Its key in the layout, as in Seat.key and HoldSeatInput.key.
    key: String,
    /// What it is now.
    status: SeatStatus,
}

/// What is left in a section.
#[derive(SimpleObject)]
#[graphql(tag = "same-for-all")]
pub(crate) struct SectionAvailability {
    /// The section's key.
    key: String,
    /// How many places can be had; null for everybody where the organizer hides that. Organizers and the box office read it
    /// from the map.
    available: Option<u32>,
}

impl SeatMapChange {
    /// What viewers are shown of a change. The seats' keys are in the event's `house`.
    pub(crate) fn of(
        event: EventId,
        previous: i64,
        change: SeatChangeLog,
        house: Option<&House>,
    ) -> Result<Self, Fault> {
        let changed = |(number, status): (u32, entities::SeatStatus)| {
            let seat = house.and_then(|house| house.seat(number));
            let seat =
                seat.ok_or_else(|| Fault::broken_rule("a changed seat that its plan does not have"))?;
            Ok(SeatChange {
                seat_id: SeatId { event, number }.to_string().into(),
                key: seat.seat.key.clone(),
                status: status.into(),
            })
        };
        let left = |(key, available)| SectionAvailability { key, available };
        Ok(Self {
            event_id: event.public().into(),
            previous_version: previous,
            version: change.version,
            changes: change.seats.into_iter().map(changed).collect::<Result<_, Fault>>()?,
            sections: change.sections.into_iter().map(left).collect(),
        })
    }
}
