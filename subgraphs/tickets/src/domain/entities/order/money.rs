use kernel::Money;
use serde::{Deserialize, Serialize};

use super::{Order, OrderStatus};

/// What the money is worth with which an order was paid: its tickets admit only while it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderMoney {
    /// True when all of it went back to the buyer, which is for ever.
    pub refunded: bool,
    /// True while the buyer's bank wants it back, or keeps it.
    pub withheld: bool,
    /// Of the newest fact about a dispute.
    pub dispute_version: i64,
    /// How much went back, in parts and in smallest units, by refunds of which nobody knows for which tickets they are.
    #[serde(default)]
    pub returned: i64,
}

/// Whether the tickets of an order admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is known against them.
    Good,
    /// The payment is disputed at the bank, or was lost there.
    Withheld,
    /// The money went back.
    Refunded,
}

impl OrderMoney {
    /// Something was told of a dispute. False when something newer is known: facts come in any order.
    pub fn disputed(&mut self, version: i64, withheld: bool) -> bool {
        let newer = version > self.dispute_version;
        if newer {
            (self.dispute_version, self.withheld) = (version, withheld);
        }
        newer
    }

    /// All of it went back. False when that was known.
    pub fn refund(&mut self) -> bool {
        !std::mem::replace(&mut self.refunded, true)
    }

    /// Whether the tickets of the order admit. What went back stays so, however a dispute ends.
    pub fn standing(&self) -> Standing {
        match self {
            Self { refunded: true, .. } => Standing::Refunded,
            Self { withheld: true, .. } => Standing::Withheld,
            _ => Standing::Good,
        }
    }
}

impl Order {
    /// True when its tickets were issued, or may have been before the money went back.
    pub fn has_tickets(&self) -> bool {
        self.state.status.has_tickets()
    }

    /// Something was told of a dispute of its payment. False when something newer is known.
    pub fn disputed(&mut self, version: i64, withheld: bool) -> bool {
        let newer = self.state.money.disputed(version, withheld);
        self.state.version += i64::from(newer);
        newer
    }

    /// A part of the money went back, and nobody knows for which tickets.
    pub fn returned(&mut self, amount: Money) {
        self.state.money.returned += amount.minor;
        self.state.version += 1;
    }

    /// What had gone back so came back.
    pub fn came_back(&mut self, amount: Money) {
        self.state.money.returned -= amount.minor;
        self.state.version += 1;
    }

    /// All of the money went back. False when that was known.
    pub fn refund(&mut self) -> bool {
        let first = self.state.money.refund();
        self.state.version += i64::from(first);
        first
    }

    /// Says by its status what its tickets are worth, once they are issued.
    pub fn follow_money(&mut self) {
        if self.has_tickets() && self.state.money.standing() == Standing::Refunded {
            self.state.status = OrderStatus::Refunded;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_disputed_does_not_admit_until_it_is_won() {
        let mut money = OrderMoney::default();
        assert_eq!(money.standing(), Standing::Good);
        assert!(money.disputed(1, true));
        assert_eq!(money.standing(), Standing::Withheld);
        assert!(money.disputed(2, false));
        assert_eq!(money.standing(), Standing::Good);
    }

    #[test]
    fn what_went_back_never_admits_again() {
        let mut money = OrderMoney::default();
        assert!(money.refund() && !money.refund());
        money.disputed(1, true);
        money.disputed(2, false);
        assert_eq!(money.standing(), Standing::Refunded);
    }

    proptest! {
        #[test]
        fn in_whichever_order_and_however_often_facts_come_they_end_the_same(
            facts in proptest::collection::vec(any::<bool>(), 1..6),
            refunded: bool,
            order in proptest::collection::vec(any::<prop::sample::Index>(), 1..20),
        ) {
            let told: Vec<_> = (1_i64..).zip(facts).collect();
            let mut money = OrderMoney::default();
            let mut tell = |(version, withheld): (i64, bool)| {
                if refunded { money.refund(); }
                money.disputed(version, withheld);
            };
            for some in &order {
                tell(*some.get(&told));
            }
            for some in &told {
                tell(*some);
            }
            let last = told[told.len() - 1].1;
            let expected = match (refunded, last) {
                (true, _) => Standing::Refunded,
                (false, true) => Standing::Withheld,
                (false, false) => Standing::Good,
            };
            prop_assert_eq!(money.standing(), expected);
        }
    }
}
