//! The outbox as the relay sees it: what waits, what is claimed, what was sent.
//!
//! Every instant here is the database's, so that replicas whose clocks differ agree.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use kernel::{Fault, to_millis};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::{bus::Store, outbox::row};

/// How many rows one statement changes at most, so that none takes long.
const AT_ONCE: u64 = 2_000;
/// How many lost messages are let wait again before what waits is sent.
const BETWEEN_LOOKS: u64 = 40_000;
/// How far the clocks of database and bus may differ.
pub(crate) const SKEW: Duration = Duration::from_mins(10);

/// What waits in an outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Waiting {
    /// How many messages; no more than 100,000 are counted.
    pub(crate) messages: i64,
    /// How long the oldest has waited, in seconds.
    pub(crate) oldest: f64,
}

/// A row that was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sent {
    /// Which.
    pub(crate) id: Uuid,
    /// Since when the store has been there into which it was sent, as far as is known.
    pub(crate) since: Option<DateTime<Utc>>,
    /// Its number in that store.
    pub(crate) number: Option<i64>,
}

/// The rows of one service's outbox.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    database: DatabaseConnection,
}

impl Rows {
    pub(crate) fn new(database: DatabaseConnection) -> Self {
        Self { database }
    }

    /// In the embedded stack nobody else claims: what a killed process had claimed is free again.
    pub(crate) async fn forget_claims(&self) -> Result<(), Fault> {
        if self.database.get_database_backend() == DbBackend::Sqlite {
            let free = "UPDATE outbox SET claimed_until = 0 WHERE sent_at IS NULL AND claimed_until > 0";
            self.execute("reading the outbox", free).await?;
        }
        Ok(())
    }

