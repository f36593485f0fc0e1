//! What mails say about what is told.

use kernel::{Currency, Money, UserId};

use super::*;
use crate::domain::samples::{order, refund, rescheduled, ticket, transferred};

/// The language of most of these.
pub(crate) const EN: Language = Language::English;

#[test]
fn the_buyer_reads_what_when_where_and_for_how_much() {
    let tickets = vec![ticket("Ada", "ada@example.org", "104"), ticket("Bob", "bob@example.org", "105")];
    let letter = Letter::OrderConfirmed {
        name: "Ada".to_owned(),
        order: Box::new(order(UserId::new(), tickets)),
        unmailed: Vec::new(),
        claim: None,
    };
    let text = letter.text(EN, "https://odysseus.test", None);
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
    assert_eq!(greeting(EN, ""), "Hello,");
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
    let text = letter.text(EN, "https://odysseus.test", None);
    assert!(text.contains("Ada has bought a ticket for you") && text.contains("seat 105"));
    assert!(!text.contains("ODY-7F3K2M") && !text.contains("Paid"), "{text}");
}

#[test]
fn a_free_order_says_so() {
    let mut free = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
    free.total = Money::zero(Currency::EUR);
    let letter = Letter::OrderConfirmed {
        name: "Ada".to_owned(),
        order: Box::new(free),
        unmailed: Vec::new(),
        claim: None,
    };
    assert_eq!(letter.total(EN).unwrap(), "nothing, it is free");
}

#[test]
fn an_sms_names_the_event_and_the_order_and_takes_two_segments_at_most() {
    let mut order = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
    order.event.title = "Война и мир ".repeat(20);
    let letter = Letter::OrderConfirmed {
        name: "Ada".to_owned(),
        order: Box::new(order),
        unmailed: Vec::new(),
        claim: None,
    };
    let text = letter.sms(EN, "https://odysseus.test");
    assert!(text.starts_with("Your tickets for Война и мир") && text.encode_utf16().count() <= 134);
    assert!(text.ends_with("... are here. Order ODY-7F3K2M: https://odysseus.test"), "{text}");
}

