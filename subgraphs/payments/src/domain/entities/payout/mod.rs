//! What is paid out to organizations, and what has to be moved for that between the platform and their accounts.

mod account;
mod address;
mod plan;
mod state;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Duration, Utc};
use kernel::{Id, Money, OrganizationId};

use super::books::{Account, Kind, Line};
use crate::domain::ports::{ProviderPayout, ProviderPayoutStatus};

pub use account::{AccountSeen, PayoutAccount, PayoutAccountStatus};
pub use address::{AddressKey, OnboardingAddress};
pub use plan::{Holding, Plan};
pub use state::{PayoutKind, PayoutState};

/// The id of a payout, or of what is moved for one.
pub type PayoutId = Id<Payout>;

/// How long until it is first looked what became of money that is on its way, if nothing is heard of it, and how long at most.
const ON_ITS_WAY: (Duration, Duration) = (Duration::hours(1), Duration::hours(24));
/// How long the provider surely answers a repeated call by its key. Later it might do it once more.
const KEY_IS_KNOWN: Duration = Duration::hours(20);

/// Money that is paid out, or moved. It is written down with what it changes in the books before the provider hears of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Which. Its key at the provider is made of it: what was refused is asked for by another.
    pub id: PayoutId,
    /// Whose money it is.
    pub organization: OrganizationId,
    /// The organization's account at the provider.
    pub account: String,
    /// From where to where.
    pub kind: PayoutKind,
    /// How much; more than nothing.
    pub amount: Money,
    /// How far it is.
    pub state: PayoutState,
    /// What the provider calls it, once it has told.
    pub provider_id: Option<String>,
    /// How often the provider was asked in vain since something was learnt.
    pub looks: u32,
    /// When the provider is to be asked next, if at all.
    pub due_at: Option<DateTime<Utc>>,
    /// Why it failed or was refused, in the provider's words.
    pub failure: Option<String>,
    /// When it was decided.
    pub created_at: DateTime<Utc>,
    /// When it ended, if it has.
    pub ended_at: Option<DateTime<Utc>>,
    /// What is still to be booked of it.
    pub booked: Vec<Booked>,
}

/// What a payout changes in the books, and of what an account is known to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// As the books name it; each is there once.
    pub cause: String,
    /// What is booked for the organization; nothing of what only moves between the platform and the account.
    pub lines: Vec<Line>,
    /// By how much more the account holds, in minor units.
    pub held: i64,
}

impl kernel::Kind for Payout {
    const PREFIX: &'static str = "pyo";
    const NAME: &'static str = "a payout";
}

/// What is to be asked of the provider about a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutDuty {
    /// To carry it out. It may have been asked for that before.
    CarryOut,
    /// What it knows of it, by our name for it: it was asked so long ago that it has forgotten the key.
    Find,
    /// How far it is.
    Look,
}

impl Payout {
    /// So much is to be paid out, or moved. It is booked from now on, and the provider is asked for it.
    pub fn begin(account: &PayoutAccount, kind: PayoutKind, amount: Money, now: DateTime<Utc>) -> Self {
        let mut payout = Self {
            id: PayoutId::new(),
            organization: account.organization,
            account: account.id.clone(),
            kind,
            amount,
            state: PayoutState::Asked,
            provider_id: None,
            looks: 0,
            due_at: Some(now),
            failure: None,
            created_at: now,
            ended_at: None,
            booked: Vec::new(),
        };
        if payout.kind == PayoutKind::PayOut {
            payout.book("payout", -amount.minor);
        }
        payout
    }

    /// By what the provider knows it: the same however often it is asked.
    pub fn key(&self) -> String {
        format!("payout-{}", self.id)
    }

    /// What is to be booked, once.
    pub fn take_booked(&mut self) -> Vec<Booked> {
        std::mem::take(&mut self.booked)
    }

