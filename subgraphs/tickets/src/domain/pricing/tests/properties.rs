use kernel::ProviderAmount;
use proptest::prelude::*;

use super::{super::coin::Coin, shops::shops, *};

/// What holds for every price, however much of it is looked at.
fn check(price: &Price) -> Result<(), TestCaseError> {
    let minor = |amounts: Vec<Money>| amounts.iter().map(|amount| amount.minor).sum::<i64>();
    prop_assert!(parts(price).values().all(|minor| *minor >= 0), "{price:?}");
    let paid = price.subtotal.minor - price.discount.minor + price.fees.minor + price.tax.minor;
    prop_assert_eq!(paid, price.total.minor);
    prop_assert!(price.discount.minor <= price.subtotal.minor);
    prop_assert!(price.tax_included.minor <= price.total.minor);
    prop_assert_eq!(minor(price.fee_lines.iter().map(|line| line.amount).collect()), price.fees.minor);
    prop_assert_eq!(minor(price.discounts.iter().map(|line| line.amount).collect()), price.discount.minor);
    for (included, all) in [(true, price.tax_included), (false, price.tax)] {
        let lines = price.taxes.iter().filter(|line| line.included == included);
        prop_assert_eq!(minor(lines.map(|line| line.amount).collect()), all.minor);
    }
    prop_assert!(ProviderAmount::of(price.total).is_ok(), "{}", price.total);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_sums_nothing_is_negative_and_the_provider_can_charge_it(shop in shops()) {
        let Some(priced) = shop.price() else { return Ok(()) };
        let (all, lines) = (priced.price().unwrap(), priced.lines().unwrap());
        check(&all)?;
        prop_assert_eq!(priced.is_free(), all.total.is_zero());
        prop_assert!(all.total.is_zero() || ProviderAmount::chargeable(all.total).is_ok());
        prop_assert_eq!(sum(lines.iter().map(|line| &line.price)), parts(&all));
        for (place, line) in lines.iter().enumerate() {
            check(&line.price)?;
            let units = unit_shares(&priced, place);
            prop_assert_eq!(units.len(), line.quantity as usize);
            prop_assert_eq!(sum(&units), parts(&line.price));
            units.iter().try_for_each(check)?;
            let totals = units.iter().map(|unit| unit.total.minor);
            prop_assert!(totals.clone().max().unwrap() - totals.min().unwrap() <= 10, "by a coin at most");
        }
        let units: Vec<TicketUnit> = priced.units().collect();
        prop_assert_eq!(sum(&priced.each(&units).unwrap()), parts(&all));
        prop_assert_eq!(parts(&priced.together(&units).unwrap()), parts(&all));
        let absorbed = priced.absorbed_fees().unwrap().minor;
        prop_assert!((0..=all.subtotal.minor - all.discount.minor).contains(&absorbed));
        let written = serde_json::to_string(&priced).unwrap();
        prop_assert!(written.len() < 120 + 450 * lines.len(), "{}", written);
        prop_assert_eq!(serde_json::from_str::<PriceBreakdown>(&written).unwrap(), priced);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_shown_is_charged(shop in shops()) {
        let mut shop = shop.without_order_fees();
        shop.promo = None;
        let shown: i64 =
            shop.cart.iter().map(|line| line.unit_price.minor * i64::from(line.quantity)).sum();
        let shown = Money::new(shown, shop.terms.currency);
        let Some(priced) = shop.price() else {
            prop_assert!(!shown.is_zero() && ProviderAmount::chargeable(shown).is_err(), "{shown}");
            return Ok(());
        };
        prop_assert_eq!(priced.total().unwrap(), shown);
        for (place, line) in shop.cart.iter().enumerate() {
            for unit in unit_shares(&priced, place) {
                prop_assert_eq!(unit.total, line.unit_price);
            }
        }
    }

    #[test]
    fn one_ticket_is_its_base_price_with_what_comes_on_top(shop in shops()) {
        let shop = shop.without_order_fees();
        for (line, base) in shop.cart.iter().zip(&shop.bases) {
            let Some(base) = base else { continue };
            let Ok(priced) = price(&[CartLine { quantity: 1, ..*line }], &shop.terms, None) else { continue };
            let price = priced.price().unwrap();
            // Where the smallest unit is finer than a coin, what is listed is rounded more coarsely than the tax in it.
            let finer = i64::from(base.currency.decimals() == 3);
            prop_assert!((price.subtotal.minor - base.minor).abs() <= 5 * finer, "{price:?}");
            let tax = shop.terms.tax_of(line.ticket_type).filter(|tax| !tax.included);
            let of = price.subtotal.plus(price.fees).unwrap();
            let expected = tax.map_or(0, |tax| tax.rate.of(of).unwrap().minor);
            prop_assert!((price.tax.minor - expected).abs() <= finer, "{price:?}");
        }
    }

    #[test]
    fn a_tax_is_its_rate_of_what_is_paid_rounded_once(mut shop in shops()) {
        shop.terms.tax_of.clear();
        let (Some(tax), Some(priced)) = (shop.terms.tax.clone(), shop.price()) else { return Ok(()) };
        let found = |price: &Price| price.tax.plus(price.tax_included).unwrap();
        let all = priced.price().unwrap();
        // A tax on next to nothing is no more than there is.
        let left = |LinePrice { price, .. }: &LinePrice| {
            price.total.is_zero() || price.subtotal.minor > price.discount.minor
        };
        if !priced.lines().unwrap().iter().all(left) {
            return Ok(());
        }
        match tax.once {
            TaxedOnce::PerTotal => prop_assert_eq!(found(&all), tax.rate.inside(all.total).unwrap()),
            TaxedOnce::PerLine => {
                for line in priced.lines().unwrap() {
                    prop_assert_eq!(found(&line.price), tax.rate.inside(line.price.total).unwrap());
                }
            }
        }
    }

    #[test]
    fn what_takes_off_more_leaves_no_more_to_pay(
        shop in shops(), percent in (0..=100_u32, 0..=100_u32), coins in (0..50_000_i64, 0..50_000_i64),
    ) {
        let mut shop = shop.without_order_fees();
        let coin = Coin::of(shop.terms.currency).minor;
        let amount = |coins| Off::Amount(Money::new(coins * coin, shop.terms.currency));
        let percent_off = |percent| Off::Percent(Rate::percent(percent));
        for (less, more) in [
            (percent_off(percent.0.min(percent.1)), percent_off(percent.0.max(percent.1))),
            (amount(coins.0.min(coins.1)), amount(coins.0.max(coins.1))),
            (percent_off(percent.0), Off::Everything),
        ] {
            let mut pays = |off| {
                shop.promo = Some(Promo { off, ..shop.promo.clone().unwrap_or(code(off)) });
                shop.price().map(|priced| priced.total().unwrap().minor)
            };
            if let (Some(with_less), Some(with_more)) = (pays(less), pays(more)) {
                prop_assert!(with_more <= with_less, "{less:?}: {with_less}, {more:?}: {with_more}");
            }
        }
    }

    #[test]
    fn a_code_takes_off_what_it_says_and_nothing_of_tickets_for_which_it_is_not(
        shop in shops(), percent in 1..=99_u32, coins in 1..50_000_i64,
    ) {
        let mut shop = shop.without_order_fees();
        let Some(promo) = shop.promo.take() else { return Ok(()) };
        let Some(without) = shop.price() else { return Ok(()) };
        let coin = Coin::of(shop.terms.currency).minor;
        let mut with = |off| {
            shop.promo = Some(Promo { off, ..promo.clone() });
            shop.price()
        };
        let taken_off = |priced: &PriceBreakdown| priced.price().unwrap().discount.minor;
        // All that there is to be taken off is what base prices come to.
        let Some(free) = with(Off::Everything) else { return Ok(()) };
        let all = taken_off(&free);
        let amount = coins * coin;
        if let Some(priced) = with(Off::Amount(Money::new(amount, without.currency()))) {
            prop_assert_eq!(taken_off(&priced), amount.min(all));
        }
        let Some(priced) = with(Off::Percent(Rate::percent(percent))) else { return Ok(()) };
        let lines = i64::try_from(priced.lines().unwrap().len()).unwrap();
        prop_assert!((taken_off(&priced) * 100 - all * i64::from(percent)).abs() <= 50 * coin * lines);
        for priced in [free, priced] {
            for (line, before) in priced.lines().unwrap().iter().zip(without.lines().unwrap()) {
                let after = (line.price.total.minor, line.price.fees.minor);
                let before = (before.price.total.minor, before.price.fees.minor);
                if promo.is_for(line.ticket_type) {
                    prop_assert!(after <= before);
                } else {
                    prop_assert_eq!((after, line.price.discount.minor), (before, 0));
                }
            }
        }
    }

    #[test]
    fn the_dearer_base_price_is_listed_dearer(shop in shops(), coins in 0..100_000_i64) {
        let coin = Coin::of(shop.terms.currency).minor;
        let of = |coins| {
            let base = Money::new(coins * coin, shop.terms.currency);
            listed(base, &shop.terms, shop.cart[0].ticket_type).unwrap()
        };
        prop_assert!(of(coins).minor < of(coins + 1).minor);
        prop_assert!(ProviderAmount::of(of(coins)).is_ok());
        prop_assert!(of(coins).minor >= coins * coin);
    }
}
