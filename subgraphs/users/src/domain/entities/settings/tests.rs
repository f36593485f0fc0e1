use contracts::settings::{BorneBy, Branding, FeeAmount, RefundRuleAsk, Seller, TaxedOnce};
use kernel::{Currency, Money, Rate};

use super::*;

fn money(amount: &str, currency: &str) -> MoneyAsk {
    MoneyAsk { amount: amount.to_owned(), currency: currency.to_owned() }
}

fn percent(name: &str, percent: &str) -> FeeAsk {
    FeeAsk {
        name: name.to_owned(),
        percent: Some(percent.to_owned()),
        per_ticket: None,
        per_order: None,
        borne_by: BorneBy::Buyer,
    }
}

fn per_ticket(name: &str, amount: &str, currency: &str) -> FeeAsk {
    FeeAsk { percent: None, per_ticket: Some(money(amount, currency)), ..percent(name, "") }
}

fn per_order(name: &str, amount: &str, currency: &str) -> FeeAsk {
    FeeAsk { percent: None, per_order: Some(money(amount, currency)), ..percent(name, "") }
}

fn fees(fees: Vec<FeeAsk>) -> OrganizationAsk {
    OrganizationAsk { fees: Some(fees), ..OrganizationAsk::default() }
}

fn tax(name: &str, rate: &str) -> OrganizationAsk {
    let tax =
        TaxAsk { name: name.to_owned(), rate: rate.to_owned(), included: true, once: TaxedOnce::PerLine };
    OrganizationAsk { tax: Change::Set(tax), ..OrganizationAsk::default() }
}

fn rules(rules: &[(i32, &str)]) -> OrganizationAsk {
    let rules = rules
        .iter()
        .map(|(hours, percent)| RefundRuleAsk { hours_before_start: *hours, percent: (*percent).to_owned() });
    let refund_policy = RefundPolicyAsk { rules: rules.collect(), fees_kept: false };
    OrganizationAsk { refund_policy: Some(refund_policy), ..OrganizationAsk::default() }
}

fn seller(ask: impl FnOnce(&mut SellerAsk)) -> OrganizationAsk {
    let mut seller = SellerAsk::default();
    ask(&mut seller);
    OrganizationAsk { seller, ..OrganizationAsk::default() }
}

fn branding(ask: impl FnOnce(&mut BrandingAsk)) -> OrganizationAsk {
    let mut branding = BrandingAsk::default();
    ask(&mut branding);
    OrganizationAsk { branding, ..OrganizationAsk::default() }
}

fn text(text: &str) -> Change<String> {
    Change::Set(text.to_owned())
}

fn terms(url: &str, version: &str) -> OrganizationAsk {
    let terms = TermsAsk { url: url.to_owned(), version: version.to_owned() };
    OrganizationAsk { terms: Change::Set(terms), ..OrganizationAsk::default() }
}

/// What the settings are after this, if they were the default before.
fn settings(ask: OrganizationAsk) -> OrganizationSettings {
    OrganizationChange::read(ask).unwrap().of(&OrganizationSettings::default())
}

/// Where something is wrong, and why.
fn wrong(ask: OrganizationAsk) -> Vec<(String, String)> {
    let refusal = OrganizationChange::read(ask).unwrap_err();
    refusal.problems.into_iter().map(|problem| (problem.field, problem.reason.into_owned())).collect()
}

fn is(field: &str, reason: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), reason.to_owned())]
}

#[test]
fn what_is_left_out_stays() {
    let before = OrganizationSettings {
        tax: settings(tax("VAT", "19")).tax,
        payout_delay_days: 3,
        seller: Seller { legal_name: Some("Oper GmbH".to_owned()), ..Seller::default() },
        ..settings(rules(&[(24, "50")]))
    };
    let change = OrganizationChange::read(OrganizationAsk::default()).unwrap();
    assert_eq!(change.name(), None);
    assert_eq!(change.of(&before), before);
    let change = OrganizationChange::read(seller(|it| it.address = text("Ring 1"))).unwrap();
    let after = change.of(&before);
    assert_eq!(after.seller.legal_name.as_deref(), Some("Oper GmbH"));
    assert_eq!(after.seller.address.as_deref(), Some("Ring 1"));
    assert_eq!((after.tax, after.refund_policy), (before.tax, before.refund_policy));
}

#[test]
fn a_tax_and_what_names_the_seller_can_be_taken_away() {
    let before = settings(OrganizationAsk {
        seller: SellerAsk { tax_number: text("ATU1"), address: text("Ring 1"), ..SellerAsk::default() },
        branding: BrandingAsk { colour: text("#AABBCC"), ..BrandingAsk::default() },
        ..tax("VAT", "19")
    });
    assert!(before.tax.is_some());
    let ask = OrganizationAsk {
        tax: Change::Clear,
        seller: SellerAsk { tax_number: Change::Clear, address: text(" \n "), ..SellerAsk::default() },
        branding: BrandingAsk { colour: text(""), ..BrandingAsk::default() },
        ..OrganizationAsk::default()
    };
    let after = OrganizationChange::read(ask).unwrap().of(&before);
    assert_eq!(after, OrganizationSettings::default());
}

