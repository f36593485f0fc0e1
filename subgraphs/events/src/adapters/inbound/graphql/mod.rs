//! The schema.

mod address;
mod discovery;
pub(in crate::adapters::inbound) mod enums;
mod event;
mod filter;
mod gallery;
pub(in crate::adapters::inbound) mod image;
mod inputs;
mod layout_input;
mod loaders;
mod mutation;
pub(in crate::adapters::inbound) mod plan;
mod query;
mod seat_run;
mod settings;
mod venue;

use async_graphql::{EmptySubscription, MergedObject};

use self::{
    discovery::{DiscoveryQuery, EventConnection},
    gallery::GalleryMutation,
    loaders::Loaders,
    mutation::EventMutation,
    plan::PublicUrl,
    query::EventQuery,
};
use crate::domain::Events;

/// The schema's type.
pub type Schema = async_graphql::Schema<Queries, Mutation, EmptySubscription>;

/// What can be asked.
#[derive(MergedObject, Default)]
#[graphql(name = "Query")]
pub struct Queries(EventQuery, DiscoveryQuery);

/// What can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(EventMutation, GalleryMutation);

/// The schema, answering from these use cases.
/// Clients reach the platform under `public_url`.
pub fn schema(events: Events, public_url: &str) -> Schema {
    let loaders = service::graphql::loader(Loaders(events.clone()));
    let public_url = PublicUrl(public_url.trim_end_matches('/').to_owned());
    builder().data(events).data(loaders).data(public_url).finish()
}

/// The schema in the federation's SDL.
pub fn sdl() -> String {
    service::graphql::sdl(&builder().finish())
}

fn builder() -> async_graphql::SchemaBuilder<Queries, Mutation, EmptySubscription> {
    service::graphql::limited(Schema::build(Queries::default(), Mutation::default(), EmptySubscription))
        .override_output_type_description::<EventConnection>("A page of events.")
}