    /// What is to be asked about it.
    pub fn duty(&self, now: DateTime<Utc>) -> Option<PayoutDuty> {
        match self.state {
            PayoutState::Asked if now >= self.created_at + KEY_IS_KNOWN => Some(PayoutDuty::Find),
            PayoutState::Asked => Some(PayoutDuty::CarryOut),
            PayoutState::Sent => Some(PayoutDuty::Look),
            PayoutState::Paid | PayoutState::Failed | PayoutState::Refused => None,
        }
    }

    /// What the provider says of it, when asked or by itself; late, twice and in any order. What has failed stays so, and what
    /// was paid may still fail: the bank gives it back.
    pub fn told(&mut self, told: &ProviderPayout, now: DateTime<Utc>) {
        if self.kind != PayoutKind::PayOut || self.provider_id.as_ref().is_some_and(|known| *known != told.id)
        {
            return;
        }
        match (self.state, told.status) {
            (PayoutState::Failed | PayoutState::Refused, _) => {}
            (_, ProviderPayoutStatus::Failed) => {
                self.provider_id = Some(told.id.clone());
                self.failure.clone_from(&told.failure);
                self.ends(PayoutState::Failed, now);
                self.book("payout_failed", self.amount.minor);
            }
            (PayoutState::Asked | PayoutState::Sent, ProviderPayoutStatus::Paid) => {
                self.provider_id = Some(told.id.clone());
                self.ends(PayoutState::Paid, now);
            }
            (PayoutState::Asked, ProviderPayoutStatus::OnItsWay) => {
                self.provider_id = Some(told.id.clone());
                self.state = PayoutState::Sent;
                self.looks = 0;
                self.due_at = Some(now + ON_ITS_WAY.0);
            }
            (PayoutState::Sent | PayoutState::Paid, _) => {}
        }
    }

    /// The provider has moved it, and calls that so; only of what moves between the platform and the account.
    pub fn moved(&mut self, name: &str, now: DateTime<Utc>) {
        if self.state != PayoutState::Asked || self.kind == PayoutKind::PayOut {
            return;
        }
        self.provider_id = Some(name.to_owned());
        self.ends(PayoutState::Paid, now);
        let gains = if self.kind == PayoutKind::TopUp { self.amount.minor } else { -self.amount.minor };
        self.book("moved", gains);
    }

    /// The provider does not do it, and by this key never will. What it was for is to be decided anew.
    pub fn refused(&mut self, why: &str, now: DateTime<Utc>) {
        if self.state != PayoutState::Asked {
            return;
        }
        self.failure = Some(why.to_owned());
        self.ends(PayoutState::Refused, now);
        if self.kind == PayoutKind::PayOut {
            self.book("payout_refused", self.amount.minor);
        }
    }

    /// The provider knows nothing of it, though it was asked long ago: it never heard of it.
    pub fn never_heard_of(&mut self, now: DateTime<Utc>) {
        self.refused("the payment provider never heard of it", now);
    }

    /// The provider has not answered, or it is still under way; it is to be asked again after `pause`.
    pub fn put_off(&mut self, now: DateTime<Utc>, pause: Duration) {
        let pause = match self.state {
            PayoutState::Sent => (ON_ITS_WAY.0 * (1 << self.looks.min(5))).min(ON_ITS_WAY.1),
            _ => pause,
        };
        self.looks = self.looks.saturating_add(1);
        self.due_at = Some(now + pause);
    }

    fn ends(&mut self, state: PayoutState, now: DateTime<Utc>) {
        self.state = state;
        self.due_at = None;
        self.looks = 0;
        self.ended_at = Some(now);
    }

    /// The account holds so much more; and of what is paid out, the organization is owed so much more.
    fn book(&mut self, what: &str, held: i64) {
        let line = |account, minor| Line { kind: Kind::Payout, account, minor };
        let lines = match self.kind {
            PayoutKind::PayOut => vec![line(Account::Organization, held), line(Account::PaidOut, -held)],
            PayoutKind::TopUp | PayoutKind::TakeBack { .. } => Vec::new(),
        };
        self.booked.push(Booked { cause: format!("{what}:{}", self.id), lines, held });
    }
}
