//! What a consumer has handled already.

use std::collections::HashSet;

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

/// The same of several messages: those that it had not handled before.
pub async fn first_times(
    transaction: &impl ConnectionTrait,
    consumer: &str,
    messages: &[Uuid],
    at: DateTime<Utc>,
) -> Result<HashSet<Uuid>, DbErr> {
    let rows: Vec<_> = (0..messages.len()).map(|at| format!("($1, ${}, $2)", at + 3)).collect();
    let insert = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        format!("INSERT INTO {INTO} VALUES {} ON CONFLICT DO NOTHING RETURNING message_id", rows.join(", ")),
        [consumer.into(), at.timestamp_millis().into()]
            .into_iter()
            .chain(messages.iter().map(|message| Value::from(*message))),
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
