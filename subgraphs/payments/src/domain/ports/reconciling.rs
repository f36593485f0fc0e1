//! What comparing the books with the payment provider's needs of the world.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Fault, Money};

use super::OrderOf;

/// Something that went through the payment provider's hands, as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The provider's name for it.
    pub id: String,
    /// Of what kind, as the provider says, such as `charge`.
    pub kind: String,
    /// Of which payment, by the provider's name for that; none for what is no payment's, such as a payout.
    pub intent: Option<String>,
    /// How much came, before fees; less than nothing for what went.
    pub amount: Money,
    /// How much the provider keeps for it.
    pub fee: Money,
    /// When.
    pub at: DateTime<Utc>,
}

impl Movement {
    /// Kinds of movements that are no payment's, and which somebody else accounts for: what goes to organizations' accounts and
    /// to our bank, what the platform is charged for, and what is kept back for a while.
    const BESIDE_PAYMENTS: [&str; 21] = [
        "application_fee",
        "application_fee_refund",
        "payment_network_reserve_hold",
        "payment_network_reserve_release",
        "payout",
        "payout_cancel",
        "payout_failure",
        "payout_minimum_balance_hold",
        "payout_minimum_balance_release",
        "reserve_hold",
        "reserve_release",
        "reserve_transaction",
        "stripe_fee",
        "stripe_fx_fee",
        "tax_fee",
        "topup",
        "topup_reversal",
        "transfer",
        "transfer_cancel",
        "transfer_failure",
        "transfer_refund",
    ];

    /// True when it is known what it is for: it is a payment's, and compared with that, or of a kind that is no payment's.
    pub fn is_explained(&self) -> bool {
        self.intent.is_some() || Self::BESIDE_PAYMENTS.contains(&self.kind.as_str())
    }
}

/// A movement as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// It can be counted in our money.
    Counted(Movement),
    /// It cannot.
    Uncountable {
        /// The provider's name for it.
        id: String,
        /// Of what kind, as the provider says.
        kind: String,
    },
}

impl Read {
    /// The provider's name for it.
    pub fn id(&self) -> &str {
        match self {
            Self::Counted(movement) => &movement.id,
            Self::Uncountable { id, .. } => id,
        }
    }
}

/// The payment provider's own books.
#[async_trait]
pub trait ProviderBooks: Send + Sync {
    /// What went through its hands after that of this name, or from the beginning, the oldest first, and not all at once:
    /// whoever has read it reads on after the last.
    async fn movements(&self, after: Option<&str>) -> Result<Vec<Read>, Fault>;
}

/// A fee of the provider's that is to be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeDue {
    /// The movement for which it is.
    pub movement: String,
    /// Of which order.
    pub of: OrderOf,
    /// How much.
    pub fee: Money,
}

/// A payment of which the provider says something else than the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What the provider calls the payment.
    pub intent: String,
    /// What the provider has of it by its own books.
    pub provider: Money,
    /// What it has by ours.
    pub ledger: Money,
}

/// Keeps what the provider says, and where the books say otherwise.
#[async_trait]
pub trait Reconciling: Send + Sync {
    /// Takes the work for so long, if it is due and nobody else has it: after which movement to read on.
    async fn take_turn(&self, lease: chrono::Duration) -> Result<Option<Option<String>>, Fault>;
    /// Keeps movements, and of those of which nobody knows what they are for, that they are to be looked at; what comes again
    /// changes nothing. The last of them is where to read on.
    async fn keep_movements(&self, movements: &[Read]) -> Result<(), Fault>;
    /// Fees of payments that are known, which are still to be booked.
    async fn fees_due(&self) -> Result<Vec<FeeDue>, Fault>;
    /// The fees of these movements are booked.
    async fn fees_booked(&self, movements: &[String]) -> Result<(), Fault>;
    /// Compares what was touched since the last time and has been left alone for `rest` since, and what differed then.
    /// Keeps what differs now; those that are new.
    async fn compare(&self, rest: chrono::Duration) -> Result<Vec<Difference>, Fault>;
    /// The turn is over, and the next is after `pause`.
    async fn end_turn(&self, pause: chrono::Duration) -> Result<(), Fault>;
    /// How many differences there are.
    async fn differences(&self) -> Result<u64, Fault>;
}
