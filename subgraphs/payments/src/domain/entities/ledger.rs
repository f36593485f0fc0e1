use kernel::{Money, RefundId};

/// A movement of money, to be booked in the same transaction as what caused it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What happened. The same cause is booked once.
    pub cause: Cause,
    /// How much moved.
    pub amount: Money,
}

/// Why money moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The provider took the buyer's money for us.
    Capture,
    /// The provider gives some back.
    Refund(RefundId, u32),
    /// What was to be given back came back.
    RefundFailed(RefundId, u32),
    /// The buyer's bank keeps it: the dispute of this name was lost.
    DisputeLost(String),
}

/// Where money is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// What the provider holds for us.
    Provider,
    /// What buyers have paid.
    Captured,
    /// What buyers have got back.
    Refunded,
}

/// One line of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where.
    pub account: Account,
    /// How much, with its sign, in minor units.
    pub minor: i64,
}

impl Posting {
    /// The two lines of the movement, which sum to zero; none when nothing moved.
    pub fn entries(&self) -> Vec<Entry> {
        let minor = self.amount.minor;
        let (to_provider, other) = match &self.cause {
            Cause::Capture => (minor, Account::Captured),
            Cause::Refund(..) | Cause::DisputeLost(_) => (-minor, Account::Refunded),
            Cause::RefundFailed(..) => (minor, Account::Refunded),
        };
        if minor == 0 {
            return Vec::new();
        }
        vec![
            Entry { account: Account::Provider, minor: to_provider },
            Entry { account: other, minor: -to_provider },
        ]
    }
}

impl Cause {
    /// As the ledger names it: one name for each cause of a payment.
    pub fn name(&self) -> String {
        match self {
            Self::Capture => "capture".to_owned(),
            Self::Refund(refund, number) => format!("refund:{refund}:{number}"),
            Self::RefundFailed(refund, number) => format!("refund_failed:{refund}:{number}"),
            Self::DisputeLost(dispute) => format!("dispute_lost:{dispute}"),
        }
    }
}

impl Account {
    /// As the ledger names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Provider => "PROVIDER",
            Self::Captured => "CAPTURED",
            Self::Refunded => "REFUNDED",
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::Currency;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_lines_of_a_movement_sum_to_zero(minor in 0..Money::MAX_MINOR, which in 0..4) {
            let refund = RefundId::new();
            let cause = match which {
                0 => Cause::Capture,
                1 => Cause::Refund(refund, 1),
                2 => Cause::RefundFailed(refund, 1),
                _ => Cause::DisputeLost("dp_1".to_owned()),
            };
            let posting = Posting { cause, amount: Money::new(minor, Currency::EUR) };
            prop_assert_eq!(posting.entries().iter().map(|entry| entry.minor).sum::<i64>(), 0);
        }
    }
}
