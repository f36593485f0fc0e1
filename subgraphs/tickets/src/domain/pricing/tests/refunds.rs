use kernel::reasons as wrong;

use super::*;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// Three tickets for 25.00.
fn three() -> PriceBreakdown {
    let terms = Terms::plain(Currency::EUR);
    price(&[tickets(eur(1_000), 3)], &terms, Some(&code(Off::Amount(eur(500))))).unwrap()
}

/// A ticket for 20.00, with 5 % and 0.30 passed on, and 10 % tax on top of both.
fn one_with_fees() -> PriceBreakdown {
    let fees = vec![
        fee("Service fee", FeeAmount::Percent(rate("5")), BorneBy::Buyer),
        fee("Payment fee", FeeAmount::PerTicket(eur(30)), BorneBy::Buyer),
    ];
    let tax = Some(tax("Sales tax", "10", false, TaxedOnce::PerLine));
    price(&[tickets(eur(2_343), 1)], &Terms { fees, tax, ..Terms::plain(Currency::EUR) }, None).unwrap()
}

fn terms(percent: &str, fees_kept: bool) -> RefundTerms {
    RefundTerms { percent: rate(percent), fees_kept }
}

#[test]
fn the_last_refund_takes_the_remainder() {
    let (sold, half) = (three(), terms("50", false));
    let units: Vec<_> = sold.units().collect();
    let refund = |going: usize| {
        let back = sold.refund(&units[going..=going], &units[..going], half).unwrap();
        back.total().unwrap().minor
    };
    assert_eq!([refund(0), refund(1), refund(2)], [417, 416, 417], "of 8.33, 8.33 and 8.34: 12.50 in all");
}

#[test]
fn a_refund_says_what_goes_back_of_what() {
    let back = three().refund(&[TicketUnit { line: 0, unit: 2 }], &[], terms("100", false)).unwrap();
    let expected = [("subtotal", 1_000), ("discount", 166), ("code SPRING", 166), ("total", 834)];
    assert_eq!(parts(&back.price().unwrap()), of(expected));
    assert_eq!(back.quantity(), 1);
}

#[test]
fn fees_that_are_kept_keep_the_tax_on_them() {
    let sold = one_with_fees();
    let units: Vec<_> = sold.units().collect();
    let back = |kept| parts(&sold.refund(&units, &[], terms("100", kept)).unwrap().price().unwrap());
    assert_eq!(back(false), parts(&sold.price().unwrap()));
    let expected = [("subtotal", 2_000), ("tax", 200), ("Sales tax 10 % on it", 200), ("total", 2_200)];
    assert_eq!(back(true), of(expected), "of 2.13 tax, 0.13 is on the fees");
}

#[test]
fn a_part_of_each_fee_goes_back() {
    let sold = one_with_fees();
    let units: Vec<_> = sold.units().collect();
    let back = sold.refund(&units, &[], terms("50", false)).unwrap();
    let expected = [
        ("subtotal", 1_000),
        ("fees", 65),
        ("fee Service fee", 50),
        ("fee Payment fee", 15),
        ("tax", 107),
        ("Sales tax 10 % on it", 107),
        ("total", 1_172),
    ];
    assert_eq!(parts(&back.price().unwrap()), of(expected), "of 22.13 and of 1.30, each to the nearest cent");
}

#[test]
fn a_ticket_goes_back_once_and_only_if_it_was_sold() {
    let sold = three();
    let unit = |unit| TicketUnit { line: 0, unit };
    let refund = |going: &[TicketUnit], gone: &[TicketUnit]| {
        sold.refund(going, gone, terms("100", false)).unwrap_err()
    };
    for (going, gone, reason) in [
        (vec![], vec![], wrong::WRONG_COUNT),
        (vec![unit(0), unit(0)], vec![], wrong::DUPLICATE),
        (vec![unit(0), unit(1)], vec![unit(1)], wrong::DUPLICATE),
    ] {
        let error = refund(&going, &gone);
        assert!(error.refusal().unwrap().is(reason), "{error}");
    }
    assert!(refund(&[unit(3)], &[]).refusal().is_none());
    assert!(refund(&[TicketUnit { line: 1, unit: 0 }], &[]).refusal().is_none());
}

#[test]
fn what_was_free_goes_back_for_nothing() {
    let terms_of_sale = Terms::plain(Currency::EUR);
    let free = price(&[tickets(eur(1_000), 2)], &terms_of_sale, Some(&code(Off::Everything))).unwrap();
    let units: Vec<_> = free.units().collect();
    let back = free.refund(&units, &[], terms("50", false)).unwrap();
    assert!(back.is_free() && back.quantity() == 2);
}
