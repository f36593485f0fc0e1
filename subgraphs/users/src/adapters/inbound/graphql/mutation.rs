use async_graphql::{Context, ID, Object, Result};
use service::graphql::{IntoGraph, id, require_user};

use super::{
    AuthPayload, CreateOrganizationInput, LoginInput, Organization, OrganizationRole, RegisterInput,
    UpdateProfileInput, User,
};
use crate::domain::{
    Users,
    use_cases::{InviteMember, RemoveMember, Sight, Sighted},
};

/// What can be done with users.
pub struct Mutation;

#[Object]
impl Mutation {
    /// Opens an account and logs its owner in. CONFLICT when the address has one already.
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: RegisterInput,
    ) -> Result<AuthPayload> {
        Ok(AuthPayload(ctx.data::<Users>()?.register(input.into()).await.graph()?))
    }

    /// Logs somebody in. UNAUTHENTICATED when address or password is wrong; `RATE_LIMITED`, with
    /// retryAfterSeconds, when that happened too often.
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With what.")] input: LoginInput,
    ) -> Result<AuthPayload> {
        Ok(AuthPayload(ctx.data::<Users>()?.log_in(input.into()).await.graph()?))
    }

    /// Changes a refresh token for a new one and a new access token. A token that is shown twice ends
    /// its whole session.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last refresh token of the session.", secret)] refresh_token: String,
    ) -> Result<AuthPayload> {
        Ok(AuthPayload(ctx.data::<Users>()?.refresh_session(&refresh_token).await.graph()?))
    }

    /// Ends a session: its refresh token gets nothing any more, and its access token runs out. True also
    /// when it had ended before; false when there is no such session.
    async fn logout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A refresh token of the session.", secret)] refresh_token: String,
    ) -> Result<bool> {
        ctx.data::<Users>()?.log_out(&refresh_token).await.graph()
    }

    /// Changes one's own profile.
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change; what is left out stays.")] input: UpdateProfileInput,
    ) -> Result<User> {
        let user = require_user(ctx)?;
        let profile = ctx.data::<Users>()?.update_profile(user, input.into()).await.graph()?;
        Ok(User(Sighted { profile, sight: Sight::Own }))
    }

    /// Founds an organization; whoever asks owns it. CONFLICT when the slug asked for is taken.
    async fn create_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its name, and how it is to be addressed.")] input: CreateOrganizationInput,
    ) -> Result<Organization> {
        let ask = input.by(require_user(ctx)?);
        Ok(Organization(ctx.data::<Users>()?.create_organization(ask).await.graph()?))
    }

    /// Gives the person with this address a role in an organization, at once, or another role than they
    /// had. For owners. `NOT_FOUND` when the address has no account: the person registers first.
    async fn invite_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] organization_id: ID,
        #[graphql(desc = "The address of the person's account.")] email: String,
        #[graphql(desc = "What the person may do from now on.")] role: OrganizationRole,
    ) -> Result<Organization> {
        let ask = InviteMember {
            by: require_user(ctx)?,
            organization: id("organizationId", &organization_id)?,
            email,
            role: role.into(),
        };
        Ok(Organization(ctx.data::<Users>()?.invite_member(ask).await.graph()?))
    }

    /// Takes a person's role in an organization away. For owners, and for whoever leaves. CONFLICT for
    /// the last owner.
    async fn remove_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where.")] organization_id: ID,
        #[graphql(desc = "Who leaves.")] user_id: ID,
    ) -> Result<Organization> {
        let ask = RemoveMember {
            by: require_user(ctx)?,
            organization: id("organizationId", &organization_id)?,
            user: id("userId", &user_id)?,
        };
        Ok(Organization(ctx.data::<Users>()?.remove_member(ask).await.graph()?))
    }
}
