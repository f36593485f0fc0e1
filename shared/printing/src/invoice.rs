//! Invoices and credit notes as a PDF: upright pages of A4, as many as the lines need.

mod table;

use contracts::invoices::{Invoice, InvoiceKind, InvoiceTax};
use kernel::{Fault, Money};
use krilla::{Document, SerializeSettings, metadata::Metadata, page::PageSettings};

use self::table::{Row, Table};
use crate::{
    Language,
    fonts::Han,
    lettering::Lettering,
    sheet::{Colour, Sheet, bold, regular},
    words::say,
};

/// A4 in points.
const PAGE: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 48.0;
const WIDTH: f32 = PAGE.0 - 2.0 * MARGIN;
const RIGHT: f32 = PAGE.0 - MARGIN;
/// Where lines and sums end, and the footer has its place.
const BOTTOM: f32 = PAGE.1 - 60.0;
const COLUMN: f32 = (WIDTH - 24.0) / 2.0;
/// Where the lines go on, on all pages but the first.
const AGAIN: f32 = MARGIN + 22.0;
/// The most lines of who sells.
const SELLER_LINES: usize = 10;

const INK: Colour = (23, 32, 43);
const GREY: Colour = (85, 96, 108);
const PALE: Colour = (244, 239, 228);

/// Prints an invoice or a credit note, in the language in which it was issued, in any script that a font of the program or of the machine has.
///
/// Names, titles and addresses of any length fit: they shrink, break, and at last are cut. What is many goes on over as many
/// pages as it needs. A letter that no font has is drawn as an empty box, as on tickets.
pub fn invoice_pdf(invoice: &Invoice) -> Result<Vec<u8>, Fault> {
    printed(invoice, SerializeSettings::default())
}

fn printed(invoice: &Invoice, settings: SerializeSettings) -> Result<Vec<u8>, Fault> {
    let mut document = Document::new_with(settings);
    document.set_metadata(
        Metadata::new()
            .title(format!("{} {}", title(invoice), invoice.number))
            .creator("Odysseus".to_owned())
            .language(words(invoice).code().to_owned()),
    );
    let mut lettering = Lettering::new(han(invoice));
    let table = Table::of(invoice);
    let rows: Vec<Row> = invoice.lines.iter().map(|line| table.row(&mut lettering, line)).collect();
    let sums = sums(invoice);
    let head = head_height(invoice, &mut lettering);
    let pages = Pages::of(&rows, head, ending_height(invoice, &sums));
    let mut rows = rows.iter();
    for (place, count) in pages.rows.iter().enumerate() {
        let size = PageSettings::from_wh(PAGE.0, PAGE.1)
            .ok_or_else(|| Fault::broken_rule("the page of invoices has no size"))?;
        let mut page = document.start_page_with(size);
        let mut sheet = Sheet { surface: page.surface(), lettering: &mut lettering };
        let mut y =
            if place == 0 { draw_head(&mut sheet, invoice)? } else { draw_again(&mut sheet, invoice)? };
        if *count > 0 {
            y = table.draw_titles(&mut sheet, y)?;
        }
        for row in rows.by_ref().take(*count) {
            y = table.draw(&mut sheet, row, y)?;
        }
        if place + 1 == pages.rows.len() {
            draw_ending(&mut sheet, invoice, &sums, &table, y)?;
        }
        draw_footer(&mut sheet, invoice, place + 1, pages.rows.len())?;
        drop(sheet);
        page.finish();
    }
    document.finish().map_err(|cause| Fault::new("printing an invoice", cause.to_string()))
}

/// How many lines each page has; the sums stand on the last.
struct Pages {
    rows: Vec<usize>,
}

