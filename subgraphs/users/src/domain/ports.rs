//! What the domain needs of the world.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::users::Role;
use kernel::{EmailAddress, Fault, OrganizationId, Result, SessionId, UserId};

use super::entities::{Account, LoginFailures, Organization, Password, Profile, Session, Slug, TokenHash};

/// Where accounts and organizations are kept.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a transaction; dropped without a commit, it changes nothing.
    async fn begin(&self) -> Result<Box<dyn Tx>, Fault>;

    /// Forgets what has run out before `now`: tokens, sessions, counts of failures. True when there may
    /// be more.
    async fn forget_before(&self, now: DateTime<Utc>, failures_since: DateTime<Utc>) -> Result<bool, Fault>;
}

/// A transaction. What is looked up by it is locked until its end; what aggregates have to tell leaves
/// with them.
#[async_trait]
pub trait Tx: Send {
    /// The account with this id.
    async fn account(&mut self, id: UserId) -> Result<Option<Account>, Fault>;

    /// The account with this address, compared normalised.
    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<Account>, Fault>;

    /// Adds an account; false when another has its address.
    async fn add_account(&mut self, account: &mut Account) -> Result<bool, Fault>;

    /// Saves a changed account.
    async fn save_account(&mut self, account: &mut Account) -> Result<(), Fault>;

    /// How often logging in with this address failed.
    async fn login_failures(&mut self, email: &EmailAddress) -> Result<LoginFailures, Fault>;

    /// Keeps how often it failed; [`LoginFailures::NONE`] forgets.
    async fn save_login_failures(
        &mut self,
        email: &EmailAddress,
        failures: LoginFailures,
    ) -> Result<(), Fault>;

    /// The session of a refresh token, with that token presented.
    async fn session_of(&mut self, token: &TokenHash) -> Result<Option<Session>, Fault>;

    /// Saves a new or changed session and the token it issued.
    async fn save_session(&mut self, session: &Session) -> Result<(), Fault>;

    /// The organization with this id and all its members.
    async fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, Fault>;

    /// The organization that this person founded with this idempotency key.
    async fn organization_founded(
        &mut self,
        founder: UserId,
        key: &str,
    ) -> Result<Option<Organization>, Fault>;

    /// Adds an organization; false when another has its slug, or its founder's idempotency key.
    async fn add_organization(&mut self, organization: &mut Organization) -> Result<bool, Fault>;

    /// Saves the memberships that changed.
    async fn save_organization(&mut self, organization: &mut Organization) -> Result<(), Fault>;

    /// Makes all of it last.
    async fn commit(self: Box<Self>) -> Result<(), Fault>;
}

/// An organization, to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationView {
    /// Which.
    pub id: OrganizationId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// Lookups outside transactions.
#[async_trait]
pub trait Reads: Send + Sync {
    /// The account with this id.
    async fn profile(&self, id: UserId) -> Result<Option<Profile>, Fault>;

    /// How often logging in with this address failed; to be decided upon in a transaction only.
    async fn login_failures(&self, email: &EmailAddress) -> Result<LoginFailures, Fault>;

    /// What the password of this address is compared with.
    async fn password_hash(&self, email: &EmailAddress) -> Result<Option<String>, Fault>;

    /// True when both have a role in one organization.
    async fn are_fellows(&self, one: UserId, other: UserId) -> Result<bool, Fault>;

    /// The organizations with these ids, in any order.
    async fn organizations(&self, ids: &[OrganizationId]) -> Result<Vec<OrganizationView>, Fault>;

    /// The organization with this slug.
    async fn organization_by_slug(&self, slug: &Slug) -> Result<Option<OrganizationView>, Fault>;

    /// The person's role.
    async fn role(&self, organization: OrganizationId, user: UserId) -> Result<Option<Role>, Fault>;

    /// Who has a role, the longest-serving first.
    async fn members(&self, organization: OrganizationId) -> Result<Vec<(Profile, Role)>, Fault>;

    /// Where the person has a role, by name.
    async fn memberships(&self, user: UserId) -> Result<Vec<(OrganizationView, Role)>, Fault>;
}

/// Turns passwords into what may be kept of them.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// What is kept. Slow by intent; refuses when too many ask at once.
    async fn hash(&self, password: &Password) -> Result<String>;

    /// True when `hash` was made of the password. Without a hash it takes the same time and is false.
    async fn matches(&self, password: &Password, hash: Option<String>) -> Result<bool>;
}

/// A token that says who is calling, for a short time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// For the client.
    pub token: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Signs access tokens.
#[async_trait]
pub trait AccessTokens: Send + Sync {
    /// A token for this person's session, beginning now.
    async fn issue(&self, user: UserId, session: SessionId, now: DateTime<Utc>)
    -> Result<AccessToken, Fault>;
}
