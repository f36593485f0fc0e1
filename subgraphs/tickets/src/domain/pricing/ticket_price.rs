use kernel::{Fault, Money, TicketTypeId};

use super::{
    coin::Coin,
    terms::{BorneBy, Tax, Terms, with_tax},
};

/// What is listed for one ticket of a type that has a base price, and what it costs without a code: the base price, the fees
/// on a ticket that are passed on, and a tax that comes on top of both. A free one stays free. What is asked once for an
/// order is not inside. The dearer base price has the dearer listed price.
pub fn listed(base: Money, terms: &Terms, ticket_type: TicketTypeId) -> Result<Money, Fault> {
    let fees = terms.for_a_ticket(base, BorneBy::Buyer)?;
    let fees = Money::sum(base.currency, fees.into_iter().map(|(_, fee)| fee))?;
    with_tax(base.plus(fees)?, terms.tax_of(ticket_type))
}

/// A ticket at a listed price, seen from inside.
#[derive(Debug)]
pub(super) struct TicketPrice<'a> {
    terms: &'a Terms,
    ticket_type: TicketTypeId,
    coin: Coin,
    listed: Money,
    /// Of which base price the listed one is made: the dearest that does not make it dearer. At least a coin of what is
    /// not free.
    pub(super) base: Money,
}

/// One ticket, when something is taken off.
#[derive(Debug)]
pub(super) struct Charged<'a> {
    /// What is paid, with all that is inside.
    pub(super) gross: Money,
    /// What is inside for the service.
    pub(super) fees: Vec<(&'a str, Money)>,
    /// What the organizer bears for the service.
    pub(super) absorbed: Money,
}

impl<'a> TicketPrice<'a> {
    /// Of whole coins.
    pub(super) fn of(listed: Money, terms: &'a Terms, ticket_type: TicketTypeId) -> Result<Self, Fault> {
        let coin = Coin::of(listed.currency);
        let mut ticket = Self { terms, ticket_type, coin, listed, base: listed };
        // Between the lower and the upper, both counted in coins, is the base price.
        let (mut lower, mut upper) = (1, listed.minor / coin.minor);
        while lower < upper {
            let middle = lower + (upper - lower + 1) / 2;
            if ticket.listed_of(middle)?.minor <= listed.minor {
                lower = middle;
            } else {
                upper = middle - 1;
            }
        }
        ticket.base = Money::new(upper * coin.minor, listed.currency);
        Ok(ticket)
    }

    /// What is paid for it when so much is taken off its base price.
    pub(super) fn less(&self, discount: i64) -> Result<Charged<'a>, Fault> {
        let left = Money::new((self.base.minor - discount).max(0), self.base.currency);
        let none = Money::zero(left.currency);
        if left.is_zero() {
            return Ok(Charged { gross: none, fees: Vec::new(), absorbed: none });
        }
        let saved = self.relisted(self.base)?.minus(self.relisted(left)?)?;
        let gross = self.listed.minus(saved)?;
        let absorbed = self.terms.for_a_ticket(left, BorneBy::Organizer)?;
        let absorbed = Money::sum(left.currency, absorbed.into_iter().map(|(_, fee)| fee))?;
        Ok(Charged { gross, fees: self.fees(left, gross)?, absorbed })
    }

    /// How it is taxed.
    pub(super) fn tax(&self) -> Option<&'a Tax> {
        self.terms.tax_of(self.ticket_type)
    }

    /// What is inside for the service. A price that is too low for the fees, as one that was listed on other terms may be,
    /// is charged as it was listed: the fees give way, but for a coin.
    fn fees(&self, left: Money, gross: Money) -> Result<Vec<(&'a str, Money)>, Fault> {
        let fees = self.terms.for_a_ticket(left, BorneBy::Buyer)?;
        let wanted: Vec<i64> = fees.iter().map(|(_, fee)| fee.minor).collect();
        let tax = match self.tax().filter(|tax| !tax.included) {
            Some(tax) => self.coin.inside(tax.rate, gross)?,
            None => Money::zero(gross.currency),
        };
        let room = Money::new((gross.minor - tax.minor - self.coin.minor).max(0), gross.currency);
        if Money::sum(gross.currency, fees.iter().map(|(_, fee)| *fee))?.minor <= room.minor {
            return Ok(fees);
        }
        let given = self.coin.allocate(room, &wanted)?;
        Ok(fees.into_iter().zip(given).map(|((name, _), fee)| (name, fee)).collect())
    }

    fn relisted(&self, base: Money) -> Result<Money, Fault> {
        listed(base, self.terms, self.ticket_type)
    }

    fn listed_of(&self, coins: i64) -> Result<Money, Fault> {
        self.relisted(Money::new(coins * self.coin.minor, self.listed.currency))
    }
}
