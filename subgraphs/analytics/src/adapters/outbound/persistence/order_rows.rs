//! Orders as rows, and back.

use std::collections::{BTreeMap, BTreeSet};

use contracts::tickets::OrderEnd;
use kernel::{Currency, Fault, Id, Money, OrderId, Result, TicketTypeId, from_millis, to_millis};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, Statement};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use service::database::{
    Write, fault,
    lists::{among_ids, ids},
};
use uuid::Uuid;

use super::{
    listed::{Columns, Kind, hex, insert, listed, names},
    rows::{belonging, order},
};
use crate::domain::entities::{Issue, Line, Order, OrderFacts, Refund};

const COLUMNS: Columns<13> = [
    ("order_id", Kind::Id),
    ("event_id", Kind::Id),
    ("placed_at", Kind::Number),
    ("quantity", Kind::Small),
    ("paid_at", Kind::Number),
    ("declined_at", Kind::Number),
    ("ended", Kind::Text),
    ("issued_at", Kind::Number),
    ("total", Kind::Number),
    ("fees", Kind::Number),
    ("currency", Kind::Text),
    ("taken_back", Kind::Text),
    ("came_back", Kind::Text),
];
const LINES: Columns<4> = [
    ("order_id", Kind::Id),
    ("ticket_type_id", Kind::Id),
    ("quantity", Kind::Small),
    ("amount", Kind::Number),
];
const REFUNDS: Columns<7> = [
    ("refund_id", Kind::Id),
    ("order_id", Kind::Id),
    ("amount", Kind::Number),
    ("currency", Kind::Text),
    ("at", Kind::Number),
    ("asked_for", Kind::Flag),
    ("in_all", Kind::Number),
];

/// Keeps those orders of which nothing was known; the others come back as they were known, locked until the end.
pub(super) async fn keep(
    transaction: &DatabaseTransaction,
    heard: &BTreeMap<OrderId, Order>,
) -> Result<Vec<Order>, Fault> {
    let backend = transaction.get_database_backend();
    let Some((count, asked)) = listed(&COLUMNS, heard.values().map(values_of)) else { return Ok(Vec::new()) };
    // Both at once, so that each row is locked whether it was there or not. How often it was heard of tells which.
    let keep = format!(
        "{} ON CONFLICT (order_id) DO UPDATE SET heard_again = orders.heard_again + 1 RETURNING {}, heard_again",
        insert(backend, "orders", &COLUMNS, "order_id"),
        names(&COLUMNS)
    );
    let keep = Statement::from_sql_and_values(backend, keep, [asked]);
    let doing = "keeping orders";
    let rows = transaction.query_all_raw(keep).await.map_err(fault(doing))?;
    if rows.len() as u64 != count {
        return Err(Fault::broken_rule(format!("of {count} orders {} came back", rows.len())));
    }
    let rows = rows.iter().map(|row| order::Model::from_query_result(row, ""));
    let mut rows: Vec<_> = rows.collect::<Result<_, _>>().map_err(fault(doing))?;
    rows.retain(|row| row.heard_again > 0);
    let mut belongings = belongings(transaction, heard, &rows).await?;
    let known = rows.into_iter().map(|row| {
        let (id, event) = (Id::from_uuid(row.order_id), Id::from_uuid(row.event_id));
        let belongings = belongings.remove(&row.order_id).unwrap_or_default();
        Ok(Order::restore(id, event, facts(row, &belongings)?))
    });
    known.collect()
}

/// Lines and refunds of orders that have tickets, or are about to: of others they count for nothing. The orders are locked
/// already: what is read in the statement that locks would be of before the lock.
async fn belongings(
    transaction: &DatabaseTransaction,
    heard: &BTreeMap<OrderId, Order>,
    known: &[order::Model],
) -> Result<BTreeMap<Uuid, Vec<belonging::Row>>, Fault> {
    let backend = transaction.get_database_backend();
    let id_of = |row: &order::Model| OrderId::from_uuid(row.order_id);
    let is_issued_now = |id| heard.get(&id).is_some_and(|order| order.facts().issue.is_some());
    let with_lines: Vec<_> = known.iter().filter(|row| row.issued_at.is_some()).map(id_of).collect();
    let with_refunds = known.iter().filter(|row| row.issued_at.is_some() || is_issued_now(id_of(row)));
    let with_refunds: Vec<_> = with_refunds.map(id_of).collect();
    if with_refunds.is_empty() {
        return Ok(BTreeMap::new());
    }
    let read = format!(
        "SELECT order_id, ticket_type_id AS id, quantity, amount, NULL AS currency, NULL AS at, \
           NULL AS asked_for, NULL AS in_all FROM order_lines WHERE {} \
         UNION ALL SELECT order_id, refund_id, NULL, amount, currency, at, asked_for, in_all FROM refunds WHERE {}",
        among_ids(backend, "order_id", 1, &with_lines),
        among_ids(backend, "order_id", 2, &with_refunds)
    );
    let orders = [ids(backend, &with_lines), ids(backend, &with_refunds)];
    let doing = "reading orders' lines and refunds";
    let read = Statement::from_sql_and_values(backend, read, orders);
    let mut belongings: BTreeMap<Uuid, Vec<_>> = BTreeMap::new();
    for row in transaction.query_all_raw(read).await.map_err(fault(doing))? {
        let row = belonging::Row::from_query_result(&row, "").map_err(fault(doing))?;
        belongings.entry(row.order_id).or_default().push(row);
    }
    Ok(belongings)
}

