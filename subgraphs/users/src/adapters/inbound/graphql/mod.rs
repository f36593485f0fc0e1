//! The graph of users.

mod inputs;
mod loaders;
mod mutation;
mod node;
mod objects;
mod query;
mod settings;
mod settings_inputs;

pub use inputs::{
    ContinueAsGuestInput, CreateOrganizationInput, InviteMemberInput, LoginInput, OrganizationRole,
    RegisterInput, RemoveMemberInput, UpdateProfileInput,
};
pub use mutation::Mutation;
pub use node::{Event, Node, Order, Payment, Reservation, Ticket, TicketType};
pub use objects::{AuthPayload, Invitation, Membership, Organization, User};
pub use query::Query;
pub use settings::{Branding, FeeBearer, OrganizationSettings, Seller, ServiceFee};
pub use settings_inputs::{BrandingInput, SellerInput, ServiceFeeInput, UpdateOrganizationInput};

use async_graphql::{EmptySubscription, Schema, SchemaBuilder};
use service::graphql::ConnectionOf;

use crate::domain::Users;
use loaders::Lookups;

/// The schema of users.
pub type UsersSchema = Schema<Query, Mutation, EmptySubscription>;

/// The schema over these use cases.
pub fn schema(users: Users) -> UsersSchema {
    let lookups = service::graphql::loader(Lookups(users.clone()));
    builder().data(users).data(lookups).finish()
}

/// The schema in the federation's SDL.
pub fn sdl() -> String {
    service::graphql::sdl(&builder().finish())
}

fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    let builder = service::graphql::limited(Schema::build(Query, Mutation, EmptySubscription));
    service::graphql::with_error_types(builder)
        .override_output_type_description::<ConnectionOf<Membership>>("A page of an organization's members.")
}
