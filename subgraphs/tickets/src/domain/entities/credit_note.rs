//! Credit notes: each takes a part of what an invoice says, and all of them together never more than that.

use chrono::{DateTime, Utc};
use contracts::invoices::{Invoice, InvoiceFee, InvoiceKind, InvoiceLine};
use kernel::{Fault, InvoiceId, Money};

use super::{
    InvoiceSeries,
    invoice::{MadeOf, taxes_of},
};
use crate::domain::pricing::share_out;

/// What goes back of an order.
#[derive(Clone, Debug)]
pub enum GoesBack {
    /// What was paid for some of its tickets, or a part of that.
    Of(MadeOf),
    /// An amount of which nobody knows for which tickets it is.
    Amount(Money),
}

/// An order's invoice, and how much of it no credit note has taken yet.
#[derive(Clone, Debug)]
pub struct Creditable {
    invoice: Invoice,
    /// What is left of each of its lines.
    lines: Vec<InvoiceLine>,
    /// What is left of its fees.
    fees: Vec<InvoiceFee>,
    left: Money,
}

impl Creditable {
    /// Of an order's invoice and credit notes; none where it has no invoice.
    pub fn of(documents: Vec<Invoice>) -> Result<Option<Self>, Fault> {
        let is_invoice = |one: &Invoice| one.kind == InvoiceKind::Invoice;
        let (invoices, notes): (Vec<Invoice>, Vec<Invoice>) = documents.into_iter().partition(is_invoice);
        let Some(invoice) = invoices.into_iter().next() else { return Ok(None) };
        let (lines, fees, left) = (invoice.lines.clone(), invoice.fees.clone(), invoice.total);
        let mut creditable = Self { invoice, lines, fees, left };
        for note in &notes {
            creditable.take(note)?;
        }
        Ok(Some(creditable))
    }

    /// What a credit note says of what goes back, which is no more than is left; none where that is nothing.
    ///
    /// An amount of which nobody knows for which tickets it is takes of each line in proportion to what is left of it: taxes go
    /// back at the rates at which they were charged. Whatever is all that is left, or more, takes what is left of everything,
    /// so that the notes sum to the invoice in all its parts.
    pub fn credited(&self, back: GoesBack) -> Result<Option<MadeOf>, Fault> {
        let wanted = match &back {
            GoesBack::Of(made_of) => total_of(self.left, &made_of.lines)?,
            GoesBack::Amount(amount) => *amount,
        };
        let amount = if wanted.minor > self.left.minor { self.left } else { wanted };
        Ok(match back {
            _ if amount.minor <= 0 => None,
            GoesBack::Of(made_of) if amount.minor < self.left.minor => Some(made_of),
            GoesBack::Of(_) | GoesBack::Amount(_) => Some(self.part(amount)?),
        })
    }

    /// The credit note that says so, with the seller, the buyer and the event of the invoice.
    pub fn note(&self, credited: MadeOf, count: u64, at: DateTime<Utc>) -> Result<Invoice, Fault> {
        let total = total_of(self.left, &credited.lines)?;
        let MadeOf { lines, fees, taxes } = credited;
        Ok(Invoice {
            id: InvoiceId::new(),
            number: InvoiceSeries::of(InvoiceKind::CreditNote, at).number(count),
            kind: InvoiceKind::CreditNote,
            issued_at: at,
            lines,
            fees,
            taxes,
            total,
            corrects: Some(self.invoice.number.clone()),
            ..self.invoice.clone()
        })
    }

    /// A credit note takes its part.
    fn take(&mut self, note: &Invoice) -> Result<(), Fault> {
        for taken in &note.lines {
            let same = |line: &InvoiceLine| {
                (&line.text, line.unit_price) == (&taken.text, taken.unit_price)
                    // Of what goes back for tickets no tax is told that comes to nothing.
                    && (taken.tax.is_none() || kind_of(line) == kind_of(taken))
            };
            if let Some(line) = self.lines.iter_mut().find(|line| same(line) && !line.total.is_zero()) {
                for (left, taken) in [
                    (&mut line.amount, taken.amount),
                    (&mut line.discount, taken.discount),
                    (&mut line.fees, taken.fees),
                    (&mut line.total, taken.total),
                ] {
                    *left = less(*left, taken)?;
                }
                if let (Some(left), Some(taken)) = (&mut line.tax, &taken.tax) {
                    left.amount = less(left.amount, taken.amount)?;
                }
            }
        }
        for taken in &note.fees {
            if let Some(left) = self.fees.iter_mut().find(|fee| fee.name == taken.name) {
                left.amount = less(left.amount, taken.amount)?;
            }
        }
        self.left = less(self.left, note.total)?;
        Ok(())
    }

