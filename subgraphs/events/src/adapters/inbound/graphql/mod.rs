//! The schema.

pub(in crate::adapters::inbound) mod enums;
mod event;
mod inputs;
mod layout_input;
mod loaders;
mod mutation;
mod query;
mod venue;

use async_graphql::{EmptySubscription, dataloader::DataLoader};
use service::graphql::ConnectionOf;

use self::{loaders::Loaders, mutation::Mutation, query::Query};
use crate::domain::Events;

/// The schema's type.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// The schema, answering from these use cases.
pub fn schema(events: Events) -> Schema {
    let loaders = DataLoader::new(Loaders(events.clone()), tokio::spawn);
    builder().data(events).data(loaders).finish()
}

/// The schema in the federation's SDL.
pub fn sdl() -> String {
    service::graphql::sdl(&builder().finish())
}

fn builder() -> async_graphql::SchemaBuilder<Query, Mutation, EmptySubscription> {
    service::graphql::limited(Schema::build(Query, Mutation, EmptySubscription))
        .override_output_type_description::<ConnectionOf<event::Event>>("A page of events.")
}
