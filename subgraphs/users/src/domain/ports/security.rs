use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Fault, SessionId, UserId};

use super::super::entities::{AddressChange, Device, Profile, SecretHash, Session};

/// What a transaction knows of sessions, links to choose a password, and changes of addresses.
#[async_trait]
pub trait SecurityTx: Send {
    /// The session with this id, with no token presented.
    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, Fault>;

    /// Ends those sessions of the account that have not been ended, but for one; once that lasts, everybody hears of it.
    /// Returns how many. Whoever locks the account too does so before, and has locked its sessions before that.
    async fn end_sessions(
        &mut self,
        account: UserId,
        but: Option<SessionId>,
        now: DateTime<Utc>,
    ) -> Result<usize, Fault>;

    /// Makes the links worthless that were mailed to this account to choose a password.
    async fn end_password_resets(&mut self, account: UserId, now: DateTime<Utc>) -> Result<(), Fault>;

    /// Takes away by what else than the password somebody gets in: second factors, passkeys, accounts elsewhere. Whoever
    /// calls this has locked the account.
    async fn close_other_ways_in(&mut self, account: UserId) -> Result<(), Fault>;

    /// Deletes whatever is kept of a person beside the account: links, changes, factors, from where they came.
    async fn forget(&mut self, person: &Profile) -> Result<(), Fault>;

    /// The change of an address one of whose links has this secret.
    async fn address_change(&mut self, token: &SecretHash) -> Result<Option<AddressChange>, Fault>;

    /// The account's change of address that has not ended. Whoever locks the account too does so afterwards.
    async fn open_address_change(&mut self, account: UserId) -> Result<Option<AddressChange>, Fault>;

    /// Saves a new change of address, or a changed one.
    async fn save_address_change(&mut self, change: &AddressChange) -> Result<(), Fault>;

    /// When the account asked for changes of its address since then, the last first.
    async fn address_changes_since(
        &mut self,
        account: UserId,
        since: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, Fault>;
}

/// A login that can still be used, to look at.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// Which.
    pub id: SessionId,
    /// When the person logged in.
    pub created_at: DateTime<Utc>,
    /// When the person was there last.
    pub last_seen_at: DateTime<Utc>,
    /// On what, where the client said so.
    pub device: Option<Device>,
}

/// Lookups of the same, outside transactions.
#[async_trait]
pub trait SecurityReads: Send + Sync {
    /// What this account's password is compared with; none where there is no such account, and of a guest.
    async fn password_hash_of(&self, account: UserId) -> Result<Option<String>, Fault>;

    /// True when this session of the account began after that, and has not been ended.
    async fn began_after(
        &self,
        session: SessionId,
        account: UserId,
        when: DateTime<Utc>,
    ) -> Result<bool, Fault>;

    /// The sessions of these accounts that can still be used, those of whom was there last first, and only so many.
    async fn sessions(
        &self,
        accounts: &[UserId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<UserId, Vec<SessionView>>, Fault>;

    /// The changes of address of these accounts whose links can still be opened.
    async fn address_changes(
        &self,
        accounts: &[UserId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<UserId, AddressChange>, Fault>;
}
