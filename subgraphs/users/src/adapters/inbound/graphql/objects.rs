use async_graphql::{Context, ID, Object, Result, dataloader::DataLoader};
use chrono::{DateTime, Utc};
use contracts::users::Role;
use kernel::PageAsk;
use service::graphql::{
    ConnectionOf, IntoGraph,
    Who::{BoxOffice, Manager, Oneself, Operator, Owner, Public, Scanner},
    access, connection, viewer,
};

use super::{
    super::browser,
    Branding, EmailChange, ForeignAccount, OrganizationRole, OrganizationSettings, SecondFactor, Seller,
    Session, foreign_accounts,
    loaders::{
        InvitationsSeen, Lookups, MembersSeen, MembershipsSeen, Presented, PresentedAs, SettingsSeen,
        viewer_of,
    },
    second_factors, security,
};
use crate::domain::{
    entities::{self, PhoneNumber},
    ports::OrganizationView,
    use_cases::{LoggedIn, Sight, Sighted},
};

/// A person, who has an account or buys as a guest. It is seen by that person, and by fellow members of an organization.
#[derive(Clone)]
pub struct User(pub Sighted);

/// A person, who has an account or buys as a guest. It is seen by that person, and by fellow members of an organization.
#[Object(directive = access::apply([Oneself, Scanner, BoxOffice, Manager, Owner, Operator].into(), None))]
impl User {
    /// The person's id.
    pub(super) async fn id(&self) -> ID {
        self.0.profile.id.public().into()
    }

    /// Where mail reaches the person; null where that is not known any more.
    #[graphql(directive = access::apply([Oneself, Scanner, BoxOffice, Manager, Owner, Operator].into(), None))]
    async fn email(&self) -> Option<&str> {
        Some(self.0.profile.email.as_str()).filter(|email| !email.is_empty())
    }

    /// How the person wants to be called; null when a guest did not say, and where it is not known any more.
    async fn name(&self) -> Option<&str> {
        self.0.profile.name.as_deref()
    }

    /// True for who buys without an account, by continueAsGuest.
    async fn guest(&self) -> bool {
        self.0.profile.guest
    }

    /// The person's telephone number; null to others.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn phone(&self) -> Option<&str> {
        self.0.private()?.phone.as_ref().map(PhoneNumber::as_str)
    }

    /// The person's language, such as en or de-AT; null to others.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn locale(&self) -> Option<&str> {
        Some(self.0.private()?.locale.as_str())
    }

    /// The person's time zone, of the IANA database; null to others.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn timezone(&self) -> Option<&str> {
        Some(self.0.private()?.timezone.name())
    }

    /// True once the person has shown that mail to the address arrives.
    async fn email_verified(&self) -> bool {
        self.0.profile.email_verified
    }

    /// Since when the account exists; null to others.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn created_at(&self) -> Option<DateTime<Utc>> {
        Some(self.0.private()?.created_at)
    }

    /// The organizations the person belongs to; of others, those that are also one's own.
    #[graphql(directive = access::apply([Oneself, Scanner, BoxOffice, Manager, Owner, Operator].into(), None))]
    async fn memberships(&self, ctx: &Context<'_>) -> Result<Option<Vec<Membership>>> {
        let viewer = viewer_of(&self.0, viewer(ctx));
        if viewer.user().is_none() {
            return Err(kernel::Refusal::unauthenticated()).graph();
        }
        let key = MembershipsSeen(viewer, self.0.profile.id);
        let theirs = ctx.data::<DataLoader<Lookups>>()?.load_one(key).await?.unwrap_or_default();
        let theirs = theirs.into_iter().map(|(organization, role)| Membership {
            organization,
            user: self.0.clone(),
            role: role.into(),
        });
        Ok(Some(theirs.collect()))
    }

    /// Where the person is logged in, the latest first, at most 100; null to others.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<Vec<Session>>> {
        security::sessions(ctx, &self.0).await
    }

    /// What the person shows at a login besides the password, the oldest first; null to others.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn second_factors(&self, ctx: &Context<'_>) -> Result<Option<Vec<SecondFactor>>> {
        let Some(own) = self.0.private() else { return Ok(None) };
        Ok(Some(second_factors::of(ctx, own.id).await?))
    }

    /// The accounts elsewhere by which the person signs in, the oldest first; null to others.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn foreign_accounts(&self, ctx: &Context<'_>) -> Result<Option<Vec<ForeignAccount>>> {
        let Some(own) = self.0.private() else { return Ok(None) };
        Ok(Some(foreign_accounts::of(ctx, own.id).await?))
    }

    /// Another address that the person has asked for and that does not hold yet; null when there is none, and to others.
    #[graphql(directive = access::apply([Oneself].into(), None))]
    async fn email_change(&self, ctx: &Context<'_>) -> Result<Option<EmailChange>> {
        security::email_change(ctx, &self.0).await
    }
}

/// Who sells tickets.
#[derive(Clone)]
pub struct Organization(pub OrganizationView);

