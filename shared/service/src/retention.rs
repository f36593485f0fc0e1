//! How long each row is kept: every service says so for each of its tables, and one worker forgets what is older.
//!
//! It deletes a batch at a time, found by an index, and rests between batches, so that nobody who sells waits for it.
//! `docs/operations/retention.md` has all ages; a test of each service compares them with its schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use chrono::{DateTime, Utc};
use kernel::{Fault, to_millis};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Database, database, workers::Worker};

/// How many rows are deleted at once, at most and at least.
const BATCH: (u64, u64) = (1_000, 10);
/// How long a batch may take; after one that took longer the next is smaller.
const LONGEST: Duration = Duration::from_millis(100);
/// How long is rested after a batch when there is more.
const REST: Duration = Duration::from_millis(100);
/// How often is looked for what has grown old.
const LOOK: Duration = Duration::from_mins(10);
const DAY: Duration = Duration::from_hours(24);

/// How long a table keeps its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// Its name.
    pub table: &'static str,
    /// How long it keeps them.
    pub kept: Kept,
}

/// How long rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// For so long after the instant in a column, which an index must begin with. Rows without one are kept.
    For {
        /// The column, in milliseconds since 1970.
        column: &'static str,
        /// How long after it.
        duration: Duration,
        /// What must hold besides, in SQL; what the index is partial by.
        condition: Option<&'static str>,
    },
    /// For as long as the database is there, because of this.
    ForEver(&'static str),
}

impl Age {
    /// So many days after the instant in that column.
    #[must_use]
    pub const fn days(table: &'static str, column: &'static str, days: u32) -> Self {
        let duration = Duration::from_secs(days as u64 * DAY.as_secs());
        Self { table, kept: Kept::For { column, duration, condition: None } }
    }

    /// So many hours after the instant in that column.
    #[must_use]
    pub const fn hours(table: &'static str, column: &'static str, hours: u64) -> Self {
        let kept = Kept::For { column, duration: Duration::from_hours(hours), condition: None };
        Self { table, kept }
    }

    /// As long as the database is there, because of this.
    #[must_use]
    pub const fn for_ever(table: &'static str, why: &'static str) -> Self {
        Self { table, kept: Kept::ForEver(why) }
    }
}

