use async_graphql::{Enum, InputObject, MaybeUndefined};
use contracts::users::Role;
use kernel::{Refusal, UserId, together};
use serde::Serialize;
use service::graphql::unless_null;
use utoipa::ToSchema;

use crate::domain::use_cases::{CreateOrganization, LogIn, Register, UpdateProfile};

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
    /// A language tag such as en or de-AT; en when left out.
    pub locale: Option<String>,
    /// A time zone of the IANA database such as Europe/Vienna; UTC when left out.
    pub timezone: Option<String>,
}

impl From<RegisterInput> for Register {
    fn from(input: RegisterInput) -> Self {
        let RegisterInput { email, password, name, locale, timezone } = input;
        Self { email, password, name, locale, timezone, client: service::request::client() }
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
        Self { email, password, refresh_token, client: service::request::client() }
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
        let phone = match phone {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(phone) => Some(Some(phone)),
        };
        let (name, locale, timezone) = together((
            unless_null("name", name),
            unless_null("locale", locale),
            unless_null("timezone", timezone),
        ))?;
        Ok(UpdateProfile { name, phone, locale, timezone })
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
    /// The same key with the same input gives the same organization, however often it is sent.
    pub idempotency_key: Option<String>,
}

impl CreateOrganizationInput {
    pub(super) fn by(self, founder: UserId) -> CreateOrganization {
        let Self { name, slug, idempotency_key } = self;
        CreateOrganization { founder, name, slug, idempotency_key }
    }
}