impl Pages {
    /// The first page's lines begin at `head`. The sums stay together, on a page of their own where there is no room.
    fn of(rows: &[Row], head: f32, ending: f32) -> Self {
        let mut pages = vec![0];
        let mut y = head + Table::TITLES;
        for row in rows {
            if y + row.height() > BOTTOM {
                pages.push(0);
                y = AGAIN + Table::TITLES;
            }
            y += row.height();
            if let Some(last) = pages.last_mut() {
                *last += 1;
            }
        }
        if y + ending > BOTTOM {
            pages.push(0);
        }
        Self { rows: pages }
    }
}

/// In which language it is.
fn words(invoice: &Invoice) -> Language {
    invoice.locale.as_deref().map(Language::of).unwrap_or_default()
}

fn title(invoice: &Invoice) -> String {
    match invoice.kind {
        InvoiceKind::Invoice => say!(words(invoice), "invoice"),
        InvoiceKind::CreditNote => say!(words(invoice), "credit-note"),
    }
}

/// How Chinese characters are to look: as where the event is, unless its words or its seller's say otherwise.
fn han(invoice: &Invoice) -> Han {
    let texts = [invoice.event.title.as_str(), &invoice.seller.name, &invoice.seller.address];
    Han::of(texts, invoice.event.timezone.tz())
}

/// What stands at the right of the title.
fn facts(invoice: &Invoice) -> Vec<(String, String)> {
    let words = words(invoice);
    let mut facts = vec![
        (say!(words, "number"), invoice.number.clone()),
        (say!(words, "date"), words.date(invoice.issued_at.date_naive())),
        (say!(words, "order"), invoice.order_number.clone()),
    ];
    facts.extend(invoice.corrects.clone().map(|corrected| (say!(words, "for-invoice"), corrected)));
    facts
}

fn seller(invoice: &Invoice) -> String {
    let mut lines = vec![invoice.seller.address.clone()];
    let tax_number = invoice.seller.tax_number.as_ref();
    lines.extend(tax_number.map(|number| say!(words(invoice), "tax-number", number = number)));
    lines.join("\n")
}

fn buyer_name(invoice: &Invoice) -> String {
    let known = invoice.buyer.name.as_ref().or(invoice.buyer.email.as_ref());
    known.cloned().unwrap_or_else(|| say!(words(invoice), "nobody-known"))
}

/// The lower edge of what stands above the lines on the first page.
fn head_height(invoice: &Invoice, lettering: &mut Lettering) -> f32 {
    let mut height = |text: &str, width, style: crate::sheet::Style| {
        let fitted = lettering.fit(text, width, style.wish);
        #[expect(clippy::cast_precision_loss, reason = "a few lines")]
        let lines = fitted.lines() as f32;
        lines * fitted.leading()
    };
    let sold_by = height(&invoice.seller.name, COLUMN, name_style())
        + height(&seller(invoice), COLUMN, regular(INK, SELLER_LINES, 9.0, 6.5));
    let sold_to = height(&buyer_name(invoice), COLUMN, name_style()) + 2.0 * 11.0;
    let event = height(&invoice.event.title, WIDTH, event_style()) + 12.0;
    parties_at(invoice) + 14.0 + sold_by.max(sold_to) + 18.0 + event + 16.0
}

fn name_style() -> crate::sheet::Style {
    bold(INK, 3, 10.0, 7.0)
}

fn event_style() -> crate::sheet::Style {
    bold(INK, 2, 10.5, 7.0)
}

/// Where who sells and who bought stand.
fn parties_at(invoice: &Invoice) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "four at most")]
    let facts = facts(invoice).len() as f32;
    MARGIN + (facts * 14.0).max(44.0) + 26.0
}

