use chrono::{DateTime, Utc};
use contracts::payments::DisputeState;
use kernel::Money;

/// Money that the buyer's bank wants back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// What the provider calls it.
    pub id: String,
    /// How much; never more than was paid.
    pub amount: Money,
    /// Why, in the provider's words.
    pub reason: String,
    /// Until when the bank may be answered; none when it takes no answer, or none is known.
    pub respond_by: Option<DateTime<Utc>>,
    /// How far it is. What is decided stays decided.
    pub state: DisputeState,
    /// When it was heard of.
    pub created_at: DateTime<Utc>,
}

impl Dispute {
    /// How many facts have been told of it, so far: its beginning, and its end.
    pub(super) fn facts(&self) -> i64 {
        if self.state == DisputeState::Open { 1 } else { 2 }
    }

    /// True while what was bought with the money is worth nothing.
    pub(super) fn withholds(&self) -> bool {
        self.state != DisputeState::Won
    }
}
