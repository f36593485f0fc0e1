//! What those who run the platform look at.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Fault, Money};

use super::{Difference, ProviderEvent};
use crate::domain::entities::payout::PayoutState;

/// How far a payment is that is not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// Nothing is decided.
    Pending,
    /// The buyer has to confirm it at the bank.
    RequiresAction,
    /// The last card was declined.
    Failed,
    /// It is to end, and the provider is asked.
    Cancelling,
}

impl Unfinished {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::RequiresAction, Self::Failed, Self::Cancelling];

    /// As columns keep it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::RequiresAction => "REQUIRES_ACTION",
            Self::Failed => "FAILED",
            Self::Cancelling => "CANCELLING",
        }
    }
}

/// Payments that are as far as each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnfinishedPayments {
    /// How far.
    pub state: Unfinished,
    /// How many.
    pub count: u64,
    /// Of them, those that became payable more than an hour ago.
    pub older_than_an_hour: u64,
    /// When the oldest became payable.
    pub oldest: DateTime<Utc>,
}

/// Refunds that the provider has not accepted yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwedRefunds {
    /// How many of this currency.
    pub count: u64,
    /// How much together.
    pub amount: Money,
    /// When the oldest was decided.
    pub oldest: DateTime<Utc>,
}

/// Payouts, and what is moved for them, that are as far as each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayoutsInState {
    /// How far.
    pub state: PayoutState,
    /// How many of this currency.
    pub count: u64,
    /// How much together.
    pub amount: Money,
    /// When the oldest was decided.
    pub oldest: DateTime<Utc>,
}

/// A difference to the provider's books, and since when it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDifference {
    /// What differs.
    pub difference: Difference,
    /// When it was first found.
    pub found_at: DateTime<Utc>,
}

/// Something that moved at the provider, and nobody here knows what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnexplainedMovement {
    /// The provider's name for it.
    pub id: String,
    /// Of what kind, as the provider says.
    pub kind: String,
    /// How much came, or went where it is less than nothing; none where it cannot be counted in our money.
    pub amount: Option<Money>,
    /// When it was read.
    pub seen_at: DateTime<Utc>,
}

/// A webhook that nobody here understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedWebhook {
    /// The provider's name for it.
    pub id: String,
    /// Of what kind.
    pub kind: String,
    /// Why it was put aside.
    pub reason: String,
    /// When.
    pub parked_at: DateTime<Utc>,
}

/// The latest of a list, and how many there are in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest<T> {
    /// The latest.
    pub items: Vec<T>,
    /// How many there are.
    pub count: u64,
}

/// How it stands with the money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyHealth {
    /// Payments that are not finished.
    pub payments: Vec<UnfinishedPayments>,
    /// Refunds that are owed, by currency.
    pub owed: Vec<OwedRefunds>,
    /// Payouts that are not finished, and those of the last week that failed or were refused.
    pub payouts: Vec<PayoutsInState>,
    /// Where the provider's books say something else.
    pub differences: Latest<OpenDifference>,
    /// What moved at the provider for nothing that is known here.
    pub unexplained: Latest<UnexplainedMovement>,
    /// How many sales from before there were books are still to be booked.
    pub unbooked_sales: u64,
    /// Webhooks that were put aside.
    pub parked: Latest<ParkedWebhook>,
}

/// Reads how it stands with the money.
#[async_trait]
pub trait HealthReads: Send + Sync {
    /// How it stands now; of lists the latest, at most so many.
    async fn health(&self, at_most: u32) -> Result<MoneyHealth, Fault>;
    /// A webhook that was put aside, and what it said.
    async fn parked(&self, id: &str) -> Result<Option<(ParkedWebhook, String)>, Fault>;
    /// Lets a webhook be heard once more, that was heard before.
    async fn forget_heard(&self, id: &str) -> Result<(), Fault>;
    /// A webhook that was put aside needs nobody any more.
    async fn unpark(&self, id: &str) -> Result<(), Fault>;
}

/// Understands what a webhook said whose signature was right when it came.
pub trait Understands: Send + Sync {
    /// What it says.
    fn understood(&self, body: &str) -> ProviderEvent;
}
