//! An order as rows, and back.

use contracts::tickets::OrderEnd;
use kernel::{Currency, EventId, Fault, Id, Money, OrderId, Result, TicketTypeId, from_millis, to_millis};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, FromQueryResult, QueryTrait as _,
    Statement, Value,
    sea_query::{IntoIden, OnConflict},
};
use service::database::{Write, fault};

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

/// Locks an order; a row without facts is made where there is none.
///
/// What is read beside it in the same statement would be of before the lock: lines and refunds are read afterwards.
pub(super) async fn lock(
    transaction: &DatabaseTransaction,
    id: OrderId,
    event: EventId,
) -> Result<order::Model, Fault> {
    let lock = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        "INSERT INTO orders (order_id, event_id) VALUES ($1, $2) \
         ON CONFLICT (order_id) DO UPDATE SET event_id = orders.event_id \
         RETURNING order_id, event_id, placed_at, quantity, paid_at, declined_at, ended, issued_at, total, fees, currency",
        [id.uuid().into(), event.uuid().into()],
    );
    let row = transaction.query_one_raw(lock).await.map_err(fault("reading an order"))?;
    let row = row.ok_or_else(|| Fault::broken_rule(format!("order {id} vanished")))?;
    order::Model::from_query_result(&row, "").map_err(fault("reading an order"))
}

/// What there is to be written of an order: what was not known before.
pub(super) fn changes(backend: DbBackend, order: &Order) -> Vec<Write> {
    let (facts, kept) = (order.facts(), order.kept());
    let values = values_of(facts);
    let row = (values != values_of(kept)).then(|| {
        let sql = "UPDATE orders SET placed_at = $1, quantity = $2, paid_at = $3, declined_at = $4, ended = $5, \
             issued_at = $6, total = $7, fees = $8, currency = $9 WHERE order_id = $10";
        let values = values.into_iter().chain([order.id().uuid().into()]);
        Write::new("keeping an order", sql, values).changes(1)
    });
    let id = order.id().uuid();
    let issue = facts.issue.iter().filter(|_| kept.issue.is_none());
    let lines = issue.flat_map(|issue| &issue.lines).map(|(kind, line)| order_line::ActiveModel {
        order_id: Set(id),
        ticket_type_id: Set(kind.uuid()),
        quantity: Set(small(line.quantity)),
        amount: Set(line.amount.minor),
    });
    let lines: Vec<_> = lines.collect();
    let lines = (!lines.is_empty()).then(|| {
        let insert = order_line::Entity::insert_many(lines)
            .on_conflict(known([order_line::Column::OrderId, order_line::Column::TicketTypeId]));
        built("keeping an order's lines", insert.build(backend))
    });
    let refunds = facts.refunds.iter().filter(|(refund, _)| !kept.refunds.contains_key(refund));
    let refunds = refunds.map(|(refund, (amount, at))| refund::ActiveModel {
        refund_id: Set(refund.uuid()),
        order_id: Set(id),
        amount: Set(amount.minor),
        currency: Set(amount.currency.code().to_owned()),
        at: Set(to_millis(*at)),
    });
    let refunds: Vec<_> = refunds.collect();
    let refunds = (!refunds.is_empty()).then(|| {
        let insert = refund::Entity::insert_many(refunds).on_conflict(known([refund::Column::RefundId]));
        built("keeping an order's refunds", insert.build(backend))
    });
    [row, lines, refunds].into_iter().flatten().collect()
}

fn values_of(facts: &OrderFacts) -> [Value; 9] {
    let issue = facts.issue.as_ref();
    [
        facts.placed_at.map(to_millis).into(),
        facts.quantity.map(small).into(),
        facts.paid_at.map(to_millis).into(),
        facts.declined_at.map(to_millis).into(),
        facts.ended.map(end_name).into(),
        issue.map(|issue| to_millis(issue.at)).into(),
        issue.map(|issue| issue.total.minor).into(),
        issue.map(|issue| issue.fees.minor).into(),
        issue.map(|issue| issue.total.currency.code()).into(),
    ]
}

fn built(doing: &'static str, statement: Statement) -> Write {
    Write::new(doing, statement.sql, statement.values.into_iter().flat_map(|values| values.0))
}

/// What is kept already stays as it is.
pub(super) fn known<C: IntoIden>(key: impl IntoIterator<Item = C>) -> OnConflict {
    OnConflict::columns(key).do_nothing().to_owned()
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
