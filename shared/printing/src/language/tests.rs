//! Days, numbers and amounts in each language.

use kernel::Currency;

use super::*;

#[test]
fn who_wants_a_language_that_we_do_not_have_reads_english() {
    for (wanted, language) in [
        ("de", Language::German),
        ("de-AT", Language::German),
        ("de_CH", Language::German),
        ("de-AT,de;q=0.9,en;q=0.5", Language::German),
        ("en", Language::English),
        ("en-US", Language::English),
        ("fr", Language::English),
        ("fr-CH, de;q=0.8", Language::German),
        ("xx;;,*", Language::English),
        ("", Language::English),
    ] {
        assert_eq!(Language::of(wanted), language, "{wanted}");
    }
}

#[test]
fn amounts_are_written_as_the_language_writes_them_and_never_rounded() {
    let yen = Money::new(1_234_567, Currency::JPY);
    let fils = Money::new(12_750, "KWD".parse().unwrap());
    for (amount, english, german) in [
        (Money::new(4950, Currency::EUR), "49.50 EUR", "49,50 EUR"),
        (
            Money::new(123_456_789_012_305, Currency::EUR),
            "1,234,567,890,123.05 EUR",
            "1.234.567.890.123,05 EUR",
        ),
        (yen, "1,234,567 JPY", "1.234.567 JPY"),
        (fils, "12.750 KWD", "12,750 KWD"),
        (Money::zero(Currency::EUR), "0.00 EUR", "0,00 EUR"),
    ] {
        assert_eq!(Language::English.money(amount), english);
        assert_eq!(Language::German.money(amount), german);
    }
}

#[test]
fn days_and_zones_are_written_as_the_language_writes_them() {
    let written =
        |words: Language, at: &str, zone: &str| words.instant(at.parse().unwrap(), zone.parse().unwrap());
    for (at, zone, english, german) in [
        (
            "2027-03-13T19:00:00Z",
            "Europe/Vienna",
            "Saturday, 13 March 2027, 20:00 CET",
            "Samstag, 13. März 2027, 20:00 MEZ",
        ),
        (
            "2027-07-24T17:30:00Z",
            "Europe/Berlin",
            "Saturday, 24 July 2027, 19:30 CEST",
            "Samstag, 24. Juli 2027, 19:30 MESZ",
        ),
        (
            "2027-07-24T17:30:00Z",
            "Asia/Tokyo",
            "Sunday, 25 July 2027, 02:30 JST",
            "Sonntag, 25. Juli 2027, 02:30 JST",
        ),
        (
            "2027-07-24T17:30:00Z",
            "Asia/Kathmandu",
            "Saturday, 24 July 2027, 23:15 UTC+05:45",
            "Samstag, 24. Juli 2027, 23:15 UTC+05:45",
        ),
    ] {
        assert_eq!(written(Language::English, at, zone), english);
        assert_eq!(written(Language::German, at, zone), german);
    }
}

#[test]
fn rates_and_dates_are_written_as_the_language_writes_them() {
    let (rate, day) = ("19.5".parse().unwrap(), NaiveDate::from_ymd_opt(2027, 3, 1).unwrap());
    assert_eq!((Language::English.rate(rate), Language::German.rate(rate)), ("19.5".into(), "19,5".into()));
    assert_eq!(Language::English.date(day), "1 March 2027");
    assert_eq!(Language::German.date(day), "1. März 2027");
}
