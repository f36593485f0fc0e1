//! What the domain needs of the world.

use std::{collections::HashMap, net::IpAddr};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{account_mail::SendAccountMail, settings::OrganizationSettings, users::Role};
use kernel::{
    EmailAddress, Fault, InvitationId, OrganizationId, Page, PageAsk, Refusal, Result, SessionId, UserId,
};
use uuid::Uuid;

mod erasing;
mod security;
mod sign_in;

pub use erasing::ErasingTx;
pub use security::{SecurityReads, SecurityTx, SessionView};
pub use sign_in::{
    ForeignAsk, ForeignPerson, ForeignProviders, NewPasskey, PasskeyAsk, Passkeys, Provider, Seals,
    SignInReads, SignInTx, Vault,
};

use super::entities::{
    Account, AddressProof, Invitation, LoginFailures, Organization, Password, Place, Profile, ProofPurpose,
    Secret, SecretHash, Session, Slug,
};

/// Where accounts and organizations are kept.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a transaction; dropped without a commit, it changes nothing.
    async fn begin(&self) -> Result<Box<dyn Tx>, Fault>;

    /// Begins a transaction in which a message is handled; none when it was handled before.
    async fn begin_handling(&self, message: Uuid) -> Result<Option<Box<dyn Tx>>, Fault>;
}

/// A transaction. What is looked up by it is locked until its end; what aggregates have to tell leaves
/// with them.
#[async_trait]
pub trait Tx: SecurityTx + SignInTx + ErasingTx + Send {
    /// The account with this id, or the guest; none once it is closed.
    async fn account(&mut self, id: UserId) -> Result<Option<Account>, Fault>;

    /// The account with this address, compared normalised. Guests are found by no address.
    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<Account>, Fault>;

    /// Adds an account or a guest; false when an account has another's address.
    async fn add_account(&mut self, account: &mut Account) -> Result<bool, Fault>;

    /// Saves a changed account.
    async fn save_account(&mut self, account: &mut Account) -> Result<(), Fault>;

    /// Saves a guest who has an account from now on; false when another account has the address, and then nothing more
    /// can be done in this transaction.
    async fn claim_address(&mut self, account: &mut Account) -> Result<bool, Fault>;

    /// How often logging in with this address failed from this place.
    async fn login_failures(&mut self, email: &EmailAddress, place: &Place) -> Result<LoginFailures, Fault>;

    /// Keeps how often it failed; [`LoginFailures::NONE`] forgets.
    async fn save_login_failures(
        &mut self,
        email: &EmailAddress,
        place: &Place,
        failures: LoginFailures,
    ) -> Result<(), Fault>;

    /// How often it failed from everywhere since then, and when first.
    async fn failures_everywhere(
        &mut self,
        email: &EmailAddress,
        since: DateTime<Utc>,
    ) -> Result<(i64, DateTime<Utc>), Fault>;

    /// Notes that the account's owner has logged in from this client.
    async fn know_client(&mut self, account: UserId, client: Option<IpAddr>) -> Result<(), Fault>;

    /// True, and noted, unless the account was warned of this since then.
    async fn may_warn(
        &mut self,
        account: UserId,
        warning: Warning,
        unless_since: DateTime<Utc>,
    ) -> Result<bool, Fault>;

    /// The session of a refresh token, with that token presented.
    async fn session_of(&mut self, token: &SecretHash) -> Result<Option<Session>, Fault>;

    /// The sessions of an account that have not been ended, with no token presented. Whoever locks an account too does so
    /// afterwards.
    async fn open_sessions(&mut self, account: UserId) -> Result<Vec<Session>, Fault>;

    /// Saves a new or changed session and the token it issued. Once that lasts, everybody hears of one that has ended.
    async fn save_session(&mut self, session: &Session) -> Result<(), Fault>;

    /// The proof of an address whose link has this secret.
    async fn address_proof(&mut self, token: &SecretHash) -> Result<Option<AddressProof>, Fault>;

    /// Saves a new or changed proof.
    async fn save_address_proof(&mut self, proof: &AddressProof) -> Result<(), Fault>;

