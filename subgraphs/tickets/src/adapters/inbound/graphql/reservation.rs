use std::{borrow::Cow, sync::Arc};

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use kernel::{Fault, LineItemId};
use service::graphql::{Decimal, IntoGraph, Money, Who::Buyer, access};

use super::{
    event::Event,
    loaders::{MapOf, OrderOf, load},
    order::Order,
    seat_map::Seat,
    ticket_type::{TicketType, now},
};
use crate::{
    adapters::inbound::prices::tells_prices,
    domain::{
        entities::{self, Claim, Place, SeatStatus},
        pricing::{self, TicketUnit},
    },
};

/// Where a reservation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::ReservationStatus")]
pub(crate) enum ReservationStatus {
    /// Its places wait for the buyer.
    Active,
    /// It became an order.
    CheckedOut,
    /// The buyer gave it up.
    Released,
    /// Time ran out; its places are free again.
    Expired,
}

/// Places set aside for a buyer for a while.
pub(crate) struct Reservation(pub(crate) entities::Reservation);

/// Places of one type and price in a reservation or an order.
pub(crate) struct LineItem {
    id: LineItemId,
    claim: Claim,
    event: kernel::EventId,
    seats: Seats,
    /// What all lines cost.
    price: Arc<pricing::PriceBreakdown>,
    /// Which tickets of that price are those of this line.
    units: Vec<TicketUnit>,
}

/// Whether the seats of a line are still its own.
#[derive(Clone, Copy)]
pub(crate) enum Seats {
    /// They have tickets.
    Sold,
    /// They are set aside, until then.
    HeldUntil(DateTime<Utc>),
    /// They were given back, and others may have taken them since: they are as the map shows them.
    GivenBack,
}

impl Seats {
    /// Of a reservation that did not become tickets.
    pub(crate) fn of(reservation: &entities::Reservation) -> Self {
        reservation.holds_until().map_or(Self::GivenBack, Self::HeldUntil)
    }
}

/// What a price is made of: subtotal - discount + fees + tax = total.
#[derive(SimpleObject)]
pub(crate) struct PriceBreakdown {
    /// All lines together.
    subtotal: Money,
    /// What is taken off.
    discount: Money,
    /// What is put on for the service.
    fees: Money,
    /// Taxes that come on top.
    tax: Money,
    /// Taxes that are inside the total already.
    tax_included: Money,
    /// What is to be paid, with everything in it.
    total: Money,
    /// Each tax, inside or on top.
    taxes: Vec<TaxLine>,
    /// Each fee.
    fee_lines: Vec<FeeLine>,
    /// Each reduction.
    discounts: Vec<DiscountLine>,
}

/// A tax in a price.
#[derive(SimpleObject)]
pub(crate) struct TaxLine {
    /// As receipts call it: VAT.
    name: String,
    /// In percent.
    rate: Decimal,
    /// True when it is inside the price, false when it comes on top.
    included: bool,
    /// How much.
    amount: Money,
}

/// A fee in a price.
#[derive(SimpleObject)]
pub(crate) struct FeeLine {
    /// As the buyer reads it.
    name: String,
    /// How much.
    amount: Money,
}

/// A reduction of a price.
#[derive(SimpleObject)]
pub(crate) struct DiscountLine {
    /// The code that gave it; null when it needs none.
    code: Option<String>,
    /// How much.
    amount: Money,
}

tells_prices!(Decimal);

/// The lines of a reservation, which cost this together.
pub(crate) fn lines(
    reservation: &entities::Reservation,
    price: Cow<'_, pricing::PriceBreakdown>,
    seats: Seats,
) -> Vec<LineItem> {
    let (event, price) = (reservation.state().event, Arc::new(price.into_owned()));
    let line = |((claim, units), id): ((&Claim, _), LineItemId)| LineItem {
        id,
        claim: claim.clone(),
        event,
        seats,
        price: price.clone(),
        units,
    };
    reservation.lines().zip(reservation.item_ids()).map(line).collect()
}

