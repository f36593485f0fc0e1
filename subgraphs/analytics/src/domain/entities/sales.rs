use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{Currency, Fault, TicketTypeId};

/// The time resolution of running totals, in milliseconds: every zone's hours and days begin at a
/// quarter of an hour of UTC.
pub const QUARTER: i64 = 15 * 60 * 1000;

/// The beginning of the quarter of an hour that holds this instant, in milliseconds since 1970.
pub fn quarter_of(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis().div_euclid(QUARTER) * QUARTER
}

/// What adds up: money in smallest units of one currency, and counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// What was paid for tickets, fees included.
    pub gross: i64,
    /// Of it, fees.
    pub fees: i64,
    /// Of it, what went back to buyers.
    pub refunded: i64,
    /// Of that, what the payment provider could not hand over: it is not the buyers' yet.
    pub returned: i64,
    /// Tickets that were issued.
    pub tickets_sold: i64,
    /// Tickets that went back, and all those of orders of which everything was returned at the payment provider.
    pub tickets_refunded: i64,
    /// Tickets whose holder was let in.
    pub checked_in: i64,
    /// Reservations made.
    pub holds: i64,
    /// Orders placed.
    pub checkouts: i64,
    /// Orders that were paid for, or cost nothing and stand.
    pub paid: i64,
    /// Reservations and orders whose time ran out.
    pub expired: i64,
    /// Orders for which a card was declined, however often.
    pub declined: i64,
}

/// What adds up for a ticket type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TicketTypeSales {
    /// Tickets that were issued.
    pub sold: i64,
    /// What they cost together.
    pub revenue: i64,
    /// Tickets that went back, and all those of orders of which everything was returned at the payment provider.
    pub refunded: i64,
    /// Tickets whose holder was let in.
    pub checked_in: i64,
}

/// What adds up for a quarter of an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuarterSales {
    /// Tickets that were issued in it.
    pub tickets: i64,
    /// What was paid for them.
    pub revenue: i64,
}

/// Sales, whole or a part of them: sums are the same in whatever order they are added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sales {
    /// Of the money; unknown while there is none.
    pub currency: Option<Currency>,
    /// In all.
    pub figures: Figures,
    /// By ticket type.
    pub by_type: BTreeMap<TicketTypeId, TicketTypeSales>,
    /// By the beginning of the quarter of an hour in which they were made.
    pub by_quarter: BTreeMap<i64, QuarterSales>,
}

impl Sales {
    /// True when there is nothing to add.
    pub fn is_nothing(&self) -> bool {
        self.figures == Figures::default() && self.by_type.is_empty() && self.by_quarter.is_empty()
    }

    /// Both together; a fault when their currencies differ.
    pub fn plus(&self, other: &Self) -> Result<Self, Fault> {
        self.with(other, i64::checked_add)
    }

    /// What this has beyond `other`.
    pub fn minus(&self, other: &Self) -> Result<Self, Fault> {
        self.with(other, i64::checked_sub)
    }

    fn with(&self, other: &Self, op: Op) -> Result<Self, Fault> {
        let currency = match (self.currency, other.currency) {
            (Some(one), Some(two)) if one != two => {
                return Err(Fault::broken_rule(format!("{one} and {two} cannot be added")));
            }
            (one, two) => one.or(two),
        };
        let overflow = || Fault::broken_rule("a total overflowed");
        Ok(Self {
            currency,
            figures: self.figures.with(&other.figures, op).ok_or_else(overflow)?,
            by_type: merged(&self.by_type, &other.by_type, |a, b| a.with(b, op)).ok_or_else(overflow)?,
            by_quarter: merged(&self.by_quarter, &other.by_quarter, |a, b| a.with(b, op))
                .ok_or_else(overflow)?,
        })
    }
}

type Op = fn(i64, i64) -> Option<i64>;

/// Entry by entry; entries that come to nothing are left out.
fn merged<K: Ord + Copy, V: Default + Copy + PartialEq>(
    one: &BTreeMap<K, V>,
    two: &BTreeMap<K, V>,
    with: impl Fn(&V, &V) -> Option<V>,
) -> Option<BTreeMap<K, V>> {
    let mut sum = one.clone();
    for (key, value) in two {
        let entry = sum.entry(*key).or_default();
        *entry = with(entry, value)?;
    }
    sum.retain(|_, value| *value != V::default());
    Some(sum)
}

impl Figures {
    fn with(&self, other: &Self, op: Op) -> Option<Self> {
        Some(Self {
            gross: op(self.gross, other.gross)?,
            fees: op(self.fees, other.fees)?,
            refunded: op(self.refunded, other.refunded)?,
            returned: op(self.returned, other.returned)?,
            tickets_sold: op(self.tickets_sold, other.tickets_sold)?,
            tickets_refunded: op(self.tickets_refunded, other.tickets_refunded)?,
            checked_in: op(self.checked_in, other.checked_in)?,
            holds: op(self.holds, other.holds)?,
            checkouts: op(self.checkouts, other.checkouts)?,
            paid: op(self.paid, other.paid)?,
            expired: op(self.expired, other.expired)?,
            declined: op(self.declined, other.declined)?,
        })
    }
}

impl TicketTypeSales {
    fn with(&self, other: &Self, op: Op) -> Option<Self> {
        Some(Self {
            sold: op(self.sold, other.sold)?,
            revenue: op(self.revenue, other.revenue)?,
            refunded: op(self.refunded, other.refunded)?,
            checked_in: op(self.checked_in, other.checked_in)?,
        })
    }
}

impl QuarterSales {
    fn with(&self, other: &Self, op: Op) -> Option<Self> {
        Some(Self { tickets: op(self.tickets, other.tickets)?, revenue: op(self.revenue, other.revenue)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_of_two_currencies_is_not_added() {
        let of = |currency| Sales { currency: Some(currency), ..Sales::default() };
        assert!(of(Currency::EUR).plus(&of(Currency::JPY)).is_err());
        assert_eq!(Sales::default().plus(&of(Currency::JPY)).unwrap().currency, Some(Currency::JPY));
    }

    #[test]
    fn a_total_that_overflows_is_a_fault_not_a_smaller_number() {
        let much = Sales { figures: Figures { gross: i64::MAX, ..Figures::default() }, ..Sales::default() };
        assert!(much.plus(&much).is_err());
    }

    #[test]
    fn an_instant_before_1970_lies_in_its_own_quarter() {
        assert_eq!(quarter_of(DateTime::UNIX_EPOCH - chrono::Duration::milliseconds(1)), -QUARTER);
        assert_eq!(quarter_of(DateTime::UNIX_EPOCH), 0);
    }
}
