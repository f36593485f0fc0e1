//! A statement as a table.

use kernel::Fault;
use service::rest::{self, text_cell};

use crate::domain::entities::books::Posted;

const HEADER: [&str; 8] = ["id", "at", "kind", "amount", "currency", "orderId", "eventId", "event"];

/// A line for each posting.
pub(super) fn table(lines: &[Posted]) -> Result<Vec<u8>, Fault> {
    rest::table(HEADER, lines.iter().map(cells))
}

fn cells(line: &Posted) -> [String; 8] {
    [
        line.id.public().to_string(),
        kernel::rfc3339(line.at),
        line.kind.name().to_owned(),
        line.amount.decimal(),
        line.amount.currency.code().to_owned(),
        line.order.map(|order| order.public().to_string()).unwrap_or_default(),
        line.event.map(|event| event.public().to_string()).unwrap_or_default(),
        // No other cell is anybody's text.
        text_cell(line.title.as_deref().unwrap_or_default()),
    ]
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, EventId, Money, OrderId};

    use super::*;
    use crate::domain::entities::books::{Kind, PostingId};

    #[test]
    fn amounts_are_numbers_and_titles_are_text() {
        let (id, order, event) = (PostingId::new(), OrderId::new(), EventId::new());
        let line = |minor, title: Option<&str>| Posted {
            id,
            at: "2027-01-02T03:04:05.678+01:00".parse().unwrap(),
            kind: Kind::Refund,
            amount: Money::new(minor, Currency::EUR),
            order: title.map(|_| order),
            event: title.map(|_| event),
            title: title.map(str::to_owned),
        };
        let titles = ["=1+1", "-1", "@SUM(A1)", " +1", "＝1", "Parkett, links"];
        let lines: Vec<_> = titles.iter().map(|title| line(-1250, Some(title))).collect();
        let table = String::from_utf8(table(&[lines, vec![line(5, None)]].concat()).unwrap()).unwrap();
        let (id, order, event) = (id.public(), order.public(), event.public());
        let begin = format!("{id},2027-01-02T02:04:05.678Z,REFUND");
        let with = |title: &str| format!("{begin},-12.50,EUR,{order},{event},{title}\r\n");
        let expected = [
            "\u{feff}id,at,kind,amount,currency,orderId,eventId,event\r\n".to_owned(),
            ["'=1+1", "'-1", "'@SUM(A1)", "' +1", "'＝1", "\"Parkett, links\""].map(with).concat(),
            format!("{begin},0.05,EUR,,,\r\n"),
        ];
        assert_eq!(table, expected.concat());
    }
}