/// As in the documents: `idempotency_keys | 7 days after created_at`.
impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` | ", self.table)?;
        match self.kept {
            Kept::ForEver(why) => write!(f, "for ever: {why}"),
            Kept::For { column, duration, condition } => {
                let hours = duration.as_secs() / 3_600;
                match hours {
                    0 => write!(f, "until `{column}`")?,
                    1 => write!(f, "1 hour after `{column}`")?,
                    24 => write!(f, "1 day after `{column}`")?,
                    _ if hours.is_multiple_of(24) => write!(f, "{} days after `{column}`", hours / 24)?,
                    _ => write!(f, "{hours} hours after `{column}`")?,
                }
                condition.map_or(Ok(()), |condition| write!(f, ", where `{condition}`"))
            }
        }
    }
}

/// The ages of the tables that every service has for its messages.
const OF_MESSAGES: [Age; 4] = [
    Age {
        table: "outbox",
        kept: Kept::For { column: "sent_at", duration: messaging::tables::SENT_KEPT, condition: None },
    },
    Age {
        table: "inbox",
        kept: Kept::For {
            column: "received_at",
            duration: messaging::tables::RECEIVED_KEPT,
            condition: None,
        },
    },
    Age::for_ever("dead_letters", "a person looks at each, and has it tried again or dropped"),
    Age::for_ever("gaps", "one row for each consumer and stream, with what is still missing"),
];

/// The ages of a service's own tables, and of those for its messages.
pub fn with_messages(own: &[Age]) -> Vec<Age> {
    [own, &OF_MESSAGES].concat()
}

/// Forgets what a service need not keep, for as long as it runs: of its own tables and those for its messages.
pub fn worker(service: &'static str, database: &Database, own: &[Age]) -> Worker {
    let (database, ages) = (database.background(), with_messages(own));
    Worker::new("retention", async move |stop: CancellationToken| {
        let mut batch = BATCH.0;
        // Not at once: who starts has better things to do.
        let mut pause = REST;
        while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
            let step = async {
                let now =
                    database::now(&database.reads).await.map_err(database::fault("asking for the time"))?;
                forget(service, &database.writes, &ages, now, &mut batch).await
            };
            pause = match step.await {
                Ok(true) => REST,
                Ok(false) => LOOK,
                Err(fault) => {
                    tracing::warn!(
                        service,
                        error = fault.chain(),
                        "what is old cannot be forgotten just now"
                    );
                    LOOK
                }
            };
        }
    })
}

/// Forgets a batch of each table, by that time. True when there may be more. The worker does it by itself.
pub async fn forget_once(
    service: &'static str,
    database: &Database,
    own: &[Age],
    now: DateTime<Utc>,
) -> Result<bool, Fault> {
    forget(service, &database.writes, &with_messages(own), now, &mut BATCH.0.clone()).await
}

async fn forget(
    service: &'static str,
    connection: &DatabaseConnection,
    ages: &[Age],
    now: DateTime<Utc>,
    batch: &mut u64,
) -> Result<bool, Fault> {
    let (mut more, mut failed) = (false, None);
    for age in ages {
        let Kept::For { column, duration, condition } = age.kept else { continue };
        let backend = connection.get_database_backend();
        let before = to_millis(now).saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX));
        let delete = Statement::from_sql_and_values(
            backend,
            deletion(backend, age.table, column, condition, *batch),
            [before.into()],
        );
        let (began, limit) = (Instant::now(), *batch);
        let deleted = connection.execute_raw(delete).await;
        *batch =
            if began.elapsed() > LONGEST { (*batch / 4).max(BATCH.1) } else { (*batch * 2).min(BATCH.0) };
        match deleted {
            Ok(deleted) => {
                let deleted = deleted.rows_affected();
                more |= deleted >= limit;
                metrics::counter!("rows_forgotten_total", "service" => service, "table" => age.table)
                    .increment(deleted);
            }
            // The other tables are not to grow because of it.
            Err(cause) => failed = Some(database::fault("forgetting what is old")(cause)),
        }
    }
    failed.map_or(Ok(more), Err)
}

/// Deletes by where rows lie, which needs no further look for each; whoever has a row locked keeps it until next time.
fn deletion(backend: DbBackend, table: &str, column: &str, condition: Option<&str>, limit: u64) -> String {
    let condition = condition.map(|condition| format!(" AND {condition}")).unwrap_or_default();
    let old = |row| {
        format!("SELECT {row} FROM {table} WHERE {column} < $1{condition} ORDER BY {column} LIMIT {limit}")
    };
    match backend {
        DbBackend::Postgres => {
            let old = old("ctid");
            format!("DELETE FROM {table} WHERE ctid = ANY (ARRAY({old} FOR UPDATE SKIP LOCKED))")
        }
        _ => format!("DELETE FROM {table} WHERE rowid IN ({})", old("rowid")),
    }
}

/// What is wrong with ages beside the schema that is there: tables without an age, ages without a table, columns that
/// no index begins with. For the tests of services.
pub async fn compare(database: &Database, own: &[Age]) -> Result<Vec<String>, Fault> {
    let connection = &database.writes;
    let (tables, indexes) = match connection.get_database_backend() {
        DbBackend::Postgres => (
            "SELECT CAST(tablename AS TEXT) AS one, '' AS other FROM pg_tables WHERE schemaname = current_schema()",
            "SELECT CAST(t.relname AS TEXT) AS one, CAST(a.attname AS TEXT) AS other FROM pg_index i \
             JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0] WHERE n.nspname = current_schema()",
        ),
        _ => (
            "SELECT name AS one, '' AS other FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            "SELECT m.tbl_name AS one, i.name AS other FROM sqlite_master AS m, pragma_index_info(m.name) AS i \
             WHERE m.type = 'index' AND i.seqno = 0 AND i.name IS NOT NULL",
        ),
    };
    let there: BTreeSet<String> =
        pairs(connection, tables).await?.into_iter().map(|(table, _)| table).collect();
    let indexes = pairs(connection, indexes).await?;
    let ages = with_messages(own);
    let declared: BTreeMap<&str, Age> = ages.iter().map(|age| (age.table, *age)).collect();
    let mut wrong = Vec::new();
    if declared.len() < ages.len() {
        wrong.push("a table has two ages".to_owned());
    }
    for table in there.iter().filter(|table| *table != "seaql_migrations") {
        match declared.get(table.as_str()).map(|age| age.kept) {
            None => wrong.push(format!("{table} has no age")),
            Some(Kept::For { column, .. }) if !indexes.contains(&(table.clone(), column.to_owned())) => {
                wrong.push(format!("no index of {table} begins with {column}"));
            }
            Some(_) => {}
        }
    }
    for table in declared.keys().filter(|table| !there.contains(**table)) {
        wrong.push(format!("there is no table {table}"));
    }
    Ok(wrong)
}

async fn pairs(connection: &DatabaseConnection, sql: &str) -> Result<BTreeSet<(String, String)>, Fault> {
    let fault = database::fault("reading the schema");
    let query = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(query).await.map_err(&fault)?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "one")?, row.try_get("", "other")?)))
        .collect::<Result<_, _>>()
        .map_err(fault)
}

#[cfg(test)]
mod tests;