#[test]
fn a_fee_has_exactly_one_amount_that_can_be_charged() {
    let read = settings(fees(vec![
        percent("Service fee", "2.5"),
        per_ticket("Service fee", "0.30", "EUR"),
        per_order(" Booking ", "150", "JPY"),
    ]));
    let amounts: Vec<_> = read.fees.iter().map(|fee| (fee.name.as_str(), fee.amount)).collect();
    assert_eq!(
        amounts,
        [
            ("Service fee", FeeAmount::Percent(Rate::parse("percent", "2.5").unwrap())),
            ("Service fee", FeeAmount::PerTicket(Money::new(30, Currency::EUR))),
            ("Booking", FeeAmount::PerOrder(Money::new(150, Currency::JPY))),
        ]
    );
    let none = FeeAsk { percent: None, ..percent("Fee", "") };
    let two = FeeAsk { per_order: Some(money("1", "EUR")), ..percent("Fee", "2") };
    for fee in [none, two] {
        assert_eq!(wrong(fees(vec![fee])), is("serviceFees[0]", "INCONSISTENT"));
    }
    for percentage in ["-1", "101", "100.0001", "2,5", "", "two"] {
        let bad = fees(vec![percent("Fee", "1"), percent("Other", percentage)]);
        assert_eq!(wrong(bad), is("serviceFees[1].percent", "MALFORMED"), "{percentage}");
    }
    for (amount, currency, reason) in [
        ("-1", "EUR", "MALFORMED"),
        ("0.001", "EUR", "MALFORMED"),
        ("0.5", "JPY", "MALFORMED"),
        ("1", "XXX", "UNKNOWN"),
        ("1.234", "KWD", "OUT_OF_RANGE"),
        ("99999999999", "EUR", "OUT_OF_RANGE"),
    ] {
        let bad = fees(vec![per_ticket("Fee", amount, currency)]);
        assert_eq!(wrong(bad), is("serviceFees[0].perTicket", reason), "{amount} {currency}");
        let bad = fees(vec![per_order("Fee", amount, currency)]);
        assert_eq!(wrong(bad), is("serviceFees[0].perOrder", reason), "{amount} {currency}");
    }
}

#[test]
fn a_fee_has_a_name_in_one_line_and_there_are_at_most_twenty() {
    for (name, reason) in [
        (String::new(), "REQUIRED"),
        ("x".repeat(61), "TOO_LONG"),
        ("Service\nfee".to_owned(), "FORBIDDEN_CHARACTERS"),
    ] {
        assert_eq!(wrong(fees(vec![percent(&name, "1")])), is("serviceFees[0].name", reason));
    }
    let many = |number| (0..number).map(|at| percent(&format!("Fee {at}"), "1")).collect::<Vec<_>>();
    assert_eq!(settings(fees(many(20))).fees.len(), 20);
    assert_eq!(wrong(fees(many(21))), is("serviceFees", "WRONG_COUNT"));
    assert_eq!(settings(fees(Vec::new())).fees, []);
}

#[test]
fn the_same_fee_is_there_once_and_of_one_name_there_may_be_several() {
    let (mine, yours) = (percent("Fee", "1"), FeeAsk { borne_by: BorneBy::Organizer, ..percent("Fee", "1") });
    let euros = per_ticket("Fee", "1", "EUR");
    let several = vec![
        mine.clone(),
        yours,
        euros.clone(),
        per_ticket("Fee", "1", "USD"),
        per_order("Fee", "1", "EUR"),
        percent("Other", "1"),
    ];
    assert_eq!(settings(fees(several.clone())).fees.len(), 6);
    for again in [percent("Fee", "2"), per_ticket("Fee", "7", "EUR"), per_order("Fee", "2", "EUR")] {
        let twice = several.iter().cloned().chain([again]).collect();
        assert_eq!(wrong(fees(twice)), is("serviceFees[6]", "DUPLICATE"));
    }
}

#[test]
fn payouts_wait_ninety_days_at_most() {
    let delayed = |days| OrganizationAsk { payout_delay_days: Some(days), ..OrganizationAsk::default() };
    for days in [0, 90] {
        assert_eq!(i32::from(settings(delayed(days)).payout_delay_days), days);
    }
    for days in [-1, 91, 65_536, i32::MAX] {
        assert_eq!(wrong(delayed(days)), is("payoutDelayDays", "OUT_OF_RANGE"));
    }
}