#[test]
fn names_from_right_to_left_move_nothing_beside_them() {
    let mut order = order(UserId::new(), vec![ticket("שרה כהן", "sarah@example.org", "12")]);
    order.event.title = "מופע Jazz Night 2027".to_owned();
    let letter = Letter::OrderConfirmed {
        name: "שרה כהן".to_owned(),
        order: Box::new(order),
        unmailed: Vec::new(),
        claim: None,
    };
    assert_eq!(letter.subject(EN), "Your ticket for \u{2068}מופע Jazz Night 2027\u{2069} (order ODY-7F3K2M)");
    let text = letter.text(EN, "https://odysseus.test", None);
    for part in [
        "Hello \u{2068}שרה כהן\u{2069},",
        "\nמופע Jazz Night 2027\n",
        " · \u{2068}שרה כהן\u{2069} · 49.50 EUR",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    let sms = letter.sms(EN, "https://odysseus.test");
    assert!(sms.starts_with("Your tickets for \u{2068}מופע Jazz Night 2027\u{2069} are here."), "{sms}");
}

#[test]
fn an_sms_is_as_long_as_two_segments_whichever_way_its_title_runs() {
    let mut order = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
    order.event.title = "מופע ".repeat(40);
    let letter = Letter::OrderConfirmed {
        name: "Ada".to_owned(),
        order: Box::new(order),
        unmailed: Vec::new(),
        claim: None,
    };
    let text = letter.sms(EN, "https://odysseus.test");
    assert!(text.contains("...\u{2069} are here.") && text.encode_utf16().count() <= 134, "{text}");
}

fn to_the_buyer(refund: &contracts::tickets::OrderRefunded) -> Letter {
    Letter::TicketsRefunded(RefundedTickets::to_the_buyer("Ada", refund))
}

#[test]
fn the_buyer_reads_how_much_goes_back_for_which_tickets_and_why() {
    let tickets = vec![ticket("Ada", "ada@example.org", "104"), ticket("Bob", "bob@example.org", "105")];
    let mut all = order(UserId::new(), tickets);
    all.tickets.push(ticket("Cleo", "cleo@example.org", "106"));
    let letter = to_the_buyer(&refund(&all, &all.tickets[..2]));
    assert_eq!(letter.subject(EN), "Your money goes back: Die Zauberflöte (order ODY-7F3K2M)");
    assert_eq!(
        letter.text(EN, "https://odysseus.test", None),
        format!(
            "Hello Ada,\n\n\
         99.00 EUR of your order ODY-7F3K2M goes back to you the way it came, for tickets to Die Zauberflöte, Saturday, \
         13 March 2027. Your bank may take some days to show it.\n\n\
         The organizer says: The gallery is closed\n\n\
         The other tickets of your order are valid as before.\n\n\
         These tickets admit nobody any more:\n\n\
         - Stalls left, row 12, seat 104 · Stalls, full price · Ada\n\
         - Stalls left, row 12, seat 105 · Stalls, full price · Bob\n\n\
         Look at the order:\nhttps://odysseus.test/orders/{}\n\n\
         Odysseus\nhttps://odysseus.test\n",
            all.order_id.public()
        )
    );
    let Letter::TicketsRefunded(refunded) = &letter else { panic!("tickets") };
    assert!(
        refunded.in_short(EN).ends_with(
            "These tickets admit nobody any more: Stalls left, row 12, seat 104; Stalls left, row 12, seat 105."
        ),
        "{}",
        refunded.in_short(EN)
    );
    assert_eq!(
        letter.sms(EN, "https://odysseus.test"),
        "Your 99.00 EUR for Die Zauberflöte goes back. Order ODY-7F3K2M: https://odysseus.test"
    );
}

#[test]
fn an_order_of_which_nothing_is_left_says_so_in_yen_without_a_fraction() {
    let mut all = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
    all.total = Money::new(9800, Currency::JPY);
    all.tickets[0].price = all.total;
    let mut back = refund(&all, &all.tickets);
    back.reason = Some("  ".to_owned());
    let text = to_the_buyer(&back).text(EN, "https://odysseus.test", None);
    for part in [
        "9,800 JPY of your order",
        "No ticket of the order is left.",
        "This ticket admits nobody any more:\n\n- ",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    assert!(text.contains("out of your calendar") && !text.contains("other tickets"), "{text}");
    assert!(!text.contains("organizer says"), "{text}");
}

#[test]
fn tickets_without_a_price_go_back_without_money() {
    let mut all = order(UserId::new(), vec![ticket("", "ada@example.org", "104")]);
    all.tickets[0].price = Money::zero(Currency::EUR);
    (all.tickets[0].section, all.tickets[0].row, all.tickets[0].seat) = (None, None, None);
    let letter = to_the_buyer(&refund(&all, &all.tickets));
    assert_eq!(letter.subject(EN), "Ticket taken back: Die Zauberflöte (order ODY-7F3K2M)");
    let text = letter.text(EN, "https://odysseus.test", None);
    assert!(text.contains("was taken back. No money goes back with it."), "{text}");
    assert!(text.contains("\n- Stalls, full price\n"), "the type is the place, and nobody is named: {text}");
    assert!(!text.contains("bank") && !text.contains("0.00"), "{text}");
    let sms = letter.sms(EN, "https://odysseus.test");
    assert_eq!(sms, "Tickets for Die Zauberflöte were taken back: https://odysseus.test");
}

#[test]
fn who_was_sent_a_ticket_that_went_back_reads_nothing_of_money_order_and_reason() {
    let mut all = order(UserId::new(), vec![ticket("שרה כהן", "sarah@example.org", "105")]);
    all.tickets.push(ticket("Ada", "ada@example.org", "104"));
    let back = refund(&all, &all.tickets[..1]);
    let letter =
        Letter::TicketsRefunded(RefundedTickets::to_a_holder("שרה כהן", &back, back.tickets.clone()));
    assert_eq!(letter.subject(EN), "Your ticket admits nobody any more: Die Zauberflöte");
    let text = letter.text(EN, "https://odysseus.test", None);
    for part in [
        "Hello \u{2068}שרה כהן\u{2069},",
        "your ticket for Die Zauberflöte, Saturday, 13 March 2027, was given back. Who bought it is told as well.",
        "This changes nothing about other tickets that you have.",
        "- Stalls left, row 12, seat 105 · Stalls, full price · \u{2068}שרה כהן\u{2069}",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    for part in ["ODY-7F3K2M", "EUR", "gallery", "104"] {
        assert!(!text.contains(part), "{part:?} is in:\n{text}");
    }
}

fn moved(buyer: bool) -> Rescheduled {
    let mut told = rescheduled(&order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]));
    told.event.timezone = "Asia/Tokyo".parse().unwrap();
    if buyer {
        Rescheduled::to_the_buyer("Ada", &told)
    } else {
        Rescheduled::to_a_holder("Ada", &told, told.tickets.clone())
    }
}

#[test]
fn the_buyer_reads_both_times_in_the_zone_of_the_place_why_and_how_to_give_tickets_back() {
    let letter = Letter::EventRescheduled(moved(true));
    assert_eq!(letter.subject(EN), "New time: Die Zauberflöte");
    assert_eq!(
        letter.text(EN, "https://odysseus.test", None),
        format!(
            "Hello Ada,\n\n\
         Die Zauberflöte is moved to another time.\n\n\
         New: Sunday, 21 March 2027 · Doors 03:00 · Starts 04:00 JST · Ends 07:00\n\n\
         Before: Sunday, 14 March 2027, 04:00 JST\n\n\
         All times are those of Asia/Tokyo.\n\n\
         The organizer says: The singer is ill\n\n\
         The tickets of your order ODY-7F3K2M stay valid; you need no others.\n\n\
         If you cannot come then: until Friday, 12 March 2027, 20:00 JST you can give tickets back in your order ODY-7F3K2M at \
         Odysseus, and all that you paid for them goes back to you.\n\n\
         The calendar file moves the date in your calendar.\n\n\
         Look at the order:\nhttps://odysseus.test/orders/{}\n\n\
         Odysseus\nhttps://odysseus.test\n",
            letter.about().order.unwrap().public()
        )
    );
    let sms = letter.sms(EN, "https://odysseus.test");
    assert!(
        sms.contains("Die Zauberflöte is now on Sunday, 21 March 2027, 04:00 JST. Order ODY-7F3K2M:"),
        "{sms}"
    );
}

#[test]
fn a_guest_reads_of_a_move_without_the_order_and_hears_who_can_give_their_ticket_back() {
    let text = Letter::EventRescheduled(moved(false)).text(EN, "https://odysseus.test", None);
    assert!(text.contains("Your ticket stays valid; you need no other."), "{text}");
    assert!(text.contains("who bought the ticket for you can give it back until Friday"), "{text}");
    assert!(!text.contains("ODY-7F3K2M"), "{text}");
}

#[test]
fn a_move_without_a_way_back_and_without_a_reason_promises_nothing() {
    let moved = Rescheduled { refundable_until: None, reason: None, ..moved(true) };
    let text = Letter::EventRescheduled(moved.clone()).text(EN, "https://odysseus.test", None);
    assert!(!text.contains("give") && !text.contains("organizer"), "{text}");
    assert_eq!(
        moved.in_short(EN),
        "Die Zauberflöte is moved from Sunday, 14 March 2027, 04:00 JST to Sunday, 21 March 2027, 04:00 JST. The tickets of \
         your order ODY-7F3K2M stay valid; you need no others."
    );
}

#[test]
fn what_is_told_of_a_move_fits_into_two_segments_of_an_sms() {
    let mut moved = moved(true);
    moved.event.title = "מופע ".repeat(40);
    let sms = Letter::EventRescheduled(moved).sms(EN, "https://odysseus.test");
    assert!(sms.contains("...\u{2069} is now on") && sms.encode_utf16().count() <= 134, "{sms}");
}

#[test]
fn an_event_that_only_ends_at_another_time_is_not_said_to_begin_at_one() {
    let mut moved = moved(true);
    moved.previous_start = moved.event.starts_at;
    let text = Letter::EventRescheduled(moved.clone()).text(EN, "https://odysseus.test", None);
    assert!(text.contains("Die Zauberflöte has other times. It begins when it was to begin."), "{text}");
    assert!(text.contains("Ends 07:00") && !text.contains("Before:"), "{text}");
    let short = moved.in_short(EN);
    assert!(
        short.starts_with("Die Zauberflöte has other times: Sunday, 21 March 2027 · Doors 03:00 ·"),
        "{short}"
    );
}

#[test]
fn a_ticket_that_was_given_says_by_whom_and_who_gave_it_reads_that_their_code_is_void() {
    let bought = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
    let transfer = transferred(&bought, &bought.tickets[0], "Carol", "carol@example.com");
    let given = Letter::TicketGiven(GivenTicket::told(&transfer));
    let text = given.text(Language::German, "https://odysseus.test", None);
    for part in ["Guten Tag Carol,", "Ada hat Ihnen ein Ticket übertragen.", "Platz 104", "Code NEW-K7PM-104"]
    {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    assert!(!text.contains("ODY-7F3K2M") && given.about().order.is_none(), "{text}");
    let gone = Letter::TicketGivenAway(TicketGivenAway::told("Ada", &transfer));
    let text = gone.text(EN, "https://odysseus.test", None);
    assert!(text.contains("belongs to Carol now") && text.contains("admits nobody any more"), "{text}");
    assert!(!text.contains("K7PM"), "{text}");
}

#[test]
fn a_letter_leads_the_buyer_on_to_the_order_and_a_guest_to_the_event() {
    let all = order(UserId::new(), vec![ticket("Bob", "bob@example.org", "105")]);
    let page = |letter: &Letter| letter.page(EN, "https://odysseus.test").unwrap();
    let buyers = Letter::OrderConfirmed {
        name: "Ada".to_owned(),
        order: Box::new(all.clone()),
        unmailed: Vec::new(),
        claim: None,
    };
    let of_order = format!("https://odysseus.test/orders/{}", all.order_id.public());
    assert_eq!(page(&buyers), ("Show your tickets".to_owned(), of_order));
    let of_event = format!("https://odysseus.test/events/{}", all.event.event_id.public());
    let guests = Letter::TicketsReceived {
        name: "Bob".to_owned(),
        from: "Ada".to_owned(),
        order_id: all.order_id,
        order_number: all.number,
        event: Box::new(all.event),
        tickets: all.tickets,
    };
    assert_eq!(page(&guests), ("Look at the event".to_owned(), of_event.clone()));
    let text = guests.text(Language::German, "https://odysseus.test", None);
    assert!(text.contains(&format!("\n\nVeranstaltung ansehen:\n{of_event}\n\n")), "{text}");
}
