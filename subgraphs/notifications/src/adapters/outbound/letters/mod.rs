//! What a mail looks like: HTML, tickets as PDF, a calendar entry.

mod calendar;
mod html;

use kernel::Fault;
use printing::{PrintedTicket, ticket_pdf};

use crate::domain::ports::Mail;

/// The parts of a mail besides its plain text.
pub(super) struct Written {
    /// For readers with pictures and colours.
    pub(super) html: String,
    /// The tickets, a page each.
    pub(super) tickets: Option<Vec<u8>>,
    /// The date, for calendars.
    pub(super) calendar: Option<String>,
}

/// Writes a mail. The same mail always comes out the same.
pub(super) fn write(mail: &Mail, from: &str, public_url: &str) -> Result<Written, Fault> {
    let html = html::page(&mail.letter, public_url)?;
    let Some(with) = mail.letter.tickets() else {
        return Ok(Written { html, tickets: None, calendar: None });
    };
    let printed: Vec<_> = with
        .tickets
        .iter()
        .map(|ticket| PrintedTicket { event: with.event, order_number: with.order_number, ticket })
        .collect();
    Ok(Written {
        html,
        tickets: Some(ticket_pdf(&printed)?),
        calendar: Some(calendar::entry(&with, mail.written_at, from, public_url)),
    })
}
