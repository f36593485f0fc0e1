//! The lines of an invoice, in columns of which those stay away that say nothing.

use contracts::invoices::Invoice;
pub(super) use contracts::invoices::InvoiceLine;
use kernel::Fault;

use super::{GREY, INK, MARGIN, PALE, RIGHT, WIDTH, words};
use crate::{
    Language,
    lettering::{Fitted, Lettering},
    sheet::{Sheet, Style, bold, regular},
    words::say,
};

/// Between two lines.
const GAP: f32 = 7.0;
/// The lower line of one that says how it is taxed.
const TAXED: f32 = 10.0;

/// Which columns there are.
pub(super) struct Table {
    words: Language,
    columns: Vec<Column>,
    /// How wide the texts are.
    text: f32,
    currency: &'static str,
    /// What each was listed for has more in it than the amount.
    is_all_in: bool,
}

struct Column {
    title: String,
    width: f32,
    value: fn(Language, &InvoiceLine) -> String,
}

/// A line, ready to be drawn.
pub(super) struct Row {
    text: Fitted,
    values: Vec<String>,
    taxed: Option<String>,
}

impl Row {
    /// From its upper edge to that of the next.
    pub(super) fn height(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "three at most")]
        let lines = self.text.lines().max(1) as f32;
        lines * self.text.leading() + self.taxed.as_ref().map_or(0.0, |_| TAXED) + GAP
    }
}

impl Table {
    /// From the upper edge of the columns' titles to that of the first line.
    pub(super) const TITLES: f32 = 24.0;

    pub(super) fn of(invoice: &Invoice) -> Self {
        let (words, lines) = (words(invoice), &invoice.lines);
        let column = |title: &str, width: f32, value: fn(Language, &InvoiceLine) -> String| Column {
            title: say!(words, title),
            width,
            value,
        };
        let any = |part: fn(&InvoiceLine) -> bool| lines.iter().any(part);
        let discount = any(|line| !line.discount.is_zero());
        let fees = any(|line| !line.fees.is_zero());
        let tax = any(|line| on_top(line).is_some());
        let mut columns = vec![
            column("quantity", 42.0, |_, line| line.quantity.to_string()),
            column("price-each", 60.0, |words, line| words.amount(line.unit_price)),
        ];
        if discount || fees || tax {
            columns.push(column("amount", 60.0, |words, line| words.amount(line.amount)));
        }
        if discount {
            columns.push(column("discount", 54.0, |words, line| match line.discount {
                none if none.is_zero() => words.amount(none),
                off => format!("-{}", words.amount(off)),
            }));
        }
        if fees {
            columns.push(column("fees", 50.0, |words, line| words.amount(line.fees)));
        }
        if tax {
            columns.push(column("tax", 50.0, |words, line| {
                on_top(line).map_or_else(String::new, |tax| words.amount(tax.amount))
            }));
        }
        columns.push(column("total", 62.0, |words, line| words.amount(line.total)));
        let text = WIDTH - columns.iter().map(|column| column.width).sum::<f32>() - 12.0;
        Self { words, columns, text, currency: invoice.total.currency.code(), is_all_in: fees || tax }
    }

    pub(super) fn row(&self, lettering: &mut Lettering, line: &InvoiceLine) -> Row {
        let text = lettering.fit(&line.text, self.text, regular(INK, 3, 9.0, 6.5).wish);
        let words = self.words;
        let taxed = line.tax.as_ref().map(|tax| {
            let (name, rate) = (tax.name.as_str(), words.rate(tax.rate));
            if tax.included {
                say!(words, "taxed-in", name = name, rate = rate, amount = words.amount(tax.amount))
            } else {
                say!(words, "taxed", name = name, rate = rate)
            }
        });
        Row { text, values: self.columns.iter().map(|column| (column.value)(words, line)).collect(), taxed }
    }

    pub(super) fn draw_titles(&self, sheet: &mut Sheet<'_, '_>, y: f32) -> Result<f32, Fault> {
        sheet.area(MARGIN, y, WIDTH, 17.0, PALE);
        sheet.text(MARGIN + 6.0, y + 3.0, self.text, &say!(self.words, "tickets"), bold(INK, 1, 8.0, 6.0))?;
        let titles = self.columns.iter().map(|column| column.title.clone());
        self.numbers(sheet, y + 3.0, titles, bold(INK, 1, 8.0, 5.0))?;
        Ok(y + Self::TITLES)
    }

    pub(super) fn draw(&self, sheet: &mut Sheet<'_, '_>, row: &Row, y: f32) -> Result<f32, Fault> {
        let below = sheet.fitted(MARGIN + 6.0, y, &row.text, INK)?;
        if let Some(taxed) = &row.taxed {
            let below = below.max(y + row.text.leading());
            sheet.text(MARGIN + 6.0, below, self.text, taxed, regular(GREY, 1, 7.5, 5.5))?;
        }
        self.numbers(sheet, y, row.values.iter().cloned(), regular(INK, 1, 9.0, 5.0))?;
        let end = y + row.height();
        sheet.area(MARGIN, end - GAP / 2.0 - 0.5, WIDTH, 0.4, PALE);
        Ok(end)
    }

    /// What is written in all columns but the first, each to its right edge.
    fn numbers(
        &self,
        sheet: &mut Sheet<'_, '_>,
        y: f32,
        texts: impl Iterator<Item = String>,
        style: Style,
    ) -> Result<(), Fault> {
        let mut edge = RIGHT - 6.0 - self.columns.iter().map(|column| column.width).sum::<f32>();
        for (column, text) in self.columns.iter().zip(texts) {
            edge += column.width;
            sheet.text_to(edge, y, column.width - 4.0, &text, style)?;
        }
        Ok(())
    }

    /// The titles of the columns behind the texts.
    #[cfg(test)]
    pub(super) fn columns(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.title.as_str()).collect()
    }

    /// What is to be known to read the numbers.
    pub(super) fn note(&self) -> String {
        let currency = say!(self.words, "currency", currency = self.currency);
        if self.is_all_in { format!("{currency} {}", say!(self.words, "all-in")) } else { currency }
    }
}

fn on_top(line: &InvoiceLine) -> Option<&contracts::invoices::LineTax> {
    line.tax.as_ref().filter(|tax| !tax.included)
}
