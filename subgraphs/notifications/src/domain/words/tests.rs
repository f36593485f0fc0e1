//! Both languages say the same.

use std::path::Path;

use fluent_bundle::FluentResource;
use printing::said_otherwise;

use super::*;

fn ids() -> impl Iterator<Item = &'static str> {
    let begins = |line: &&str| line.starts_with(|letter: char| letter.is_ascii_lowercase());
    EN.lines().filter(begins).map(|line| line.split(" =").next().unwrap())
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
    let differing = said_otherwise(EN, DE);
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(ids().count() > 100, "{}", ids().count());
    for words in [EN, DE] {
        let read = FluentResource::try_new(words.to_owned());
        assert!(read.is_ok(), "{:?}", read.err().map(|(_, errors)| errors));
    }
}

#[test]
fn no_message_is_there_that_nobody_says() {
    let source = source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for id in ids() {
        assert!(source.contains(&format!("\"{id}\"")), "{id} is never said");
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
