use super::*;

const EUR: Currency = Currency::EUR;

fn eur(minor: i64) -> Money {
    Money::new(minor, EUR)
}

/// 5 % and 0.30, as one fee.
fn five_percent_and_thirty_cents(borne_by: BorneBy) -> Terms {
    let fees = vec![
        fee("Service fee", FeeAmount::Percent(rate("5")), borne_by),
        fee("Service fee", FeeAmount::PerTicket(eur(30)), borne_by),
    ];
    Terms { fees, ..Terms::plain(EUR) }.checked().unwrap()
}

fn taxed(currency: Currency, tax: Tax) -> Terms {
    Terms { tax: Some(tax), ..Terms::plain(currency) }
}

fn parts_of(breakdown: &PriceBreakdown) -> BTreeMap<String, i64> {
    parts(&breakdown.price().unwrap())
}

#[test]
fn value_added_tax_is_inside_of_what_is_listed() {
    let terms = taxed(EUR, tax("VAT", "19", true, TaxedOnce::PerLine));
    let priced = price(&[tickets(eur(4_950), 3)], &terms, None).unwrap();
    let expected =
        [("subtotal", 14_850), ("tax included", 2_371), ("VAT 19 % in it", 2_371), ("total", 14_850)];
    assert_eq!(parts_of(&priced), of(expected), "148.50 * 19 / 119 = 23.7101");
    let units = unit_shares(&priced, 0);
    let included: Vec<_> = units.iter().map(|unit| (unit.total.minor, unit.tax_included.minor)).collect();
    assert_eq!(included, [(4_950, 791), (4_950, 790), (4_950, 790)]);
}

#[test]
fn sales_tax_comes_on_top_of_the_base_price_and_is_listed() {
    let usd = |minor| Money::new(minor, Currency::USD);
    let terms = taxed(Currency::USD, tax("Sales tax", "8.875", false, TaxedOnce::PerLine));
    let mut cart = tickets(usd(2_178), 1);
    let listed = listed(usd(2_000), &terms, cart.ticket_type).unwrap();
    assert_eq!(listed, cart.unit_price, "20.00 * 8.875 % = 1.775");
    let one = price(&[cart], &terms, None).unwrap();
    let expected = [("subtotal", 2_000), ("tax", 178), ("Sales tax 8.875 % on it", 178), ("total", 2_178)];
    assert_eq!(parts_of(&one), of(expected));
    cart.quantity = 3;
    let three = price(&[cart], &terms, None).unwrap();
    let expected = [("subtotal", 6_001), ("tax", 533), ("Sales tax 8.875 % on it", 533), ("total", 6_534)];
    assert_eq!(parts_of(&three), of(expected), "three times what is listed; 60.01 * 8.875 % = 5.3259");
}

#[test]
fn a_tax_of_the_total_is_rounded_once_to_the_nearest_yen() {
    let yen = |minor| Money::new(minor, Currency::JPY);
    let cart = [tickets(yen(1_999), 1), tickets(yen(999), 2)];
    let included = |once| {
        let terms = taxed(Currency::JPY, tax("消費税", "10", true, once));
        let lines = price(&cart, &terms, None).unwrap().lines().unwrap();
        lines.iter().map(|line| line.price.tax_included.minor).collect::<Vec<_>>()
    };
    assert_eq!(included(TaxedOnce::PerTotal), [182, 181], "3,997 / 11 = 363.36, shared by 1,999 and 1,998");
    assert_eq!(included(TaxedOnce::PerLine), [182, 182], "181.73 and 181.64");
}

#[test]
fn dinars_are_charged_in_tens_of_fils_and_taxed_to_the_fils() {
    let kwd = |minor| Money::new(minor, currency("KWD"));
    let terms = taxed(currency("KWD"), tax("VAT", "5", false, TaxedOnce::PerLine));
    let mut cart = tickets(kwd(10_510), 1);
    let listed = listed(kwd(10_010), &terms, cart.ticket_type).unwrap();
    assert_eq!(listed, cart.unit_price, "0.5005 is 0.500 in coins");
    let expected = [("subtotal", 10_010), ("tax", 500), ("VAT 5 % on it", 500), ("total", 10_510)];
    assert_eq!(parts_of(&price(&[cart], &terms, None).unwrap()), of(expected));
    // 20.020 * 33.33 % is 6.670 in coins: 3.330 and 3.340. Of 6.680 and 6.670 the tax is 0.330 in coins.
    cart.quantity = 2;
    let priced = price(&[cart], &terms, Some(&code(Off::Percent(rate("33.33"))))).unwrap();
    let expected = [
        ("subtotal", 20_013),
        ("discount", 6_670),
        ("code SPRING", 6_670),
        ("tax", 667),
        ("VAT 5 % on it", 667),
        ("total", 14_010),
    ];
    assert_eq!(parts_of(&priced), of(expected), "14.010 * 5 / 105 = 0.66714");
}

