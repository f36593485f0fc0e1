use async_graphql::{Context, ID, Object, Result};
use chrono::{DateTime, Utc};
use service::graphql::{IntoGraph, caller};

use super::OrganizationRole;
use crate::domain::{
    Users,
    entities::PhoneNumber,
    ports::OrganizationView,
    use_cases::{LoggedIn, Sight, Sighted},
};

/// A person with an account. It is seen by that person, and by fellow members of an organization.
pub struct User(pub Sighted);

/// A person with an account. It is seen by that person, and by fellow members of an organization.
#[Object]
impl User {
    /// The person's id.
    async fn id(&self) -> ID {
        self.0.profile.id.to_string().into()
    }

    /// Where mail reaches the person.
    async fn email(&self) -> &str {
        self.0.profile.email.as_str()
    }

    /// How the person wants to be called.
    async fn name(&self) -> &str {
        &self.0.profile.name
    }

    /// The person's telephone number; null to others.
    async fn phone(&self) -> Option<&str> {
        let phone = self.0.profile.phone.as_ref().filter(|_| self.0.sight == Sight::Own);
        phone.map(PhoneNumber::as_str)
    }

    /// The person's language, such as en or de-AT.
    async fn locale(&self) -> &str {
        self.0.profile.locale.as_str()
    }

    /// The person's time zone, of the IANA database.
    async fn timezone(&self) -> &str {
        self.0.profile.timezone.name()
    }

    /// True once the person has shown that mail to the address arrives.
    async fn email_verified(&self) -> bool {
        self.0.profile.email_verified
    }

    /// Since when the account exists.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.profile.created_at
    }

    /// The organizations the person belongs to; of others, those that are also one's own.
    async fn memberships(&self, ctx: &Context<'_>) -> Result<Vec<Membership>> {
        let viewer = match self.0.sight {
            Sight::Own => Some(self.0.profile.id),
            Sight::Fellow => caller(ctx).map(|caller| caller.user),
        };
        let memberships = ctx.data::<Users>()?.memberships(viewer, &self.0).await.graph()?;
        Ok(memberships
            .into_iter()
            .map(|(organization, role)| Membership { organization, user: self.0.clone(), role: role.into() })
            .collect())
    }
}

/// Who sells tickets.
#[derive(Clone)]
pub struct Organization(pub OrganizationView);

/// Who sells tickets.
#[Object]
impl Organization {
    /// The organization's id.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
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
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Membership>> {
        let viewer = caller(ctx).map(|caller| caller.user);
        let members = ctx.data::<Users>()?.members(viewer, self.0.id).await.graph()?;
        Ok(members
            .into_iter()
            .map(|(user, role)| Membership { organization: self.0.clone(), user, role: role.into() })
            .collect())
    }
}

/// A person's role in an organization.
pub struct Membership {
    organization: OrganizationView,
    user: Sighted,
    role: OrganizationRole,
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
pub struct AuthPayload(pub LoggedIn);

/// What a client goes on with once somebody is logged in.
#[Object]
impl AuthPayload {
    /// Says who is calling: to be sent as `Authorization: Bearer …` until it expires.
    async fn access_token(&self) -> &str {
        &self.0.access_token
    }

    /// Gets the next access token by refreshSession, once. To be kept secret.
    async fn refresh_token(&self) -> &str {
        &self.0.refresh_token
    }

    /// When the access token ends.
    async fn expires_at(&self) -> DateTime<Utc> {
        self.0.expires_at
    }

    /// Who is logged in.
    async fn user(&self) -> User {
        User(Sighted { profile: self.0.profile.clone(), sight: Sight::Own })
    }
}
