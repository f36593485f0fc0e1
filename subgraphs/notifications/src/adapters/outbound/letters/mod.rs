//! What a mail looks like: HTML, tickets as PDF, a calendar entry.

mod calendar;
mod html;

use kernel::Fault;
use printing::{PrintedTicket, ticket_pdf};

pub(super) use self::calendar::CalendarFile;
use crate::domain::{letter::Letter, ports::Mail};

/// The parts of a mail besides its plain text.
pub(super) struct Written {
    /// For readers with pictures and colours.
    pub(super) html: String,
    /// The tickets, a page each.
    pub(super) tickets: Option<Vec<u8>>,
    /// The date, for calendars.
    pub(super) calendar: Option<CalendarFile>,
}

/// Writes a mail. The same mail always comes out the same.
pub(super) fn write(mail: &Mail, from: &str, public_url: &str) -> Result<Written, Fault> {
    let html = html::page(&mail.letter, public_url)?;
    let off = match &mail.letter {
        Letter::EventCalledOff(off) => Some((&off.event, off.order_id, off.reason.as_deref())),
        Letter::TicketsRefunded(refund) if refund.whole => {
            Some((&refund.event, refund.order_id, refund.reason()))
        }
        _ => None,
    };
    if let Some((event, order, reason)) = off {
        let calendar = calendar::taken_back(event, order, reason, mail.written_at, from, public_url);
        return Ok(Written { html, tickets: None, calendar: Some(calendar) });
    }
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
        calendar: Some(calendar::date(&with, mail.written_at, from, public_url)),
    })
}
