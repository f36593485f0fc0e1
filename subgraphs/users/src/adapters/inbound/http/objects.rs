use chrono::{DateTime, Utc};
use kernel::{Public, Result, kinds};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::graphql::OrganizationRole;
use crate::domain::{
    Users,
    entities::{PhoneNumber, Profile},
    use_cases::LoggedIn,
};

/// A person, who has an account or buys as a guest, as that person sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    /// The person's id.
    #[schema(value_type = String, example = "usr_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::User>,
    /// Where mail reaches the person; null where that is not known any more.
    email: Option<String>,
    /// How the person wants to be called; null when a guest did not say, and where it is not known any more.
    name: Option<String>,
    /// True for who buys without an account.
    guest: bool,
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
    #[schema(value_type = String, example = "org_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Organization>,
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
                organization: Organization { id: found.id.public(), slug: found.slug, name: found.name },
                role: role.into(),
            });
        Ok(Self {
            id: profile.id.public(),
            email: Some(profile.email.as_str().to_owned()),
            name: profile.name,
            guest: profile.guest,
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
    /// When the access token ends.
    #[serde(serialize_with = "service::rest::instant")]
    expires_at: DateTime<Utc>,
    /// Gets the next access token at `/token/refresh`, once. To be kept secret. Null where the client is not to keep it
    /// itself.
    refresh_token: Option<String>,
    /// When the refresh token ends.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    refresh_expires_at: Option<DateTime<Utc>>,
    /// Who is logged in.
    user: User,
}

impl AuthPayload {
    pub(super) async fn of(users: &Users, logged_in: LoggedIn) -> Result<Self> {
        let LoggedIn { profile, access_token, expires_at, refresh_token, refresh_expires_at } = logged_in;
        Ok(Self {
            access_token,
            expires_at,
            refresh_token: Some(refresh_token),
            refresh_expires_at: Some(refresh_expires_at),
            user: User::own(users, profile).await?,
        })
    }
}
