//! The part of the graph that notifications own.

mod mutation;
mod objects;
mod query;
mod subscription;

use async_graphql::Schema;

use self::{mutation::Mutation, query::Query, subscription::Subscription};
use crate::Notifications;

type NotificationsSchema = Schema<Query, Mutation, Subscription>;

/// The schema without anything behind it, for its SDL.
pub(crate) fn bare() -> NotificationsSchema {
    service::graphql::limited(Schema::build(Query, Mutation, Subscription)).finish()
}

/// The schema.
pub fn schema(notifications: Notifications) -> NotificationsSchema {
    service::graphql::limited(Schema::build(Query, Mutation, Subscription)).data(notifications).finish()
}
