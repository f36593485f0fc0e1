//! The graph of users.

mod foreign_accounts;
mod inputs;
mod loaders;
mod mutation;
mod node;
mod objects;
mod passkeys;
mod query;
mod second_factors;
mod security;
mod settings;
mod settings_inputs;

pub use foreign_accounts::{
    FinishForeignSignInInput, ForeignAccount, ForeignAccountMutation, ForeignAccountQuery, ForeignSignIn,
    SignInProvider,
};
pub use inputs::{
    ContinueAsGuestInput, CreateOrganizationInput, InviteMemberInput, LoginInput, OrganizationRole,
    RegisterInput, RemoveMemberInput, UpdateProfileInput,
};
pub use mutation::AccountMutation;
pub use node::{Event, Node, Order, Payment, Reservation, Ticket, TicketType};
pub use objects::{AuthPayload, Invitation, Membership, Organization, User};
pub use passkeys::{FinishPasskeyInput, PasskeyAnswerInput, PasskeyCeremony, PasskeyMutation};
pub use query::AccountQuery;
pub use second_factors::{
    CompleteLoginInput, ConfirmTotpInput, ProofInput, SecondFactor, SecondFactorKind, SecondFactorMutation,
    SecondFactorPayload, TotpEnrolment,
};
pub use security::{ChangeEmailInput, ChangePasswordInput, EmailChange, SecurityMutation, Session};
pub use settings::{Branding, FeeBearer, OrganizationSettings, Seller, ServiceFee};
pub use settings_inputs::{BrandingInput, SellerInput, ServiceFeeInput, UpdateOrganizationInput};

use async_graphql::{EmptySubscription, MergedObject, Schema, SchemaBuilder};
use service::graphql::ConnectionOf;

use crate::domain::Users;
use loaders::Lookups;

/// What can be done with users.
#[derive(MergedObject)]
pub struct Mutation(
    AccountMutation,
    SecurityMutation,
    SecondFactorMutation,
    PasskeyMutation,
    ForeignAccountMutation,
);

/// What can be asked of users.
#[derive(MergedObject)]
pub struct Query(AccountQuery, ForeignAccountQuery);

impl Mutation {
    fn new() -> Self {
        Self(AccountMutation, SecurityMutation, SecondFactorMutation, PasskeyMutation, ForeignAccountMutation)
    }
}

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
    let builder = service::graphql::limited(Schema::build(
        Query(AccountQuery, ForeignAccountQuery),
        Mutation::new(),
        EmptySubscription,
    ));
    service::graphql::with_error_types(builder)
        .override_output_type_description::<ConnectionOf<Membership>>("A page of an organization's members.")
}
