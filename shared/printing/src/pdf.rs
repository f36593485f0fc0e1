//! Tickets as a PDF: a page of A6 for each, upright, which prints well on any paper.

use std::borrow::Cow;

use contracts::purchase::{EventOnTicket, TicketInHand};
use kernel::Fault;
use krilla::{Document, SerializeSettings, metadata::Metadata, page::PageSettings};

use crate::{
    Language, address_lines,
    fonts::Han,
    lettering::Lettering,
    qr::Grid,
    sheet::{Colour, Sheet, bold, regular},
    words::say,
};

/// A6 in points.
const PAGE: (f32, f32) = (297.64, 419.53);
const MARGIN: f32 = 18.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
const BAND: f32 = 80.0;
const QR: f32 = 156.0;
/// As many lines as there is room for.
const ADDRESS_LINES: usize = 3;

const INK: Colour = (23, 32, 43);
const GREY: Colour = (85, 96, 108);
const NIGHT: Colour = (23, 32, 43);
const PALE: Colour = (244, 239, 228);
const WHITE: Colour = (255, 255, 255);

/// A ticket to be printed.
#[derive(Clone, Copy, Debug)]
pub struct PrintedTicket<'a> {
    /// For which event.
    pub event: &'a EventOnTicket,
    /// Of which order, as people say it.
    pub order_number: &'a str,
    /// The ticket itself.
    pub ticket: &'a TicketInHand,
}

/// Prints tickets, a page each, with their words in this language, in any script that a font of the program or of the machine has.
///
/// Titles and names of any length fit: they shrink, break, and at last are cut. A letter that no font has is drawn as
/// an empty box, counted (`printing_letters_missing_total`), and told of in the log.
pub fn ticket_pdf(tickets: &[PrintedTicket<'_>], words: Language) -> Result<Vec<u8>, Fault> {
    printed(tickets, words, SerializeSettings::default())
}

fn printed(
    tickets: &[PrintedTicket<'_>],
    words: Language,
    settings: SerializeSettings,
) -> Result<Vec<u8>, Fault> {
    let mut document = Document::new_with(settings);
    if let Some(first) = tickets.first() {
        let title =
            say!(words, "tickets-title", title = first.event.title.as_str(), number = first.order_number);
        document.set_metadata(
            Metadata::new().title(title).creator("Odysseus".to_owned()).language(words.code().to_owned()),
        );
    }
    let mut lettering = Lettering::new(han(tickets));
    for ticket in tickets {
        let grid = Grid::of(&ticket.ticket.qr_payload)?;
        let size = PageSettings::from_wh(PAGE.0, PAGE.1)
            .ok_or_else(|| Fault::broken_rule("the page of tickets has no size"))?;
        let mut page = document.start_page_with(size);
        let mut sheet = Sheet { surface: page.surface(), lettering: &mut lettering };
        draw(&mut sheet, ticket, words, &grid)?;
        drop(sheet);
        page.finish();
    }
    document.finish().map_err(|cause| Fault::new("printing tickets", cause.to_string()))
}

/// How Chinese characters are to look: as where the event is, unless its words say otherwise.
fn han(tickets: &[PrintedTicket<'_>]) -> Han {
    let Some(PrintedTicket { event, .. }) = tickets.first() else { return Han::Simplified };
    Han::of([event.title.as_str(), &event.venue_name, &event.venue_address], event.timezone.tz())
}

fn draw(
    sheet: &mut Sheet<'_, '_>,
    printed: &PrintedTicket<'_>,
    words: Language,
    grid: &Grid,
) -> Result<(), Fault> {
    let (event, ticket) = (printed.event, printed.ticket);
    sheet.area(0.0, 0.0, PAGE.0, BAND, NIGHT);
    sheet.text(MARGIN, 15.0, WIDTH, &event.title, bold(WHITE, 3, 19.0, 10.0))?;

    let times = words.times(event);
    let mut y = BAND + 11.0;
    y = sheet.text(MARGIN, y, WIDTH, &times.days, bold(INK, 1, 12.0, 7.0))? + 1.0;
    y = sheet.text(MARGIN, y, WIDTH, &words.doors_and_start(&times), regular(INK, 1, 10.0, 7.0))? + 5.0;
    y = sheet.text(MARGIN, y, WIDTH, &event.venue_name, bold(INK, 1, 10.0, 7.0))? + 1.0;
    sheet.text(
        MARGIN,
        y,
        WIDTH,
        &short_address(&event.venue_address, words),
        regular(GREY, ADDRESS_LINES, 8.5, 7.0),
    )?;

    place(sheet, ticket, words, 180.0)?;

    let top = 230.0;
    sheet.code(grid, MARGIN - 8.0, top, QR);
    let x = MARGIN - 8.0 + QR + 6.0;
    let width = PAGE.0 - MARGIN - x;
    let facts = [
        ("ticket", ticket.ticket_type.as_str(), 9.5),
        ("name", ticket.holder_name.as_str(), 9.5),
        ("price", &words.money(ticket.price), 9.5),
        ("order", printed.order_number, 9.5),
        ("code", ticket.code.as_str(), 13.0),
    ];
    let mut y = top + 6.0;
    for (label, value, size) in facts {
        y = sheet.text(x, y, width, &say!(words, label), regular(GREY, 1, 6.5, 6.5))?;
        y = sheet.text(x, y, width, value, bold(INK, 3, size, 6.5))? + 5.0;
    }

    let footer = say!(words, "at-the-door");
    sheet.text(MARGIN, PAGE.1 - 22.0, WIDTH, &footer, regular(GREY, 1, 7.0, 5.0))?;
    Ok(())
}

/// An address in its lines where there is room for them; on the lines that there are where it has more.
fn short_address(address: &str, words: Language) -> Cow<'_, str> {
    let address = address_lines(address, words);
    if address.lines().count() <= ADDRESS_LINES {
        return address;
    }
    Cow::Owned(address.lines().collect::<Vec<_>>().join(", "))
}

/// Where to sit, large; or what kind of ticket it is where nobody has a place of their own.
fn place(sheet: &mut Sheet<'_, '_>, ticket: &TicketInHand, words: Language, y: f32) -> Result<(), Fault> {
    sheet.area(MARGIN, y, WIDTH, 44.0, PALE);
    let parts = [("section", &ticket.section, 2.0), ("row", &ticket.row, 1.0), ("seat", &ticket.seat, 1.0)];
    let mut parts: Vec<(&str, &str, f32)> = parts
        .iter()
        .filter_map(|(label, value, share)| value.as_deref().map(|value| (*label, value, *share)))
        .collect();
    if parts.is_empty() {
        parts.push(("admission", &ticket.ticket_type, 1.0));
    }
    let whole: f32 = parts.iter().map(|(.., share)| share).sum();
    let mut x = MARGIN;
    for (label, value, share) in parts {
        let width = WIDTH * share / whole;
        sheet.text(x + 9.0, y + 6.0, width - 14.0, &say!(words, label), regular(GREY, 1, 7.0, 7.0))?;
        // One line, large; a long name gets two, of a size of which two fit.
        let one = sheet.lettering.fit(value, width - 14.0, bold(INK, 1, 19.0, 11.5).wish);
        if one.cut {
            sheet.text(x + 9.0, y + 16.0, width - 14.0, value, bold(INK, 2, 11.0, 6.5))?;
        } else {
            sheet.fitted(x + 9.0, y + 16.0, &one, INK)?;
        }
        x += width;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