    /// Takes the oldest that nobody has, for that long.
    pub(crate) async fn claim(&self, limit: usize, lease: Duration) -> Result<Vec<row::Model>, Fault> {
        let fault = |cause| Fault::passing("claiming from the outbox", cause);
        let now = self.now();
        let free = format!("sent_at IS NULL AND claimed_until <= {now}");
        let postgres = self.database.get_database_backend() == DbBackend::Postgres;
        if !postgres {
            // Looking before claiming spares an idle service the turn of its one writer.
            let look = format!("SELECT seq FROM outbox WHERE {free} ORDER BY seq LIMIT 1");
            if self.database.query_one_raw(self.statement(&look)).await.map_err(fault)?.is_none() {
                return Ok(Vec::new());
            }
        }
        let oldest = format!("SELECT seq FROM outbox WHERE {free} ORDER BY seq LIMIT $1");
        // As an array it is looked for once, whatever the planner makes of the rest.
        let which = if postgres {
            format!("= ANY (ARRAY({oldest} FOR UPDATE SKIP LOCKED))")
        } else {
            format!("IN ({oldest})")
        };
        let until = format!("{now} + {}", lease.as_millis());
        let claim = format!(
            "UPDATE outbox SET claimed_until = {until} WHERE seq {which}{} RETURNING {}",
            self.in_passing(),
            row::columns()
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let claim =
            Statement::from_sql_and_values(self.database.get_database_backend(), claim, [limit.into()]);
        let rows = self.database.query_all_raw(claim).await.map_err(fault)?;
        let rows = rows.iter().map(|row| row::Model::from_query_result(row, ""));
        let mut rows = rows.collect::<Result<Vec<_>, _>>().map_err(fault)?;
        rows.sort_by_key(|row| row.seq);
        Ok(rows)
    }

    /// They were sent. Marked so that [`Rows::lost`] can tell them from what was sent to stores before, however the clocks
    /// differ, and with their numbers there.
    pub(crate) async fn sent(&self, sent: &[Sent]) -> Result<(), Fault> {
        let mut by_store: BTreeMap<i64, Vec<&Sent>> = BTreeMap::new();
        for sent in sent {
            by_store.entry(sent.since.map_or(0, surely_in)).or_default().push(sent);
        }
        let backend = self.database.get_database_backend();
        // The same text each time, so that it is planned once. PostgreSQL looks for the ids one by one, whatever the
        // planner knows of the table, as they are an array.
        let mark = match backend {
            DbBackend::Postgres => format!(
                "UPDATE outbox SET sent_at = GREATEST({}, $2), \
                 number = (CAST(CAST($3 AS TEXT) AS BIGINT[]))[array_position(CAST(CAST($1 AS TEXT) AS UUID[]), id)] \
                 WHERE {}{}",
                self.now(),
                self.among(),
                self.in_passing()
            ),
            _ => format!(
                "UPDATE outbox SET sent_at = MAX({}, $2), number = json_extract($3, '$[' || n.key || ']') \
                 FROM (SELECT key, unhex(value) AS id FROM json_each($1) LIMIT -1) AS n WHERE outbox.id = n.id",
                self.now()
            ),
        };
        for (surely, sent) in by_store {
            let ids = sent.iter().map(|sent| sent.id);
            let numbers = sent.iter().map(|sent| sent.number);
            let values = [self.ids(ids), surely.into(), self.numbers(numbers)];
            let mark = Statement::from_sql_and_values(backend, &mark, values);
            let marked = self.database.execute_raw(mark).await;
            marked.map_err(|cause| Fault::passing("marking what was sent", cause))?;
        }
        Ok(())
    }

    /// They were not sent, and may be claimed again after that time.
    pub(crate) async fn free(&self, ids: &[Uuid], after: Duration) -> Result<(), Fault> {
        if ids.is_empty() {
            return Ok(());
        }
        let free = format!(
            "UPDATE outbox SET claimed_until = {} + $2 WHERE sent_at IS NULL AND {}",
            self.now(),
            self.among()
        );
        let after = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
        let values = [self.ids(ids.iter().copied()), after.into()];
        let free = Statement::from_sql_and_values(self.database.get_database_backend(), free, values);
        let freed = self.database.execute_raw(free).await;
        freed.map(drop).map_err(|cause| Fault::passing("freeing what was claimed", cause))
    }

    /// What was sent to stores that are gone, into whose places these came: it waits again. How many, and whether there
    /// may be more: only so many are taken at a time, so that what waits is sent meanwhile.
    ///
    /// Safe to be asked for again, and by several at once: what is sent to these stores is none of it. Worth to be
    /// asked again while a store is young: somebody may still mark what was sent to the one before.
    pub(crate) async fn lost(&self, stores: &[Store]) -> Result<(u64, bool), Fault> {
        let mut all = 0;
        for (subject, oldest) in self.oldest_sent().await? {
            let Some(store) = stores.iter().find(|store| store.keeps(&subject)) else { continue };
            let surely = surely_in(store.since);
            if oldest >= surely {
                continue;
            }
            // As a range of the index of both: by the age alone a rare subject would be looked for through all others.
            let name = subject.replace('\'', "''");
            let which =
                format!("(subject, sent_at) >= ('{name}', 0) AND (subject, sent_at) < ('{name}', {surely})");
            loop {
                let again = self.again(&which, "subject, sent_at").await?;
                all += again.len() as u64;
                if all >= BETWEEN_LOOKS {
                    return Ok((all, true));
                }
                if again.is_empty() {
                    break;
                }
            }
        }
        Ok((all, false))
    }

    /// When the oldest message of each subject was sent: a few probes of an index for each, however long the history is.
    async fn oldest_sent(&self) -> Result<Vec<(String, i64)>, Fault> {
        let fault = |cause| Fault::passing("looking for lost messages", cause);
        let next = "(SELECT subject FROM outbox WHERE sent_at IS NOT NULL AND subject > s.subject ORDER BY subject LIMIT 1)";
        let look = format!(
            "WITH RECURSIVE s(subject) AS (SELECT f.subject FROM (SELECT subject FROM outbox WHERE sent_at IS NOT NULL \
             ORDER BY subject LIMIT 1) AS f UNION ALL SELECT {next} FROM s WHERE s.subject IS NOT NULL) \
             SELECT subject, (SELECT sent_at FROM outbox AS o WHERE (o.subject, o.sent_at) >= (s.subject, 0) \
             AND sent_at IS NOT NULL ORDER BY o.subject, o.sent_at LIMIT 1) AS oldest FROM s WHERE subject IS NOT NULL"
        );
        let rows = self.database.query_all_raw(self.statement(&look)).await.map_err(fault)?;
        let read = rows.iter().map(|row| {
            let oldest: Option<i64> = row.try_get("", "oldest")?; // it may just have gone
            oldest.map(|oldest| row.try_get("", "subject").map(|subject| (subject, oldest))).transpose()
        });
        let read: Result<Vec<_>, sea_orm::DbErr> = read.collect();
        Ok(read.map_err(fault)?.into_iter().flatten().collect())
    }

    /// Some of the sent rows with this condition after `after` wait again: how many, and the last of them.
    pub(crate) async fn send_again(&self, which: &str, after: i64) -> Result<Option<(u64, i64)>, Fault> {
        let seqs = self.again(&format!("seq > {after} AND {which}"), "seq").await?;
        Ok(seqs.iter().max().map(|last| (seqs.len() as u64, *last)))
    }

    /// The first of the sent rows with this condition wait again: which.
    async fn again(&self, which: &str, order: &str) -> Result<Vec<i64>, Fault> {
        let fault = |cause| Fault::passing("letting messages wait again", cause);
        let again = format!(
            "UPDATE outbox SET sent_at = NULL, claimed_until = 0 WHERE sent_at IS NOT NULL AND seq IN \
             (SELECT seq FROM outbox WHERE sent_at IS NOT NULL AND {which} ORDER BY {order} LIMIT {AT_ONCE}) \
             RETURNING seq"
        );
        let rows = self.database.query_all_raw(self.statement(&again)).await.map_err(fault)?;
        rows.iter().map(|row| row.try_get("", "seq")).collect::<Result<_, _>>().map_err(fault)
    }

    /// How much waits.
    pub(crate) async fn waiting(&self) -> Result<Waiting, Fault> {
        let fault = |cause| Fault::passing("looking at the outbox", cause);
        // Both by the index of what waits, however long the history is.
        let look = format!(
            "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT 100000) AS w) AS messages, \
             CAST({} - (SELECT occurred_at FROM outbox WHERE sent_at IS NULL ORDER BY seq LIMIT 1) AS BIGINT) AS oldest",
            self.now()
        );
        let row = self.database.query_one_raw(self.statement(&look)).await.map_err(fault)?;
        let Some(row) = row else { return Ok(Waiting::default()) };
        let messages = row.try_get("", "messages").map_err(fault)?;
        let oldest: Option<i64> = row.try_get("", "oldest").map_err(fault)?;
        let oldest = Duration::from_millis(oldest.unwrap_or(0).max(0).unsigned_abs()).as_secs_f64();
        Ok(Waiting { messages, oldest })
    }

    /// A condition that always holds, and with which the statement's commit is not waited for until it is on disk. A claim
    /// or a mark that a crash of the server undoes is made again, and the message sent again: consumers know it.
    fn in_passing(&self) -> &'static str {
        match self.database.get_database_backend() {
            DbBackend::Postgres => " AND (SELECT set_config('synchronous_commit', 'off', TRUE)) IS NOT NULL",
            _ => "",
        }
    }