#[test]
fn an_address_stands_in_at_most_eight_lines() {
    let read = settings(seller(|it| it.address = text("Ring 1 \r\n\r\n  1010 Wien\u{2028}Austria\n")));
    assert_eq!(read.seller.address.as_deref(), Some("Ring 1\n1010 Wien\nAustria"));
    for (address, reason) in [
        ("x".repeat(501), "TOO_LONG"),
        ("x\n".repeat(9), "WRONG_COUNT"),
        ("Ring\u{7}1".to_owned(), "FORBIDDEN_CHARACTERS"),
        ("Ring 1\n\u{202e}neiW".to_owned(), "FORBIDDEN_CHARACTERS"),
    ] {
        assert_eq!(wrong(seller(|it| it.address = text(&address))), is("seller.address", reason));
    }
    assert_eq!(
        wrong(seller(|it| it.legal_name = text(&"x".repeat(201)))),
        is("seller.legalName", "TOO_LONG")
    );
    assert_eq!(wrong(seller(|it| it.tax_number = text(&"1".repeat(51)))), is("seller.taxNumber", "TOO_LONG"));
}

#[test]
fn a_colour_a_website_and_an_address_for_mail_are_what_they_say() {
    let read = settings(OrganizationAsk {
        branding: BrandingAsk {
            colour: text(" #1A2b3C "),
            website: text("HTTPS://Müller.example/oper?a=b#c"),
            support_email: text("help@example.org"),
        },
        ..OrganizationAsk::default()
    });
    let expected = Branding {
        colour: Some("#1a2b3c".to_owned()),
        website: Some("https://Müller.example/oper?a=b#c".to_owned()),
        support_email: Some("help@example.org".to_owned()),
    };
    assert_eq!(read.branding, expected);
    for bad in ["1a2b3c", "#1a2b3", "#1a2b3g", "red", "#1a2b3c00", "#ééé"] {
        assert_eq!(wrong(branding(|it| it.colour = text(bad))), is("branding.colour", "MALFORMED"), "{bad}");
    }
    for bad in [
        "example.org",
        "javascript://alert(1)",
        "ftp://example.org",
        "https://",
        "http:///path",
        "https://:80/",
        "https://ada@example.org",
        "https://example.org/\"onload=",
        "https://exa mple.org",
    ] {
        assert_eq!(
            wrong(branding(|it| it.website = text(bad))),
            is("branding.website", "MALFORMED"),
            "{bad}"
        );
    }
    let long = format!("https://example.org/{}", "x".repeat(2_000));
    assert_eq!(wrong(branding(|it| it.website = text(&long))), is("branding.website", "TOO_LONG"));
    let mail = wrong(branding(|it| it.support_email = text("help")));
    assert_eq!(mail, is("branding.supportEmail", "MALFORMED"));
}

#[test]
fn terms_of_business_are_a_page_and_a_version_and_can_be_taken_away() {
    let before = settings(terms("https://opera.example/terms", " 2026-11 "));
    let expected =
        SalesTerms { url: "https://opera.example/terms".to_owned(), version: "2026-11".to_owned() };
    assert_eq!(before.terms, Some(expected));
    let change = OrganizationChange::read(OrganizationAsk::default()).unwrap();
    assert_eq!(change.of(&before), before);
    let nothing = OrganizationAsk { terms: Change::Clear, ..OrganizationAsk::default() };
    assert_eq!(OrganizationChange::read(nothing).unwrap().of(&before).terms, None);
    let long = "x".repeat(41);
    assert_eq!(wrong(terms("https://opera.example", &long)), is("terms.version", "TOO_LONG"));
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let two_amounts = FeeAsk { per_ticket: Some(money("1", "EUR")), ..percent("", "2") };
    let everything = OrganizationAsk {
        name: Some(String::new()),
        fees: fees(vec![percent("Fee", "1"), two_amounts, percent("Fee", "1")]).fees,
        tax: tax("", "x").tax,
        refund_policy: rules(&[(-1, "x"), (24, "10"), (48, "5")]).refund_policy,
        payout_delay_days: Some(91),
        seller: seller(|it| it.legal_name = text("\u{7}")).seller,
        branding: branding(|it| it.colour = text("red")).branding,
        terms: terms("ftp://example.org", " ").terms,
    };
    let places: Vec<_> = wrong(everything).into_iter().map(|(place, _)| place).collect();
    assert_eq!(
        places,
        [
            "name",
            "serviceFees[1].name",
            "serviceFees[1]",
            "serviceFees[2]",
            "tax.name",
            "tax.rate",
            "refundPolicy.rules[0].hoursBeforeStart",
            "refundPolicy.rules[0].percent",
            "refundPolicy.rules[1].percent",
            "payoutDelayDays",
            "seller.legalName",
            "branding.colour",
            "terms.url",
            "terms.version",
        ]
    );
}