/// Who sells tickets.
#[Object(directive = access::apply([Public].into(), None))]
impl Organization {
    /// The organization's id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// Its name in addresses.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who belongs to it, the longest-serving first; for its members only.
    #[graphql(directive = access::apply([Scanner, BoxOffice, Manager, Owner, Operator].into(), None))]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After which: endCursor of the page before.")] after: Option<String>,
    ) -> Result<Option<ConnectionOf<Membership>>> {
        let ask = PageAsk::by_time(first, after.as_deref(), 20).graph()?;
        let key = MembersSeen {
            viewer: viewer(ctx),
            organization: self.0.id,
            first: ask.first,
            after: ask.after.as_ref().map(|cursor| cursor.key().to_owned()),
            counted: ctx.look_ahead().field("totalCount").exists(),
        };
        let Some(seen) = ctx.data::<DataLoader<Lookups>>()?.load_one(key).await? else { return Ok(None) };
        let page = seen.as_ref().clone().graph()?;
        let member = |(user, role): (Sighted, Role)| Membership {
            organization: self.0.clone(),
            user,
            role: role.into(),
        };
        Ok(Some(connection(page.map(member), ask.after.is_none())))
    }

    /// Who was invited and has not answered yet, the latest first; for its owners and managers only.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn invitations(&self, ctx: &Context<'_>) -> Result<Option<Vec<Invitation>>> {
        let key = InvitationsSeen(viewer(ctx), self.0.id);
        let Some(seen) = ctx.data::<DataLoader<Lookups>>()?.load_one(key).await? else { return Ok(None) };
        seen.as_ref().clone().map(Some).graph()
    }

    /// On which terms it sells; for its owners and managers only.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn settings(&self, ctx: &Context<'_>) -> Result<Option<OrganizationSettings>> {
        let key = SettingsSeen(viewer(ctx), self.0.id);
        let Some(seen) = ctx.data::<DataLoader<Lookups>>()?.load_one(key).await? else { return Ok(None) };
        seen.as_ref().clone().map(Some).graph()
    }

    /// Who sells, as invoices name them.
    async fn seller(&self, ctx: &Context<'_>) -> Result<Option<Seller>> {
        Ok(self.presented(ctx).await?.map(|presented| presented.seller))
    }

    /// How its mails and pages look, and where its buyers turn to.
    async fn branding(&self, ctx: &Context<'_>) -> Result<Option<Branding>> {
        Ok(self.presented(ctx).await?.map(|presented| presented.branding))
    }
}

impl Organization {
    async fn presented(&self, ctx: &Context<'_>) -> Result<Option<PresentedAs>> {
        ctx.data::<DataLoader<Lookups>>()?.load_one(Presented(self.0.id)).await
    }
}

/// Somebody who was asked by mail to join an organization, and has not answered yet.
#[derive(Clone)]
pub struct Invitation(pub entities::Invitation);

/// Somebody who was asked by mail to join an organization, and has not answered yet.
#[Object]
impl Invitation {
    /// The invitation's id.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// Where the mail went. Whether there is an account with this address is not told.
    async fn email(&self) -> &str {
        self.0.email.as_str()
    }

    /// What the person may do once the invitation is accepted.
    async fn role(&self) -> OrganizationRole {
        self.0.role.into()
    }

    /// When it was sent.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// Until when it can be accepted.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }
}

/// A person's role in an organization.
#[derive(Clone)]
pub struct Membership {
    pub(super) organization: OrganizationView,
    pub(super) user: Sighted,
    pub(super) role: OrganizationRole,
}

/// A person's role in an organization.
#[Object]
impl Membership {
    /// Where.
    async fn organization(&self) -> Organization {
        Organization(self.organization.clone())
    }

    /// Who.
    async fn user(&self) -> User {
        User(self.user.clone())
    }

    /// What the person may do there.
    async fn role(&self) -> OrganizationRole {
        self.role
    }
}

/// What a client goes on with once somebody is logged in.
pub struct AuthPayload {
    logged_in: LoggedIn,
    /// The refresh token is in a cookie.
    kept: bool,
}

impl AuthPayload {
    /// For this client, which may keep its refresh tokens in a cookie.
    pub fn of(logged_in: LoggedIn) -> Self {
        let kept = browser::keep(&logged_in.refresh_token, logged_in.refresh_expires_at);
        Self { logged_in, kept }
    }
}

/// What a client goes on with once somebody is logged in.
#[Object]
impl AuthPayload {
    /// Says who is calling: to be sent as `Authorization: Bearer …` until it expires.
    async fn access_token(&self) -> &str {
        &self.logged_in.access_token
    }

    /// When the access token ends.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.logged_in.expires_at
    }

    /// Gets the next access token and its own successor by refreshSession. To be kept secret. Null when the client sent the
    /// header `x-session: cookie`: then it is in a cookie, which no script can read, and refreshSession takes it from there.
    async fn refresh_token(&self) -> Option<&str> {
        (!self.kept).then_some(self.logged_in.refresh_token.as_str())
    }

    /// When the refresh token ends.
    async fn refresh_expires_at(&self) -> Option<DateTime<Utc>> {
        Some(self.logged_in.refresh_expires_at)
    }

    /// Who is logged in.
    async fn user(&self) -> User {
        User(Sighted { profile: self.logged_in.profile.clone(), sight: Sight::Own })
    }
}
