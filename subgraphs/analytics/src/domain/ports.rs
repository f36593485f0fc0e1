//! What the domain needs of the world.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use kernel::{EventId, OrganizationId, Result, UserId};
use uuid::Uuid;

use super::entities::{EventCopy, Heard, Known, QuarterSales, Report, Sales};

/// Keeps what was heard, and its totals.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a transaction that handles messages, and says which of them were not handled before.
    async fn begin(&self, messages: &BTreeSet<Uuid>) -> Result<(Box<dyn Tx>, BTreeSet<Uuid>)>;
}

/// A transaction. What is not committed was never heard.
#[async_trait]
pub trait Tx: Send {
    /// Keeps the orders, reservations and check-ins of which nothing was known, as they were heard of. What was known of the
    /// others comes back, locked until the end. Refunds of orders without tickets count for nothing, and are left out.
    async fn keep(&mut self, heard: &Heard) -> Result<Known>;

    /// Keeps all else that was heard, unless something later is known, and what is new of what was known before; adds to
    /// the totals of events; makes all of it last, and announces the events whose report changed, each once.
    async fn commit(self: Box<Self>, heard: &Heard, news: &BTreeMap<EventId, Sales>) -> Result<()>;
}

/// Reads what was counted; nothing here looks at single orders.
#[async_trait]
pub trait Reads: Send + Sync {
    /// An event, if it was heard of.
    async fn event(&self, id: EventId) -> Result<Option<EventCopy>>;
    /// The same; where there is none it is waited for a little, since the news may be on its way.
    async fn event_soon(&self, id: EventId) -> Result<Option<EventCopy>>;

    /// Those of these events that were heard of.
    async fn events(&self, ids: &[EventId]) -> Result<Vec<EventCopy>>;

    /// Events' reports in their order, all of one moment; 0 everywhere when nothing was heard.
    async fn reports(&self, events: &[EventCopy]) -> Result<Vec<Report>>;

    /// The report's revision; 0 when nothing was heard.
    async fn revision(&self, event: EventId) -> Result<i64>;

    /// The first and the last quarter of an hour in which something was sold, of those events that sold.
    async fn selling_times(
        &self,
        events: &[EventId],
    ) -> Result<HashMap<EventId, (DateTime<Utc>, DateTime<Utc>)>>;

    /// What each of these events sold by quarters of an hour, from an instant until before another, in no order.
    async fn quarters(&self, asked: &[(EventId, DateTime<Utc>, DateTime<Utc>)]) -> Result<Vec<Quarter>>;
}

/// What an event sold in a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Which event.
    pub event: EventId,
    /// When the quarter of an hour began.
    pub at: DateTime<Utc>,
    /// What was sold.
    pub sold: QuarterSales,
}

/// Knows who may read an organization's reports.
#[async_trait]
pub trait Members: Send + Sync {
    /// True when the person is one of the organization's owners or managers, as known just now.
    async fn manages(&self, organization: OrganizationId, user: UserId) -> Result<bool>;

    /// Where these people are owners or managers, of these organizations, as known just now.
    async fn managed(
        &self,
        organizations: &[OrganizationId],
        users: &[UserId],
    ) -> Result<HashSet<(OrganizationId, UserId)>>;

    /// Refuses unless they are; waits a moment for a role that is still on its way.
    async fn require(&self, organization: OrganizationId, user: UserId) -> Result<()>;
}

/// Tells when a report has changed, at most once each time: a listener looks for itself now and then.
#[async_trait]
pub trait News: Send + Sync {
    /// What is told of an event from now on.
    async fn of(&self, event: EventId) -> Result<BoxStream<'static, ()>>;
}
