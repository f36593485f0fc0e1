//! What paying organizations out needs to be kept.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::users::Role;
use kernel::{Currency, Fault, OrganizationId, UserId};

use super::{ProviderEvent, ProviderPayout};
use crate::domain::entities::payout::{AccountSeen, Payout, PayoutAccount, PayoutId};

/// What was taken to work on, and how long until there is more, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed<T> {
    /// What was taken.
    pub items: Vec<T>,
    /// When, by the database's clock.
    pub now: DateTime<Utc>,
    /// How long until there is one more.
    pub next: Option<Duration>,
}

/// What is about to be paid out of an account in one currency; nobody else pays out of it meanwhile.
pub struct Counted {
    /// In which something is done.
    pub tx: Box<dyn PayoutTx>,
    /// What the account is known to hold, in minor units, as far as the books know what for.
    pub held: i64,
    /// True when more is still to be counted.
    pub is_more: bool,
}

/// Keeps accounts and payouts.
#[async_trait]
pub trait PayoutStore: Send + Sync {
    /// The database's clock.
    async fn now(&self) -> Result<DateTime<Utc>, Fault>;
    /// The accounts of those of these organizations that have one.
    async fn accounts(
        &self,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, PayoutAccount>, Fault>;
    /// Keeps an account as it was seen by whoever began to look at `looked_at`, unless somebody looked later; the organization's
    /// first account stays its account.
    async fn keep_account(
        &self,
        organization: OrganizationId,
        seen: &AccountSeen,
        looked_at: DateTime<Utc>,
    ) -> Result<(), Fault>;
    /// Notes an event, and keeps the account that it is about as it was seen. False when the event was noted before.
    async fn hear_of_account(
        &self,
        event: &ProviderEvent,
        seen: Option<&AccountSeen>,
        looked_at: DateTime<Utc>,
    ) -> Result<bool, Fault>;
    /// Notes an event, with the payout that it is about locked, if there is one here; none when it was noted before.
    async fn begin_hearing(
        &self,
        event: &ProviderEvent,
        told: &ProviderPayout,
    ) -> Result<Option<(Box<dyn PayoutTx>, Option<Payout>)>, Fault>;
    /// Begins a transaction in which a payout is locked.
    async fn begin_on(&self, payout: PayoutId) -> Result<Option<(Box<dyn PayoutTx>, Payout)>, Fault>;
    /// Begins a transaction in which an active account is locked for paying out of it in this currency. What came to it and
    /// went from it is counted, as far as the books have heard of what it was for. None when the account is not active any
    /// more, or when it is not known yet what became of what was asked before.
    async fn begin_counting(
        &self,
        account: &PayoutAccount,
        currency: Currency,
    ) -> Result<Option<Counted>, Fault>;
    /// Takes payouts about which the provider is to be asked now, for the lease.
    async fn claim_payouts(&self, limit: u64, lease: Duration) -> Result<Claimed<Payout>, Fault>;
    /// Takes active accounts of which it is to be looked whether something can be paid out, for the lease.
    async fn claim_accounts(&self, limit: u64, lease: Duration) -> Result<Claimed<PayoutAccount>, Fault>;
    /// It was looked: it is to be looked again when the next event of the organization becomes payable, and after `at_most`.
    /// What was refused makes the next time later: `pause` for the first, and twice as long for each that follows, up to a day.
    async fn looked(
        &self,
        account: &PayoutAccount,
        at_most: Duration,
        refused: Option<Duration>,
    ) -> Result<(), Fault>;
}

/// A transaction of payouts; dropping it undoes everything.
#[async_trait]
pub trait PayoutTx: Send {
    /// When it was begun, by the database's clock.
    fn now(&self) -> DateTime<Utc>;
    /// Saves a payout, with what it changes in the books and of what its account is known to hold.
    async fn save(&mut self, payout: &mut Payout) -> Result<(), Fault>;
    /// Makes it all true.
    async fn commit(self: Box<Self>) -> Result<(), Fault>;
}

/// Which roles people have in organizations.
#[async_trait]
pub trait Roles: Send + Sync {
    /// The roles of these people in these organizations; none of who has none.
    async fn roles_of(
        &self,
        asked: &[(OrganizationId, UserId)],
    ) -> Result<HashMap<(OrganizationId, UserId), Role>, Fault>;
}
