//! Prices counted by hand, and what holds for all of them.

mod examples;
mod invoices;
mod properties;
mod refund_properties;
mod refunds;
mod refusals;
mod shops;

use std::collections::BTreeMap;

use kernel::{Currency, Money, Rate, TicketTypeId};

use super::*;
use crate::domain::entities::Price;

fn currency(code: &str) -> Currency {
    Currency::parse("currency", code).unwrap()
}

fn rate(percent: &str) -> Rate {
    Rate::parse("rate", percent).unwrap()
}

fn fee(name: &str, amount: FeeAmount, borne_by: BorneBy) -> ServiceFee {
    ServiceFee { name: name.to_owned(), amount, borne_by }
}

fn tax(name: &str, percent: &str, included: bool, once: TaxedOnce) -> Tax {
    Tax { name: name.to_owned(), rate: rate(percent), included, once }
}

fn tickets(unit_price: Money, quantity: u32) -> CartLine {
    CartLine { ticket_type: TicketTypeId::new(), unit_price, quantity }
}

fn code(off: Off) -> Promo {
    Promo { code: "SPRING".to_owned(), off, ticket_types: None }
}

/// Every part of a price by its name, in smallest units; what is nothing is left out.
fn parts(price: &Price) -> BTreeMap<String, i64> {
    let sums = [
        ("subtotal", price.subtotal),
        ("discount", price.discount),
        ("fees", price.fees),
        ("tax", price.tax),
        ("tax included", price.tax_included),
        ("total", price.total),
    ];
    let mut parts: BTreeMap<String, i64> =
        sums.into_iter().map(|(name, amount)| (name.to_owned(), amount.minor)).collect();
    for line in &price.fee_lines {
        parts.insert(format!("fee {}", line.name), line.amount.minor);
    }
    for line in &price.taxes {
        let way = if line.included { "in" } else { "on" };
        parts.insert(format!("{} {} % {way} it", line.name, line.rate), line.amount.minor);
    }
    for line in &price.discounts {
        parts.insert(format!("code {}", line.code.as_deref().unwrap_or("none")), line.amount.minor);
    }
    parts.retain(|_, minor| *minor != 0);
    parts
}

/// What each ticket of a line was paid with.
fn unit_shares(priced: &PriceBreakdown, line: usize) -> Vec<Price> {
    let units: Vec<TicketUnit> = priced.units().filter(|unit| unit.line == line).collect();
    priced.each(&units).unwrap()
}

/// The parts of several prices together.
fn sum<'a>(prices: impl IntoIterator<Item = &'a Price>) -> BTreeMap<String, i64> {
    let mut all = BTreeMap::new();
    for price in prices {
        for (name, minor) in parts(price) {
            *all.entry(name).or_insert(0) += minor;
        }
    }
    all
}

/// As a test writes them.
fn of<const N: usize>(parts: [(&str, i64); N]) -> BTreeMap<String, i64> {
    parts.into_iter().map(|(name, minor)| (name.to_owned(), minor)).collect()
}
