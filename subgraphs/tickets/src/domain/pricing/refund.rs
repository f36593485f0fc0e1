use std::collections::{BTreeMap, HashSet};

use kernel::{Currency, Fault, Money, Rate, Refusal, Result, reasons};
use serde::{Deserialize, Serialize};

use super::{
    breakdown::{PriceBreakdown, PricedLine},
    cart::TicketUnit,
    coin::Coin,
    share::Share,
};

/// How much goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundTerms {
    /// Which part of what was paid.
    pub percent: Rate,
    /// True when fees that were passed on stay with whoever got them, with the tax on them.
    pub fees_kept: bool,
}

/// What of the tickets of one line goes back, at most.
#[derive(Debug)]
struct Back<'a> {
    line: &'a PricedLine,
    quantity: u32,
    share: Share,
}

impl PriceBreakdown {
    /// What goes back for some tickets, when others went back before on the same terms.
    ///
    /// What goes back so far is rounded, and not each refund: the last one takes the remainder. All refunds of the whole sum to
    /// that percentage of what was paid, to the nearest coin; to exactly what was paid, in all its parts, where it is
    /// everything and fees go back too. On whichever terms, a refund is never more than what was paid for its tickets.
    /// Each can be paid out alone.
    ///
    /// A ticket that went back before or is named twice is refused, and so is a refund of none (`ticketIds`). A ticket
    /// that was never there is a fault.
    pub fn refund(&self, going: &[TicketUnit], gone: &[TicketUnit], terms: RefundTerms) -> Result<Self> {
        check(going, gone)?;
        let coin = Coin::of(self.currency());
        let gone: Vec<Back<'_>> = self.back(gone, terms)?;
        let going: Vec<Back<'_>> = self.back(going, terms)?;
        // What is due of one part, for each line.
        let due = |part: fn(&Share) -> i64| {
            let of_each = |back: &[Back<'_>]| back.iter().map(|back| part(&back.share)).collect::<Vec<i64>>();
            let (before, now) = (of_each(&gone).iter().sum::<i64>(), of_each(&going));
            let so_far = |minor| coin.part(terms.percent, Money::new(minor, self.currency()));
            let due = so_far(before + now.iter().sum::<i64>())?.minus(so_far(before)?)?;
            coin.allocate(due, &now)
        };
        let (without_fees, fees) = (due(Share::without_fees)?, due(Share::fees)?);
        let mut lines = Vec::with_capacity(going.len());
        for ((back, without_fees), fees) in going.into_iter().zip(without_fees).zip(fees) {
            let part = (terms.percent.millionths(), Rate::MILLION);
            let share = back.share.reduced(without_fees, fees, part)?;
            lines.push(PricedLine { quantity: back.quantity, share, ..back.line.clone() });
        }
        Ok(Self::of(self.currency(), self.code().map(str::to_owned), lines))
    }

    /// The same, when no more than so much can go back: of each line in proportion, with its fees and its tax.
    pub fn at_most(self, most: Money) -> Result<Self, Fault> {
        let total = self.total()?;
        if total.minor <= most.minor {
            return Ok(self);
        }
        let coin = Coin::of(self.currency());
        let most = coin.whole(Money::new(most.minor.max(0), self.currency()));
        let part = (most.minor.unsigned_abs(), total.minor.unsigned_abs());
        let of = self.priced_lines();
        let weights: Vec<i64> = of.iter().map(|line| line.share.total()).collect();
        let mut lines = Vec::with_capacity(of.len());
        for (line, left) in of.iter().zip(coin.allocate(most, &weights)?) {
            let parts = coin.allocate(left, &[line.share.without_fees(), line.share.fees()])?;
            let [without_fees, fees] = parts
                .try_into()
                .map_err(|_| Fault::broken_rule("an amount has a share for each of its parts"))?;
            let share = line.share.reduced(without_fees, fees, part)?;
            lines.push(PricedLine { share, ..line.clone() });
        }
        Ok(Self::of(self.currency(), self.code().map(str::to_owned), lines))
    }

    /// What is paid for some tickets and may go back, line by line.
    fn back(&self, units: &[TicketUnit], terms: RefundTerms) -> Result<Vec<Back<'_>>, Fault> {
        let mut of_lines: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for unit in units {
            of_lines.entry(unit.line).or_default().push(unit.unit);
        }
        let mut back = Vec::with_capacity(of_lines.len());
        for (place, units) in of_lines {
            let line = self.line(place)?;
            let shares = line.units(self.currency())?;
            let (mut quantity, mut share) = (0, Share { tax: line.share.taxed(0), ..Share::default() });
            for unit in units {
                let no_such = || Fault::broken_rule(format!("line {place} of a price without ticket {unit}"));
                let paid = shares.get(unit).ok_or_else(no_such)?;
                let back = if terms.fees_kept { paid.less_fees(self.currency())? } else { paid.clone() };
                share.gain(&back);
                quantity += 1;
            }
            back.push(Back { line, quantity, share });
        }
        Ok(back)
    }
}

