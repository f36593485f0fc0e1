//! What is kept, and what it costs to ask for it.

use std::time::Duration;

use chrono::TimeDelta;
use contracts::purchase::TakePayment;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

use super::Stage;

impl Stage {
    /// Changes what is kept.
    pub(crate) async fn change(&self, sql: &str) {
        self.database.writes.execute_unprepared(sql).await.unwrap();
    }

    /// Adds a row.
    pub(crate) async fn insert(
        &self,
        table: &str,
        columns: &str,
        values: impl IntoIterator<Item = sea_orm::Value>,
    ) {
        let values: Vec<_> = values.into_iter().collect();
        let places: Vec<_> = (1..=values.len()).map(|place| format!("${place}")).collect();
        let sql = format!("INSERT INTO {table} ({columns}) VALUES ({})", places.join(", "));
        let backend = self.database.writes.get_database_backend();
        let insert = Statement::from_sql_and_values(backend, sql, values);
        self.database.writes.execute_raw(insert).await.unwrap();
    }

    /// How many statements were sent for requests so far.
    pub(crate) fn foreground(&self) -> u64 {
        self.database.statements()
    }

    /// How many statements were sent so far, by whomever.
    pub(crate) fn statements(&self) -> u64 {
        self.database.statements() + self.database.background().statements()
    }

    /// Waits until everything that was committed is marked as told, and says how often it asked the database.
    pub(crate) async fn relay_is_through(&self) -> u64 {
        let mut asked = 1;
        while self.number("SELECT COUNT(*) AS n FROM outbox WHERE sent_at IS NULL").await > 0 {
            asked += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        asked
    }

    /// What was captured for the order and what went back, by the ledger, which must sum to zero.
    pub(crate) async fn booked(&self, order: &TakePayment) -> (i64, i64) {
        let rows = self.rows("SELECT order_id, account, amount_minor FROM ledger_entries").await;
        let of = |account: &str| {
            let here = rows.iter().filter(|row| {
                row.try_get::<Uuid>("", "order_id").unwrap() == order.order_id.uuid()
                    && row.try_get::<String>("", "account").unwrap() == account
            });
            here.map(|row| row.try_get::<i64>("", "amount_minor").unwrap()).sum::<i64>()
        };
        assert_eq!(of("PROVIDER") + of("CAPTURED") + of("REFUNDED"), 0, "the ledger does not sum to zero");
        (-of("CAPTURED"), of("REFUNDED"))
    }

    /// All attempts began earlier than they did.
    pub(crate) async fn attempts_age_by(&self, time: TimeDelta) {
        let time = time.num_milliseconds();
        self.change(&format!("UPDATE attempts SET started_at = started_at - {time}")).await;
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) AS n FROM {table}")).await
    }

    pub(crate) async fn number(&self, query: &str) -> i64 {
        self.rows(query).await[0].try_get("", "n").unwrap()
    }

    pub(crate) async fn rows(&self, query: &str) -> Vec<QueryResult> {
        let backend = self.database.reads.get_database_backend();
        self.database.reads.query_all_raw(Statement::from_string(backend, query)).await.unwrap()
    }
}
