//! Shops that sell anything on any terms.

use std::collections::BTreeMap;

use kernel::{Currency, Money, Rate, TicketTypeId};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{super::coin::Coin, *};
use crate::domain::reasons;

/// A cart, the terms on which it is sold, and perhaps a code.
#[derive(Clone, Debug)]
pub(super) struct Shop {
    pub(super) terms: Terms,
    /// The base price of each line; none where what is listed was made on other terms.
    pub(super) bases: Vec<Option<Money>>,
    pub(super) cart: Vec<CartLine>,
    pub(super) promo: Option<Promo>,
}

impl Shop {
    /// What the cart costs; none where the provider does not charge it, or the code is for none of the tickets.
    pub(super) fn price(&self) -> Option<PriceBreakdown> {
        match price(&self.cart, &self.terms, self.promo.as_ref()) {
            Ok(priced) => Some(priced),
            Err(error) => {
                let refusal = error.refusal().unwrap_or_else(|| panic!("{error:?}"));
                let expected = refusal.is(reasons::AMOUNT_NOT_CHARGEABLE)
                    || (refusal.is(kernel::reasons::INCONSISTENT) && self.promo.is_some());
                assert!(expected, "{refusal}");
                None
            }
        }
    }

    /// The same without what is asked once for an order.
    pub(super) fn without_order_fees(mut self) -> Self {
        self.terms.fees.retain(|fee| !matches!(fee.amount, FeeAmount::PerOrder(_)));
        self
    }
}

/// From nothing to 30 %, with two decimals.
fn rates() -> impl Strategy<Value = Rate> {
    (0..3_000_u32).prop_map(|hundredths| rate(&format!("{}.{:02}", hundredths / 100, hundredths % 100)))
}

fn fees(coin: i64, currency: Currency) -> impl Strategy<Value = ServiceFee> {
    let amount = prop_oneof![
        rates().prop_map(FeeAmount::Percent),
        (0..500_i64).prop_map(move |coins| FeeAmount::PerTicket(Money::new(coins * coin, currency))),
        (0..1_000_i64).prop_map(move |coins| FeeAmount::PerOrder(Money::new(coins * coin, currency))),
    ];
    let bearers = select(vec![BorneBy::Organizer, BorneBy::Buyer, BorneBy::Buyer]);
    (select(vec!["Service fee", "Hall fee"]), amount, bearers)
        .prop_map(|(name, amount, borne_by)| fee(name, amount, borne_by))
}

fn taxes() -> impl Strategy<Value = Tax> {
    let once = select(vec![TaxedOnce::PerLine, TaxedOnce::PerTotal]);
    (select(vec!["VAT", "City tax"]), rates(), any::<bool>(), once)
        .prop_map(|(name, rate, included, once)| Tax { name: name.to_owned(), rate, included, once })
}

fn offs(coin: i64, currency: Currency) -> impl Strategy<Value = Off> {
    prop_oneof![
        4 => (0..=100_u32).prop_map(|percent| Off::Percent(Rate::percent(percent))),
        4 => (0..50_000_i64).prop_map(move |coins| Off::Amount(Money::new(coins * coin, currency))),
        1 => Just(Off::Everything),
    ]
}

/// Any shop, in currencies with coins and minor units of all kinds.
pub(super) fn shops() -> impl Strategy<Value = Shop> {
    select(vec!["EUR", "USD", "JPY", "KWD", "ISK", "HUF"]).prop_flat_map(|code| shops_in(currency(code)))
}

fn shops_in(currency: Currency) -> impl Strategy<Value = Shop> {
    let coin = Coin::of(currency).minor;
    let types: [TicketTypeId; 3] = std::array::from_fn(|_| TicketTypeId::new());
    let coins = prop_oneof![1 => 0..10_i64, 8 => 10..20_000_i64, 1 => 0..1_000_000_i64];
    let line = (0..3_usize, coins, 1..8_u32, any::<bool>());
    let only = option::of(vec(0..3_usize, 1..3));
    let promo = option::weighted(0.7, (offs(coin, currency), only));
    let sale = (vec(fees(coin, currency), 0..4), option::of(taxes()), option::of(option::of(taxes())));
    (sale, vec(line, 1..6), promo).prop_map(move |((fees, tax, another), lines, promo)| {
        let tax_of: BTreeMap<_, _> = another.into_iter().map(|tax| (types[0], tax)).collect();
        let terms = Terms { currency, fees, tax, tax_of }.checked().unwrap();
        let (mut cart, mut bases) = (Vec::new(), Vec::new());
        for (place, coins, quantity, on_these_terms) in lines {
            let (ticket_type, amount) = (types[place], Money::new(coins * coin, currency));
            let unit_price =
                if on_these_terms { listed(amount, &terms, ticket_type).unwrap() } else { amount };
            bases.push(on_these_terms.then_some(amount));
            cart.push(CartLine { ticket_type, unit_price, quantity });
        }
        let promo = promo.map(|(off, only)| Promo {
            ticket_types: only.map(|places| places.into_iter().map(|place| types[place]).collect()),
            ..code(off)
        });
        Shop { terms, bases, cart, promo }
    })
}