impl Share {
    fn gain(&mut self, more: &Self) {
        self.net += more.net;
        self.discount += more.discount;
        self.absorbed += more.absorbed;
        for fee in &more.fees {
            self.add_fee(&fee.name, fee.minor);
        }
        if let (Some(tax), Some(more)) = (&mut self.tax, &more.tax) {
            tax.minor += more.minor;
        }
    }

    /// Without the fees and the tax on them, which are rounded to less: to the buyer's good.
    fn less_fees(&self, currency: Currency) -> Result<Self, Fault> {
        let paid = |minor: i64, part: i64, of: i64| {
            let part = part.unsigned_abs();
            Money::new(minor, currency).share(part, of.unsigned_abs().max(1))
        };
        let on_top = self.tax_on_top();
        let kept = paid(on_top, self.fees(), self.net + self.fees())?;
        let kept = Coin::of(currency).whole(kept).minor;
        let included = paid(self.tax_included(), self.without_fees(), self.total())?.minor;
        let tax = self.taxed(on_top - kept + included);
        Ok(Self { net: self.net, discount: self.discount, fees: Vec::new(), tax, absorbed: 0 })
    }

    /// When no more is left than so much without fees, and so much of fees: which is so many of so many parts of it.
    fn reduced(&self, without_fees: Money, fees: Money, (parts, all): (u64, u64)) -> Result<Self, Fault> {
        let (coin, currency) = (Coin::of(fees.currency), fees.currency);
        let part = |minor: i64, of: i64, whole: i64| {
            let (of, whole) = (of.unsigned_abs(), whole.unsigned_abs().max(1));
            Money::new(minor, currency).share(of, whole).map(|part| part.minor)
        };
        let on_top = part(self.tax_on_top(), without_fees.minor, self.without_fees())?;
        let included = part(self.tax_included(), without_fees.plus(fees)?.minor, self.total())?;
        let net = without_fees.minor - on_top;
        let discount = coin.share(Money::new(self.discount, currency), parts, all)?.minor;
        let absorbed = Money::new(self.absorbed, currency).share(parts, all)?.minor.min(net);
        let tax = self.taxed(on_top + included);
        let mut reduced = Self { net, discount, fees: Vec::new(), tax, absorbed };
        let weights: Vec<i64> = self.fees.iter().map(|fee| fee.minor).collect();
        for (fee, left) in self.fees.iter().zip(coin.allocate(fees, &weights)?) {
            reduced.add_fee(&fee.name, left.minor);
        }
        Ok(reduced)
    }
}

fn check(going: &[TicketUnit], gone: &[TicketUnit]) -> Result<(), Refusal> {
    if going.is_empty() {
        let refusal = Refusal::bad_input("ticketIds", "must name a ticket that can go back");
        return Err(refusal.because(reasons::WRONG_COUNT));
    }
    let mut seen: HashSet<&TicketUnit> = gone.iter().collect();
    if going.iter().all(|unit| seen.insert(unit)) {
        return Ok(());
    }
    let refusal = Refusal::bad_input("ticketIds", "names a ticket twice, or one that went back before");
    Err(refusal.because(reasons::DUPLICATE))
}
