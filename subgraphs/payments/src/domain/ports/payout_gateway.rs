//! The payment provider, as far as it pays organizations out.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Fault, OrganizationId};

use crate::domain::entities::{
    ProviderAmount,
    payout::{AccountSeen, PayoutId},
};

/// Where organizations have accounts. Each call with a key may be repeated with it and then does nothing new; a [`Fault`] means
/// that it is not known whether it was carried out.
#[async_trait]
pub trait PayoutGateway: Send + Sync {
    /// True while it fails and is left alone.
    fn rests(&self) -> bool;
    /// Makes an account for an organization, of which nothing is known yet.
    async fn make_account(&self, organization: OrganizationId) -> Result<AccountSeen, Fault>;
    /// An account as the provider sees it; none when it knows none of this name.
    async fn account(&self, account: &str) -> Result<Option<AccountSeen>, Fault>;
    /// Where somebody tells the provider what it asks for an account: once, within minutes. It sends them to `done`
    /// afterwards, and to `again` when the address is not good any more.
    async fn onboarding(&self, account: &str, done: &str, again: &str) -> Result<String, Fault>;
    /// Pays out of an account to its bank.
    async fn pay_out(&self, ask: &NewPayout) -> Result<Moved<ProviderPayout>, Fault>;
    /// A payout as the provider sees it; none when it knows none of this name.
    async fn payout(&self, account: &str, payout: &str) -> Result<Option<ProviderPayout>, Fault>;
    /// Payouts of an account since an instant, the newest first; the last hundred of them.
    async fn payouts_since(&self, account: &str, since: DateTime<Utc>) -> Result<Vec<ProviderPayout>, Fault>;
    /// Brings money of the platform's to an account; what the provider calls that.
    async fn top_up(&self, ask: &NewPayout) -> Result<Moved<String>, Fault>;
    /// Takes back of what a transfer brought to an account; what the provider calls that.
    async fn take_back(&self, transfer: &str, ask: &NewPayout) -> Result<Moved<String>, Fault>;
    /// What was brought to an account, by payments and otherwise, and can still be taken back: the newest hundred or fewer of it.
    async fn transfers(&self, account: &str) -> Result<Vec<ProviderTransfer>, Fault>;
    /// What the provider calls what was moved as this payout, between the platform and an account, since an instant; none when
    /// it moved nothing so.
    async fn moved_as(&self, ask: &NewPayout, transfer: Option<&str>) -> Result<Option<String>, Fault>;
}

/// Money to be paid out of an account, or moved to or from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayout {
    /// The idempotency key.
    pub key: String,
    /// Of which account.
    pub account: String,
    /// How much.
    pub amount: ProviderAmount,
    /// Our payout.
    pub payout: PayoutId,
    /// Whose money it is.
    pub organization: OrganizationId,
}

/// The provider's answer when money is to be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved<T> {
    /// It does so.
    Answer(T),
    /// There is less than that, for now, and by the same key it never will.
    TooLittle {
        /// What the provider said.
        message: String,
    },
    /// It does not, and by the same key never will.
    Refused {
        /// What the provider said.
        message: String,
    },
}

/// A payout as the provider sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderPayout {
    /// What the provider calls it.
    pub id: String,
    /// Which of our payouts it says it is.
    pub payout: Option<PayoutId>,
    /// How far it is.
    pub status: ProviderPayoutStatus,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

/// How far a payout is at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderPayoutStatus {
    /// On its way to the bank.
    OnItsWay,
    /// There, as far as the provider knows.
    Paid,
    /// It was not taken, and is in the account again.
    Failed,
}

/// What was brought to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderTransfer {
    /// What the provider calls it.
    pub id: String,
    /// How much of it can still be taken back.
    pub left: kernel::Money,
}