    /// So much of what is left, of each line in proportion.
    fn part(&self, amount: Money) -> Result<MadeOf, Fault> {
        // Tickets may have gone back for more than was left of their lines; then it is of all that was sold.
        let is_left = self.lines.iter().any(|line| !line.total.is_zero());
        let of = if is_left { &self.lines } else { &self.invoice.lines };
        let weights: Vec<i64> = of.iter().map(|line| line.total.minor).collect();
        let mut lines = Vec::with_capacity(of.len());
        for ((line, sold), part) in of.iter().zip(&self.invoice.lines).zip(share_out(amount, &weights)?) {
            if !part.is_zero() {
                lines.push(InvoiceLine { quantity: tickets_of(line, sold), ..part_of(line, part)? });
            }
        }
        let of_fees = Money::sum(amount.currency, lines.iter().map(|line| line.fees))?;
        let is_left = self.fees.iter().any(|fee| !fee.amount.is_zero());
        let of = if is_left { &self.fees } else { &self.invoice.fees };
        let weights: Vec<i64> = of.iter().map(|fee| fee.amount.minor).collect();
        let fees = of.iter().zip(share_out(of_fees, &weights)?);
        let fees = fees.map(|(fee, amount)| InvoiceFee { name: fee.name.clone(), amount });
        let fees = fees.filter(|fee| !fee.amount.is_zero()).collect();
        let taxes = taxes_of(&lines)?;
        Ok(MadeOf { lines, fees, taxes })
    }
}

/// How a line is taxed.
fn kind_of(line: &InvoiceLine) -> Option<(&str, kernel::Rate, bool)> {
    line.tax.as_ref().map(|tax| (tax.name.as_str(), tax.rate, tax.included))
}

fn total_of(like: Money, lines: &[InvoiceLine]) -> Result<Money, Fault> {
    Money::sum(like.currency, lines.iter().map(|line| line.total))
}

/// What is left, which is never less than nothing.
fn less(left: Money, taken: Money) -> Result<Money, Fault> {
    let rest = left.minus(taken)?;
    Ok(if rest.minor < 0 { Money::zero(rest.currency) } else { rest })
}

/// With how many tickets as much was paid as is left of a line.
fn tickets_of(left: &InvoiceLine, sold: &InvoiceLine) -> u32 {
    let (left, each_of) = (left.total.minor.unsigned_abs(), sold.total.minor.unsigned_abs().max(1));
    let tickets = (u128::from(left) * u128::from(sold.quantity)).div_ceil(u128::from(each_of));
    u32::try_from(tickets).unwrap_or(sold.quantity).clamp(1, sold.quantity)
}

/// So much of a line, with as much of its fees and its tax, at the rate at which it was charged.
fn part_of(line: &InvoiceLine, part: Money) -> Result<InvoiceLine, Fault> {
    if part == line.total {
        return Ok(line.clone());
    }
    let part_of = |amount: Money, part: Money, of: i64| {
        amount.share(part.minor.unsigned_abs(), of.unsigned_abs().max(1))
    };
    let without_fees = line.total.minor - line.fees.minor;
    let [without_fees_left, fees] = share_out(part, &[without_fees, line.fees.minor])?
        .try_into()
        .map_err(|_| Fault::broken_rule("an amount has a share for each of its parts"))?;
    let discount = part_of(line.discount, part, line.total.minor)?;
    let (mut amount, mut tax) = (without_fees_left.plus(discount)?, line.tax.clone());
    if let Some(tax) = &mut tax {
        if tax.included {
            tax.amount = part_of(tax.amount, part, line.total.minor)?;
        } else {
            tax.amount = part_of(tax.amount, without_fees_left, without_fees)?;
            amount = amount.minus(tax.amount)?;
        }
    }
    Ok(InvoiceLine { amount, discount, fees, tax, total: part, ..line.clone() })
}

