//! What mails say about what is told.

use kernel::{Currency, Money, UserId};

use super::*;
use crate::domain::samples::{order, ticket};

#[test]
fn the_buyer_reads_what_when_where_and_for_how_much() {
    let tickets = vec![ticket("Ada", "ada@example.org", "104"), ticket("Bob", "bob@example.org", "105")];
    let letter = Letter::OrderConfirmed {
        name: "Ada".to_owned(),
        order: Box::new(order(UserId::new(), tickets)),
        unmailed: Vec::new(),
    };
    let text = letter.text("https://odysseus.test");
    for part in [
        "Hello Ada,",
        "order ODY-7F3K2M",
        "Die Zauberflöte",
        "Saturday, 13 March 2027\nDoors 19:00 · Starts 20:00 CET · Ends 23:00",
        "1060 Wien",
        "- Stalls left, row 12, seat 104 · Stalls, full price · Ada · 49.50 EUR · code K7PM-104",
        "seat 105",
        "Paid: 99.00 EUR",
        "All times are those of Europe/Vienna.",
        "https://odysseus.test",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn who_gave_no_name_is_greeted_without_one() {
    assert_eq!(greeting(""), "Hello,");
}

#[test]
fn who_got_a_ticket_reads_nothing_of_the_order() {
    let all = order(UserId::new(), vec![ticket("Bob", "bob@example.org", "105")]);
    let letter = Letter::TicketsReceived {
        name: "Bob".to_owned(),
        from: "Ada".to_owned(),
        order_id: all.order_id,
        order_number: all.number.clone(),
        event: Box::new(all.event),
        tickets: all.tickets,
    };
    let text = letter.text("https://odysseus.test");
    assert!(text.contains("Ada has bought a ticket for you") && text.contains("seat 105"));
    assert!(!text.contains("ODY-7F3K2M") && !text.contains("Paid"), "{text}");
}

#[test]
fn a_free_order_says_so() {
    let mut free = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
    free.total = Money::zero(Currency::EUR);
    let letter =
        Letter::OrderConfirmed { name: "Ada".to_owned(), order: Box::new(free), unmailed: Vec::new() };
    assert_eq!(letter.total().unwrap(), "nothing, it is free");
}

#[test]
fn an_sms_names_the_event_and_the_order_and_takes_two_segments_at_most() {
    let mut order = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
    order.event.title = "Война и мир ".repeat(20);
    let letter =
        Letter::OrderConfirmed { name: "Ada".to_owned(), order: Box::new(order), unmailed: Vec::new() };
    let text = letter.sms("https://odysseus.test");
    assert!(text.starts_with("Your tickets for Война и мир") && text.encode_utf16().count() <= 134);
    assert!(text.ends_with("... are here. Order ODY-7F3K2M: https://odysseus.test"), "{text}");
}

#[test]
fn names_from_right_to_left_move_nothing_beside_them() {
    let mut order = order(UserId::new(), vec![ticket("שרה כהן", "sarah@example.org", "12")]);
    order.event.title = "מופע Jazz Night 2027".to_owned();
    let letter =
        Letter::OrderConfirmed {
            name: "שרה כהן".to_owned(), order: Box::new(order), unmailed: Vec::new()
        };
    assert_eq!(letter.subject(), "Your ticket for \u{2068}מופע Jazz Night 2027\u{2069} (order ODY-7F3K2M)");
    let text = letter.text("https://odysseus.test");
    for part in [
        "Hello \u{2068}שרה כהן\u{2069},",
        "\nמופע Jazz Night 2027\n",
        " · \u{2068}שרה כהן\u{2069} · 49.50 EUR",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    let sms = letter.sms("https://odysseus.test");
    assert!(sms.starts_with("Your tickets for \u{2068}מופע Jazz Night 2027\u{2069} are here."), "{sms}");
}

#[test]
fn an_sms_is_as_long_as_two_segments_whichever_way_its_title_runs() {
    let mut order = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
    order.event.title = "מופע ".repeat(40);
    let letter =
        Letter::OrderConfirmed { name: "Ada".to_owned(), order: Box::new(order), unmailed: Vec::new() };
    let text = letter.sms("https://odysseus.test");
    assert!(text.contains("...\u{2069} are here.") && text.encode_utf16().count() <= 134, "{text}");
}