    /// When the account asked for proofs for this since then, the last first.
    async fn address_proofs_since(
        &mut self,
        account: UserId,
        purpose: ProofPurpose,
        since: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, Fault>;

    /// The invitation whose link has this secret.
    async fn invitation_by_token(&mut self, token: &SecretHash) -> Result<Option<Invitation>, Fault>;

    /// The invitation with this id. It is not locked: whoever changes one locks its organization first.
    async fn invitation(&mut self, id: InvitationId) -> Result<Option<Invitation>, Fault>;

    /// The invitation of this address that waits for an answer, or for its end.
    async fn open_invitation(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<Invitation>, Fault>;

    /// How many of the organization wait for an answer, and how many this person has sent since then.
    async fn count_invitations(
        &mut self,
        organization: OrganizationId,
        by: UserId,
        now: DateTime<Utc>,
        since: DateTime<Utc>,
    ) -> Result<(u64, u64), Fault>;

    /// Saves a new or changed invitation.
    async fn save_invitation(&mut self, invitation: &Invitation) -> Result<(), Fault>;

    /// Asks for a mail, which leaves once all of this lasts.
    async fn send(&mut self, mail: &SendAccountMail) -> Result<(), Fault>;

    /// The organization with this id and all its members.
    async fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, Fault>;

    /// The organization that this person founded with this idempotency key.
    async fn organization_founded(
        &mut self,
        founder: UserId,
        key: &str,
    ) -> Result<Option<Organization>, Fault>;

    /// Forgets by which idempotency key it was founded, so that the key can be used again.
    async fn release_key(&mut self, organization: OrganizationId) -> Result<(), Fault>;

    /// Adds an organization; false when another has its slug, or its founder's idempotency key.
    async fn add_organization(&mut self, organization: &mut Organization) -> Result<bool, Fault>;

    /// Saves what has changed of an organization and its memberships.
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

/// Somebody who has a role in an organization.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who.
    pub profile: Profile,
    /// What the person may do there.
    pub role: Role,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Lookups outside transactions.
#[async_trait]
pub trait Reads: SecurityReads + SignInReads + Send + Sync {
    /// Who has this address, and what the password is compared with.
    async fn password_hash(&self, email: &EmailAddress) -> Result<Option<(UserId, String)>, Fault>;

    /// From where somebody logs in with this address, and how often that failed; to be decided upon in a transaction
    /// only. `token` is a refresh token that the device has of an earlier session.
    async fn place(
        &self,
        email: &EmailAddress,
        account: Option<UserId>,
        client: Option<IpAddr>,
        token: Option<&SecretHash>,
    ) -> Result<(Place, LoginFailures), Fault>;

    /// True when the session was ended before its time.
    async fn has_ended(&self, session: SessionId) -> Result<bool, Fault>;

    /// Of these people those who have a role in an organization in which `viewer` has one.
    async fn fellows(&self, viewer: UserId, people: &[UserId]) -> Result<Vec<UserId>, Fault>;

    /// The accounts with these ids, in any order.
    async fn profiles(&self, ids: &[UserId]) -> Result<Vec<Profile>, Fault>;

    /// The organizations with these ids, in any order.
    async fn organizations(&self, ids: &[OrganizationId]) -> Result<Vec<OrganizationView>, Fault>;

    /// The organization with this slug.
    async fn organization_by_slug(&self, slug: &Slug) -> Result<Option<OrganizationView>, Fault>;

    /// The settings of those of these organizations that there are.
    async fn settings(
        &self,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, OrganizationSettings>, Fault>;

    /// The person's roles in these, where there is one.
    async fn roles(
        &self,
        user: UserId,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, Role>, Fault>;

    /// A page of who has a role in each of these, the longest-serving first; how many there are in all only when that is
    /// to be counted.
    async fn members(
        &self,
        organizations: &[OrganizationId],
        page: &PageAsk,
        counted: bool,
    ) -> Result<HashMap<OrganizationId, Page<Member>>>;

    /// Where each of these people has a role, by name.
    async fn memberships(
        &self,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<(OrganizationView, Role)>>, Fault>;

    /// The invitations of each of these that can be accepted now, the latest first.
    async fn invitations(
        &self,
        organizations: &[OrganizationId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<OrganizationId, Vec<Invitation>>, Fault>;
}

/// Of what an account is warned, at most once in some hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Somebody tries passwords.
    PasswordGuessing,
    /// Somebody tried to register with its address.
    AddressTaken,
}

impl Warning {
    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PasswordGuessing => "PASSWORD_GUESSING",
            Self::AddressTaken => "ADDRESS_TAKEN",
        }
    }
}

/// How much one client may do, whoever it says it is. What comes from no client, such as a demonstration, may all.
pub trait ClientLimits: Send + Sync {
    /// Refuses when it opens too many accounts, or has too many guests.
    fn registers(&self, client: IpAddr) -> Result<(), Refusal>;

    /// Refuses when it tries too many addresses that nobody has logged in with from there.
    fn tries_to_log_in(&self, client: IpAddr) -> Result<(), Refusal>;

    /// Refuses when it asks for too many mails about accounts.
    fn asks_for_mail(&self, client: IpAddr) -> Result<(), Refusal>;
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

/// Makes the tokens of sessions.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// The refresh token that follows this one. It is always the same, and nobody else can tell it: so it need not be
    /// kept to be shown again.
    async fn following(&self, token: &Secret) -> Result<Secret, Fault>;

    /// A token for this person's session, beginning now. It says whether they are an operator.
    async fn issue(
        &self,
        user: UserId,
        operator: bool,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<AccessToken, Fault>;
}
