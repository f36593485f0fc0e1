//! Tickets as a PDF: a page of A6 for each, upright, which prints well on any paper.

use contracts::purchase::{EventOnTicket, TicketInHand};
use kernel::Fault;
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    page::PageSettings,
    paint::{Fill, FillRule},
    surface::Surface,
    text::TextDirection,
};

use crate::{
    WrittenTimes, address_lines,
    lettering::{Fonts, Lettering},
    qr::Grid,
};

/// A6 in points.
const PAGE: (f32, f32) = (297.64, 419.53);
const MARGIN: f32 = 18.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
const BAND: f32 = 80.0;
const QR: f32 = 156.0;

/// Red, green, blue.
type Colour = (u8, u8, u8);

const INK: Colour = (20, 24, 38);
const GREY: Colour = (96, 102, 118);
const NIGHT: Colour = (31, 38, 76);
const PALE: Colour = (238, 240, 247);
const WHITE: Colour = (255, 255, 255);
const BLACK: Colour = (0, 0, 0);

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

/// Prints tickets, a page each.
///
/// Titles and names of any length fit: they shrink, break, and at last are cut. Letters that the fonts
/// do not have, such as Chinese and Japanese ones, are drawn as empty boxes.
pub fn ticket_pdf(tickets: &[PrintedTicket<'_>]) -> Result<Vec<u8>, Fault> {
    printed(tickets, SerializeSettings::default())
}

fn printed(tickets: &[PrintedTicket<'_>], settings: SerializeSettings) -> Result<Vec<u8>, Fault> {
    let fonts = Fonts::load()?;
    let mut document = Document::new_with(settings);
    if let Some(first) = tickets.first() {
        document.set_metadata(
            Metadata::new()
                .title(format!("{}: tickets of order {}", first.event.title, first.order_number))
                .creator("Odysseus".to_owned())
                .language("en".to_owned()),
        );
    }
    for ticket in tickets {
        let grid = Grid::of(&ticket.ticket.qr_payload)?;
        let size = PageSettings::from_wh(PAGE.0, PAGE.1)
            .ok_or_else(|| Fault::broken_rule("the page of tickets has no size"))?;
        let mut page = document.start_page_with(size);
        let mut sheet = Sheet { surface: page.surface(), fonts: &fonts };
        sheet.draw(ticket, &grid);
        drop(sheet);
        page.finish();
    }
    document.finish().map_err(|cause| Fault::new("printing tickets", cause.to_string()))
}

/// A page being drawn on; y runs downwards.
struct Sheet<'a, 'b> {
    surface: Surface<'a>,
    fonts: &'b Fonts,
}

/// How a text is to be set.
struct Style<'a> {
    lettering: &'a Lettering,
    colour: Colour,
    lines: usize,
    largest: f32,
    smallest: f32,
}

impl Sheet<'_, '_> {
    fn draw(&mut self, printed: &PrintedTicket<'_>, grid: &Grid) {
        let (event, ticket) = (printed.event, printed.ticket);
        self.area(0.0, 0.0, PAGE.0, BAND, NIGHT);
        let title = self.bold(WHITE, 3, 19.0, 10.0);
        self.text(MARGIN, 15.0, WIDTH, &event.title, &title);

        let times = WrittenTimes::of(event);
        let mut y = BAND + 11.0;
        y = self.text(MARGIN, y, WIDTH, &times.days, &self.bold(INK, 1, 12.0, 7.0)) + 1.0;
        y = self.text(MARGIN, y, WIDTH, &times.doors_and_start(), &self.regular(INK, 2, 10.0, 8.0)) + 5.0;
        y = self.text(MARGIN, y, WIDTH, &event.venue_name, &self.bold(INK, 1, 10.0, 7.0)) + 1.0;
        self.text(MARGIN, y, WIDTH, &address_lines(&event.venue_address), &self.regular(GREY, 3, 8.5, 7.0));

        self.place(ticket, 180.0);

        let top = 230.0;
        self.code(grid, MARGIN - 8.0, top, QR);
        let x = MARGIN - 8.0 + QR + 6.0;
        let width = PAGE.0 - MARGIN - x;
        let facts = [
            ("Ticket", ticket.ticket_type.as_str(), 9.5),
            ("Name", ticket.holder_name.as_str(), 9.5),
            ("Price", &ticket.price.to_string(), 9.5),
            ("Order", printed.order_number, 9.5),
            ("Code", ticket.code.as_str(), 13.0),
        ];
        let mut y = top + 6.0;
        for (label, value, size) in facts {
            y = self.text(x, y, width, label, &self.regular(GREY, 1, 6.5, 6.5));
            y = self.text(x, y, width, value, &self.bold(INK, 3, size, 6.5)) + 5.0;
        }

        let footer = "Show the square at the door, on paper or on a screen. It lets one person in, once.";
        self.text(MARGIN, PAGE.1 - 22.0, WIDTH, footer, &self.regular(GREY, 1, 7.0, 5.0));
    }

    /// Where to sit, large; or what kind of ticket it is where nobody has a place of their own.
    fn place(&mut self, ticket: &TicketInHand, y: f32) {
        self.area(MARGIN, y, WIDTH, 44.0, PALE);
        let parts =
            [("Section", &ticket.section, 2.0), ("Row", &ticket.row, 1.0), ("Seat", &ticket.seat, 1.0)];
        let mut parts: Vec<(&str, &str, f32)> = parts
            .iter()
            .filter_map(|(label, value, share)| value.as_deref().map(|value| (*label, value, *share)))
            .collect();
        if parts.is_empty() {
            parts.push(("Admission", &ticket.ticket_type, 1.0));
        }
        let whole: f32 = parts.iter().map(|(.., share)| share).sum();
        let mut x = MARGIN;
        for (label, value, share) in parts {
            let width = WIDTH * share / whole;
            // One line, large; a long name gets two, of a size of which two fit.
            let one = self.fonts.bold.fit(value, width - 14.0, 1, 19.0, 11.5);
            let cut = one.lines.last().is_some_and(|line| line.ends_with('…'));
            let style = if cut { self.bold(INK, 2, 11.0, 6.5) } else { self.bold(INK, 1, 19.0, 11.5) };
            self.text(x + 9.0, y + 6.0, width - 14.0, label, &self.regular(GREY, 1, 7.0, 7.0));
            self.text(x + 9.0, y + 16.0, width - 14.0, value, &style);
            x += width;
        }
    }

    /// The QR code as boxes, its quiet zone within `side`.
    fn code(&mut self, grid: &Grid, x: f32, y: f32, side: f32) {
        #[expect(clippy::cast_precision_loss, reason = "a code has at most 185 modules a side")]
        let at = |modules: usize| modules as f32 * side / grid.side as f32;
        let mut path = PathBuilder::new();
        for (column, row, length) in grid.runs() {
            if let Some(run) = Rect::from_xywh(x + at(column), y + at(row), at(length), at(1)) {
                path.push_rect(run);
            }
        }
        if let Some(path) = path.finish() {
            self.fill(BLACK);
            self.surface.draw_path(&path);
        }
    }

    /// Sets a text with its upper edge at `y`; gives the lower edge.
    fn text(&mut self, x: f32, y: f32, width: f32, text: &str, style: &Style<'_>) -> f32 {
        let fitted = style.lettering.fit(text, width, style.lines, style.largest, style.smallest);
        self.fill(style.colour);
        let mut base = y;
        for line in &fitted.lines {
            base += fitted.size * 1.22;
            self.surface.draw_text(
                Point::from_xy(x, base - fitted.size * 0.25),
                style.lettering.font.clone(),
                fitted.size,
                line,
                false,
                TextDirection::Auto,
            );
        }
        base
    }

    fn area(&mut self, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
        let mut path = PathBuilder::new();
        if let Some(area) = Rect::from_xywh(x, y, width, height) {
            path.push_rect(area);
        }
        if let Some(path) = path.finish() {
            self.fill(colour);
            self.surface.draw_path(&path);
        }
    }

    fn fill(&mut self, colour: Colour) {
        let (red, green, blue) = colour;
        let paint = rgb::Color::new(red, green, blue).into();
        let fill = Fill { paint, rule: FillRule::NonZero, ..Fill::default() };
        self.surface.set_fill(Some(fill));
    }
}

impl<'b> Sheet<'_, 'b> {
    fn regular(&self, colour: Colour, lines: usize, largest: f32, smallest: f32) -> Style<'b> {
        Style { lettering: &self.fonts.regular, colour, lines, largest, smallest }
    }

    fn bold(&self, colour: Colour, lines: usize, largest: f32, smallest: f32) -> Style<'b> {
        Style { lettering: &self.fonts.bold, colour, lines, largest, smallest }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use kernel::{Currency, EventId, Money, TicketId};

    use krilla::configure::{ConfigurationBuilder, PdfVersion};

    use super::*;
    use crate::qr::tests::{TOKEN, read};

    pub(crate) fn event() -> EventOnTicket {
        EventOnTicket {
            event_id: EventId::new(),
            title: "Die Zauberflöte".to_owned(),
            slug: "die-zauberfloete".to_owned(),
            venue_name: "Theater an der Brücke".to_owned(),
            venue_address: "Brückengasse 4\n1060 Wien\nAustria".to_owned(),
            starts_at: "2027-03-13T19:00:00Z".parse().unwrap(),
            ends_at: "2027-03-13T22:00:00Z".parse().unwrap(),
            doors_at: Some("2027-03-13T18:00:00Z".parse().unwrap()),
            timezone: "Europe/Vienna".parse().unwrap(),
            currency: Currency::EUR,
        }
    }

    pub(crate) fn ticket() -> TicketInHand {
        TicketInHand {
            ticket_id: TicketId::new(),
            code: "K7PM-2QXD".to_owned(),
            qr_payload: TOKEN.to_owned(),
            ticket_type: "Stalls, full price".to_owned(),
            section: Some("Stalls left".to_owned()),
            row: Some("12".to_owned()),
            seat: Some("104".to_owned()),
            holder_name: "Þórunn Sæmundsdóttir-Żółkiewska".to_owned(),
            holder_email: "thorunn@example.org".to_owned(),
            price: Money::new(4950, Currency::EUR),
        }
    }

    fn pages(events: &[EventOnTicket], tickets: &[TicketInHand]) -> Vec<u8> {
        let printed: Vec<_> = events
            .iter()
            .zip(tickets)
            .map(|(event, ticket)| PrintedTicket { event, order_number: "ODY-2027-000123", ticket })
            .collect();
        ticket_pdf(&printed).unwrap()
    }

    /// Nothing compressed, for tests to read.
    fn plain(tickets: &[PrintedTicket<'_>]) -> Vec<u8> {
        let settings = SerializeSettings {
            compress_content_streams: false,
            configuration: ConfigurationBuilder::new().with_version(PdfVersion::Pdf14).finish().unwrap(),
            ..SerializeSettings::default()
        };
        printed(tickets, settings).unwrap()
    }

    /// Paints the boxes of an uncompressed page: what is black in it is the QR code.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a small page")]
    fn black_boxes(pdf: &[u8]) -> image::GrayImage {
        let text = String::from_utf8_lossy(pdf);
        let scale = 6.0;
        let (width, height) = ((PAGE.0 * scale) as u32, (PAGE.1 * scale) as u32);
        let mut picture = image::GrayImage::from_pixel(width, height, image::Luma([255]));
        let (mut black, mut numbers, mut corners) = (false, Vec::<f32>::new(), Vec::<(f32, f32)>::new());
        for word in text.split_ascii_whitespace() {
            if let Ok(number) = word.parse() {
                numbers.push(number);
                continue;
            }
            match (word, numbers.as_slice()) {
                ("rg", &[.., red, green, blue]) => black = red + green + blue == 0.0,
                ("m" | "l", &[.., x, y]) => corners.push((x * scale, y * scale)),
                ("h", _) if black => {
                    let ends = |all: &dyn Fn(&(f32, f32)) -> f32| {
                        let low = corners.iter().map(all).fold(f32::MAX, f32::min);
                        low.round() as u32..corners.iter().map(all).fold(0.0, f32::max).round() as u32
                    };
                    for y in ends(&|corner| corner.1) {
                        ends(&|corner| corner.0).for_each(|x| picture.put_pixel(x, y, image::Luma([0])));
                    }
                }
                _ => {}
            }
            numbers.clear();
            if word == "h" {
                corners.clear();
            }
        }
        picture
    }

    #[test]
    fn the_code_on_the_page_reads_as_what_went_in() {
        let (event, ticket) = (event(), ticket());
        let printed = PrintedTicket { event: &event, order_number: "ODY-1", ticket: &ticket };
        assert_eq!(read(&black_boxes(&plain(&[printed]))), [TOKEN]);
    }

    #[test]
    fn each_ticket_has_a_page_of_its_own() {
        let (event, ticket) = (event(), ticket());
        let printed = PrintedTicket { event: &event, order_number: "ODY-1", ticket: &ticket };
        for count in [1, 3] {
            let pdf = plain(&vec![printed; count]);
            let pages = String::from_utf8_lossy(&pdf)
                .split("/Type/Page")
                .skip(1)
                .filter(|rest| !rest.starts_with('s'))
                .count()
                + String::from_utf8_lossy(&pdf)
                    .split("/Type /Page")
                    .skip(1)
                    .filter(|rest| !rest.starts_with('s'))
                    .count();
            assert_eq!(pages, count);
        }
    }

    #[test]
    fn the_same_tickets_have_the_same_bytes() {
        let (events, tickets) = ([event(), event(), event()], [ticket(), ticket(), ticket()]);
        let pdf = pages(&events, &tickets);
        assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
        assert_eq!(pdf, pages(&events, &tickets));
        assert!(pdf.len() < 120_000, "fonts are cut down to what is used: {}", pdf.len());
    }

    #[test]
    fn no_title_name_or_place_breaks_a_ticket() {
        let long = "Unausprechlichkeitsüberschwang ".repeat(300);
        for title in
            ["", " ", "東京ドーム　夏祭り 2027", "🎷 Jazz 🎷", "مهرجان الموسيقى", "\u{0}\u{7}\u{200f}", &long]
        {
            let (mut event, mut ticket) = (event(), ticket());
            for text in [&mut event.title, &mut event.venue_name, &mut event.venue_address] {
                title.clone_into(text);
            }
            for text in [&mut ticket.holder_name, &mut ticket.ticket_type, &mut ticket.code] {
                title.clone_into(text);
            }
            (ticket.section, ticket.row, ticket.seat) =
                (Some(title.to_owned()), Some(title.to_owned()), None);
            assert!(pages(&[event], &[ticket]).starts_with(b"%PDF-"), "{title:?}");
        }
    }

    /// `cargo test -p odysseus-printing -- --ignored` leaves a file to look at in the temporary folder.
    #[test]
    #[ignore = "for the eye: writes a file"]
    fn tickets_to_look_at() {
        let mut events = [event(), event(), event(), event()];
        let mut tickets = [ticket(), ticket(), ticket(), ticket()];
        (tickets[1].section, tickets[1].row, tickets[1].seat) = (Some("Standing B".to_owned()), None, None);
        events[2].title = "The Very Long Night of Improvised Music, with Guests from Eleven Countries, \
                           and a Procession through the Old Town at Dawn"
            .to_owned();
        tickets[2].section = Some("Upper circle, boxes left and right".to_owned());
        events[3].title = "東京ジャズ Festival".to_owned();
        (tickets[3].section, tickets[3].row, tickets[3].seat) = (None, None, None);
        std::fs::write(std::env::temp_dir().join("odysseus-tickets.pdf"), pages(&events, &tickets)).unwrap();
    }
}
