use chrono::{DateTime, Utc};
use kernel::{Currency, EventId, Id, Money, OrderId, Refusal, reasons};

use super::Kind;

/// The id of a line of an organization's own accounts.
pub type PostingId = Id<Posted>;

/// A line of an organization's own accounts, as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its id.
    pub id: PostingId,
    /// When it was booked.
    pub at: DateTime<Utc>,
    /// What it is about.
    pub kind: Kind,
    /// How much more the organization is owed; less where it is negative.
    pub amount: Money,
    /// Of which order; none of what is no order's.
    pub order: Option<OrderId>,
    /// Of which event; none of what is no event's.
    pub event: Option<EventId>,
    /// The event's title, where it is known.
    pub title: Option<String>,
}

impl kernel::Kind for Posted {
    const PREFIX: &'static str = "led";
    const NAME: &'static str = "a posting";
}

/// What an organization is owed in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Of events that are not over, or not for as long as is waited with payouts.
    pub pending: Money,
    /// Of all others: it is to be paid out. Less than nothing when more was taken back than is left.
    pub payable: Money,
    /// What was paid out.
    pub paid_out: Money,
}

/// Which lines are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LedgerAsk {
    /// In this currency; in any when left out.
    pub currency: Option<Currency>,
    /// Booked then or later.
    pub from: Option<DateTime<Utc>>,
    /// Booked before.
    pub until: Option<DateTime<Utc>>,
}

impl LedgerAsk {
    /// Refuses a time that ends before it begins.
    pub fn checked(self) -> Result<Self, Refusal> {
        if self.from.zip(self.until).is_some_and(|(from, until)| until <= from) {
            return Err(Refusal::bad_input("until", "must be after from").because(reasons::INCONSISTENT));
        }
        Ok(self)
    }
}
