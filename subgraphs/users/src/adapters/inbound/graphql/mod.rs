//! The graph of users.

mod inputs;
mod mutation;
mod objects;
mod organizations;
mod query;

pub use inputs::{CreateOrganizationInput, LoginInput, OrganizationRole, RegisterInput, UpdateProfileInput};
pub use mutation::Mutation;
pub use objects::{AuthPayload, Membership, Organization, User};
pub use query::Query;

use async_graphql::{EmptySubscription, Schema, dataloader::DataLoader};

use crate::domain::Users;
use organizations::OrganizationsById;

/// The schema of users.
pub type UsersSchema = Schema<Query, Mutation, EmptySubscription>;

/// The schema over these use cases.
pub fn schema(users: Users) -> UsersSchema {
    let organizations = DataLoader::new(OrganizationsById(users.clone()), tokio::spawn);
    service::graphql::limited(Schema::build(Query, Mutation, EmptySubscription))
        .data(users)
        .data(organizations)
        .finish()
}

/// The schema in the federation's SDL.
pub fn sdl() -> String {
    service::graphql::sdl(
        &service::graphql::limited(Schema::build(Query, Mutation, EmptySubscription)).finish(),
    )
}
