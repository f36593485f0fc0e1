//! What a printed invoice shows.

use contracts::invoices::{InvoiceBuyer, InvoiceFee, InvoiceSeller, InvoicedEvent, LineTax};
use kernel::{Currency, InvoiceId, OrderId, Rate};
use krilla::configure::{ConfigurationBuilder, PdfVersion};

use super::{table::InvoiceLine, *};
use crate::fonts;

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// Three tickets for 10.00 each with a fee and a tax on top, of which something is taken off.
fn line() -> InvoiceLine {
    InvoiceLine {
        text: "Stalls, full price".to_owned(),
        quantity: 3,
        unit_price: eur(1320),
        amount: eur(3000),
        discount: eur(300),
        fees: eur(300),
        tax: Some(LineTax {
            name: "VAT".to_owned(),
            rate: Rate::percent(20),
            included: false,
            amount: eur(600),
        }),
        total: eur(3600),
    }
}

fn untaxed() -> InvoiceLine {
    let none = eur(0);
    InvoiceLine {
        text: "Programme".to_owned(),
        quantity: 1,
        unit_price: eur(500),
        amount: eur(500),
        discount: none,
        fees: none,
        tax: None,
        total: eur(500),
    }
}

fn included() -> InvoiceLine {
    let tax = LineTax { name: "VAT".to_owned(), rate: Rate::percent(7), included: true, amount: eur(33) };
    InvoiceLine { tax: Some(tax), text: "Book".to_owned(), ..untaxed() }
}

fn invoice() -> Invoice {
    Invoice {
        id: InvoiceId::new(),
        number: "2026-000123".to_owned(),
        kind: InvoiceKind::Invoice,
        issued_at: "2026-11-30T16:00:00Z".parse().unwrap(),
        seller: InvoiceSeller {
            name: "Theater an der Brücke GmbH".to_owned(),
            address: "Brückengasse 4\n1060 Wien\nAustria".to_owned(),
            tax_number: Some("ATU12345678".to_owned()),
        },
        buyer: InvoiceBuyer {
            name: Some("Þórunn Sæmundsdóttir-Żółkiewska".to_owned()),
            email: Some("thorunn@example.org".to_owned()),
        },
        order_id: OrderId::new(),
        order_number: "ODY-7K3MQ2ZT".to_owned(),
        event: InvoicedEvent {
            title: "Die Zauberflöte".to_owned(),
            starts_at: "2027-03-13T19:00:00Z".parse().unwrap(),
            timezone: "Europe/Vienna".parse().unwrap(),
        },
        code: Some("EARLY".to_owned()),
        lines: vec![line(), untaxed(), included()],
        fees: vec![InvoiceFee { name: "Service fee".to_owned(), amount: eur(300) }],
        taxes: vec![tax(20, false, 3000, 600), tax(7, true, 467, 33)],
        total: eur(4600),
        corrects: None,
        locale: None,
    }
}

fn tax(percent: u32, included: bool, net: i64, amount: i64) -> InvoiceTax {
    let rate = Rate::percent(percent);
    InvoiceTax { name: "VAT".to_owned(), rate, included, net: eur(net), amount: eur(amount) }
}

fn credit_note() -> Invoice {
    Invoice {
        number: "CN-2026-000007".to_owned(),
        kind: InvoiceKind::CreditNote,
        corrects: Some("2026-000123".to_owned()),
        ..invoice()
    }
}

/// So many lines, each of its own.
fn long(lines: usize) -> Invoice {
    let line = |place| InvoiceLine { text: format!("Box {place}"), ..line() };
    Invoice { lines: (1..=lines).map(line).collect(), ..invoice() }
}

fn page_count(invoice: &Invoice) -> usize {
    let settings = SerializeSettings {
        compress_content_streams: false,
        configuration: ConfigurationBuilder::new().with_version(PdfVersion::Pdf14).finish().unwrap(),
        ..SerializeSettings::default()
    };
    let pdf = printed(invoice, settings).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    let pages = |mark| text.split(mark).skip(1).filter(|rest| !rest.starts_with('s')).count();
    pages("/Type/Page") + pages("/Type /Page")
}