#[cfg(test)]
mod tests {
    use contracts::invoices::{InvoiceBuyer, InvoiceSeller, InvoicedEvent, LineTax};
    use kernel::{Currency, OrderId, ProviderAmount, TimeZone};
    use proptest::prelude::*;

    use super::*;

    fn line(text: &str, quantity: u32, parts: [i64; 4], included: bool, currency: Currency) -> InvoiceLine {
        let [net, discount, fees, tax] = parts.map(|minor| Money::new(minor, currency));
        let on_top = if included { Money::zero(currency) } else { tax };
        InvoiceLine {
            text: text.to_owned(),
            quantity,
            unit_price: net,
            amount: net.plus(discount).unwrap(),
            discount,
            fees,
            tax: Some(LineTax {
                name: "VAT".to_owned(),
                rate: if included { "20" } else { "10" }.parse().unwrap(),
                included,
                amount: tax,
            }),
            total: net.plus(fees).unwrap().plus(on_top).unwrap(),
        }
    }

    fn invoice(lines: Vec<InvoiceLine>) -> Invoice {
        let currency = lines[0].total.currency;
        let fees = Money::sum(currency, lines.iter().map(|line| line.fees)).unwrap();
        Invoice {
            id: InvoiceId::new(),
            number: "2026-000001".to_owned(),
            kind: InvoiceKind::Invoice,
            issued_at: DateTime::UNIX_EPOCH,
            seller: InvoiceSeller {
                name: "Opera Ltd".to_owned(),
                address: "1 Road".to_owned(),
                tax_number: None,
            },
            buyer: InvoiceBuyer::default(),
            order_id: OrderId::new(),
            order_number: "ODY-7F3K2M".to_owned(),
            event: InvoicedEvent {
                title: "An evening".to_owned(),
                starts_at: DateTime::UNIX_EPOCH,
                timezone: TimeZone::UTC,
            },
            code: None,
            total: total_of(fees, &lines).unwrap(),
            taxes: taxes_of(&lines).unwrap(),
            fees: vec![InvoiceFee { name: "Service".to_owned(), amount: fees }],
            lines,
            corrects: None,
            locale: None,
        }
    }

    fn hall(currency: Currency) -> Invoice {
        let unit = if currency == Currency::EUR { 1 } else { 100 };
        let minor = |parts: [i64; 4]| parts.map(|minor| minor * unit);
        invoice(vec![
            line("Stalls", 3, minor([3000, 300, 150, 525]), true, currency),
            line("Floor", 2, minor([1900, 0, 70, 197]), false, currency),
        ])
    }

    /// The documents of an order of which these amounts went back one after the other.
    fn credited(invoice: &Invoice, amounts: &[i64]) -> Vec<Invoice> {
        let mut documents = vec![invoice.clone()];
        for amount in amounts {
            let creditable = Creditable::of(documents.clone()).unwrap().unwrap();
            let amount = GoesBack::Amount(Money::new(*amount, invoice.total.currency));
            if let Some(back) = creditable.credited(amount).unwrap() {
                let count = documents.len() as u64;
                documents.push(creditable.note(back, count, DateTime::UNIX_EPOCH).unwrap());
            }
        }
        documents.split_off(1)
    }

    #[test]
    fn a_part_goes_back_of_each_line_at_the_rate_at_which_it_was_taxed() {
        let invoice = hall(Currency::EUR);
        let note = &credited(&invoice, &[1000])[0];
        assert_eq!((note.total.minor, note.kind), (1000, InvoiceKind::CreditNote));
        assert_eq!((note.number.as_str(), note.corrects.as_deref()), ("CN-1970-000001", Some("2026-000001")));
        let of = |at: usize| (note.lines[at].total.minor, note.lines[at].quantity, note.taxes[at].rate);
        assert_eq!(of(0), (592, 3, "20".parse().unwrap()));
        assert_eq!(of(1), (408, 2, "10".parse().unwrap()));
        assert_eq!(note.taxes.iter().map(|tax| tax.amount.minor).collect::<Vec<_>>(), [99, 37]);
    }

