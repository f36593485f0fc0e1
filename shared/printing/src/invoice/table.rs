//! The lines of an invoice, in columns of which those stay away that say nothing.

use contracts::invoices::Invoice;
pub(super) use contracts::invoices::InvoiceLine;
use kernel::Fault;

use super::{GREY, INK, MARGIN, PALE, RIGHT, WIDTH};
use crate::{
    lettering::{Fitted, Lettering},
    sheet::{Sheet, Style, bold, regular},
};

/// Between two lines.
const GAP: f32 = 7.0;
/// The lower line of one that says how it is taxed.
const TAXED: f32 = 10.0;

/// Which columns there are.
pub(super) struct Table {
    columns: Vec<Column>,
    /// How wide the texts are.
    text: f32,
    currency: &'static str,
    /// What each was listed for has more in it than the amount.
    is_all_in: bool,
}

struct Column {
    title: &'static str,
    width: f32,
    value: fn(&InvoiceLine) -> String,
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
        let lines = &invoice.lines;
        let any = |part: fn(&InvoiceLine) -> bool| lines.iter().any(part);
        let discount = any(|line| !line.discount.is_zero());
        let fees = any(|line| !line.fees.is_zero());
        let tax = any(|line| on_top(line).is_some());
        let mut columns = vec![
            Column { title: "Quantity", width: 42.0, value: |line| line.quantity.to_string() },
            Column { title: "Price each", width: 60.0, value: |line| line.unit_price.decimal() },
        ];
        if discount || fees || tax {
            columns.push(Column { title: "Amount", width: 60.0, value: |line| line.amount.decimal() });
        }
        if discount {
            let value: fn(&InvoiceLine) -> String = |line| match line.discount {
                none if none.is_zero() => none.decimal(),
                off => format!("-{}", off.decimal()),
            };
            columns.push(Column { title: "Discount", width: 54.0, value });
        }
        if fees {
            columns.push(Column { title: "Fees", width: 50.0, value: |line| line.fees.decimal() });
        }
        if tax {
            let value: fn(&InvoiceLine) -> String =
                |line| on_top(line).map_or_else(String::new, |tax| tax.amount.decimal());
            columns.push(Column { title: "Tax", width: 50.0, value });
        }
        columns.push(Column { title: "Total", width: 62.0, value: |line| line.total.decimal() });
        let text = WIDTH - columns.iter().map(|column| column.width).sum::<f32>() - 12.0;
        Self { columns, text, currency: invoice.total.currency.code(), is_all_in: fees || tax }
    }

    pub(super) fn row(&self, lettering: &mut Lettering, line: &InvoiceLine) -> Row {
        let text = lettering.fit(&line.text, self.text, regular(INK, 3, 9.0, 6.5).wish);
        let taxed = line.tax.as_ref().map(|tax| {
            if tax.included {
                format!("{} {} % included: {}", tax.name, tax.rate, tax.amount.decimal())
            } else {
                format!("{} {} %", tax.name, tax.rate)
            }
        });
        Row { text, values: self.columns.iter().map(|column| (column.value)(line)).collect(), taxed }
    }

    pub(super) fn draw_titles(&self, sheet: &mut Sheet<'_, '_>, y: f32) -> Result<f32, Fault> {
        sheet.area(MARGIN, y, WIDTH, 17.0, PALE);
        sheet.text(MARGIN + 6.0, y + 3.0, self.text, "Tickets", bold(INK, 1, 8.0, 6.0))?;
        let titles = self.columns.iter().map(|column| column.title.to_owned());
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
    pub(super) fn columns(&self) -> Vec<&'static str> {
        self.columns.iter().map(|column| column.title).collect()
    }

    /// What is to be known to read the numbers.
    pub(super) fn note(&self) -> String {
        let all_in = if self.is_all_in {
            " The price of each is as it was listed, with fees and taxes in it."
        } else {
            ""
        };
        format!("All amounts are in {}.{all_in}", self.currency)
    }
}

fn on_top(line: &InvoiceLine) -> Option<&contracts::invoices::LineTax> {
    line.tax.as_ref().filter(|tax| !tax.included)
}
