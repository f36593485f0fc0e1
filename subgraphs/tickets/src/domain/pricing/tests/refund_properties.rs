use kernel::ProviderAmount;
use proptest::{collection::vec, prelude::*};

use super::{super::coin::Coin, shops::shops, *};

/// The tickets of a cart in several refunds, each with those that went back before.
pub(super) fn refunds(
    priced: &PriceBreakdown,
    groups: &[u8],
    mut refund: impl FnMut(&[TicketUnit], &[TicketUnit]) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut gone = Vec::new();
    for group in 0..=u8::MAX {
        let of_group = |(place, unit)| (groups[place % groups.len()] == group).then_some(unit);
        let going: Vec<_> = priced.units().enumerate().filter_map(of_group).collect();
        if !going.is_empty() {
            refund(&going, &gone)?;
            gone.extend(going);
        }
        if gone.len() == priced.quantity() as usize {
            break;
        }
    }
    Ok(())
}

/// What was paid for some tickets.
fn paid(priced: &PriceBreakdown, units: &[TicketUnit]) -> i64 {
    units.iter().map(|of| unit_shares(priced, of.line)[of.unit].total.minor).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn refunds_of_everything_sum_to_what_was_paid_in_all_its_parts(shop in shops(), groups in vec(0..5_u8, 1..40)) {
        let Some(priced) = shop.price() else { return Ok(()) };
        let whole = RefundTerms { percent: Rate::WHOLE, fees_kept: false };
        let (mut back, mut absorbed) = (Vec::new(), 0);
        refunds(&priced, &groups, |going, gone| {
            let refund = priced.refund(going, gone, whole).unwrap();
            prop_assert_eq!(refund.quantity() as usize, going.len());
            prop_assert_eq!(refund.total().unwrap().minor, paid(&priced, going));
            absorbed += refund.absorbed_fees().unwrap().minor;
            back.push(refund.price().unwrap());
            Ok(())
        })?;
        prop_assert_eq!(sum(&back), parts(&priced.price().unwrap()));
        prop_assert_eq!(absorbed, priced.absorbed_fees().unwrap().minor);
    }

    #[test]
    fn refunds_of_a_part_sum_to_that_part_of_what_was_paid(
        shop in shops(), groups in vec(0..5_u8, 1..40), percent in 0..=100_u32, fees_kept: bool,
    ) {
        let Some(priced) = shop.price() else { return Ok(()) };
        let terms = RefundTerms { percent: Rate::percent(percent), fees_kept };
        let mut back = 0;
        refunds(&priced, &groups, |going, gone| {
            let refund = priced.refund(going, gone, terms).unwrap();
            let price = refund.price().unwrap();
            prop_assert!(parts(&price).values().all(|minor| *minor >= 0), "{price:?}");
            prop_assert!(price.discount.minor <= price.subtotal.minor && price.tax_included.minor <= price.total.minor);
            prop_assert!(price.total.minor <= paid(&priced, going));
            prop_assert!(ProviderAmount::of(price.total).is_ok(), "{}", price.total);
            let lines = refund.lines().unwrap();
            prop_assert_eq!(sum(lines.iter().map(|line| &line.price)), parts(&price));
            prop_assert!(!fees_kept || price.fees.is_zero());
            back += price.total.minor;
            Ok(())
        })?;
        let price = priced.price().unwrap();
        let part = |minor| Coin::of(price.total.currency).part(terms.percent, Money::new(minor, price.total.currency));
        let everything: Vec<_> = priced.units().collect();
        let at_once = priced.refund(&everything, &[], terms).unwrap().total().unwrap().minor;
        prop_assert_eq!(back, at_once);
        if !fees_kept {
            let without_fees = price.total.minor - price.fees.minor;
            prop_assert_eq!(back, part(without_fees).unwrap().minor + part(price.fees.minor).unwrap().minor);
        }
    }

    #[test]
    fn where_less_is_left_that_goes_back_with_its_part_of_fees_and_taxes(
        shop in shops(), groups in vec(0..5_u8, 1..40), percent in 0..=120_u32,
    ) {
        let Some(priced) = shop.price() else { return Ok(()) };
        let whole = RefundTerms { percent: Rate::WHOLE, fees_kept: false };
        refunds(&priced, &groups, |going, gone| {
            let refund = priced.refund(going, gone, whole).unwrap();
            let total = refund.total().unwrap();
            let most = Coin::of(total.currency).share(total, percent.into(), 100).unwrap();
            let less = refund.clone().at_most(most).unwrap();
            let price = less.price().unwrap();
            prop_assert_eq!(price.total.minor, total.minor.min(most.minor));
            prop_assert_eq!(less.quantity(), refund.quantity());
            prop_assert!(parts(&price).values().all(|minor| *minor >= 0), "{price:?}");
            prop_assert!(price.fees.minor <= refund.price().unwrap().fees.minor);
            prop_assert!(price.tax_included.minor <= price.total.minor);
            prop_assert!(less.absorbed_fees().unwrap().minor <= refund.absorbed_fees().unwrap().minor);
            if percent >= 100 {
                prop_assert_eq!(less, refund);
            }
            Ok(())
        })?;
    }

    #[test]
    fn on_whichever_terms_no_more_goes_back_than_was_paid(
        shop in shops(), groups in vec(0..5_u8, 1..40), terms in vec((0..=100_u32, any::<bool>()), 5),
    ) {
        let Some(priced) = shop.price() else { return Ok(()) };
        let (mut back, mut terms) = (0, terms.into_iter());
        refunds(&priced, &groups, |going, gone| {
            let (percent, fees_kept) = terms.next().unwrap();
            let terms = RefundTerms { percent: Rate::percent(percent), fees_kept };
            let more = RefundTerms { percent: Rate::WHOLE, fees_kept };
            let refund = |terms| priced.refund(going, gone, terms).unwrap().total().unwrap().minor;
            prop_assert!(refund(terms) <= refund(more) && refund(more) <= paid(&priced, going));
            back += refund(terms);
            Ok(())
        })?;
        prop_assert!(back <= priced.total().unwrap().minor);
    }
}