    #[test]
    fn what_tickets_took_is_left_alone_and_never_more_goes_back_than_is_left() {
        let invoice = hall(Currency::EUR);
        let stalls = MadeOf {
            lines: vec![invoice.lines[0].clone()],
            fees: vec![InvoiceFee { name: "Service".to_owned(), amount: invoice.lines[0].fees }],
            taxes: taxes_of(&invoice.lines[..1]).unwrap(),
        };
        let first = Creditable::of(vec![invoice.clone()]).unwrap().unwrap();
        let taken = first.credited(GoesBack::Of(stalls.clone())).unwrap().unwrap();
        assert_eq!(taken, stalls, "tickets take what was paid for them");
        let note = first.note(taken, 1, DateTime::UNIX_EPOCH).unwrap();
        let rest = Creditable::of(vec![invoice.clone(), note.clone()]).unwrap().unwrap();
        let more = Money::new(5_000, Currency::EUR);
        let all = rest.credited(GoesBack::Amount(more)).unwrap().unwrap();
        assert_eq!(all.lines, invoice.lines[1..]);
        let again = rest.credited(GoesBack::Of(stalls)).unwrap().unwrap();
        assert_eq!(total_of(more, &again.lines).unwrap(), invoice.lines[1].total, "no more than is left");
        let last = rest.note(all, 2, DateTime::UNIX_EPOCH).unwrap();
        let nothing = Creditable::of(vec![invoice, note, last]).unwrap().unwrap();
        assert!(nothing.credited(GoesBack::Amount(more)).unwrap().is_none());
    }

    #[test]
    fn what_has_no_invoice_is_not_credited() {
        assert!(Creditable::of(Vec::new()).unwrap().is_none());
    }

    proptest! {
        #[test]
        fn however_much_goes_back_at_once_all_notes_sum_to_the_invoice_in_all_their_parts(
            parts in proptest::collection::vec(1_i64..2_000, 0..8),
            currency in prop::sample::select(vec!["EUR", "ISK", "KWD", "HUF"]),
        ) {
            let currency: Currency = currency.parse().unwrap();
            let unit = if currency == Currency::EUR { 1 } else { 100 };
            let invoice = hall(currency);
            let mut amounts: Vec<i64> = parts.iter().map(|part| part * unit).collect();
            amounts.push(invoice.total.minor);
            let notes = credited(&invoice, &amounts);
            let sum = |of: &dyn Fn(&Invoice) -> i64| notes.iter().map(of).sum::<i64>();
            prop_assert_eq!(sum(&|note| note.total.minor), invoice.total.minor);
            for note in &notes {
                prop_assert_eq!(total_of(note.total, &note.lines).unwrap(), note.total);
                prop_assert!(ProviderAmount::of(note.total).is_ok(), "{}", note.total);
                prop_assert!(note.lines.iter().all(|line| ProviderAmount::of(line.total).is_ok()));
                for line in &note.lines {
                    let on_top = line.tax.as_ref().filter(|tax| !tax.included).map_or(0, |tax| tax.amount.minor);
                    let made_of = line.amount.minor - line.discount.minor + line.fees.minor + on_top;
                    prop_assert_eq!(made_of, line.total.minor);
                    prop_assert!(line.quantity >= 1 && line.total.minor > 0);
                }
            }
            for (at, sold) in invoice.lines.iter().enumerate() {
                let of = |of: &dyn Fn(&InvoiceLine) -> i64| {
                    let lines = notes.iter().flat_map(|note| &note.lines);
                    lines.filter(|line| line.text == sold.text).map(of).sum::<i64>()
                };
                prop_assert_eq!(of(&|line| line.total.minor), sold.total.minor);
                prop_assert_eq!(of(&|line| line.fees.minor), sold.fees.minor);
                prop_assert_eq!(of(&|line| line.discount.minor), sold.discount.minor);
                prop_assert_eq!(of(&|line| line.amount.minor), sold.amount.minor);
                let tax = |line: &InvoiceLine| line.tax.as_ref().map_or(0, |tax| tax.amount.minor);
                prop_assert_eq!(of(&tax), invoice.taxes[at].amount.minor);
            }
            let fees = |note: &Invoice| note.fees.iter().map(|fee| fee.amount.minor).sum::<i64>();
            prop_assert_eq!(sum(&fees), invoice.fees[0].amount.minor);
        }
    }
}
