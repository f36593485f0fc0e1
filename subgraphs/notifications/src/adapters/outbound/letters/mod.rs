//! What a mail looks like: HTML, tickets and invoice as PDF, a calendar entry.

mod calendar;
mod html;
mod look;

use contracts::invoices::{Invoice, InvoiceKind};
use kernel::Fault;
use printing::{PrintedTicket, invoice_pdf, ticket_pdf};

pub(super) use self::calendar::CalendarFile;
use crate::domain::{
    letter::Letter,
    ports::Mail,
    words::{Language, say},
};

/// The parts of a mail besides its plain text.
pub(super) struct Written {
    /// For readers with pictures and colours.
    pub(super) html: String,
    /// The tickets, a page each.
    pub(super) tickets: Option<Vec<u8>>,
    /// The invoice, or the credit note.
    pub(super) invoice: Option<InvoiceFile>,
    /// The date, for calendars.
    pub(super) calendar: Option<CalendarFile>,
}

/// An invoice as it is attached.
pub(super) struct InvoiceFile {
    /// Such as `invoice-2026-000123.pdf`.
    pub(super) name: String,
    pub(super) pdf: Vec<u8>,
}

impl InvoiceFile {
    fn of(invoice: &Invoice, words: Language) -> Result<Self, Fault> {
        let number = invoice.number.as_str();
        let name = match invoice.kind {
            InvoiceKind::Invoice => say!(words, "file-invoice", number = number),
            InvoiceKind::CreditNote => say!(words, "file-credit-note", number = number),
        };
        Ok(Self { name: format!("{name}.pdf"), pdf: invoice_pdf(invoice)? })
    }
}

/// Writes a mail. The same mail always comes out the same.
pub(super) fn write(mail: &Mail, from: &str, public_url: &str) -> Result<Written, Fault> {
    let html = html::page(mail, public_url)?;
    let invoice = mail.letter.invoice().map(|invoice| InvoiceFile::of(invoice, mail.language)).transpose()?;
    let off = match &mail.letter {
        Letter::EventCalledOff(off) => {
            Some((&off.event, (off.order_id, off.sequence), off.reason.as_deref()))
        }
        Letter::TicketsRefunded(refund) if refund.takes_date_back() => {
            Some((&refund.event, (refund.order_id, refund.sequence), refund.reason()))
        }
        _ => None,
    };
    if let Some((event, order, reason)) = off {
        let calendar =
            calendar::taken_back(mail.language, event, order, reason, mail.written_at, from, public_url);
        return Ok(Written { html, tickets: None, invoice, calendar: Some(calendar) });
    }
    if let Letter::EventRescheduled(to) = &mail.letter {
        let calendar = calendar::moved(mail.language, to, mail.written_at, from, public_url);
        return Ok(Written { html, tickets: None, invoice, calendar: Some(calendar) });
    }
    let Some(with) = mail.letter.tickets() else {
        return Ok(Written { html, tickets: None, invoice, calendar: None });
    };
    let printed: Vec<_> = with
        .tickets
        .iter()
        .map(|ticket| PrintedTicket { event: with.event, order_number: with.order_number, ticket })
        .collect();
    Ok(Written {
        html,
        tickets: Some(ticket_pdf(&printed, mail.language)?),
        invoice,
        calendar: Some(calendar::date(mail.language, &with, mail.written_at, from, public_url)),
    })
}
