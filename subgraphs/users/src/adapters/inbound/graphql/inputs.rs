use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use contracts::users::Role;
use kernel::{EmailAddress, OrganizationId, Refusal, UserId, together};
use serde::Serialize;
use service::graphql::{change, unless_null};
use utoipa::ToSchema;

use super::super::browser;
use crate::domain::use_cases::{
    ContinueAsGuest, CreateOrganization, InviteMember, LogIn, Register, RemoveMember, UpdateProfile,
};

/// What a member may do in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[graphql(remote = "Role")]
pub enum OrganizationRole {
    /// Everything, members included.
    Owner,
    /// Events, ticket types, orders, reports.
    Manager,
    /// Selling and check-in.
    BoxOffice,
    /// Check-in.
    Scanner,
}

/// What somebody tells to get an account.
#[derive(InputObject)]
pub struct RegisterInput {
    /// Where mail reaches the person; one account an address.
    pub email: String,
    /// 8 to 128 characters, not among the first that others would try.
    #[graphql(secret)]
    pub password: String,
    /// How the person wants to be called, at most 100 characters.
    pub name: String,
    /// A language tag such as en or de-AT. Left out, it is en, and stays as it was for a guest.
    pub locale: Option<String>,
    /// A time zone of the IANA database such as Europe/Vienna. Left out, it is UTC, and stays as it was for a guest.
    pub timezone: Option<String>,
}

impl From<RegisterInput> for Register {
    fn from(input: RegisterInput) -> Self {
        let RegisterInput { email, password, name, locale, timezone } = input;
        let (client, device) = (service::request::client(), browser::device());
        Self { email, password, name, locale, timezone, client, device }
    }
}

/// What somebody tells to buy without an account.
#[derive(InputObject)]
pub struct ContinueAsGuestInput {
    /// Where mail reaches the person. It must have no account.
    pub email: String,
    /// How the person wants to be called, at most 100 characters.
    pub name: Option<String>,
    /// A language tag such as en or de-AT; en when left out.
    pub locale: Option<String>,
    /// A time zone of the IANA database such as Europe/Vienna; UTC when left out.
    pub timezone: Option<String>,
}

impl From<ContinueAsGuestInput> for ContinueAsGuest {
    fn from(input: ContinueAsGuestInput) -> Self {
        let ContinueAsGuestInput { email, name, locale, timezone } = input;
        let (client, device) = (service::request::client(), browser::device());
        Self { email, name, locale, timezone, client, device }
    }
}

/// With what somebody logs in.
#[derive(InputObject)]
pub struct LoginInput {
    /// The account's address.
    pub email: String,
    /// Its password.
    #[graphql(secret)]
    pub password: String,
    /// A refresh token of an earlier session of the account on the same device, where the client has one: it is known by
    /// it, and not slowed down by what others try.
    #[graphql(secret)]
    pub refresh_token: Option<String>,
}

impl From<LoginInput> for LogIn {
    fn from(LoginInput { email, password, refresh_token }: LoginInput) -> Self {
        let (client, device) = (service::request::client(), browser::device());
        Self { email, password, refresh_token: refresh_token.or_else(browser::shown), client, device }
    }
}

/// What a person changes of their profile; what is left out stays.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// How the person wants to be called, at most 100 characters.
    pub name: MaybeUndefined<String>,
    /// An international number such as +43 1 234 5678; null for none any more.
    pub phone: MaybeUndefined<String>,
    /// A language tag such as en or de-AT.
    pub locale: MaybeUndefined<String>,
    /// A time zone of the IANA database such as Europe/Vienna.
    pub timezone: MaybeUndefined<String>,
}

impl UpdateProfileInput {
    pub(super) fn read(self) -> Result<UpdateProfile, Refusal> {
        let Self { name, phone, locale, timezone } = self;
        let (name, locale, timezone) = together((
            unless_null("name", name),
            unless_null("locale", locale),
            unless_null("timezone", timezone),
        ))?;
        Ok(UpdateProfile { name, phone: change(phone), locale, timezone })
    }
}

/// What somebody tells to found an organization.
#[derive(InputObject)]
pub struct CreateOrganizationInput {
    /// Its name, at most 100 characters.
    pub name: String,
    /// Its name in addresses: lower-case letters, digits and single hyphens. It must be free; left out,
    /// a free one is made of the name.
    pub slug: Option<String>,
    /// 1 to 100 characters, kept for 7 days, per caller and mutation: the same input gets the same answer, another is
    /// refused.
    pub idempotency_key: Option<String>,
}

impl CreateOrganizationInput {
    pub(super) fn by(self, founder: UserId) -> CreateOrganization {
        let Self { name, slug, idempotency_key } = self;
        CreateOrganization { founder, name, slug, idempotency_key }
    }
}

/// Who is invited to join an organization, and as what.
#[derive(InputObject)]
pub struct InviteMemberInput {
    /// Where.
    pub organization_id: ID,
    /// Where mail reaches the person.
    pub email: String,
    /// What the person may do once the invitation is accepted.
    pub role: OrganizationRole,
}

impl InviteMemberInput {
    pub(super) fn by(self, by: UserId) -> Result<InviteMember, Refusal> {
        let Self { organization_id, email, role } = self;
        // What is wrong with either is told at once.
        let (organization, _) = together((
            OrganizationId::parse("organizationId", &organization_id),
            EmailAddress::parse("email", &email),
        ))?;
        Ok(InviteMember { by, organization, email, role: role.into() })
    }
}

/// Who leaves an organization.
#[derive(InputObject)]
pub struct RemoveMemberInput {
    /// Where.
    pub organization_id: ID,
    /// Who leaves.
    pub user_id: ID,
}

impl RemoveMemberInput {
    pub(super) fn by(self, by: UserId) -> Result<RemoveMember, Refusal> {
        let (organization, user) = together((
            OrganizationId::parse("organizationId", &self.organization_id),
            UserId::parse("userId", &self.user_id),
        ))?;
        Ok(RemoveMember { by, organization, user })
    }
}