#[test]
fn an_invoice_of_a_few_lines_has_one_page_and_one_of_many_as_many_as_it_needs() {
    assert_eq!(page_count(&invoice()), 1);
    assert_eq!(page_count(&credit_note()), 1);
    let pages: Vec<usize> = [20, 60, 1000].iter().map(|lines| page_count(&long(*lines))).collect();
    assert!(pages[0] >= 1 && pages[1] >= 2 && (25..=50).contains(&pages[2]), "{pages:?}");
}

#[test]
fn lines_and_sums_end_above_the_footer_whatever_their_number() {
    let mut lettering = Lettering::new(Han::Simplified);
    for lines in 1..80 {
        let invoice = long(lines);
        let table = Table::of(&invoice);
        let rows: Vec<Row> = invoice.lines.iter().map(|line| table.row(&mut lettering, line)).collect();
        let (head, ending) =
            (head_height(&invoice, &mut lettering), ending_height(&invoice, &sums(&invoice)));
        let pages = Pages::of(&rows, head, ending).rows;
        assert_eq!(pages.iter().sum::<usize>(), lines);
        let mut rows = rows.iter();
        for (place, count) in pages.iter().enumerate() {
            let heights: f32 = rows.by_ref().take(*count).map(Row::height).sum();
            let top = if place == 0 { head } else { AGAIN };
            let last = if place + 1 == pages.len() { ending } else { 0.0 };
            assert!(
                top + Table::TITLES + heights + last <= BOTTOM + Table::TITLES,
                "{lines} lines: {pages:?}"
            );
            assert!(top + Table::TITLES + heights <= BOTTOM, "{lines} lines: {pages:?}");
        }
    }
}

#[test]
fn the_same_invoice_has_the_same_bytes() {
    let invoice = invoice();
    let pdf = invoice_pdf(&invoice).unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
    assert_eq!(pdf, invoice_pdf(&invoice).unwrap());
    assert!(pdf.len() < 60_000, "fonts are cut down to what is used: {}", pdf.len());
}

#[test]
fn columns_stay_away_that_say_nothing() {
    let titles = |lines| {
        let table = Table::of(&Invoice { lines, ..invoice() });
        table.columns().join(" ")
    };
    assert_eq!(titles(vec![untaxed(), included()]), "Quantity Price each Total");
    assert_eq!(titles(vec![line()]), "Quantity Price each Amount Discount Fees Tax Total");
}

#[test]
fn what_the_total_is_made_of_is_listed_down_to_it() {
    let labels = |invoice: &Invoice| {
        sums(invoice).into_iter().map(|(label, value)| format!("{label}: {value}")).collect::<Vec<_>>()
    };
    assert_eq!(
        labels(&invoice()),
        ["Tickets: 40.00", "Discount (EARLY): -3.00", "Service fee: 3.00", "VAT 20 %: 6.00"]
    );
    let plain =
        Invoice { lines: vec![untaxed()], fees: Vec::new(), taxes: Vec::new(), total: eur(500), ..invoice() };
    assert_eq!(labels(&plain), <[&str; 0]>::default(), "it would say the total twice");
}

#[test]
fn an_invoice_is_in_the_language_in_which_it_was_issued() {
    let german = Invoice { locale: Some("de-AT".to_owned()), ..invoice() };
    let labels: Vec<_> =
        sums(&german).into_iter().map(|(label, value)| format!("{label}: {value}")).collect();
    assert_eq!(labels, ["Tickets: 40,00", "Rabatt (EARLY): -3,00", "Service fee: 3,00", "VAT 20 %: 6,00"]);
    assert_eq!(facts(&german)[1], ("Datum".to_owned(), "30. November 2026".to_owned()));
    assert_eq!(
        Table::of(&german).columns().join(" "),
        "Menge Einzelpreis Betrag Rabatt Gebühren Steuer Summe"
    );
    assert_eq!(
        Table::of(&german).note(),
        "Alle Beträge in EUR. Der Einzelpreis ist der angezeigte Preis, mit Gebühren und Steuern."
    );
    assert_eq!(title(&Invoice { locale: Some("fr".to_owned()), ..credit_note() }), "Credit note");
}