    /// That a row is one of [`Rows::ids`], the first value of a statement.
    fn among(&self) -> &'static str {
        match self.database.get_database_backend() {
            DbBackend::Postgres => "id = ANY (CAST(CAST($1 AS TEXT) AS UUID[]))",
            _ => "id IN (SELECT unhex(value) FROM json_each($1))",
        }
    }

    fn ids(&self, ids: impl Iterator<Item = Uuid>) -> Value {
        let ids = ids.map(|id| id.simple().to_string());
        match self.database.get_database_backend() {
            DbBackend::Postgres => format!("{{{}}}", ids.collect::<Vec<_>>().join(",")),
            _ => format!("[{}]", ids.map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(",")),
        }
        .into()
    }

    fn numbers(&self, numbers: impl Iterator<Item = Option<i64>>) -> Value {
        let numbers = numbers.map(|number| number.map_or("null".to_owned(), |number| number.to_string()));
        let numbers = numbers.collect::<Vec<_>>().join(",");
        match self.database.get_database_backend() {
            DbBackend::Postgres => format!("{{{numbers}}}"),
            _ => format!("[{numbers}]"),
        }
        .into()
    }

    /// The database's clock, in milliseconds, as an expression of its SQL.
    pub(crate) fn now(&self) -> &'static str {
        clock(self.database.get_database_backend())
    }

    fn statement(&self, sql: &str) -> Statement {
        Statement::from_string(self.database.get_database_backend(), sql)
    }

    async fn execute(&self, doing: &'static str, sql: &str) -> Result<(), Fault> {
        let done = self.database.execute_unprepared(sql).await;
        done.map(drop).map_err(|cause| Fault::passing(doing, cause))
    }
}

/// A database's clock, in milliseconds, as an expression of its SQL.
pub(crate) fn clock(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        _ => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    }
}

/// What was sent at this instant or later was sent to the store that came to be then; what was sent before may
/// have been sent to one before it.
pub(crate) fn surely_in(since: DateTime<Utc>) -> i64 {
    to_millis(since + SKEW)
}
