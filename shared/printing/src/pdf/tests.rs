//! What a printed ticket shows.

mod medleys;

use kernel::{Currency, EventId, Money, TicketId};

use krilla::configure::{ConfigurationBuilder, PdfVersion};

use super::*;
use crate::fonts;
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
    ticket_pdf(&printed, Language::English).unwrap()
}

/// Nothing compressed, for tests to read.
fn plain(tickets: &[PrintedTicket<'_>]) -> Vec<u8> {
    let settings = SerializeSettings {
        compress_content_streams: false,
        configuration: ConfigurationBuilder::new().with_version(PdfVersion::Pdf14).finish().unwrap(),
        ..SerializeSettings::default()
    };
    printed(tickets, Language::English, settings).unwrap()
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
    fonts::tests::with_letters_for_tests();
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
        (ticket.section, ticket.row, ticket.seat) = (Some(title.to_owned()), Some(title.to_owned()), None);
        assert!(pages(&[event], &[ticket]).starts_with(b"%PDF-"), "{title:?}");
    }
}

/// Titles, venues, holders and zones all over the world.
const WORLD: [(&str, &str, &str, &str); 8] = [
    ("מופע Jazz Night 2027", "היכל התרבות 12", "שרה כהן", "Asia/Jerusalem"),
    ("مهرجان الموسيقى 2027 (Jazz)", "دار الأوبرا، القاعة 3", "فاطمة الزهراء", "Africa/Cairo"),
    ("東京フィル 夏祭り 2027", "東京夏祭り", "山田 太郎", "Asia/Tokyo"),
    ("한국 음악", "한국 음악", "김민준", "Asia/Seoul"),
    ("北京 音乐节", "北京音乐节", "山田", "Asia/Shanghai"),
    ("เทศกาลดนตรีนานาชาติ", "ที่นั่ง น้ำ", "สมชาย ใจดี", "Asia/Bangkok"),
    ("संगीत समारोह", "क्षेत्र १२", "अमित शर्मा", "Asia/Kolkata"),
    ("🎷 Jazz 👩‍🎤", "Café 🇩🇪", "Zoë 🎸", "Europe/Vienna"),
];

#[test]
fn an_address_of_many_lines_is_printed_whole() {
    let short = |address| short_address(address, Language::English);
    assert_eq!(short("Brückengasse 4\n1060 Wien\nAT"), "Brückengasse 4\n1060 Wien\nAustria");
    assert_eq!(
        short("3-8-1 Kawazoe, Shibuya-ku\nTokyo\n150-0099\nJP"),
        "3-8-1 Kawazoe, Shibuya-ku, Tokyo, 150-0099, Japan"
    );
}

fn around_the_world() -> Vec<(EventOnTicket, TicketInHand)> {
    let ticket_of = |(title, venue, holder, zone): (&str, &str, &str, &str)| {
        let (mut event, mut ticket) = (event(), ticket());
        (event.title, event.venue_name) = (title.to_owned(), venue.to_owned());
        event.venue_address = format!("{venue}\n6433215 {venue}\nIsrael");
        event.timezone = zone.parse().unwrap();
        (ticket.holder_name, ticket.ticket_type) = (holder.to_owned(), title.to_owned());
        ticket.section = Some(venue.to_owned());
        (event, ticket)
    };
    WORLD.map(ticket_of).to_vec()
}

#[test]
fn a_ticket_in_any_script_is_small() {
    fonts::tests::with_letters_for_tests();
    let (events, tickets): (Vec<_>, Vec<_>) = around_the_world().into_iter().unzip();
    for (event, ticket) in events.iter().zip(&tickets) {
        let pdf = pages(std::slice::from_ref(event), std::slice::from_ref(ticket));
        assert!(pdf.len() < 120_000, "{}: {}", event.title, pdf.len());
    }
    assert!(pages(&events, &tickets).len() < 200_000);
}

/// `cargo test -p odysseus-printing -- --ignored` leaves files to look at in the temporary folder.
#[test]
#[ignore = "for the eye: writes files"]
fn tickets_to_look_at() {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/fonts");
    crate::look_for_fonts_in(installed.into());
    let mut events = [event(), event(), event(), event()];
    let mut tickets = [ticket(), ticket(), ticket(), ticket()];
    (tickets[1].section, tickets[1].row, tickets[1].seat) = (Some("Standing B".to_owned()), None, None);
    events[2].title = "The Very Long Night of Improvised Music, with Guests from Eleven Countries, \
                       and a Procession through the Old Town at Dawn"
        .to_owned();
    tickets[2].section = Some("Upper circle, boxes left and right".to_owned());
    events[3].title = "東京ジャズ Festival".to_owned();
    (tickets[3].section, tickets[3].row, tickets[3].seat) = (None, None, None);
    let (mut abroad, mut theirs): (Vec<_>, Vec<_>) = around_the_world().into_iter().unzip();
    theirs[0].row = None;
    abroad[1].title = abroad[1].title.repeat(5);
    let write = |name: &str, pdf| std::fs::write(std::env::temp_dir().join(name), pdf).unwrap();
    let printed: Vec<_> = events
        .iter()
        .zip(&tickets)
        .map(|(event, ticket)| PrintedTicket { event, order_number: "ODY-2027-000123", ticket })
        .collect();
    write("odysseus-tickets.pdf", pages(&events, &tickets));
    write("odysseus-tickets-german.pdf", ticket_pdf(&printed, Language::German).unwrap());
    write("odysseus-tickets-abroad.pdf", pages(&abroad, &theirs));
}

#[test]
fn bold_letters_are_bold_also_where_their_font_has_none() {
    fonts::tests::with_letters_for_tests();
    let ticket = ticket();
    let thickened = |title: &str| {
        let event = EventOnTicket { title: title.to_owned(), ..event() };
        let printed = PrintedTicket { event: &event, order_number: "ODY-1", ticket: &ticket };
        let pdf = plain(&[printed]);
        // Filled and outlined.
        String::from_utf8_lossy(&pdf).matches("2 Tr").count()
    };
    assert_eq!(thickened("Die Zauberflöte"), 0, "there are bold letters for it");
    assert_eq!(thickened("東京"), 1);
}
