//! Statements, and what rows hold.

use chrono::{DateTime, Utc};
use kernel::{Currency, Fault, Id, Money, from_millis};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, TryGetable, Value};
use service::database::fault;
pub(super) use service::database::lists::{among, among_ids, among_texts, ids, numbers, texts};
use uuid::Uuid;

/// Runs a statement; how many rows it changed.
pub(super) async fn execute(
    connection: &impl ConnectionTrait,
    doing: &'static str,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, Fault> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await.map(|done| done.rows_affected()).map_err(fault(doing))
}

/// All rows of a query, read by `read`.
pub(super) async fn all<T>(
    connection: &impl ConnectionTrait,
    doing: &'static str,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
    read: impl Fn(&Row) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(statement).await.map_err(fault(doing))?;
    rows.into_iter().map(|row| read(&Row { row, doing })).collect()
}

/// The one row of a query, if there is one.
pub(super) async fn one<T>(
    connection: &impl ConnectionTrait,
    doing: &'static str,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
    read: impl Fn(&Row) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let row = connection.query_one_raw(statement).await.map_err(fault(doing))?;
    row.map(|row| read(&Row { row, doing })).transpose()
}

/// A row, and what it was read for.
pub(super) struct Row {
    row: QueryResult,
    doing: &'static str,
}

impl Row {
    pub(super) fn get<T: TryGetable>(&self, column: &str) -> Result<T, Fault> {
        self.row.try_get("", column).map_err(fault(self.doing))
    }

    pub(super) fn id<T>(&self, column: &str) -> Result<Id<T>, Fault> {
        self.get::<Uuid>(column).map(Id::from_uuid)
    }

    pub(super) fn instant(&self, column: &str) -> Result<DateTime<Utc>, Fault> {
        self.get(column).map(from_millis)
    }

    pub(super) fn instant_or_none(&self, column: &str) -> Result<Option<DateTime<Utc>>, Fault> {
        Ok(self.get::<Option<i64>>(column)?.map(from_millis))
    }

    /// A counter; below zero is a fault, never clamped.
    pub(super) fn count(&self, column: &str) -> Result<u32, Fault> {
        let number: i32 = self.get(column)?;
        u32::try_from(number).map_err(|cause| Fault::new(format!("{column} is {number}"), cause))
    }

    pub(super) fn count_or_none(&self, column: &str) -> Result<Option<u32>, Fault> {
        match self.get::<Option<i32>>(column)? {
            None => Ok(None),
            Some(_) => self.count(column).map(Some),
        }
    }

    /// A sum or a count of rows.
    pub(super) fn sum(&self, column: &str) -> Result<u64, Fault> {
        let number: i64 = self.get(column)?;
        u64::try_from(number).map_err(|cause| Fault::new(format!("{column} is {number}"), cause))
    }

    pub(super) fn money(&self, amount: &str) -> Result<Money, Fault> {
        let currency: Currency = self.get::<String>("currency")?.parse()?;
        Ok(Money::new(self.get(amount)?, currency))
    }

    /// The saga that was joined to the row, if there was one.
    pub(super) fn saga(&self) -> Result<Option<saga::Kept>, Fault> {
        saga::rows::read(&self.row)
    }

    pub(super) fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, Fault> {
        let text: String = self.get(column)?;
        self.read_json(&text)
    }

    pub(super) fn json_or_none<T: serde::de::DeserializeOwned>(
        &self,
        column: &str,
    ) -> Result<Option<T>, Fault> {
        let text: Option<String> = self.get(column)?;
        text.map(|text| self.read_json(&text)).transpose()
    }

    fn read_json<T: serde::de::DeserializeOwned>(&self, text: &str) -> Result<T, Fault> {
        serde_json::from_str(text).map_err(|cause| Fault::new(self.doing, cause))
    }
}

/// A value that may be missing, as JSON text.
pub(super) fn json_or_null<T: serde::Serialize>(value: Option<&T>) -> Result<Value, Fault> {
    value.map_or(Ok(Value::String(None)), json)
}

/// A value as JSON text.
pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<Value, Fault> {
    serde_json::to_string(value).map(Value::from).map_err(|cause| Fault::new("writing JSON", cause))
}

/// An instant as columns keep it.
pub(super) fn millis(at: DateTime<Utc>) -> Value {
    at.timestamp_millis().into()
}

/// An instant that may be missing.
pub(super) fn millis_or_null(at: Option<DateTime<Utc>>) -> Value {
    at.map(|at| at.timestamp_millis()).into()
}

/// A counter as columns keep it. One that is too great for its column is refused by the database, never clamped.
pub(super) fn number(count: u32) -> Value {
    i64::from(count).into()
}

/// A counter that may be missing.
pub(super) fn number_or_null(count: Option<u32>) -> Value {
    count.map(i64::from).into()
}

/// What locks the rows of a SELECT, while rows that refer to them may be added.
pub(super) fn for_no_key_update(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres { " FOR NO KEY UPDATE" } else { "" }
}

/// Keeps the rows of a `SELECT` from being changed until commit; others may do the same. SQLite's transactions lock
/// everything from their start.
pub(super) fn for_share(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres { " FOR SHARE" } else { "" }
}

/// For errors of SeaORM that are not of a statement.
pub(super) fn faulty(doing: &'static str) -> impl Fn(DbErr) -> Fault {
    fault(doing)
}
