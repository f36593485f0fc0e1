//! What is sold in a case, and on which terms.

use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value, json};

/// A currency, and what things cost in it: chosen so that parts do not come out even.
#[derive(Debug)]
pub(crate) struct Prices {
    pub(crate) currency: &'static str,
    seat: &'static str,
    standing: &'static str,
    for_a_ticket: &'static str,
    for_an_order: &'static str,
    off: &'static str,
    /// How many of the provider's units are one of ours.
    pub(crate) at_the_provider: i64,
}

const PRICES: [Prices; 6] = [
    prices("EUR", ["33.33", "19.99", "0.35", "1.10", "5.01"], 1),
    prices("USD", ["49.95", "25.00", "0.49", "0.99", "7.77"], 1),
    prices("JPY", ["4950", "2501", "33", "110", "501"], 1),
    prices("KWD", ["14.990", "7.510", "0.150", "0.310", "2.010"], 1),
    prices("HUF", ["19990.00", "9991.00", "149.00", "299.00", "1501.00"], 1),
    prices("ISK", ["4950", "2501", "53", "111", "501"], 100),
];

const fn prices(currency: &'static str, all: [&'static str; 5], at_the_provider: i64) -> Prices {
    let [seat, standing, for_a_ticket, for_an_order, off] = all;
    Prices { currency, seat, standing, for_a_ticket, for_an_order, off, at_the_provider }
}

/// What is sold, and on which terms.
#[derive(Clone, Debug)]
pub(crate) struct Sale {
    pub(crate) prices: &'static Prices,
    pub(crate) before: Terms,
    /// What the organization changes its terms to, if it does.
    pub(crate) after: Terms,
    policy: (u8, bool),
    codes: [Code; 2],
}

/// What an organization asks, and its tax.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    percent: Option<&'static str>,
    for_a_ticket: bool,
    for_an_order: bool,
    absorbed: bool,
    /// Rate, whether it is inside the price, and of what it is rounded.
    tax: Option<(&'static str, bool, &'static str)>,
}

/// A promo code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code {
    /// In percent, or the fixed amount of the prices.
    percent: Option<&'static str>,
    most: Option<u8>,
    most_per_buyer: Option<u8>,
}

impl Terms {
    fn any(random: &mut StdRng) -> Self {
        let percent = ["3.5", "10", "12.25"].choose(random).copied();
        let rate = *["5.5", "19", "20", "27"].choose(random).expect("there are some");
        let rounding = if random.random() { "PER_LINE" } else { "PER_TOTAL" };
        let tax = (rate, random.random(), rounding);
        Self {
            percent: percent.filter(|_| random.random_ratio(2, 3)),
            for_a_ticket: random.random_ratio(1, 2),
            for_an_order: random.random_ratio(1, 2),
            absorbed: random.random_ratio(1, 3),
            tax: random.random_ratio(3, 4).then_some(tax),
        }
    }
}

impl Code {
    fn any(random: &mut StdRng) -> Self {
        let percent = ["15", "33.3333", "50", "100"].choose(random).copied();
        Self {
            percent: percent.filter(|_| random.random_ratio(3, 4)),
            most: random.random_ratio(2, 3).then(|| random.random_range(1..=3)),
            most_per_buyer: random.random_ratio(1, 3).then_some(1),
        }
    }
}

impl Sale {
    /// How many seats there are: few, so that people want the same.
    pub(crate) const SEATS: usize = 8;
    /// How many can stand.
    const STANDING: usize = 6;

    /// One of many.
    pub(crate) fn any(random: &mut StdRng) -> Self {
        Self {
            prices: PRICES.choose(random).expect("there are some"),
            before: Terms::any(random),
            after: Terms::any(random),
            policy: (*[0, 50, 100].choose(random).expect("there are some"), random.random()),
            codes: [Code::any(random), Code::any(random)],
        }
    }

    /// The seating plan.
    pub(crate) fn house() -> Value {
        let seats: Vec<_> = (0..Self::SEATS)
            .map(|seat| json!({ "label": (seat + 1).to_string(), "x": seat, "y": 0 }))
            .collect();
        json!([
            { "key": "STALLS", "name": "Stalls", "kind": "SEATED", "rows": [{ "label": "A", "seats": seats }] },
            { "key": "FLOOR", "name": "Floor", "kind": "GENERAL_ADMISSION", "capacity": Self::STANDING },
        ])
    }

    /// Ticket types: names, the sections they are for, and prices.
    pub(crate) fn ticket_types(&self) -> [(&'static str, &'static str, Value); 2] {
        let Prices { seat, standing, .. } = self.prices;
        [("Seat", "STALLS", self.money(seat)), ("Standing", "FLOOR", self.money(standing))]
    }

    /// The codes: how each is called, and what else its input says.
    pub(crate) fn codes(&self) -> Vec<(String, Value)> {
        let codes = ["FIRST", "OTHER"].iter().zip(&self.codes).map(|(name, code)| {
            let mut input = json!({ "code": name });
            match code.percent {
                Some(percent) => input["percentOff"] = json!(percent),
                None => input["amountOff"] = self.money(self.prices.off),
            }
            if let Some(most) = code.most {
                input["maxRedemptions"] = json!(most);
            }
            if let Some(most) = code.most_per_buyer {
                input["maxPerBuyer"] = json!(most);
            }
            ((*name).to_owned(), input)
        });
        codes.collect()
    }

    /// Fees and tax, as an organization sets them.
    pub(crate) fn asks(&self, terms: &Terms) -> Value {
        let mut fees = Vec::new();
        if let Some(percent) = terms.percent {
            fees.push(json!({ "name": "Service fee", "percent": percent, "borneBy": "BUYER" }));
        }
        if terms.for_a_ticket {
            let money = self.money(self.prices.for_a_ticket);
            fees.push(json!({ "name": "Ticket fee", "perTicket": money, "borneBy": "BUYER" }));
        }
        if terms.for_an_order {
            let money = self.money(self.prices.for_an_order);
            fees.push(json!({ "name": "Order fee", "perOrder": money, "borneBy": "BUYER" }));
        }
        if terms.absorbed {
            fees.push(json!({ "name": "Platform", "percent": "4.75", "borneBy": "ORGANIZER" }));
        }
        let tax = terms.tax.map(|(rate, included, rounding)| {
            json!({ "name": "VAT", "rate": rate, "included": included, "rounding": rounding })
        });
        json!({ "serviceFees": fees, "tax": tax })
    }

    /// What goes back to who returns tickets, and who sells.
    pub(crate) fn promises(&self) -> Value {
        let (percent, fees_kept) = self.policy;
        json!({
            "refundPolicy": { "rules": [{ "hoursBeforeStart": 48, "percent": percent.to_string() }], "feesKept": fees_kept },
            "seller": { "legalName": "Oper GmbH", "address": "Ring 1\n1010 Vienna" },
        })
    }

    fn money(&self, amount: &str) -> Value {
        json!({ "amount": amount, "currency": self.prices.currency })
    }
}
