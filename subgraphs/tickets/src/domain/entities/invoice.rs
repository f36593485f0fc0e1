//! Invoices of orders and credit notes of refunds, made of what was charged and of what goes back.

use chrono::{DateTime, Datelike, Utc};
use contracts::{
    invoices::{
        Invoice, InvoiceBuyer, InvoiceFee, InvoiceKind, InvoiceLine, InvoiceSeller, InvoiceTax,
        InvoicedEvent, LineTax,
    },
    settings::Seller,
};
use kernel::{Fault, InvoiceId, TicketTypeId};

use super::{Contact, KnownEvent, OrderSnapshot, Price};
use crate::domain::pricing::{LinePrice, PriceBreakdown};

/// In which series of numbers a document is: each of an organization's counts for itself, from 1 and without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvoiceSeries {
    /// In which year it is issued, in UTC.
    pub year: i32,
    /// What it is.
    pub kind: InvoiceKind,
}

impl InvoiceSeries {
    /// Of what is issued then.
    pub fn of(kind: InvoiceKind, at: DateTime<Utc>) -> Self {
        Self { year: at.year(), kind }
    }

    /// As people say the number that is counted so: `2026-000123`, or `CN-2026-000007`.
    pub fn number(self, count: u64) -> String {
        let before = match self.kind {
            InvoiceKind::Invoice => "",
            InvoiceKind::CreditNote => "CN-",
        };
        format!("{before}{}-{count:06}", self.year)
    }
}

/// What is found with an invoice's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// Which of its series.
    pub count: u64,
    /// The organization's name, where it is known.
    pub organization: Option<String>,
    /// Who was told at the purchase, where it is known.
    pub contact: Option<Contact>,
}

/// Where the address of who sells is known, and something is paid, there is an invoice: without either it would be none.
pub fn is_invoiced(seller: &Seller, price: &PriceBreakdown) -> bool {
    !price.is_free() && said(seller.address.as_ref()).is_some()
}

/// The legal name of who sells, where it is another than the organization's.
pub fn legal_name(seller: &Seller) -> Option<&str> {
    said(seller.legal_name.as_ref())
}

fn said(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// The invoice of an order, of all that was charged for it, by what is known of its seller and its buyer now. `name` gives a
/// ticket type's name.
pub fn invoice_of(
    order: &OrderSnapshot,
    price: &PriceBreakdown,
    event: &KnownEvent,
    numbered: Numbered,
    name: impl Fn(TicketTypeId) -> String,
    at: DateTime<Utc>,
) -> Result<Invoice, Fault> {
    let seller = &event.settings.seller;
    let nobody = || Fault::broken_rule("an invoice of nobody");
    let (told_name, address) = (legal_name(seller).map(ToOwned::to_owned), said(seller.address.as_ref()));
    let contact = numbered.contact;
    let locale = contact.as_ref().and_then(|contact| contact.locale.clone());
    let made_of = MadeOf::of(price, name)?;
    Ok(Invoice {
        id: InvoiceId::new(),
        number: InvoiceSeries::of(InvoiceKind::Invoice, at).number(numbered.count),
        kind: InvoiceKind::Invoice,
        issued_at: at,
        seller: InvoiceSeller {
            name: told_name.or(numbered.organization).ok_or_else(nobody)?,
            address: address.ok_or_else(nobody)?.to_owned(),
            tax_number: said(seller.tax_number.as_ref()).map(ToOwned::to_owned),
        },
        buyer: contact
            .map(|contact| InvoiceBuyer { name: contact.name, email: contact.email })
            .unwrap_or_default(),
        order_id: order.id,
        order_number: order.number.clone(),
        event: InvoicedEvent {
            title: event.facts.title.clone(),
            starts_at: event.facts.starts_at,
            timezone: event.facts.timezone,
        },
        code: price.code().map(ToOwned::to_owned),
        lines: made_of.lines,
        fees: made_of.fees,
        taxes: made_of.taxes,
        total: price.total()?,
        corrects: None,
        locale,
    })
}

/// What an amount is made of, line by line and in sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeOf {
    pub(super) lines: Vec<InvoiceLine>,
    pub(super) fees: Vec<InvoiceFee>,
    pub(super) taxes: Vec<InvoiceTax>,
}

