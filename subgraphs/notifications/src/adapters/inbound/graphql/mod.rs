//! The part of the graph that notifications own.

mod elsewhere;
mod mutation;
pub(in crate::adapters::inbound) mod objects;
mod query;
mod subscription;

use async_graphql::{Schema, SchemaBuilder};
use service::graphql::ConnectionOf;

use self::{mutation::Mutation, objects::Loaders, query::Query, subscription::Subscription};
use crate::Notifications;

type NotificationsSchema = Schema<Query, Mutation, Subscription>;

/// The schema without anything behind it, for its SDL.
pub(crate) fn bare() -> NotificationsSchema {
    builder().finish()
}

/// The schema.
pub fn schema(notifications: Notifications) -> NotificationsSchema {
    builder().data(service::graphql::loader(Loaders(notifications.clone()))).data(notifications).finish()
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    service::graphql::limited(Schema::build(Query, Mutation, Subscription))
        .override_output_type_description::<ConnectionOf<objects::Notification>>("A page of messages.")
}
