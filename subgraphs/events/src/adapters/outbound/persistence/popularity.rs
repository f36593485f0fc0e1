//! Tickets that were sold, of each event and day.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use kernel::{EventId, to_millis};
use sea_orm::{
    ConnectionTrait, DbErr, ExprTrait, QueryResult, Statement, Value,
    sea_query::{Alias, Expr, Query, SelectStatement},
};

/// Under which name [`joined`] is read.
pub(super) const SOLD: &str = "sold";

/// Adds to what events have sold on days; they need not be known yet.
pub(super) async fn add(
    transaction: &impl ConnectionTrait,
    sold: &BTreeMap<(EventId, DateTime<Utc>), i64>,
) -> Result<(), DbErr> {
    let rows: Vec<_> =
        (0..sold.len()).map(|at| format!("(${}, ${}, ${})", at * 3 + 1, at * 3 + 2, at * 3 + 3)).collect();
    let values = sold.iter().flat_map(|((event, day), tickets)| {
        [Value::from(event.uuid()), to_millis(*day).into(), (*tickets).into()]
    });
    let upsert = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        format!(
            "INSERT INTO popularity (event_id, day, tickets) VALUES {} \
             ON CONFLICT (event_id, day) DO UPDATE SET tickets = popularity.tickets + excluded.tickets",
            rows.join(", ")
        ),
        values,
    );
    transaction.execute_raw(upsert).await.map(drop)
}

/// How many tickets each event has sold since a day, to be joined as [`SOLD`] by `event_id`; those without any are missing.
pub(super) fn joined(since: DateTime<Utc>) -> SelectStatement {
    let [event_id, tickets] = ["event_id", "tickets"].map(Alias::new);
    counted(since)
        .column(event_id.clone())
        .expr_as(Expr::cust("CAST(SUM(tickets) AS BIGINT)"), tickets)
        .group_by_col(event_id)
        .to_owned()
}

/// How many tickets the event of a row has sold, where [`joined`] stands beside it.
pub(super) fn of_row() -> Expr {
    Expr::cust(format!("COALESCE({SOLD}.tickets, 0)"))
}

/// How many tickets this event has sold since a day.
pub(super) fn of(event: EventId, since: DateTime<Utc>) -> Expr {
    counted(since)
        .expr(Expr::cust("COALESCE(CAST(SUM(tickets) AS BIGINT), 0)"))
        .and_where(Expr::col(Alias::new("event_id")).eq(event.uuid()))
        .to_owned()
        .into()
}

/// How many tickets each event has sold since a day; those without any are missing.
pub(super) async fn all(
    connection: &impl ConnectionTrait,
    since: DateTime<Utc>,
) -> Result<HashMap<EventId, i64>, DbErr> {
    let rows = connection.query_all(&joined(since)).await?;
    let read = |row: QueryResult| {
        Ok((EventId::from_uuid(row.try_get("", "event_id")?), row.try_get("", "tickets")?))
    };
    rows.into_iter().map(read).collect()
}

fn counted(since: DateTime<Utc>) -> SelectStatement {
    Query::select()
        .from(Alias::new("popularity"))
        .and_where(Expr::col(Alias::new("day")).gte(to_millis(since)))
        .to_owned()
}
