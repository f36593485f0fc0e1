use async_graphql::{Context, ID, Object, Result};
use kernel::Refusal;
use service::graphql::{
    IntoGraph,
    Who::{self, Holder, Oneself, Owner, Public},
    access, caller, id as read_id, require_user,
};

use super::{
    super::browser, AuthPayload, ContinueAsGuestInput, CreateOrganizationInput, InviteMemberInput,
    LoginInput, Organization, RegisterInput, RemoveMemberInput, UpdateOrganizationInput, UpdateProfileInput,
    User,
};
use crate::domain::{
    Users, reasons,
    use_cases::{Sight, Sighted},
};

/// What can be done with accounts and organizations.
pub struct AccountMutation;

#[Object]
impl AccountMutation {
    /// Opens an account and logs its owner in; a mail asks to verify the address. CONFLICT when the address has an
    /// account already. Called by a guest with the guest's own address, it makes an account of the guest, who keeps what
    /// they have bought; the guest's earlier tokens end.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: RegisterInput,
    ) -> Result<Option<AuthPayload>> {
        let viewer = caller(ctx).map(|caller| caller.user);
        Ok(Some(AuthPayload::of(ctx.data::<Users>()?.register(viewer, input.into()).await.graph()?)))
    }

    /// Lets somebody buy without an account. Each call makes a guest of their own, who sees what they buy themselves, and
    /// nothing that was bought before with the same address. Nobody can log in as a guest again: once the refresh token has
    /// ended, so has the guest, unless `register` has made an account of them. CONFLICT when the address has an account.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn continue_as_guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who.")] input: ContinueAsGuestInput,
    ) -> Result<Option<AuthPayload>> {
        Ok(Some(AuthPayload::of(ctx.data::<Users>()?.continue_as_guest(input.into()).await.graph()?)))
    }

    /// Logs somebody in. UNAUTHENTICATED when address or password is wrong; `RATE_LIMITED`, with
    /// retryAfterSeconds, when that happened too often from where the client is. Elsewhere the owner can log in.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With what.")] input: LoginInput,
    ) -> Result<Option<AuthPayload>> {
        Ok(Some(AuthPayload::of(ctx.data::<Users>()?.log_in(input.into()).await.graph()?)))
    }

    /// Changes a refresh token for a new one and a new access token. Shown again within ten seconds, it gets the same new
    /// one; shown again later, it ends its whole session. A client that keeps it in a cookie sends the header
    /// `x-session: cookie`, which no page of another origin can, and leaves the token out.
    #[graphql(directive = access::apply([Holder].into(), None))]
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The session's last refresh token. It has to be given, unless it is in a cookie.",
            secret
        )]
        refresh_token: Option<String>,
    ) -> Result<Option<AuthPayload>> {
        let refresh_token = given(refresh_token).graph()?;
        Ok(Some(AuthPayload::of(ctx.data::<Users>()?.refresh_session(&refresh_token).await.graph()?)))
    }

    /// Ends a session: its refresh token gets nothing any more, and its access token is refused. True also
    /// when it had ended before; false when there is no such session.
    #[graphql(directive = access::apply([Holder].into(), None))]
    async fn logout(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A refresh token of the session. It has to be given, unless it is in a cookie.",
            secret
        )]
        refresh_token: Option<String>,
    ) -> Result<Option<bool>> {
        let refresh_token = given(refresh_token).graph()?;
        let was_there = ctx.data::<Users>()?.log_out(&refresh_token).await.graph()?;
        browser::forget();
        Ok(Some(was_there))
    }

    /// Changes one's own profile.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change; what is left out stays.")] input: UpdateProfileInput,
    ) -> Result<Option<User>> {
        let user = require_user(ctx)?;
        let profile = ctx.data::<Users>()?.update_profile(user, input.read().graph()?).await.graph()?;
        Ok(Some(User(Sighted { profile, sight: Sight::Own })))
    }

    /// Founds an organization; whoever asks owns it. CONFLICT when the slug asked for is taken; FORBIDDEN for guests.
    #[graphql(directive = access::apply([Who::User].into(), None))]
    async fn create_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its name, and how it is to be addressed.")] input: CreateOrganizationInput,
    ) -> Result<Option<Organization>> {
        let ask = input.by(require_user(ctx)?);
        Ok(Some(Organization(ctx.data::<Users>()?.create_organization(ask).await.graph()?)))
    }

    /// Changes an organization's name, and on which terms it sells. What is left out stays, also where somebody else
    /// changes it at the same time. Orders keep the terms they were made on. For owners.
    #[graphql(directive = access::apply([Owner].into(), None))]
    async fn update_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what is to change.")] input: UpdateOrganizationInput,
    ) -> Result<Option<Organization>> {
        let ask = input.by(require_user(ctx)?).graph()?;
        Ok(Some(Organization(ctx.data::<Users>()?.update_organization(ask).await.graph()?)))
    }

    /// Mails an invitation to this address. The role begins once an account with that address opens the mail's link, and
    /// acceptInvitation; whether there is one is not told. A member gets another role at once. For owners.
    #[graphql(directive = access::apply([Owner].into(), None))]
    async fn invite_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and as what.")] input: InviteMemberInput,
    ) -> Result<Option<Organization>> {
        let ask = input.by(require_user(ctx)?).graph()?;
        Ok(Some(Organization(ctx.data::<Users>()?.invite_member(ask).await.graph()?)))
    }

    /// Takes a person's role in an organization away. For owners, and for whoever leaves. CONFLICT for
    /// the last owner.
    #[graphql(directive = access::apply([Oneself, Owner].into(), None))]
    async fn remove_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose, and where.")] input: RemoveMemberInput,
    ) -> Result<Option<Organization>> {
        let ask = input.by(require_user(ctx)?).graph()?;
        Ok(Some(Organization(ctx.data::<Users>()?.remove_member(ask).await.graph()?)))
    }

    /// Makes a member of whoever was invited. The caller's account has the address that the mail went to, which is
    /// verified by this; FORBIDDEN when it has another one, and for guests. Asked again, nothing happens.
    #[graphql(directive = access::apply([Holder].into(), None))]
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What stands behind `#token=` in the mail's link.", secret)] token: String,
    ) -> Result<Option<Organization>> {
        let user = require_user(ctx)?;
        Ok(Some(Organization(ctx.data::<Users>()?.accept_invitation(user, &token).await.graph()?)))
    }

    /// Takes an invitation back: its link is worth nothing any more. For owners.
    #[graphql(directive = access::apply([Owner].into(), None))]
    async fn revoke_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<Organization>> {
        let (user, id) = (require_user(ctx)?, read_id("id", &id)?);
        Ok(Some(Organization(ctx.data::<Users>()?.revoke_invitation(user, id).await.graph()?)))
    }

    /// Notes that mail to an account's address arrives. Needs no login: whoever has the link has the mail. It can be opened
    /// once.
    #[graphql(directive = access::apply([Holder].into(), None))]
    async fn verify_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What stands behind `#token=` in the mail's link.", secret)] token: String,
    ) -> Result<Option<User>> {
        let viewer = caller(ctx).map(|caller| caller.user);
        Ok(Some(User(ctx.data::<Users>()?.verify_email(viewer, &token).await.graph()?)))
    }

    /// Mails a link to one's own address once more, which verifies it. False when it is verified already; `RATE_LIMITED`
    /// when a mail was sent not long ago. FORBIDDEN for guests.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn request_email_verification(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "True: also when it is verified already, to show that mail arrives again after some came back \
                    (`User.emailUnreachableSince`).",
            default = false
        )]
        again: bool,
    ) -> Result<Option<bool>> {
        let user = require_user(ctx)?;
        Ok(Some(ctx.data::<Users>()?.request_email_verification(user, again).await.graph()?))
    }
}

/// A refresh token, which the input has to have, or else the cookie.
fn given(refresh_token: Option<String>) -> Result<String, Refusal> {
    refresh_token.or_else(browser::shown).ok_or_else(|| {
        if browser::keeps_it() {
            return Refusal::new(reasons::REFRESH_TOKEN_INVALID, "Nobody is logged in here. Log in again.");
        }
        let message = "must be a refresh token, as it came with the last answer that logged in or refreshed";
        Refusal::bad_input("refreshToken", message).because(kernel::reasons::REQUIRED)
    })
}
