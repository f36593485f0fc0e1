//! Examples of what is told, and what mails say about them.

use kernel::{Currency, EventId, Money, TicketId, UserId};

use super::*;

pub(crate) fn ticket(holder: &str, email: &str, seat: &str) -> TicketInHand {
    TicketInHand {
        ticket_id: TicketId::new(),
        code: format!("K7PM-{seat}"),
        qr_payload: format!("ODY1.{}.c2lnbmF0dXJl", TicketId::new()),
        ticket_type: "Stalls, full price".to_owned(),
        section: Some("Stalls left".to_owned()),
        row: Some("12".to_owned()),
        seat: Some(seat.to_owned()),
        holder_name: holder.to_owned(),
        holder_email: email.to_owned(),
        price: Money::new(4950, Currency::EUR),
    }
}

pub(crate) fn order(buyer_id: UserId, tickets: Vec<TicketInHand>) -> SendConfirmation {
    SendConfirmation {
        order_id: OrderId::new(),
        number: "ODY-7F3K2M".to_owned(),
        buyer_id,
        total: Money::new(4950 * i64::try_from(tickets.len()).unwrap(), Currency::EUR),
        event: EventOnTicket {
            event_id: EventId::new(),
            title: "Die Zauberflöte & <Friends>".to_owned(),
            slug: "die-zauberfloete".to_owned(),
            venue_name: "Theater an der Brücke".to_owned(),
            venue_address: "Brückengasse 4\n1060 Wien\nAustria".to_owned(),
            starts_at: "2027-03-13T19:00:00Z".parse().unwrap(),
            ends_at: "2027-03-13T22:00:00Z".parse().unwrap(),
            doors_at: Some("2027-03-13T18:00:00Z".parse().unwrap()),
            timezone: "Europe/Vienna".parse().unwrap(),
            currency: Currency::EUR,
        },
        tickets,
    }
}

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
        "Die Zauberflöte & <Friends>",
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
