use contracts::{
    purchase::{SendConfirmation, TicketInHand},
    tickets::{HeldTicket, RefundedTicket},
};

use super::{NAME, direction::apart, greeting, named};

/// The most people who are named in one sentence.
const NAMED: usize = 5;

pub(super) fn to_the_buyer(name: &str, order: &SendConfirmation, unmailed: &[String]) -> Vec<String> {
    let mut paragraphs = vec![
        greeting(name),
        format!(
            "thank you for your order {}. Your {} in the attached PDF, a page for each person: show it at the door, \
             on paper or on a screen. The calendar file puts the date into your calendar.",
            order.number,
            if order.tickets.len() == 1 { "ticket is" } else { "tickets are" },
        ),
    ];
    paragraphs.extend(
        order.invoice.as_ref().map(|invoice| format!("Invoice {} is attached as well.", invoice.number)),
    );
    if !unmailed.is_empty() {
        let named: Vec<_> = unmailed.iter().take(NAMED).map(|name| named(name, NAME)).collect();
        let others = unmailed.len() - named.len();
        let others = if others == 0 { String::new() } else { format!(" and {others} more") };
        paragraphs.push(format!(
            "We send only so many mails to others for one account and day, and have sent none to {}{others}: please \
             hand them their tickets yourself.",
            named.join(", ")
        ));
    }
    paragraphs
}

pub(super) fn to_a_guest(name: &str, from: &str, theirs: &[TicketInHand]) -> Vec<String> {
    let (what, it) = match theirs.len() {
        1 => ("a ticket".to_owned(), "it"),
        count => (format!("{count} tickets"), "them"),
    };
    vec![
        greeting(name),
        format!(
            "{} has bought {what} for you. You find {it} in the attached PDF: show it at the door, on paper or on a \
             screen. The calendar file puts the date into your calendar.",
            named(from, NAME),
        ),
    ]
}

/// `Stalls left, row 12, seat 104`; the ticket type where nobody has a place of their own.
pub fn place(ticket: &TicketInHand) -> String {
    spot(&ticket.ticket_type, [&ticket.section, &ticket.row, &ticket.seat])
}

/// The same of a ticket that went back.
pub fn place_of(ticket: &RefundedTicket) -> String {
    spot(&ticket.ticket_type, [&ticket.section, &ticket.row, &ticket.seat])
}

/// The same of a ticket of an event that was moved.
pub fn place_held(ticket: &HeldTicket) -> String {
    spot(&ticket.ticket_type, [&ticket.section, &ticket.row, &ticket.seat])
}

fn spot(ticket_type: &str, [section, row, seat]: [&Option<String>; 3]) -> String {
    let parts = [
        section.as_deref().map(|section| apart(section).into_owned()),
        row.as_deref().map(|row| format!("row {}", apart(row))),
        seat.as_deref().map(|seat| format!("seat {}", apart(seat))),
    ];
    let place = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if place.is_empty() { apart(ticket_type).into_owned() } else { place }
}

/// What else there is to say of a ticket that went back: its type, unless that is its place, and who would have gone in, if
/// they gave a name.
pub fn about(ticket: &RefundedTicket) -> Vec<&str> {
    let kind = Some(ticket.ticket_type.as_str()).filter(|kind| place_of(ticket) != apart(kind));
    let holder = Some(ticket.holder_name.as_str()).filter(|name| !name.is_empty());
    kind.into_iter().chain(holder).collect()
}

pub(super) fn line(ticket: &TicketInHand) -> String {
    let (place, kind) = (place(ticket), apart(&ticket.ticket_type));
    let kind = if place == kind { String::new() } else { format!(" · {kind}") };
    format!("{place}{kind} · {} · {} · code {}", apart(&ticket.holder_name), ticket.price, ticket.code)
}

pub(super) fn refunded_line(ticket: &RefundedTicket) -> String {
    let about = about(ticket).into_iter().map(|part| format!(" · {}", apart(part)));
    format!("{}{}", place_of(ticket), about.collect::<String>())
}

pub(super) fn counted(tickets: &[TicketInHand]) -> &'static str {
    if tickets.len() == 1 { "ticket" } else { "tickets" }
}
