//! What could not be handled, kept until a person has looked at it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kernel::{Clock, Fault, from_millis};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryResult, Statement,
    TransactionTrait, Value,
};
use uuid::Uuid;

use crate::{Message, bus::replays, outbox::row};

/// A message that could not be handled.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    /// What was to be handled.
    pub message: Message,
    /// Who was to handle it.
    pub consumer: String,
    /// How often it was tried.
    pub deliveries: i32,
    /// Why the last try failed.
    pub error: String,
    /// When it was given up.
    pub buried_at: DateTime<Utc>,
}

/// The dead letters of a service, in its own database.
#[derive(Clone)]
pub struct DeadLetters {
    database: DatabaseConnection,
    clock: Arc<dyn Clock>,
}

impl DeadLetters {
    /// The dead letters in this database.
    pub fn new(database: DatabaseConnection, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    /// The database of the service.
    pub(crate) fn database(&self) -> &DatabaseConnection {
        &self.database
    }

    /// Keeps a message that `consumer` could not handle, once.
    pub async fn bury(
        &self,
        consumer: &str,
        message: &Message,
        deliveries: u32,
        error: &str,
    ) -> Result<(), Fault> {
        let fault = |cause| Fault::passing("burying a dead letter", cause);
        let text =
            serde_json::to_string(message).map_err(|cause| Fault::new("burying a dead letter", cause))?;
        let insert = Statement::from_sql_and_values(
            self.database.get_database_backend(),
            "INSERT INTO dead_letters (id, consumer, subject, message, deliveries, error, buried_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            [
                message.id.into(),
                consumer.into(),
                message.subject.clone().into(),
                text.into(),
                i32::try_from(deliveries).unwrap_or(i32::MAX).into(),
                error.into(),
                self.clock.now().timestamp_millis().into(),
            ],
        );
        self.database.execute_raw(insert).await.map_err(fault)?;
        metrics::counter!("bus_dead_letters_total", "consumer" => consumer.to_owned()).increment(1);
        tracing::error!(consumer, subject = message.subject, id = %message.id, error, "a message became a dead letter");
        Ok(())
    }

    /// How many there are.
    pub async fn count(&self) -> Result<u64, Fault> {
        let query = Statement::from_string(
            self.database.get_database_backend(),
            "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM dead_letters",
        );
        let row = self.database.query_one_raw(query).await;
        row.and_then(|row| row.map_or(Ok(0), |row| row.try_get::<i64>("", "n")))
            .map(i64::unsigned_abs)
            .map_err(|cause| Fault::passing("counting dead letters", cause))
    }

    /// Those of a consumer, or all; the oldest first, no more than `limit`.
    pub async fn list(&self, consumer: Option<&str>, limit: u32) -> Result<Vec<DeadLetter>, Fault> {
        let fault = |cause| Fault::passing("reading dead letters", cause);
        let query = format!(
            "SELECT {COLUMNS} FROM dead_letters WHERE consumer = COALESCE($1, consumer) ORDER BY buried_at, id LIMIT {limit}"
        );
        let rows = self.database.query_all_raw(self.statement(&query, [consumer.into()])).await;
        let rows = rows.map_err(fault)?;
        rows.iter().map(read).collect::<Result<_, _>>().map_err(fault)
    }

    /// One of them.
    pub async fn get(&self, id: Uuid) -> Result<Option<DeadLetter>, Fault> {
        let fault = |cause| Fault::passing("reading a dead letter", cause);
        let query = format!("SELECT {COLUMNS} FROM dead_letters WHERE id = $1");
        let query = self.statement(&query, [id.into()]);
        let row = self.database.query_one_raw(query).await.map_err(fault)?;
        row.as_ref().map(read).transpose().map_err(fault)
    }

    /// Takes one away and lets its consumer have it again, in one transaction: it goes through the outbox, on a
    /// subject that nobody else reads. False when there is none.
    pub async fn replay(&self, id: Uuid) -> Result<bool, Fault> {
        self.replayed(id).await.map_err(|cause| Fault::passing("replaying a dead letter", cause))
    }

    /// Forgets one. False when there is none.
    pub async fn forget(&self, id: Uuid) -> Result<bool, Fault> {
        let taken = take(&self.database, id).await;
        taken
            .map(|letter| letter.is_some())
            .map_err(|cause| Fault::passing("forgetting a dead letter", cause))
    }

    async fn replayed(&self, id: Uuid) -> Result<bool, DbErr> {
        let broken = |error: serde_json::Error| DbErr::Custom(error.to_string());
        let transaction = self.database.begin().await?;
        let Some(letter) = take(&transaction, id).await? else { return Ok(false) };
        let again = row::ActiveModel {
            id: Set(kernel::Id::<()>::new().uuid()),
            subject: Set(replays(&letter.consumer)),
            about: Set(letter.message.about),
            version: Set(letter.message.version),
            occurred_at: Set(self.clock.now().timestamp_millis()),
            headers: Set(serde_json::to_string(&letter.message.headers).map_err(broken)?),
            payload: Set(serde_json::to_string(&letter.message).map_err(broken)?),
            claimed_until: Set(0),
            sent_at: Set(None),
            ..Default::default()
        };
        row::Entity::insert(again).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    fn statement<const N: usize>(&self, sql: &str, values: [Value; N]) -> Statement {
        Statement::from_sql_and_values(self.database.get_database_backend(), sql, values)
    }
}

async fn take(connection: &impl ConnectionTrait, id: Uuid) -> Result<Option<DeadLetter>, DbErr> {
    let delete = Statement::from_sql_and_values(
        connection.get_database_backend(),
        format!("DELETE FROM dead_letters WHERE id = $1 RETURNING {COLUMNS}"),
        [id.into()],
    );
    connection.query_one_raw(delete).await?.as_ref().map(read).transpose()
}

/// What [`read`] reads, by name: an upgrade may add columns while this runs.
const COLUMNS: &str = "message, consumer, deliveries, error, buried_at";

fn read(row: &QueryResult) -> Result<DeadLetter, DbErr> {
    let message: String = row.try_get("", "message")?;
    Ok(DeadLetter {
        message: serde_json::from_str(&message).map_err(|error| DbErr::Custom(error.to_string()))?,
        consumer: row.try_get("", "consumer")?,
        deliveries: row.try_get("", "deliveries")?,
        error: row.try_get("", "error")?,
        buried_at: from_millis(row.try_get("", "buried_at")?),
    })
}