fn draw_head(sheet: &mut Sheet<'_, '_>, invoice: &Invoice) -> Result<f32, Fault> {
    let words = words(invoice);
    sheet.text(MARGIN, MARGIN - 6.0, COLUMN, &title(invoice), bold(INK, 1, 24.0, 24.0))?;
    if let Some(corrected) = &invoice.corrects {
        let what = say!(words, "credit-note-for", number = corrected);
        sheet.text(MARGIN, MARGIN + 26.0, COLUMN, &what, regular(GREY, 1, 9.5, 7.0))?;
    }
    let at = MARGIN + COLUMN + 24.0;
    for (place, (label, value)) in facts(invoice).iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "four at most")]
        let y = MARGIN + place as f32 * 14.0;
        sheet.text(at, y, 80.0, label, regular(GREY, 1, 9.0, 9.0))?;
        sheet.text_to(RIGHT, y, COLUMN - 84.0, value, bold(INK, 1, 9.0, 6.0))?;
    }
    let y = parties_at(invoice);
    sheet.text(MARGIN, y, COLUMN, &say!(words, "sold-by"), regular(GREY, 1, 8.0, 8.0))?;
    sheet.text(at, y, COLUMN, &say!(words, "sold-to"), regular(GREY, 1, 8.0, 8.0))?;
    let y = y + 14.0;
    let below = sheet.text(MARGIN, y, COLUMN, &invoice.seller.name, name_style())?;
    sheet.text(MARGIN, below, COLUMN, &seller(invoice), regular(INK, SELLER_LINES, 9.0, 6.5))?;
    let below = sheet.text(at, y, COLUMN, &buyer_name(invoice), name_style())?;
    if let (Some(_), Some(email)) = (&invoice.buyer.name, &invoice.buyer.email) {
        sheet.text(at, below, COLUMN, email, regular(INK, 2, 9.0, 6.5))?;
    }
    let end = head_height(invoice, sheet.lettering);
    let fitted = sheet.lettering.fit(&invoice.event.title, WIDTH, event_style().wish);
    #[expect(clippy::cast_precision_loss, reason = "two lines at most")]
    let title_height = fitted.lines() as f32 * fitted.leading();
    let below = sheet.fitted(MARGIN, end - 16.0 - 12.0 - title_height, &fitted, INK)?;
    let when = words.instant(invoice.event.starts_at, invoice.event.timezone);
    sheet.text(MARGIN, below, WIDTH, &when, regular(GREY, 1, 9.0, 7.0))?;
    Ok(end)
}

/// What stands above the lines on all pages but the first.
fn draw_again(sheet: &mut Sheet<'_, '_>, invoice: &Invoice) -> Result<f32, Fault> {
    let what = format!("{} {}", title(invoice), invoice.number);
    sheet.text(MARGIN, MARGIN - 4.0, WIDTH, &what, bold(INK, 1, 9.0, 9.0))?;
    Ok(AGAIN)
}

/// What the total is made of, from the lines to the total.
fn sums(invoice: &Invoice) -> Vec<(String, String)> {
    let sum = |part: fn(&table::InvoiceLine) -> Money| {
        let minor = invoice.lines.iter().map(|line| part(line).minor).sum();
        Money::new(minor, invoice.total.currency)
    };
    let words = words(invoice);
    let (amount, discount) = (sum(|line| line.amount), sum(|line| line.discount));
    let mut sums = vec![(say!(words, "tickets"), words.amount(amount))];
    if !discount.is_zero() {
        let label = match &invoice.code {
            Some(code) => say!(words, "discount-by", code = code),
            None => say!(words, "discount"),
        };
        sums.push((label, format!("-{}", words.amount(discount))));
    }
    sums.extend(invoice.fees.iter().map(|fee| (fee.name.clone(), words.amount(fee.amount))));
    let on_top = invoice.taxes.iter().filter(|tax| !tax.included);
    sums.extend(on_top.map(|tax| (named(words, tax), words.amount(tax.amount))));
    // One line that says the same twice says nothing.
    if sums.len() == 1 { Vec::new() } else { sums }
}

fn named(words: Language, tax: &InvoiceTax) -> String {
    say!(words, "taxed", name = tax.name.as_str(), rate = words.rate(tax.rate))
}

const SUM: f32 = 13.0;

