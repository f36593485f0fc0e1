//! What was declined lately: it is read by indexes that hold declines alone, with the payment that somebody wants to pay.

use chrono::{DateTime, Utc};
use kernel::{Fault, UserId, from_millis};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use service::database::{fault, now_millis};

use crate::domain::entities::{Declines, Suspicion};

/// Columns for [`read`], each with a comma behind it; their values are added to those of the statement.
pub(super) fn lately(
    backend: DbBackend,
    buyer: UserId,
    client: Option<&str>,
    most: Declines,
    values: &mut Vec<Value>,
) -> String {
    values.push(buyer.uuid().into());
    let of_buyer = oldest(backend, &format!("buyer_id = ${}", values.len()), most.by_buyer);
    let of_client = match client {
        Some(client) => {
            values.push(client.into());
            oldest(backend, &format!("client = ${}", values.len()), most.by_client)
        }
        None => "CAST(NULL AS BIGINT)".to_owned(),
    };
    let some_card = format!(
        "CASE WHEN EXISTS (SELECT 1 FROM ({}) AS d GROUP BY card HAVING COUNT(*) >= {}) THEN 1 ELSE 0 END",
        counted(backend, "card IS NOT NULL"),
        most.by_card.max(1),
    );
    format!(
        "{of_buyer} AS declined_of_buyer, {of_client} AS declined_of_client, \
         CAST({some_card} AS BIGINT) AS declined_of_card, "
    )
}

/// What the columns of [`lately`] say.
pub(super) fn read(row: &QueryResult) -> Result<Suspicion, Fault> {
    let reading = fault("reading what was declined lately");
    let since = |name| Ok(row.try_get::<Option<i64>>("", name).map_err(&reading)?.map(from_millis));
    Ok(Suspicion {
        of_buyer: since("declined_of_buyer")?,
        of_client: since("declined_of_client")?,
        of_some_card: row.try_get::<i64>("", "declined_of_card").map_err(&reading)? != 0,
    })
}

/// What was declined lately of a buyer, and from an address.
pub(super) async fn of(
    connection: &impl ConnectionTrait,
    buyer: UserId,
    client: Option<&str>,
    most: Declines,
) -> Result<Suspicion, Fault> {
    let (backend, mut values) = (connection.get_database_backend(), Vec::new());
    let columns = lately(backend, buyer, client, most, &mut values);
    let query = format!("SELECT {}", columns.trim_end_matches(", "));
    let query = Statement::from_sql_and_values(backend, query, values);
    let row = connection.query_one_raw(query).await.map_err(fault("reading what was declined lately"))?;
    row.map_or_else(|| Ok(Suspicion::default()), |row| read(&row))
}

/// When the oldest of so many declines of a card was, if there were so many.
pub(super) async fn of_card(
    connection: &impl ConnectionTrait,
    card: &str,
    most: u32,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let looking = fault("looking for declines of a card");
    let backend = connection.get_database_backend();
    let query = Statement::from_sql_and_values(
        backend,
        format!("SELECT {} AS since", oldest(backend, "card = $1", most)),
        [card.into()],
    );
    let row = connection.query_one_raw(query).await.map_err(&looking)?;
    let since = row.map(|row| row.try_get::<Option<i64>>("", "since").map_err(&looking)).transpose()?;
    Ok(since.flatten().map(from_millis))
}

/// When the oldest of the newest so many of these declines was, or null.
fn oldest(backend: DbBackend, of: &str, most: u32) -> String {
    format!(
        "(SELECT at FROM ({}) AS d ORDER BY at DESC LIMIT 1 OFFSET {})",
        counted(backend, of),
        most.max(1) - 1,
    )
}

/// Of these, what is counted still: cards that were declined here, and on the provider's pages.
fn counted(backend: DbBackend, of: &str) -> String {
    let (window, now) = (Declines::WINDOW.num_milliseconds(), now_millis(backend));
    format!(
        "SELECT started_at AS at, card FROM attempts \
         WHERE state = 'DECLINED' AND started_at > {now} - {window} AND {of} \
         UNION ALL SELECT at, card FROM page_declines WHERE at > {now} - {window} AND {of}"
    )
}