fn facts(row: order::Model, belongings: &[belonging::Row]) -> Result<OrderFacts, Fault> {
    let mut refunds = BTreeMap::new();
    for row in belongings {
        if let (Some(currency), Some(at), Some(asked_for)) = (&row.currency, row.at, row.asked_for) {
            let (amount, at) = (Money::new(row.amount, currency.parse()?), from_millis(at));
            refunds.insert(Id::from_uuid(row.id), Refund { amount, at, asked_for, in_all: row.in_all });
        }
    }
    let issue = match (row.issued_at, row.total, row.fees, row.currency) {
        (Some(at), Some(total), Some(fees), Some(currency)) => {
            let currency: Currency = currency.parse()?;
            let line = |row: &belonging::Row| {
                let line =
                    Line { quantity: row.quantity?.unsigned_abs(), amount: Money::new(row.amount, currency) };
                Some((TicketTypeId::from_uuid(row.id), line))
            };
            Some(Issue {
                at: from_millis(at),
                total: Money::new(total, currency),
                fees: Money::new(fees, currency),
                lines: belongings.iter().filter_map(line).collect(),
            })
        }
        _ => None,
    };
    Ok(OrderFacts {
        placed_at: row.placed_at.map(from_millis),
        quantity: row.quantity.map(i32::unsigned_abs),
        paid_at: row.paid_at.map(from_millis),
        declined_at: row.declined_at.map(from_millis),
        ended: row.ended.as_deref().map(end_named).transpose()?,
        issue,
        refunds,
        taken_back: read_back(row.taken_back.as_deref())?,
        came_back: read_back(row.came_back.as_deref())?,
    })
}

/// What there is to be written of orders that were kept: what is new of those in `known`, and lines and refunds of all.
pub(super) fn changes(
    backend: DbBackend,
    orders: &BTreeMap<OrderId, Order>,
    known: &BTreeSet<OrderId>,
) -> Vec<Write> {
    let changed = orders.values().filter(|order| known.contains(&order.id()));
    let changed = changed.map(|order| (values_of(order), of(order, order.kept())));
    let changed = changed.filter(|(values, kept)| values != kept).map(|(values, _)| values);
    let changed = listed(&COLUMNS, changed).map(|(count, values)| {
        // They are all there. Written like this they are found by their key, whatever a planner makes of their number.
        let sql = format!(
            "{} ON CONFLICT (order_id) DO UPDATE SET placed_at = excluded.placed_at, quantity = excluded.quantity, \
             paid_at = excluded.paid_at, declined_at = excluded.declined_at, ended = excluded.ended, \
             issued_at = excluded.issued_at, total = excluded.total, fees = excluded.fees, \
             currency = excluded.currency, taken_back = excluded.taken_back, \
             came_back = excluded.came_back",
            insert(backend, "orders", &COLUMNS, "order_id")
        );
        Write::new("keeping orders", sql, [values]).changes(count)
    });
    let issues = orders.values().filter(|order| order.kept().issue.is_none());
    let issues = issues.filter_map(|order| Some((order.id().uuid(), order.facts().issue.as_ref()?)));
    let lines = issues.flat_map(|(order, issue)| {
        let lines = issue.lines.iter();
        lines.map(move |(kind, line)| {
            [hex(order), hex(kind.uuid()), json!(line.quantity), json!(line.amount.minor)]
        })
    });
    let lines = listed(&LINES, lines).map(|(_, values)| {
        let insert = insert(backend, "order_lines", &LINES, "order_id, ticket_type_id");
        Write::new("keeping orders' lines", format!("{insert} ON CONFLICT DO NOTHING"), [values])
    });
    let refunds = orders.values().flat_map(|order| {
        let new =
            order.facts().refunds.iter().filter(|(refund, _)| !order.kept().refunds.contains_key(refund));
        new.map(|(id, refund)| {
            [
                hex(id.uuid()),
                hex(order.id().uuid()),
                json!(refund.amount.minor),
                json!(refund.amount.currency.code()),
                json!(to_millis(refund.at)),
                json!(refund.asked_for),
                json!(refund.in_all),
            ]
        })
    });
    let refunds = listed(&REFUNDS, refunds).map(|(_, values)| {
        let insert = insert(backend, "refunds", &REFUNDS, "refund_id");
        Write::new("keeping refunds", format!("{insert} ON CONFLICT DO NOTHING"), [values])
    });
    [changed, lines, refunds].into_iter().flatten().collect()
}

fn values_of(order: &Order) -> [Value; 13] {
    of(order, order.facts())
}

fn of(order: &Order, facts: &OrderFacts) -> [Value; 13] {
    let issue = facts.issue.as_ref();
    let taken_back = Some(&facts.taken_back).filter(|taken_back| !taken_back.is_empty());
    let came_back = Some(&facts.came_back).filter(|came_back| !came_back.is_empty());
    [
        hex(order.id().uuid()),
        hex(order.event().uuid()),
        json!(facts.placed_at.map(to_millis)),
        json!(facts.quantity),
        json!(facts.paid_at.map(to_millis)),
        json!(facts.declined_at.map(to_millis)),
        json!(facts.ended.map(end_name)),
        json!(issue.map(|issue| to_millis(issue.at))),
        json!(issue.map(|issue| issue.total.minor)),
        json!(issue.map(|issue| issue.fees.minor)),
        json!(issue.map(|issue| issue.total.currency.code())),
        json!(taken_back.map(|taken_back| json!(taken_back).to_string())),
        json!(came_back.map(|came_back| json!(came_back).to_string())),
    ]
}

/// What an order says of refunds; where it says nothing, there are none.
fn read_back<T: Default + DeserializeOwned>(json: Option<&str>) -> Result<T, Fault> {
    let Some(json) = json else { return Ok(T::default()) };
    serde_json::from_str(json).map_err(|cause| Fault::new("reading what went back of an order", cause))
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