#[test]
fn an_amount_is_taken_off_three_tickets_to_the_cent() {
    let spring = code(Off::Amount(eur(500)));
    let priced = price(&[tickets(eur(1_000), 3)], &Terms::plain(EUR), Some(&spring)).unwrap();
    let expected = [("subtotal", 3_000), ("discount", 500), ("code SPRING", 500), ("total", 2_500)];
    assert_eq!(parts_of(&priced), of(expected));
    let units = unit_shares(&priced, 0);
    let units: Vec<_> =
        units.iter().map(|unit| (unit.subtotal.minor, unit.discount.minor, unit.total.minor)).collect();
    assert_eq!(units, [(1_000, 167, 833), (1_000, 167, 833), (1_000, 166, 834)]);
}

#[test]
fn an_amount_is_shared_by_what_the_tickets_cost_for_which_the_code_is() {
    let cart = [tickets(eur(4_000), 1), tickets(eur(2_000), 1), tickets(eur(1_000), 1)];
    let only = Some(vec![cart[0].ticket_type, cart[2].ticket_type]);
    let spring = Promo { ticket_types: only, ..code(Off::Amount(eur(1_001))) };
    let lines = price(&cart, &Terms::plain(EUR), Some(&spring)).unwrap().lines().unwrap();
    let totals: Vec<_> = lines.iter().map(|line| line.price.total.minor).collect();
    assert_eq!(totals, [3_199, 2_000, 800], "10.01 is shared four to one: 8.008 and 2.002");
}

#[test]
fn fees_that_are_passed_on_are_listed_and_are_less_with_a_code() {
    let terms = five_percent_and_thirty_cents(BorneBy::Buyer);
    let cart = [tickets(eur(2_130), 2)];
    assert_eq!(listed(eur(2_000), &terms, cart[0].ticket_type).unwrap().minor, 2_130);
    let expected = [("subtotal", 4_000), ("fees", 260), ("fee Service fee", 260), ("total", 4_260)];
    assert_eq!(parts_of(&price(&cart, &terms, None).unwrap()), of(expected));
    let half = price(&cart, &terms, Some(&code(Off::Percent(rate("50"))))).unwrap();
    let expected = [
        ("subtotal", 4_000),
        ("discount", 2_000),
        ("code SPRING", 2_000),
        ("fees", 160),
        ("fee Service fee", 160),
        ("total", 2_160),
    ];
    assert_eq!(parts_of(&half), of(expected), "5 % of 10.00, and 0.30, twice");
}

#[test]
fn a_fee_for_the_order_comes_once_and_is_taxed_like_the_tickets() {
    let mut terms = taxed(EUR, tax("Sales tax", "10", false, TaxedOnce::PerTotal));
    terms.fees = vec![fee("Order fee", FeeAmount::PerOrder(eur(100)), BorneBy::Buyer)];
    let cart = [tickets(eur(2_200), 2), tickets(eur(1_100), 1)];
    let priced = price(&cart, &terms, None).unwrap();
    let expected = [
        ("subtotal", 5_000),
        ("fees", 100),
        ("fee Order fee", 100),
        ("tax", 510),
        ("Sales tax 10 % on it", 510),
        ("total", 5_610),
    ];
    assert_eq!(parts_of(&priced), of(expected));
    let fees: Vec<_> = priced.lines().unwrap().iter().map(|line| line.price.fees.minor).collect();
    assert_eq!(fees, [80, 20]);
}

#[test]
fn a_fee_that_the_organizer_bears_is_seen_by_no_buyer() {
    let terms = five_percent_and_thirty_cents(BorneBy::Organizer);
    let cart = [tickets(eur(2_000), 2)];
    assert_eq!(listed(eur(2_000), &terms, cart[0].ticket_type).unwrap().minor, 2_000);
    let priced = price(&cart, &terms, None).unwrap();
    assert_eq!(parts_of(&priced), of([("subtotal", 4_000), ("total", 4_000)]));
    assert_eq!(priced.absorbed_fees().unwrap(), eur(260));
}

#[test]
fn what_is_free_has_no_fees_and_needs_no_provider() {
    let mut terms = five_percent_and_thirty_cents(BorneBy::Buyer);
    terms.fees.push(fee("Order fee", FeeAmount::PerOrder(eur(100)), BorneBy::Buyer));
    let free = price(&[tickets(eur(2_130), 2)], &terms, Some(&code(Off::Everything))).unwrap();
    assert!(free.is_free());
    let expected = [("subtotal", 4_000), ("discount", 4_000), ("code SPRING", 4_000)];
    assert_eq!(parts_of(&free), of(expected));
    let nothing = tickets(eur(0), 2);
    let given_away = price(&[nothing], &terms, None).unwrap();
    assert!(given_away.is_free() && given_away.quantity() == 2);
    assert_eq!(listed(eur(0), &terms, nothing.ticket_type).unwrap(), eur(0));
}

