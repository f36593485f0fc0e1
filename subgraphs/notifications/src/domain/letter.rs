//! What mails say. Here in plain text; adapters make them look good and attach what belongs to them.

use contracts::purchase::{EventOnTicket, SendConfirmation, TicketInHand};
use kernel::OrderId;
use printing::WrittenTimes;
use serde::{Deserialize, Serialize};

use super::entities::{Kind, Told};

/// What goes into two segments of an SMS in any script: each holds 67 code units of UTF-16.
const TWO_SEGMENTS: usize = 134;
/// Stands for what was cut; an ellipsis of its own would make a Latin text one of Unicode.
const CUT: &str = "...";

/// A mail's contents, as data: it is written when it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Letter {
    /// To the buyer: the order and all its tickets.
    OrderConfirmed {
        /// The buyer.
        name: String,
        /// What was bought.
        order: Box<SendConfirmation>,
    },
    /// To somebody else who goes in: their tickets, and nothing of the order.
    TicketsReceived {
        /// Who goes in.
        name: String,
        /// Who bought.
        from: String,
        /// Of which order, for the tickets' calendar entry.
        order_id: OrderId,
        /// As people say it.
        order_number: String,
        /// To which event.
        event: Box<EventOnTicket>,
        /// Theirs alone.
        tickets: Vec<TicketInHand>,
    },
    /// To the buyer: paid too late, the money goes back.
    OrderRefunded {
        /// The buyer.
        name: String,
        /// Which order.
        order_id: OrderId,
        /// The event's title, where it is known.
        event_title: Option<String>,
    },
}

/// What has tickets in it: a confirmation, or tickets from somebody else.
pub struct Tickets<'a> {
    /// To which event.
    pub event: &'a EventOnTicket,
    /// Of which order.
    pub order_id: OrderId,
    /// As people say it.
    pub order_number: &'a str,
    /// Which.
    pub tickets: &'a [TicketInHand],
}

impl Letter {
    /// What it is about.
    pub fn kind(&self) -> Kind {
        match self {
            Self::OrderConfirmed { .. } => Kind::OrderConfirmed,
            Self::TicketsReceived { .. } => Kind::TicketsReceived,
            Self::OrderRefunded { .. } => Kind::OrderRefunded,
        }
    }

