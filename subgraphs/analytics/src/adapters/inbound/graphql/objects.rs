//! What an event's sales look like in the graph.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject, dataloader::DataLoader};
use chrono::{DateTime, Utc};
use kernel::Refusal;
use service::graphql::{
    CurrencyCode, IntoGraph, Money,
    Who::{Manager, Operator, Owner, Public},
    access, id, require_user, viewer,
};

use super::loaders::{Loaders, TimelineOf};
use crate::domain::{
    entities::{self, Figures, Report, TicketTypeReport},
    use_cases::ReadTimeline,
};

/// Something that takes place.
#[derive(Debug)]
pub struct Event {
    /// Which event.
    pub id: ID,
}

/// Something that takes place.
#[Object(directive = access::apply([Public].into(), None))]
impl Event {
    /// Which event.
    async fn id(&self) -> &ID {
        &self.id
    }

    /// How the event sells; for owners and managers of its organization.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn sales(&self, context: &Context<'_>) -> Result<Option<SalesReport>> {
        require_user(context)?;
        let (event, viewer) = (id("id", &self.id)?, viewer(context));
        let report = context.data::<DataLoader<Loaders>>()?.load_one((event, viewer)).await?;
        let report = report.unwrap_or_else(|| Err(Refusal::not_found("event")));
        report.map(|report| Some(SalesReport(report))).graph()
    }
}

/// A kind of ticket of an event.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(unresolvable = "id")]
pub struct TicketType {
    /// Which ticket type.
    pub id: ID,
}

/// How an event sells.
#[derive(Debug)]
pub struct SalesReport(pub Arc<Report>);

/// How an event sells.
#[Object]
impl SalesReport {
    /// The currency of all its amounts.
    async fn currency(&self) -> CurrencyCode {
        self.0.event.currency.into()
    }

    /// What was paid for tickets, fees included, before refunds. Money that came too late for tickets
    /// and went back is not in it.
    async fn gross_revenue(&self) -> Money {
        self.0.money(self.0.figures.gross).into()
    }

    /// What is left of it after fees and refunds.
    async fn net_revenue(&self) -> Result<Money> {
        self.0.net().map(Money::from).graph()
    }

    /// What went back to buyers.
    async fn refunded(&self) -> Money {
        self.0.refunded().into()
    }

    /// Fees that buyers paid.
    async fn fees(&self) -> Money {
        self.0.money(self.0.figures.fees).into()
    }

    /// How many tickets were issued, refunded ones included.
    async fn tickets_sold(&self) -> i64 {
        self.0.figures.tickets_sold
    }

    /// How many of them went back: those that an organizer refunded, and all of an order whose whole payment was returned
    /// at the payment provider.
    async fn tickets_refunded(&self) -> i64 {
        self.0.figures.tickets_refunded
    }

    /// How many people were let in.
    async fn checked_in(&self) -> i64 {
        self.0.figures.checked_in
    }

    /// How many places the event has; 0 before its sales are opened.
    async fn capacity(&self) -> i64 {
        self.0.capacity
    }

    /// The same by ticket type, in the order they were made; those without sales too.
    async fn by_ticket_type(&self) -> Vec<TicketTypeSales> {
        (0..self.0.by_type.len()).map(|at| TicketTypeSales { report: self.0.clone(), at }).collect()
    }

    /// What was sold over time, in the event's time zone: a point for each interval, those without
    /// sales too. At most 1000 points.
    async fn timeline(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How long a point is.")] interval: Interval,
        #[graphql(desc = "The first point is the one that holds this instant; left out, the first sale.")]
        from: Option<DateTime<Utc>>,
        #[graphql(
            desc = "The last point is the one that begins before this instant; left out, the last sale."
        )]
        until: Option<DateTime<Utc>>,
    ) -> Result<Option<Vec<SalesPoint>>> {
        let ask = ReadTimeline { interval: interval.into(), from, until };
        let loader = context.data::<DataLoader<Loaders>>()?;
        let points = loader.load_one(TimelineOf(self.0.event, ask)).await?;
        let points = points.unwrap_or_else(|| Err(Refusal::not_found("event"))).graph()?;
        Ok(Some(points.iter().copied().map(SalesPoint::from).collect()))
    }

    /// How far buyers came.
    async fn funnel(&self) -> Funnel {
        let Figures { holds, checkouts, paid, expired, declined, .. } = self.0.figures;
        Funnel { holds, checkouts, paid, expired, declined }
    }
}

/// How a ticket type sells.
#[derive(Debug)]
pub struct TicketTypeSales {
    report: Arc<Report>,
    at: usize,
}

impl TicketTypeSales {
    fn of(&self) -> &TicketTypeReport {
        &self.report.by_type[self.at]
    }
}

/// How a ticket type sells.
#[Object]
impl TicketTypeSales {
    /// Which ticket type.
    async fn ticket_type(&self) -> Option<TicketType> {
        Some(TicketType { id: self.of().id.public().into() })
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.of().name
    }

    /// How many tickets were issued, refunded ones included.
    async fn tickets_sold(&self) -> i64 {
        self.of().sales.sold
    }

    /// How many of them went back: those that an organizer refunded, and all of an order whose whole payment was returned
    /// at the payment provider.
    async fn tickets_refunded(&self) -> i64 {
        self.of().sales.refunded
    }

    /// How many people were let in.
    async fn checked_in(&self) -> i64 {
        self.of().sales.checked_in
    }

    /// What was paid for the tickets, without fees, before refunds.
    async fn gross_revenue(&self) -> Money {
        self.report.money(self.of().sales.revenue).into()
    }
}

/// How far buyers came.
#[derive(Clone, Debug, SimpleObject)]
pub struct Funnel {
    /// Reservations made.
    holds: i64,
    /// Orders placed.
    checkouts: i64,
    /// Orders paid for, and free ones that stand.
    paid: i64,
    /// Reservations and orders whose time ran out.
    expired: i64,
    /// Orders for which a card was declined, however often; they may have been paid with another.
    declined: i64,
}

/// What was sold in an interval.
#[derive(Clone, Debug, SimpleObject)]
pub struct SalesPoint {
    /// When the interval begins.
    at: DateTime<Utc>,
    /// How many tickets were issued.
    tickets_sold: i64,
    /// What was paid for these tickets, fees included, before refunds.
    gross_revenue: Money,
}

impl From<entities::SalesPoint> for SalesPoint {
    fn from(point: entities::SalesPoint) -> Self {
        Self { at: point.at, tickets_sold: point.tickets, gross_revenue: point.revenue.into() }
    }
}

/// How long a point of a timeline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Interval {
    /// From one full hour to the next.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday.
    Week,
    /// From a month's first day to its last.
    Month,
}

impl From<Interval> for entities::Interval {
    fn from(interval: Interval) -> Self {
        match interval {
            Interval::Hour => Self::Hour,
            Interval::Day => Self::Day,
            Interval::Week => Self::Week,
            Interval::Month => Self::Month,
        }
    }
}
