//! What a consumer has handled already.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use uuid::Uuid;

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
        "INSERT INTO inbox (consumer, message_id, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        [consumer.into(), message_id.into(), at.timestamp_millis().into()],
    );
    Ok(transaction.execute_raw(insert).await?.rows_affected() == 1)
}