    /// The tickets that go with it.
    pub fn tickets(&self) -> Option<Tickets<'_>> {
        match self {
            Self::OrderConfirmed { order, .. } => Some(Tickets {
                event: &order.event,
                order_id: order.order_id,
                order_number: &order.number,
                tickets: &order.tickets,
            }),
            Self::TicketsReceived { order_id, order_number, event, tickets, .. } => {
                Some(Tickets { event, order_id: *order_id, order_number, tickets })
            }
            Self::OrderRefunded { .. } => None,
        }
    }

    /// Its subject line.
    pub fn subject(&self) -> String {
        match self {
            Self::OrderConfirmed { order, .. } => {
                format!("Your {} for {} (order {})", tickets(&order.tickets), order.event.title, order.number)
            }
            Self::TicketsReceived { event, tickets: theirs, .. } => {
                format!("Your {} for {}", tickets(theirs), event.title)
            }
            Self::OrderRefunded { event_title, .. } => {
                format!("Your money goes back: {}", event_title.as_deref().unwrap_or("your order"))
            }
        }
    }

    /// What it says before any details, paragraph by paragraph.
    pub fn opening(&self) -> Vec<String> {
        match self {
            Self::OrderConfirmed { name, order } => vec![
                format!("Hello {name},"),
                format!(
                    "thank you for your order {}. Your {} in the attached PDF, a page for each person: show \
                     it at the door, on paper or on a screen. The calendar file puts the date into your \
                     calendar.",
                    order.number,
                    if order.tickets.len() == 1 { "ticket is" } else { "tickets are" },
                ),
            ],
            Self::TicketsReceived { name, from, tickets: theirs, .. } => vec![
                format!("Hello {name},"),
                format!(
                    "{from} has bought {} for you. You find {} in the attached PDF: show it at the door, on \
                     paper or on a screen. The calendar file puts the date into your calendar.",
                    if theirs.len() == 1 {
                        "a ticket".to_owned()
                    } else {
                        format!("{} tickets", theirs.len())
                    },
                    if theirs.len() == 1 { "it" } else { "them" },
                ),
            ],
            Self::OrderRefunded { name, event_title, .. } => vec![
                format!("Hello {name},"),
                format!(
                    "your payment for {} reached us after the time for it had run out, and by then somebody \
                     else had the seats. We are sorry. All of your money goes back the way it came; your \
                     bank may take some days to show it.",
                    event_title.as_deref().unwrap_or("your order")
                ),
                "You can try again at any time: what is still free is on sale.".to_owned(),
            ],
        }
    }

    /// What was paid in all, where that is the reader's business.
    pub fn total(&self) -> Option<String> {
        match self {
            Self::OrderConfirmed { order, .. } if order.total.is_zero() => {
                Some("nothing, it is free".to_owned())
            }
            Self::OrderConfirmed { order, .. } => Some(order.total.to_string()),
            Self::TicketsReceived { .. } | Self::OrderRefunded { .. } => None,
        }
    }

    /// The whole mail in plain text.
    pub fn text(&self, public_url: &str) -> String {
        let mut text = self.opening().join("\n\n");
        if let Some(Tickets { event, tickets, .. }) = self.tickets() {
            let times = WrittenTimes::of(event);
            text.push_str("\n\n");
            for line in [
                event.title.as_str(),
                &times.day,
                &format!("{} · Ends {}", times.doors_and_start(), times.ends),
                &event.venue_name,
                &event.venue_address,
            ] {
                text.push_str(line);
                text.push('\n');
            }
            for ticket in tickets {
                text.push_str("\n- ");
                text.push_str(&ticket_line(ticket));
            }
            if let Some(total) = self.total() {
                text.push_str("\n\nPaid: ");
                text.push_str(&total);
            }
            text.push_str("\n\nAll times are those of ");
            text.push_str(event.timezone.name());
            text.push('.');
        }
        text.push_str("\n\nOdysseus\n");
        text.push_str(public_url);
        text.push('\n');
        text
    }

    /// The same as an SMS. A long title is cut, so that it takes two segments whatever its script.
    pub fn sms(&self, public_url: &str) -> String {
        let text = |title: &str| match self {
            Self::OrderConfirmed { order, .. } => {
                format!("Your tickets for {title} are here. Order {}: {public_url}", order.number)
            }
            Self::TicketsReceived { .. } => format!("You have tickets for {title}: {public_url}"),
            Self::OrderRefunded { .. } => {
                format!("Paid too late: your money for {title} goes back. {public_url}")
            }
        };
        let title = match self {
            Self::OrderConfirmed { order, .. } => order.event.title.as_str(),
            Self::TicketsReceived { event, .. } => event.title.as_str(),
            Self::OrderRefunded { event_title, .. } => event_title.as_deref().unwrap_or("your order"),
        };
        let units = |text: &str| text.encode_utf16().count();
        let room = TWO_SEGMENTS.saturating_sub(units(&text("")));
        if units(title) <= room {
            return text(title);
        }
        let mut left = room.saturating_sub(units(CUT));
        let fits = title.chars().take_while(|char| {
            let fits = char.len_utf16() <= left;
            left = left.saturating_sub(char.len_utf16());
            fits
        });
        let cut: String = fits.collect();
        text(&format!("{}{CUT}", cut.trim_end()))
    }

    /// What is told about it besides the mail itself.
    pub fn told(&self, cause: String, public_url: &str) -> Told {
        Told { kind: self.kind(), cause, subject: self.subject(), body: self.text(public_url) }
    }
}

/// `Stalls left, row 12, seat 104`; the ticket type where nobody has a place of their own.
pub fn place(ticket: &TicketInHand) -> String {
    let parts = [
        ticket.section.clone(),
        ticket.row.as_ref().map(|row| format!("row {row}")),
        ticket.seat.as_ref().map(|seat| format!("seat {seat}")),
    ];
    let place = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if place.is_empty() { ticket.ticket_type.clone() } else { place }
}

fn ticket_line(ticket: &TicketInHand) -> String {
    let place = place(ticket);
    let kind =
        if place == ticket.ticket_type { String::new() } else { format!(" · {}", ticket.ticket_type) };
    format!("{place}{kind} · {} · {} · code {}", ticket.holder_name, ticket.price, ticket.code)
}

fn tickets(tickets: &[TicketInHand]) -> &'static str {
    if tickets.len() == 1 { "ticket" } else { "tickets" }
}

#[cfg(test)]
pub(crate) mod tests {
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
        let letter =
            Letter::OrderConfirmed { name: "Ada".to_owned(), order: Box::new(order(UserId::new(), tickets)) };
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
        let letter = Letter::OrderConfirmed { name: "Ada".to_owned(), order: Box::new(free) };
        assert_eq!(letter.total().unwrap(), "nothing, it is free");
    }

    #[test]
    fn an_sms_names_the_event_and_the_order_and_takes_two_segments_at_most() {
        let mut order = order(UserId::new(), vec![ticket("Ada", "ada@example.org", "104")]);
        order.event.title = "Война и мир ".repeat(20);
        let letter = Letter::OrderConfirmed { name: "Ada".to_owned(), order: Box::new(order) };
        let text = letter.sms("https://odysseus.test");
        assert!(text.starts_with("Your tickets for Война и мир") && text.encode_utf16().count() <= 134);
        assert!(text.ends_with("... are here. Order ODY-7F3K2M: https://odysseus.test"), "{text}");
    }
}
