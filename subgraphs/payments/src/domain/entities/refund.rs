use chrono::{DateTime, Utc};
use contracts::saga::Asked;
use kernel::{Money, PaymentId, RefundId};

use crate::domain::ports::ProviderRefund;

/// Money that goes back to the buyer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Which.
    pub id: RefundId,
    /// Its place among the payment's tries to refund; each try has a key of its own at the provider.
    pub number: u32,
    /// How much the provider is asked for by this try. What is owed may have become less since: as the try may be under way,
    /// the provider is asked for less only after it has refused this.
    pub tried: Money,
    /// By whom it was asked, to be answered; none when it follows from the payment, or was made at the provider.
    pub asked: Option<Asked>,
    /// How much.
    pub amount: Money,
    /// Why, for the buyer and the books.
    pub reason: String,
    /// How far it is.
    pub state: RefundState,
    /// What the provider calls it.
    pub provider_id: Option<String>,
    /// True once others were told of it, which happens once.
    pub announced: bool,
    /// When it was decided.
    pub created_at: DateTime<Utc>,
    /// True when this try takes the money from the seller's account, to which it came.
    pub reverses: bool,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// The provider is to be asked.
    Owed,
    /// The provider gives the money back; it is on its way.
    Accepted,
    /// The buyer has it.
    Succeeded,
    /// It was made elsewhere and failed.
    Failed,
    /// Nothing is left of it: what was owed by it was given back, or kept by the buyer's bank, some other way.
    Covered,
}

impl Refund {
    /// Why money went back of which nobody here has asked for it.
    pub(super) const MADE_ELSEWHERE: &str = "made at the payment provider";

    /// True when it was made at the payment provider itself.
    pub fn is_made_elsewhere(&self) -> bool {
        self.asked.is_none() && self.reason == Self::MADE_ELSEWHERE
    }

    /// The key by which the provider knows this try: the same however often it is asked.
    pub fn key(&self, payment: PaymentId) -> String {
        format!("refund-{payment}-{}", self.number)
    }

    /// True when this is what the provider tells of. Before its name there is known, a refund is known by its try.
    pub fn is(&self, told: &ProviderRefund) -> bool {
        match &self.provider_id {
            Some(known) => *known == told.id,
            None => told.refund_id == Some(self.id) && told.refund_number == Some(self.number),
        }
    }

    /// True when the provider has taken the money from what it holds for us.
    pub fn is_given_back(&self) -> bool {
        matches!(self.state, RefundState::Accepted | RefundState::Succeeded)
    }
}
