//! The graph: what `analytics` adds to an event.

pub mod loaders;
pub mod objects;

use std::sync::Arc;

use async_graphql::{Context, EmptyMutation, ID, Object, Result, Schema, SchemaBuilder, Subscription};
use futures::{Stream, StreamExt};
use service::graphql::{
    IntoGraph,
    Who::{Manager, Owner},
    access, id, limited, require_user,
};

use crate::domain::Analytics;
use objects::{Event, SalesReport};

/// The schema.
pub type Graph = Schema<Query, EmptyMutation, Subscription>;

/// The schema, still without its use cases.
pub fn schema() -> SchemaBuilder<Query, EmptyMutation, Subscription> {
    limited(Schema::build(Query, EmptyMutation, Subscription))
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Query;

#[Object]
impl Query {
    #[graphql(entity)]
    async fn find_event_by_id(&self, id: ID) -> Event {
        Event { id }
    }
}

/// What is watched.
#[derive(Clone, Copy, Debug)]
pub struct Subscription;

/// What one may watch.
#[Subscription]
impl Subscription {
    /// An event's sales as they are now, and again whenever they have changed, a few times a second at
    /// most; for those who organize the event.
    #[graphql(directive = access::apply([Manager, Owner].into(), None))]
    async fn sales_changed(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which event.")] event_id: ID,
    ) -> Result<impl Stream<Item = Result<SalesReport>> + use<>> {
        let user = require_user(context)?;
        let event = id("eventId", &event_id)?;
        let reports = context.data::<Analytics>()?.watch_sales(event, user).await.graph()?;
        Ok(reports.map(|report| report.map(|report| SalesReport(Arc::new(report))).graph()))
    }
}