fn ending_height(invoice: &Invoice, sums: &[(String, String)]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "some dozens")]
    let (sums, taxes) = (sums.len() as f32, invoice.taxes.len() as f32);
    let taxes = if invoice.taxes.is_empty() { 0.0 } else { (taxes + 1.0) * SUM + 22.0 };
    8.0 + sums * SUM + 30.0 + taxes + 14.0
}

/// The sums, and below them the taxes of which they are made.
fn draw_ending(
    sheet: &mut Sheet<'_, '_>,
    invoice: &Invoice,
    sums: &[(String, String)],
    table: &Table,
    y: f32,
) -> Result<(), Fault> {
    let left = RIGHT - 250.0;
    let mut y = y + 8.0;
    for (label, value) in sums {
        sheet.text(left, y, 150.0, label, regular(INK, 1, 9.0, 6.0))?;
        sheet.text_to(RIGHT - 6.0, y, 90.0, value, regular(INK, 1, 9.0, 6.0))?;
        y += SUM;
    }
    sheet.area(left - 6.0, y + 2.0, RIGHT - left + 6.0, 22.0, PALE);
    let words = words(invoice);
    let total = match invoice.kind {
        InvoiceKind::Invoice => say!(words, "total-paid"),
        InvoiceKind::CreditNote => say!(words, "total-back"),
    };
    sheet.text(left, y + 6.0, 130.0, &total, bold(INK, 1, 11.0, 8.0))?;
    sheet.text_to(RIGHT - 6.0, y + 6.0, 130.0, &words.money(invoice.total), bold(INK, 1, 11.0, 6.0))?;
    y += 30.0;
    y = draw_taxes(sheet, invoice, y)?;
    sheet.text(MARGIN, y + 2.0, WIDTH, &table.note(), regular(GREY, 1, 7.5, 6.0))?;
    Ok(())
}

fn draw_taxes(sheet: &mut Sheet<'_, '_>, invoice: &Invoice, y: f32) -> Result<f32, Fault> {
    if invoice.taxes.is_empty() {
        return Ok(y);
    }
    let (words, left) = (words(invoice), RIGHT - 360.0);
    let edges = [RIGHT - 166.0, RIGHT - 86.0, RIGHT - 6.0];
    let mut y = y + 14.0;
    for (edge, label) in edges.into_iter().zip(["net", "tax", "gross"]) {
        sheet.text_to(edge, y, 76.0, &say!(words, label), regular(GREY, 1, 8.0, 8.0))?;
    }
    sheet.text(left, y, 110.0, &say!(words, "taxes"), regular(GREY, 1, 8.0, 8.0))?;
    y += SUM;
    for tax in &invoice.taxes {
        let name = if tax.included {
            say!(words, "tax-in", name = tax.name.as_str(), rate = words.rate(tax.rate))
        } else {
            named(words, tax)
        };
        sheet.text(left, y, 110.0, &name, regular(INK, 1, 8.5, 5.5))?;
        for (edge, amount) in edges.into_iter().zip([tax.net, tax.amount, tax.net.plus(tax.amount)?]) {
            sheet.text_to(edge, y, 76.0, &words.amount(amount), regular(INK, 1, 8.5, 5.5))?;
        }
        y += SUM;
    }
    Ok(y + 8.0)
}

fn draw_footer(sheet: &mut Sheet<'_, '_>, invoice: &Invoice, page: usize, of: usize) -> Result<(), Fault> {
    let y = PAGE.1 - 40.0;
    sheet.area(MARGIN, y - 4.0, WIDTH, 0.5, GREY);
    sheet.text(MARGIN, y, WIDTH - 90.0, &invoice.seller.name, regular(GREY, 1, 7.5, 5.5))?;
    let pages = say!(words(invoice), "page", page = page, of = of);
    sheet.text_to(RIGHT, y, 80.0, &pages, regular(GREY, 1, 7.5, 7.5))?;
    Ok(())
}

#[cfg(test)]
mod tests;
