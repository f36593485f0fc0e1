use chrono::{DateTime, Utc};
use kernel::OrderId;
use sha2::{Digest, Sha256};

/// One try of the buyer to pay with one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Which try of the payment, from 1. The provider's idempotency key is made of order and number.
    pub number: u32,
    /// The buyer's idempotency key; something else in its place once it is forgotten.
    pub client_key: String,
    /// What the buyer sent with that key.
    pub fingerprint: String,
    /// With what the buyer pays.
    pub method: String,
    /// What became of it.
    pub state: AttemptState,
    /// When it began.
    pub started_at: DateTime<Utc>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptState {
    /// Whether the provider has heard of it is not known.
    Open,
    /// The provider has answered that it goes well, but has not taken the money yet.
    Confirmed,
    /// The buyer has to confirm at the bank.
    Action,
    /// The money is there.
    Succeeded,
    /// The bank said no.
    Declined {
        /// Why, in the provider's words.
        code: String,
        /// The charge that failed, if there was one.
        charge: Option<String>,
    },
    /// The provider does not know that payment method.
    Rejected {
        /// What it said.
        message: String,
    },
    /// The provider never carried it out.
    Lost,
    /// The buyer went on with another card.
    Superseded,
    /// The payment ended before it did.
    Ended,
}

impl Attempt {
    /// True while nobody knows how it ends without the buyer doing anything.
    pub fn is_undecided(&self) -> bool {
        matches!(self.state, AttemptState::Open | AttemptState::Confirmed)
    }

    /// True while it may still end well.
    pub fn is_live(&self) -> bool {
        self.is_undecided() || self.state == AttemptState::Action
    }
}

/// What the buyer asked for, so that the same idempotency key with another input is noticed.
pub fn fingerprint(order: OrderId, method: &str) -> String {
    let digest = Sha256::digest(format!("{order}\n{method}"));
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_order_or_card_is_another_input() {
        let (one, other) = (OrderId::new(), OrderId::new());
        assert_eq!(fingerprint(one, "pm_card_visa"), fingerprint(one, "pm_card_visa"));
        assert_ne!(fingerprint(one, "pm_card_visa"), fingerprint(other, "pm_card_visa"));
        assert_ne!(fingerprint(one, "pm_card_visa"), fingerprint(one, "pm_card_amex"));
    }
}
