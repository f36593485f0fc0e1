//! An order as rows, and back.

use contracts::tickets::OrderEnd;
use kernel::{Currency, Fault, Id, Money, Result, TicketTypeId, from_millis, to_millis};
use sea_orm::ActiveValue::Set;

use super::rows::{order, order_line, refund};
use crate::domain::entities::{Issue, Line, Order, OrderFacts};

/// What is known of an order, from its rows.
pub(super) fn facts(
    row: order::Model,
    lines: &[order_line::Model],
    refunds: Vec<refund::Model>,
) -> Result<OrderFacts, Fault> {
    let issue = match (row.issued_at, row.total, row.fees, row.currency) {
        (Some(at), Some(total), Some(fees), Some(currency)) => {
            let currency: Currency = currency.parse()?;
            let line = |row: &order_line::Model| {
                let line =
                    Line { quantity: row.quantity.unsigned_abs(), amount: Money::new(row.amount, currency) };
                (TicketTypeId::from_uuid(row.ticket_type_id), line)
            };
            Some(Issue {
                at: from_millis(at),
                total: Money::new(total, currency),
                fees: Money::new(fees, currency),
                lines: lines.iter().map(line).collect(),
            })
        }
        _ => None,
    };
    let refund = |row: refund::Model| {
        let amount = Money::new(row.amount, row.currency.parse()?);
        Ok((Id::from_uuid(row.refund_id), (amount, from_millis(row.at))))
    };
    Ok(OrderFacts {
        placed_at: row.placed_at.map(from_millis),
        quantity: row.quantity.map(i32::unsigned_abs),
        paid_at: row.paid_at.map(from_millis),
        declined_at: row.declined_at.map(from_millis),
        ended: row.ended.as_deref().map(end_named).transpose()?,
        issue,
        refunds: refunds.into_iter().map(refund).collect::<Result<_, Fault>>()?,
    })
}

/// The rows of an order.
pub(super) fn rows(order: &Order) -> (order::Model, Vec<order_line::ActiveModel>, Vec<refund::ActiveModel>) {
    let (id, facts) = (order.id().uuid(), order.facts());
    let issue = facts.issue.as_ref();
    let row = order::Model {
        order_id: id,
        event_id: order.event().uuid(),
        placed_at: facts.placed_at.map(to_millis),
        quantity: facts.quantity.map(small),
        paid_at: facts.paid_at.map(to_millis),
        declined_at: facts.declined_at.map(to_millis),
        ended: facts.ended.map(|end| end_name(end).to_owned()),
        issued_at: issue.map(|issue| to_millis(issue.at)),
        total: issue.map(|issue| issue.total.minor),
        fees: issue.map(|issue| issue.fees.minor),
        currency: issue.map(|issue| issue.total.currency.code().to_owned()),
    };
    let lines =
        issue.into_iter().flat_map(|issue| &issue.lines).map(|(kind, line)| order_line::ActiveModel {
            order_id: Set(id),
            ticket_type_id: Set(kind.uuid()),
            quantity: Set(small(line.quantity)),
            amount: Set(line.amount.minor),
        });
    let refunds = facts.refunds.iter().map(|(refund, (amount, at))| refund::ActiveModel {
        refund_id: Set(refund.uuid()),
        order_id: Set(id),
        amount: Set(amount.minor),
        currency: Set(amount.currency.code().to_owned()),
        at: Set(to_millis(*at)),
    });
    (row, lines.collect(), refunds.collect())
}

/// A number as columns keep it.
pub(super) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn end_name(end: OrderEnd) -> &'static str {
    match end {
        OrderEnd::Expired => "EXPIRED",
        OrderEnd::Cancelled => "CANCELLED",
        OrderEnd::Refunded => "REFUNDED",
    }
}

fn end_named(name: &str) -> Result<OrderEnd, Fault> {
    [OrderEnd::Expired, OrderEnd::Cancelled, OrderEnd::Refunded]
        .into_iter()
        .find(|end| end_name(*end) == name)
        .ok_or_else(|| Fault::broken_rule(format!("unknown end of an order {name}")))
}