/// Places set aside for a buyer for a while.
#[Object(directive = access::apply([Buyer].into(), None))]
impl Reservation {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.state().id.public().into()
    }

    /// Of which event.
    async fn event(&self) -> Option<Event> {
        Some(Event(self.0.state().event))
    }

    /// Where it stands at this moment.
    async fn status(&self, context: &Context<'_>) -> Result<ReservationStatus> {
        let at = now(context).await?;
        Ok(self.0.status(at).into())
    }

    /// When its places were set aside.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.state().created_at
    }

    /// Until when its places wait.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.state().expires_at
    }

    /// For how many more seconds its places wait, by the clock that decides about it; 0 once they do not wait any more.
    async fn expires_in_seconds(&self, context: &Context<'_>) -> Result<i32> {
        let left = self.0.left(now(context).await?).as_secs();
        Ok(i32::try_from(left).unwrap_or(i32::MAX))
    }

    /// True while extendReservation gives it more time, which it does once.
    async fn can_extend(&self, context: &Context<'_>) -> Result<bool> {
        let (now, event) = futures::try_join!(now(context), load(context, self.0.state().event))?;
        Ok(self.0.can_extend(now) && event.is_some_and(|event| event.sells(now).is_ok()))
    }

    /// The order it became; null while it is none.
    async fn order(&self, context: &Context<'_>) -> Result<Option<Order>> {
        if self.0.state().status != entities::ReservationStatus::CheckedOut {
            return Ok(None);
        }
        let Some(order) = load(context, OrderOf(self.0.state().id)).await? else { return Ok(None) };
        Ok(load(context, order).await?.map(Order))
    }

    /// What it has.
    async fn items(&self) -> Result<Vec<LineItem>> {
        Ok(lines(&self.0, self.0.price().graph()?, Seats::of(&self.0)))
    }

    /// What it costs.
    async fn total(&self) -> Result<PriceBreakdown> {
        let price = self.0.price().and_then(|price| price.price());
        Ok(price.graph()?.into())
    }
}

/// Places of one type and price in a reservation or an order.
#[Object]
impl LineItem {
    /// Its id: the same as long as it is in the reservation, whatever else comes or goes, and in the order that this becomes.
    async fn id(&self) -> ID {
        self.id.public().into()
    }

    /// As which type.
    async fn ticket_type(&self, context: &Context<'_>) -> Result<TicketType> {
        let found = load(context, self.claim.ticket_type).await?;
        found
            .map(TicketType::alone)
            .ok_or_else(|| Fault::broken_rule("a line without its ticket type"))
            .graph()
    }

    /// The seat; null where people stand.
    async fn seat(&self, context: &Context<'_>) -> Result<Option<Seat>> {
        match self.claim.place {
            Place::Standing => Ok(None),
            Place::Seat(number) => seat(context, self.event, number, self.seats).await,
        }
    }

    /// How many; one for a seat.
    async fn quantity(&self) -> u32 {
        self.claim.quantity
    }

    /// What each costs, with fees and taxes in it.
    async fn unit_price(&self) -> Money {
        self.claim.unit_price.into()
    }

    /// What they cost together, and what that is made of. All lines sum to the total of what they belong to.
    async fn total(&self) -> Result<PriceBreakdown> {
        Ok(self.price.together(&self.units).graph()?.into())
    }
}

/// A seat of an event.
pub(crate) async fn seat(
    context: &Context<'_>,
    event: kernel::EventId,
    number: u32,
    seats: Seats,
) -> Result<Option<Seat>> {
    let Some(known) = load(context, event).await? else { return Ok(None) };
    let Some(layout) = known.facts.layout_id else { return Ok(None) };
    let Some(house) = load(context, layout).await? else { return Ok(None) };
    let status = match seats {
        Seats::Sold => SeatStatus::Sold,
        Seats::HeldUntil(until) if now(context).await? < until => SeatStatus::Held,
        Seats::HeldUntil(_) | Seats::GivenBack => {
            let map = load(context, MapOf(event)).await?;
            map.and_then(|map| map.taken.get(&number).copied()).unwrap_or(SeatStatus::Available)
        }
    };
    Ok(Some(Seat { event, house, number, status, map: None }))
}
