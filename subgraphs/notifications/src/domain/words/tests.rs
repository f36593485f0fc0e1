//! Both languages say the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use kernel::Currency;

use super::*;

const WORDS: [&str; 2] = [include_str!("../../../words/en.ftl"), include_str!("../../../words/de.ftl")];

/// Each message with its variables.
fn messages(words: &str) -> BTreeMap<String, BTreeSet<String>> {
    let (mut messages, mut last) = (BTreeMap::<String, BTreeSet<String>>::new(), String::new());
    for line in words.lines() {
        if line.starts_with(|letter: char| letter.is_ascii_lowercase()) {
            let id = line.split(" =").next().unwrap();
            id.clone_into(&mut last);
            assert!(messages.insert(last.clone(), BTreeSet::new()).is_none(), "{id} is there twice");
        }
        let name = |rest: &str| rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>();
        for variable in line.split('$').skip(1).map(name) {
            messages.get_mut(&last).unwrap().insert(variable);
        }
    }
    messages
}

fn source(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            all.push_str(&source(&entry));
        } else if entry.extension().is_some_and(|ending| ending == "rs") {
            all.push_str(&std::fs::read_to_string(entry).unwrap());
        }
    }
    all
}

#[test]
fn every_message_is_there_in_both_languages_with_the_same_variables() {
    let [english, german] = WORDS.map(messages);
    assert!(english.len() > 100, "{}", english.len());
    for (id, variables) in &english {
        assert_eq!(german.get(id), Some(variables), "{id} in German");
    }
    assert_eq!(english.len(), german.len());
    for words in WORDS {
        let read = FluentResource::try_new(words.to_owned());
        assert!(read.is_ok(), "{:?}", read.err().map(|(_, errors)| errors));
    }
}

#[test]
fn no_message_is_there_that_nobody_says() {
    let source = source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for id in messages(WORDS[0]).keys() {
        assert!(source.contains(&format!("\"{id}\"")), "{id} is never said");
    }
}

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
fn a_ticket_is_one_and_several_are_many() {
    let said =
        |words: Language, tickets: usize| say!(words, "tickets-for", tickets = tickets, title = "Jazz");
    assert_eq!(said(Language::English, 1), "Your ticket for Jazz");
    assert_eq!(said(Language::English, 1234), "Your tickets for Jazz");
    assert_eq!(said(Language::German, 1), "Ihr Ticket für Jazz");
    assert_eq!(said(Language::German, 2), "Ihre Tickets für Jazz");
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
