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
        "CASE WHEN EXISTS (SELECT 1 FROM attempts WHERE {} AND card IS NOT NULL GROUP BY card HAVING COUNT(*) >= {}) \
         THEN 1 ELSE 0 END",
        counted(backend),
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
        "(SELECT started_at FROM attempts WHERE {} AND {of} ORDER BY started_at DESC LIMIT 1 OFFSET {})",
        counted(backend),
        most.max(1) - 1,
    )
}

fn counted(backend: DbBackend) -> String {
    let window = Declines::WINDOW.num_milliseconds();
    format!("state = 'DECLINED' AND started_at > {} - {window}", now_millis(backend))
}
