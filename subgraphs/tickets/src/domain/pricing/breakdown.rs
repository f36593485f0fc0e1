use std::collections::{BTreeMap, btree_map::Entry};

use kernel::{Currency, Fault, Money, ProviderAmount, Result, TicketTypeId};
use serde::{Deserialize, Serialize};

use super::{
    cart::{CartLine, TicketUnit, not_chargeable},
    share::{Share, price_of},
};
use crate::domain::entities::Price;

/// What was asked for a cart, or given back of it, and what that is made of.
///
/// It is frozen: nothing that changes later about fees, taxes or codes changes it. Only what cannot be counted again is kept, so
/// lines always sum to the total. It is written with few words, to be kept with a reservation or an order; whatever is
/// added to it later has a default, so that older ones can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceBreakdown {
    currency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    lines: Vec<PricedLine>,
}

/// What a line came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PricedLine {
    pub(super) ticket_type: TicketTypeId,
    pub(super) unit_price: i64,
    pub(super) quantity: u32,
    #[serde(flatten)]
    pub(super) share: Share,
}

/// A line, and what its price is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePrice {
    /// Of which type.
    pub ticket_type: TicketTypeId,
    /// What each was listed for.
    pub unit_price: Money,
    /// How many.
    pub quantity: u32,
    /// What they cost together.
    pub price: Price,
}

impl PriceBreakdown {
    pub(super) fn of(currency: Currency, code: Option<String>, lines: Vec<PricedLine>) -> Self {
        Self { currency, code, lines }
    }

    /// What a cart was listed for, with nothing taken off or put on: so much was asked before it was kept what prices are
    /// made of. A cart of nothing or of several currencies is a fault.
    pub fn plain(cart: &[CartLine]) -> Result<Self, Fault> {
        let first = cart.first().ok_or_else(|| Fault::broken_rule("a price of nothing"))?;
        let currency = first.unit_price.currency;
        let line = |line: &CartLine| {
            let listed = Money::zero(currency).plus(line.unit_price.times(line.quantity)?)?;
            Ok(PricedLine {
                ticket_type: line.ticket_type,
                unit_price: line.unit_price.minor,
                quantity: line.quantity,
                share: Share { net: listed.minor, ..Share::default() },
            })
        };
        let lines = cart.iter().map(line).collect::<Result<_, Fault>>()?;
        Ok(Self::of(currency, None, lines))
    }

    /// Refuses what the provider does not charge: too little, too much, or finer than it can. What is free needs none.
    pub fn require_chargeable(&self) -> Result<()> {
        let total = self.total()?;
        if !total.is_zero() {
            ProviderAmount::chargeable(total).map_err(|why| not_chargeable(&why))?;
        }
        Ok(())
    }

    /// In which currency it is.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The code with which it was asked for.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// How many tickets it has.
    pub fn quantity(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity).sum()
    }

    /// Every ticket of it, line by line.
    pub fn units(&self) -> impl Iterator<Item = TicketUnit> {
        let lines = self.lines.iter().enumerate();
        lines.flat_map(|(line, of)| (0..of.quantity as usize).map(move |unit| TicketUnit { line, unit }))
    }

    /// What is paid.
    pub fn total(&self) -> Result<Money, Fault> {
        Ok(self.price()?.total)
    }

    /// True when there is nothing to pay, and no provider is needed.
    pub fn is_free(&self) -> bool {
        self.lines.iter().all(|line| line.share.total() == 0)
    }

    /// All lines together.
    pub fn price(&self) -> Result<Price, Fault> {
        price_of(self.lines.iter().map(|line| &line.share), self.code(), self.currency)
    }

    /// Each line.
    pub fn lines(&self) -> Result<Vec<LinePrice>, Fault> {
        let line = |line: &PricedLine| {
            Ok(LinePrice {
                ticket_type: line.ticket_type,
                unit_price: Money::new(line.unit_price, self.currency),
                quantity: line.quantity,
                price: price_of([&line.share], self.code(), self.currency)?,
            })
        };
        self.lines.iter().map(line).collect()
    }

    /// What each of these tickets was paid with, in the order in which they are asked for. Those of a line differ by a coin at
    /// most, and the last take what is left over. They sum to the line, in all its parts. A fault when one is not there.
    pub fn each(&self, units: &[TicketUnit]) -> Result<Vec<Price>, Fault> {
        let shares = self.shares(units)?;
        shares.iter().map(|share| price_of([share], self.code(), self.currency)).collect()
    }

    /// What these tickets were paid with together. A fault when one of them is not there.
    pub fn together(&self, units: &[TicketUnit]) -> Result<Price, Fault> {
        price_of(&self.shares(units)?, self.code(), self.currency)
    }

    /// The share of each. A line is shared out once, however many of its tickets are asked for.
    fn shares(&self, units: &[TicketUnit]) -> Result<Vec<Share>, Fault> {
        let mut lines: BTreeMap<usize, Vec<Share>> = BTreeMap::new();
        for TicketUnit { line, .. } in units {
            if let Entry::Vacant(unshared) = lines.entry(*line) {
                unshared.insert(self.line(*line)?.units(self.currency)?);
            }
        }
        let missing = |unit: &TicketUnit| {
            Fault::broken_rule(format!("line {} of a price without ticket {}", unit.line, unit.unit))
        };
        let share = |unit: &TicketUnit| lines.get(&unit.line).and_then(|shares| shares.get(unit.unit));
        units.iter().map(|unit| share(unit).cloned().ok_or_else(|| missing(unit))).collect()
    }

    /// What the organizer bears for the service, out of what is paid for the tickets.
    pub fn absorbed_fees(&self) -> Result<Money, Fault> {
        let each = self.lines.iter().map(|line| Money::new(line.share.absorbed, self.currency));
        Money::sum(self.currency, each)
    }

    pub(super) fn priced_lines(&self) -> &[PricedLine] {
        &self.lines
    }

    pub(super) fn line(&self, line: usize) -> Result<&PricedLine, Fault> {
        self.lines.get(line).ok_or_else(|| Fault::broken_rule(format!("a price without line {line}")))
    }
}