impl MadeOf {
    /// Of a price. `name` gives a ticket type's name.
    pub fn of(price: &PriceBreakdown, name: impl Fn(TicketTypeId) -> String) -> Result<Self, Fault> {
        let line = |line: LinePrice| {
            let LinePrice { ticket_type, unit_price, quantity, price } = line;
            Ok(InvoiceLine {
                text: name(ticket_type),
                quantity,
                unit_price,
                tax: tax_of(&price)?,
                amount: price.subtotal,
                discount: price.discount,
                fees: price.fees,
                total: price.total,
            })
        };
        let lines: Vec<InvoiceLine> = price.lines()?.into_iter().map(line).collect::<Result<_, Fault>>()?;
        let fees = price.price()?.fee_lines.into_iter();
        let fees = fees.map(|fee| InvoiceFee { name: fee.name, amount: fee.amount }).collect();
        let taxes = taxes_of(&lines)?;
        Ok(Self { lines, fees, taxes })
    }
}

/// A line is taxed in one way at most.
fn tax_of(price: &Price) -> Result<Option<LineTax>, Fault> {
    let tax = |tax: &super::TaxLine| {
        let rate = tax.rate.parse().map_err(|_| Fault::broken_rule(format!("a tax of {} %", tax.rate)))?;
        Ok(LineTax { name: tax.name.clone(), rate, included: tax.included, amount: tax.amount })
    };
    price.taxes.first().map(tax).transpose()
}

/// The taxes in these lines, by name, rate and way.
pub(super) fn taxes_of(lines: &[InvoiceLine]) -> Result<Vec<InvoiceTax>, Fault> {
    let mut taxes: Vec<InvoiceTax> = Vec::new();
    for line in lines {
        let Some(LineTax { name, rate, included, amount }) = line.tax.clone() else { continue };
        let net = line.total.minus(amount)?;
        let same = |tax: &&mut InvoiceTax| (&tax.name, tax.rate, tax.included) == (&name, rate, included);
        match taxes.iter_mut().find(same) {
            Some(tax) => (tax.net, tax.amount) = (tax.net.plus(net)?, tax.amount.plus(amount)?),
            None => taxes.push(InvoiceTax { name, rate, included, net, amount }),
        }
    }
    Ok(taxes)
}

#[cfg(test)]
mod tests {
    use kernel::Money;

    use super::*;

    #[test]
    fn numbers_are_of_the_year_in_utc_and_of_their_kind() {
        let at = "2026-12-31T23:59:59.999Z".parse().unwrap();
        assert_eq!(InvoiceSeries::of(InvoiceKind::Invoice, at).number(123), "2026-000123");
        assert_eq!(InvoiceSeries::of(InvoiceKind::CreditNote, at).number(7), "CN-2026-000007");
        let later = "2027-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(InvoiceSeries::of(InvoiceKind::Invoice, later).number(1_234_567), "2027-1234567");
    }

    #[test]
    fn who_has_said_no_address_issues_no_invoices() {
        let seller = |address: Option<&str>| Seller {
            legal_name: Some("Opera Ltd".to_owned()),
            address: address.map(ToOwned::to_owned),
            tax_number: None,
        };
        let priced = |minor| {
            let unit_price = Money::new(minor, kernel::Currency::EUR);
            let line = crate::domain::pricing::CartLine {
                ticket_type: TicketTypeId::new(),
                unit_price,
                quantity: 2,
            };
            PriceBreakdown::plain(&[line]).unwrap()
        };
        assert!(is_invoiced(&seller(Some("1 Road\nTown")), &priced(1000)));
        assert!(!is_invoiced(&seller(None), &priced(1000)));
        assert!(!is_invoiced(&seller(Some(" ")), &priced(1000)));
        assert!(!is_invoiced(&seller(Some("1 Road\nTown")), &priced(0)), "nothing is paid");
    }
}
