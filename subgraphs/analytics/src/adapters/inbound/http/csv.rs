//! A report as a table.

use kernel::Fault;
use service::rest::{self, text_cell};

use crate::domain::entities::{Report, TicketTypeReport};

const HEADER: [&str; 10] = [
    "ticketTypeId",
    "name",
    "sold",
    "refunded",
    "checkedIn",
    "revenue",
    "fees",
    "refundedAmount",
    "netRevenue",
    "currency",
];
/// What stands for the name in the last line, which has no ticket type.
const TOTAL: &str = "Total";

/// A line for each ticket type, and the whole event's at the end. What is known of the whole event only
/// is left empty in the others.
pub(super) fn table(report: &Report) -> Result<Vec<u8>, Fault> {
    let lines = report.by_type.iter().map(|of| of_type(report, of)).chain([total(report)?]);
    written(lines)
}

fn written(lines: impl Iterator<Item = [String; 10]>) -> Result<Vec<u8>, Fault> {
    rest::table(HEADER, lines.map(|line| line.map(|field| harmless(&field))))
}

fn of_type(report: &Report, of: &TicketTypeReport) -> [String; 10] {
    [
        of.id.public().to_string(),
        of.name.clone(),
        of.sales.sold.to_string(),
        of.sales.refunded.to_string(),
        of.sales.checked_in.to_string(),
        report.money(of.sales.revenue).decimal(),
        String::new(),
        String::new(),
        String::new(),
        report.event.currency.code().to_owned(),
    ]
}

fn total(report: &Report) -> Result<[String; 10], Fault> {
    let figures = &report.figures;
    let tickets = figures.gross.checked_sub(figures.fees);
    let tickets = tickets.ok_or_else(|| Fault::broken_rule("revenue of tickets overflowed"))?;
    Ok([
        String::new(),
        TOTAL.to_owned(),
        figures.tickets_sold.to_string(),
        figures.tickets_refunded.to_string(),
        figures.checked_in.to_string(),
        report.money(tickets).decimal(),
        report.money(figures.fees).decimal(),
        report.refunded().decimal(),
        report.net()?.decimal(),
        report.event.currency.code().to_owned(),
    ])
}

/// Text that is no formula to a spreadsheet. A number below zero is one.
fn harmless(text: &str) -> String {
    let number =
        text.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|byte| b"0123456789.".contains(&byte)));
    if number { text.to_owned() } else { text_cell(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_formula_is_text() {
        for formula in ["=1+1", "+1", "-1+1", "-A1", "@SUM(A1)", " =1", "\t=1", "＝1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        for text in ["Balcony - left", "-1", "-12.50", "Parkett = gut"] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn separators_quotes_and_breaks_are_quoted() {
        let line = ["Stalls, \"left\"", "two\r\nlines", "Ermäßigt", "-1.50", "", "", "", "", "", ""];
        let table = String::from_utf8(written([line.map(str::to_owned)].into_iter()).unwrap()).unwrap();
        let lines = table.strip_prefix("\u{feff}ticketTypeId,").unwrap().split_once("\r\n").unwrap().1;
        assert_eq!(lines, "\"Stalls, \"\"left\"\"\",\"two\r\nlines\",Ermäßigt,-1.50,,,,,,\r\n");
    }
}