#[test]
fn no_name_title_or_address_breaks_an_invoice() {
    fonts::tests::with_letters_for_tests();
    let long = "Unausprechlichkeitsüberschwang ".repeat(300);
    for text in
        ["", " ", "東京ドーム　夏祭り 2027", "🎷 Jazz 🎷", "مهرجان الموسيقى", "\u{0}\u{7}\u{200f}", &long]
    {
        let mut invoice = credit_note();
        for field in [
            &mut invoice.seller.name,
            &mut invoice.seller.address,
            &mut invoice.event.title,
            &mut invoice.order_number,
            &mut invoice.number,
            &mut invoice.lines[0].text,
            &mut invoice.fees[0].name,
            &mut invoice.taxes[0].name,
        ] {
            text.clone_into(field);
        }
        invoice.buyer = InvoiceBuyer { name: Some(text.to_owned()), email: None };
        invoice.seller.tax_number = Some(text.to_owned());
        assert_eq!(page_count(&invoice), 1, "{text:?}");
    }
}

/// Sellers, buyers, titles and zones all over the world.
fn around_the_world() -> Vec<Invoice> {
    let of = |(seller, buyer, title, zone): (&str, &str, &str, &str)| {
        let mut invoice = invoice();
        invoice.seller.name = seller.to_owned();
        invoice.seller.address = format!("{seller}\n6433215 {seller}");
        invoice.buyer.name = Some(buyer.to_owned());
        invoice.event.title = title.to_owned();
        invoice.event.timezone = zone.parse().unwrap();
        invoice.lines[0].text = title.to_owned();
        invoice
    };
    [
        ("היכל התרבות 12", "שרה כהן", "מופע Jazz Night 2027", "Asia/Jerusalem"),
        ("دار الأوبرا، القاعة 3", "فاطمة الزهراء", "مهرجان الموسيقى 2027 (Jazz)", "Africa/Cairo"),
        ("東京夏祭り", "山田 太郎", "東京フィル 夏祭り 2027", "Asia/Tokyo"),
        ("한국 음악", "김민준", "한국 음악", "Asia/Seoul"),
        ("Філармонія", "Олена Шевченко", "Вечір музики", "Europe/Kyiv"),
    ]
    .map(of)
    .to_vec()
}

#[test]
fn names_of_any_script_are_printed_with_letters() {
    fonts::tests::with_letters_for_tests();
    for invoice in around_the_world() {
        let mut lettering = Lettering::new(han(&invoice));
        for text in [&invoice.seller.name, invoice.buyer.name.as_ref().unwrap(), &invoice.event.title] {
            let fitted = lettering.fit(text, WIDTH, name_style().wish);
            assert_eq!(fitted.missing().collect::<String>(), "", "{text}");
        }
        assert!(invoice_pdf(&invoice).unwrap().len() < 120_000);
    }
}

/// `cargo test -p odysseus-printing -- --ignored` leaves files to look at in the temporary folder.
#[test]
#[ignore = "for the eye: writes files"]
fn invoices_to_look_at() {
    let installed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools/fonts");
    crate::look_for_fonts_in(installed.into());
    let write = |name: &str, invoice: &Invoice| {
        let pdf = invoice_pdf(invoice).unwrap();
        std::fs::write(std::env::temp_dir().join(name), pdf).unwrap();
    };
    write("odysseus-invoice.pdf", &invoice());
    write("odysseus-credit-note.pdf", &credit_note());
    let german = |invoice| Invoice { locale: Some("de".to_owned()), ..invoice };
    write("odysseus-invoice-german.pdf", &german(invoice()));
    write("odysseus-credit-note-german.pdf", &german(credit_note()));
    write("odysseus-invoice-long.pdf", &long(60));
    for (place, invoice) in around_the_world().iter().enumerate() {
        write(&format!("odysseus-invoice-abroad-{place}.pdf"), invoice);
    }
}
