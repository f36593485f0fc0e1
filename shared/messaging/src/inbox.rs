//! What a consumer has handled already.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kernel::from_millis;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use crate::rows;

/// The table with its columns, for whoever notes messages together with other things.
pub const INTO: &str = "inbox (consumer, message_id, received_at)";

/// Notes in the caller's transaction that `consumer` has handled the message. False when it had before:
/// then there is nothing to do but to acknowledge.
pub async fn first_time(
    transaction: &impl ConnectionTrait,
    consumer: &str,
    message_id: Uuid,
    at: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let insert = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        format!("INSERT INTO {INTO} VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"),
        [consumer.into(), message_id.into(), at.timestamp_millis().into()],
    );
    Ok(transaction.execute_raw(insert).await?.rows_affected() == 1)
}

/// The same of several messages, by the database's clock: those that it had not handled before. One statement, whose text is
/// the same however many they are; in the order of their ids, so that two who note the same ones do not wait for each other.
pub async fn first_times(
    transaction: &impl ConnectionTrait,
    consumer: &str,
    messages: impl IntoIterator<Item = Uuid>,
) -> Result<BTreeSet<Uuid>, DbErr> {
    let backend = transaction.get_database_backend();
    let messages: Vec<_> = messages.into_iter().map(|message| message.simple().to_string()).collect();
    let ids = match backend {
        DbBackend::Postgres => {
            "SELECT CAST(value AS UUID) AS id FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON))"
        }
        _ => "SELECT unhex(value) AS id FROM json_each($2)",
    };
    let insert = Statement::from_sql_and_values(
        backend,
        format!(
            "INSERT INTO {INTO} SELECT CAST($1 AS TEXT), id, {} FROM ({ids}) AS told WHERE TRUE ORDER BY id \
             ON CONFLICT DO NOTHING RETURNING message_id",
            rows::clock(backend)
        ),
        [consumer.into(), serde_json::json!(messages).to_string().into()],
    );
    let noted = transaction.query_all_raw(insert).await?;
    noted.iter().map(|row| row.try_get("", "message_id")).collect()
}

/// The same as [`first_time`] by the database's clock, and when that was; none when it had handled it before. One statement for whoever
/// needs the time as well.
pub async fn noted(
    transaction: &impl ConnectionTrait,
    consumer: &str,
    message_id: Uuid,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let backend = transaction.get_database_backend();
    let (insert, values) = noting(backend, consumer, message_id);
    let insert = Statement::from_sql_and_values(backend, format!("{insert} RETURNING received_at"), values);
    let row = transaction.query_one_raw(insert).await?;
    row.map(|row| Ok(from_millis(row.try_get("", "received_at")?))).transpose()
}

/// The statement of [`noted`] without its `RETURNING`, for whoever sends it together with others; it adds a row with
/// `received_at`, or none.
pub fn noting(backend: DbBackend, consumer: &str, message_id: Uuid) -> (String, Vec<Value>) {
    let insert =
        format!("INSERT INTO {INTO} VALUES ($1, $2, {}) ON CONFLICT DO NOTHING", rows::clock(backend));
    (insert, vec![consumer.into(), message_id.into()])
}