#[test]
fn a_price_from_before_the_terms_is_charged_as_it_was_listed() {
    let fees = vec![fee("Service fee", FeeAmount::PerTicket(eur(100)), BorneBy::Buyer)];
    let priced = price(&[tickets(eur(60), 1)], &Terms { fees, ..Terms::plain(EUR) }, None).unwrap();
    let expected = [("subtotal", 1), ("fees", 59), ("fee Service fee", 59), ("total", 60)];
    assert_eq!(parts_of(&priced), of(expected));
}

#[test]
fn ticket_types_may_be_taxed_in_their_own_way() {
    let cart = [tickets(eur(1_190), 1), tickets(eur(1_070), 1), tickets(eur(500), 1)];
    let mut terms = taxed(EUR, tax("VAT", "19", true, TaxedOnce::PerTotal));
    terms.tax_of.insert(cart[1].ticket_type, Some(tax("VAT", "7", true, TaxedOnce::PerTotal)));
    terms.tax_of.insert(cart[2].ticket_type, None);
    let priced = price(&cart, &terms, None).unwrap();
    let expected = [
        ("subtotal", 2_760),
        ("tax included", 260),
        ("VAT 19 % in it", 190),
        ("VAT 7 % in it", 70),
        ("total", 2_760),
    ];
    assert_eq!(parts_of(&priced), of(expected));
    let written = serde_json::to_string(&terms).unwrap();
    assert_eq!(serde_json::from_str::<Terms>(&written).unwrap(), terms);
}

#[test]
fn places_of_one_type_and_price_become_one_line() {
    let (seat, standing) = (tickets(eur(1_000), 1), tickets(eur(500), 2));
    let dearer = CartLine { unit_price: eur(1_200), ..seat };
    let (lines, units) = gather([seat, standing, seat, dearer]);
    assert_eq!(lines, [CartLine { quantity: 2, ..seat }, standing, dearer]);
    let units: Vec<_> = units.iter().map(|of| (of.line, of.unit)).collect();
    assert_eq!(units, [(0, 0), (1, 0), (1, 1), (0, 1), (2, 0)]);
}

#[test]
fn a_price_that_was_kept_can_be_read_for_ever() {
    let kept = r#"{"currency":"EUR","lines":[{"ticket_type":"0190163d-8694-739b-aea5-966c26f8ad90",
        "unit_price":1000,"quantity":3,"net":3000}]}"#;
    let read: PriceBreakdown = serde_json::from_str(kept).unwrap();
    assert_eq!(parts_of(&read), of([("subtotal", 3_000), ("total", 3_000)]));
    let kept = r#"{"currency":"EUR","code":"SPRING","lines":[{"ticket_type":"0190163d-8694-739b-aea5-966c26f8ad90",
        "unit_price":2130,"quantity":2,"net":2000,"discount":2000,"fees":[{"name":"Service fee","minor":160}],
        "tax":{"name":"VAT","rate":190000,"included":true,"minor":345},"absorbed":20}]}"#;
    let read: PriceBreakdown = serde_json::from_str(kept).unwrap();
    let expected = [
        ("subtotal", 4_000),
        ("discount", 2_000),
        ("code SPRING", 2_000),
        ("fees", 160),
        ("fee Service fee", 160),
        ("tax included", 345),
        ("VAT 19 % in it", 345),
        ("total", 2_160),
    ];
    assert_eq!(parts_of(&read), of(expected));
    assert_eq!((read.absorbed_fees().unwrap(), read.quantity()), (eur(20), 2));
    let written = serde_json::to_string(&read).unwrap();
    assert_eq!(written.len(), kept.replace(['\n', ' '], "").len() + 1, "{written}");
}

#[test]
fn what_nobody_kept_a_price_of_costs_what_it_was_listed_for() {
    let eur = |cents| Money::new(cents, Currency::EUR);
    let cart = [tickets(eur(1000), 2), tickets(eur(500), 3), tickets(eur(0), 1)];
    let plain = PriceBreakdown::plain(&cart).unwrap();
    assert_eq!(plain, price(&cart, &Terms::plain(Currency::EUR), None).unwrap());
    assert_eq!(parts(&plain.price().unwrap()), of([("subtotal", 3500), ("total", 3500)]));
    assert!(PriceBreakdown::plain(&[]).is_err());
    assert!(PriceBreakdown::plain(&[cart[0], tickets(Money::new(1000, Currency::JPY), 1)]).is_err());
}

#[test]
fn a_ticket_that_was_never_there_was_paid_with_nothing_that_is_known() {
    let plain = PriceBreakdown::plain(&[tickets(Money::new(1000, Currency::EUR), 2)]).unwrap();
    assert!(plain.together(&[TicketUnit { line: 0, unit: 1 }]).is_ok());
    for (line, unit) in [(0, 2), (1, 0)] {
        assert!(plain.each(&[TicketUnit { line, unit }]).is_err());
    }
}
