use chrono::{DateTime, Utc};
use kernel::{OrganizationId, Result, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::graphql::OrganizationRole;
use crate::domain::{
    Users,
    entities::{PhoneNumber, Profile},
    use_cases::LoggedIn,
};

/// A person with an account, as that person sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    /// The person's id.
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    /// Where mail reaches the person.
    email: String,
    /// How the person wants to be called.
    name: String,
    /// The person's telephone number.
    phone: Option<String>,
    /// The person's language, such as en or de-AT.
    locale: String,
    /// The person's time zone, of the IANA database.
    timezone: String,
    /// True once the person has shown that mail to the address arrives.
    email_verified: bool,
    /// Since when the account exists.
    #[serde(serialize_with = "service::rest::instant")]
    created_at: DateTime<Utc>,
    /// The organizations the person belongs to.
    memberships: Vec<Membership>,
}

/// A person's role in an organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Membership {
    /// Where.
    organization: Organization,
    /// What the person may do there.
    role: OrganizationRole,
}

/// Who sells tickets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Organization {
    /// The organization's id.
    #[schema(value_type = uuid::Uuid)]
    id: OrganizationId,
    /// Its name in addresses.
    slug: String,
    /// Its name.
    name: String,
}

impl User {
    /// A person as they see themselves.
    pub(super) async fn own(users: &Users, profile: Profile) -> Result<Self> {
        let mut memberships = users.memberships(profile.id.into(), &[profile.id]).await?;
        let memberships =
            memberships.remove(&profile.id).unwrap_or_default().into_iter().map(|(found, role)| Membership {
                organization: Organization { id: found.id, slug: found.slug, name: found.name },
                role: role.into(),
            });
        Ok(Self {
            id: profile.id,
            email: profile.email.as_str().to_owned(),
            name: profile.name,
            phone: profile.phone.as_ref().map(|phone: &PhoneNumber| phone.as_str().to_owned()),
            locale: profile.locale.as_str().to_owned(),
            timezone: profile.timezone.name().to_owned(),
            email_verified: profile.email_verified,
            created_at: profile.created_at,
            memberships: memberships.collect(),
        })
    }
}

/// What a client goes on with once somebody is logged in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuthPayload {
    /// Says who is calling: to be sent as `Authorization: Bearer …` until it expires.
    access_token: String,
    /// Gets the next access token at `/token/refresh`, once. To be kept secret.
    refresh_token: String,
    /// When the access token ends.
    #[serde(serialize_with = "service::rest::instant")]
    expires_at: DateTime<Utc>,
    /// Who is logged in.
    user: User,
}

impl AuthPayload {
    pub(super) async fn of(users: &Users, logged_in: LoggedIn) -> Result<Self> {
        let LoggedIn { profile, access_token, expires_at, refresh_token } = logged_in;
        Ok(Self { access_token, refresh_token, expires_at, user: User::own(users, profile).await? })
    }
}
