use contracts::{
    purchase::{SendConfirmation, TicketInHand},
    tickets::{HeldTicket, RefundedTicket},
};

use super::{NAME, direction::apart, greeting, named};
use crate::domain::words::{Language, say};

/// The most people who are named in one sentence.
const NAMED: usize = 5;

pub(super) fn to_the_buyer(
    words: Language,
    name: &str,
    order: &SendConfirmation,
    unmailed: &[String],
) -> Vec<String> {
    let tickets = order.tickets.len();
    let mut paragraphs =
        vec![greeting(words, name), say!(words, "bought", tickets = tickets, number = &order.number)];
    let attached = |number: &String| say!(words, "invoice-attached", number = number);
    paragraphs.extend(order.invoice.as_ref().map(|invoice| attached(&invoice.number)));
    if !unmailed.is_empty() {
        let shown: Vec<_> = unmailed.iter().take(NAMED).map(|name| named(name, NAME)).collect();
        let (others, names) = (unmailed.len() - shown.len(), shown.join(", "));
        let names = if others == 0 { names } else { say!(words, "and-more", names = names, count = others) };
        paragraphs.push(say!(words, "unmailed", names = names));
    }
    paragraphs
}

pub(super) fn to_a_guest(words: Language, name: &str, from: &str, theirs: &[TicketInHand]) -> Vec<String> {
    let (from, tickets) = (named(from, NAME), theirs.len());
    vec![greeting(words, name), say!(words, "bought-for-you", from = from, tickets = tickets)]
}

/// `Stalls left, row 12, seat 104`; the ticket type where nobody has a place of their own.
pub fn place(words: Language, ticket: &TicketInHand) -> String {
    spot(words, &ticket.ticket_type, [&ticket.section, &ticket.row, &ticket.seat])
}

/// The same of a ticket that went back.
pub fn place_of(words: Language, ticket: &RefundedTicket) -> String {
    spot(words, &ticket.ticket_type, [&ticket.section, &ticket.row, &ticket.seat])
}

/// The same of a ticket of an event that was moved.
pub fn place_held(words: Language, ticket: &HeldTicket) -> String {
    spot(words, &ticket.ticket_type, [&ticket.section, &ticket.row, &ticket.seat])
}

pub(super) fn spot(words: Language, ticket_type: &str, [section, row, seat]: [&Option<String>; 3]) -> String {
    let parts = [
        section.as_deref().map(|section| apart(section).into_owned()),
        row.as_deref().map(|row| say!(words, "row", row = apart(row))),
        seat.as_deref().map(|seat| say!(words, "seat", seat = apart(seat))),
    ];
    let place = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if place.is_empty() { apart(ticket_type).into_owned() } else { place }
}

/// What else there is to say of a ticket that went back: its type, unless that is its place, and who would have gone in, if
/// they gave a name.
pub fn about(words: Language, ticket: &RefundedTicket) -> Vec<&str> {
    let kind = Some(ticket.ticket_type.as_str()).filter(|kind| place_of(words, ticket) != apart(kind));
    let holder = Some(ticket.holder_name.as_str()).filter(|name| !name.is_empty());
    kind.into_iter().chain(holder).collect()
}

pub(super) fn line(words: Language, ticket: &TicketInHand) -> String {
    let (place, kind) = (place(words, ticket), apart(&ticket.ticket_type));
    let kind = if place == kind { String::new() } else { format!(" · {kind}") };
    let (price, code) = (words.money(ticket.price), say!(words, "code", code = &ticket.code));
    format!("{place}{kind} · {} · {price} · {code}", apart(&ticket.holder_name))
}

pub(super) fn refunded_line(words: Language, ticket: &RefundedTicket) -> String {
    let about = about(words, ticket).into_iter().map(|part| format!(" · {}", apart(part)));
    format!("{}{}", place_of(words, ticket), about.collect::<String>())
}
