//! What could not be handled, kept until a person has looked at it.

use kernel::{Clock, Fault};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use std::sync::Arc;

use crate::Message;

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
}
