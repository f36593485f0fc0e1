//! A report as a table, after RFC 4180.

use kernel::Fault;

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
pub(super) fn table(report: &Report) -> Result<String, Fault> {
    let mut table = String::new();
    append(&mut table, HEADER.map(str::to_owned));
    for of in &report.by_type {
        append(&mut table, of_type(report, of));
    }
    append(&mut table, total(report)?);
    Ok(table)
}

fn of_type(report: &Report, of: &TicketTypeReport) -> [String; 10] {
    [
        of.id.to_string(),
        harmless(&of.name),
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
        report.money(figures.refunded).decimal(),
        report.net()?.decimal(),
        report.event.currency.code().to_owned(),
    ])
}

fn append(table: &mut String, fields: [String; 10]) {
    table.push_str(&fields.map(quoted).join(","));
    table.push_str("\r\n");
}

/// Text that a spreadsheet would take for a formula begins with an apostrophe, which makes it text again.
fn harmless(text: &str) -> String {
    if text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn quoted(field: String) -> String {
    if field.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_formula_is_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        assert_eq!(harmless("Balcony - left"), "Balcony - left");
    }

    #[test]
    fn separators_quotes_and_breaks_are_quoted() {
        assert_eq!(quoted("Stalls, \"left\"".to_owned()), "\"Stalls, \"\"left\"\"\"");
        assert_eq!(quoted("two\r\nlines".to_owned()), "\"two\r\nlines\"");
        assert_eq!(quoted("Stalls".to_owned()), "Stalls");
    }
}
