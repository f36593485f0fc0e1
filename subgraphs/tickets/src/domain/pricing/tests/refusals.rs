use kernel::reasons as wrong;

use super::*;
use crate::domain::reasons;

const EUR: Currency = Currency::EUR;

fn eur(minor: i64) -> Money {
    Money::new(minor, EUR)
}

#[test]
fn what_the_provider_does_not_charge_is_refused_when_it_is_priced() {
    let plain = Terms::plain(EUR);
    let refusal =
        |cart, promo: Option<&Promo>| price(&[cart], &plain, promo).unwrap_err().refusal().unwrap().clone();
    let little = refusal(tickets(eur(1_000), 1), Some(&code(Off::Amount(eur(960)))));
    assert!(little.is(reasons::AMOUNT_NOT_CHARGEABLE), "{little}");
    assert!(little.message.contains("0.40 EUR") && little.message.contains("0.50 EUR"), "{little}");
    let much = refusal(tickets(eur(50_000_000), 2), None);
    assert!(much.is(reasons::AMOUNT_NOT_CHARGEABLE), "{much}");
    let kwd = currency("KWD");
    let fine = price(&[tickets(Money::new(1_005, kwd), 2)], &Terms::plain(kwd), None).unwrap_err();
    assert!(fine.refusal().unwrap().is(reasons::AMOUNT_NOT_CHARGEABLE), "{fine}");
}

#[test]
fn a_code_that_does_not_fit_the_cart_is_refused() {
    let cart = [tickets(eur(1_000), 1)];
    let yen = code(Off::Amount(Money::new(500, Currency::JPY)));
    let others = Promo { ticket_types: Some(vec![TicketTypeId::new()]), ..code(Off::Everything) };
    for promo in [yen, others] {
        let error = price(&cart, &Terms::plain(EUR), Some(&promo)).unwrap_err();
        let refusal = error.refusal().unwrap();
        assert!(refusal.is(wrong::INCONSISTENT) && refusal.details["field"] == "code", "{refusal}");
    }
}

#[test]
fn an_amount_off_is_checked_when_the_code_is_made() {
    let kwd = currency("KWD");
    assert_eq!(Off::amount("amountOff", eur(500), EUR), Ok(Off::Amount(eur(500))));
    for (amount, of) in
        [(eur(500), Currency::USD), (eur(0), EUR), (eur(-1), EUR), (Money::new(1_005, kwd), kwd)]
    {
        let refusal = Off::amount("amountOff", amount, of).unwrap_err();
        assert_eq!(refusal.details["field"], "amountOff", "{amount}");
    }
}

#[test]
fn terms_that_cannot_be_kept_are_refused_all_at_once() {
    let fees = [eur(-1), Money::new(1, Currency::JPY), eur(30)];
    let fees = fees.map(|amount| fee("Fee", FeeAmount::PerTicket(amount), BorneBy::Buyer));
    let refusal = Terms { fees: fees.into(), ..Terms::plain(EUR) }.checked().unwrap_err();
    let fields: Vec<_> = refusal.problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["fees[0].amount", "fees[1].amount"]);
    let many = vec![fee("Fee", FeeAmount::Percent(rate("1")), BorneBy::Buyer); 21];
    let refusal = Terms { fees: many, ..Terms::plain(EUR) }.checked().unwrap_err();
    assert!(refusal.is(wrong::WRONG_COUNT) && refusal.details["field"] == "fees", "{refusal}");
}

#[test]
fn what_cannot_be_priced_is_our_fault() {
    let faults = [
        vec![],
        vec![tickets(eur(1_000), 0)],
        vec![tickets(eur(-1), 1)],
        vec![tickets(Money::new(1_000, Currency::JPY), 1)],
        vec![tickets(eur(1_000), u32::MAX)],
    ];
    for cart in faults {
        assert!(price(&cart, &Terms::plain(EUR), None).unwrap_err().refusal().is_none(), "{cart:?}");
    }
}
