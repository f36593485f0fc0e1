//! The gaps of a service, in its own database: they outlive its processes, which share them.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use kernel::{Fault, from_millis, to_millis};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Statement, Value};

use super::{Gap, bounded, without};
use crate::rows::clock;

/// How long a process that closes a gap may say nothing, before another one does it.
const LEASE: Duration = Duration::from_mins(1);
/// How long to wait before numbers are asked for again that nobody had: doubling, up to the second.
const AGAIN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(10));

/// The gaps of one consumer.
#[derive(Clone)]
pub(crate) struct Gaps {
    database: DatabaseConnection,
    consumer: &'static str,
}

/// What a consumer is to get yet of one stream.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Open {
    /// Whose stream it is.
    pub(crate) stream: String,
    /// Since when that stream has been there.
    pub(crate) since: DateTime<Utc>,
    /// Its numbers.
    pub(crate) gaps: Vec<Gap>,
    /// How often they were asked for in vain.
    pub(crate) tries: i32,
    /// The database's time.
    pub(crate) now: DateTime<Utc>,
}

/// A row as it is written: who changes it makes sure that nobody else has.
struct Kept {
    since: i64,
    through: i64,
    open: String,
}

impl Gaps {
    /// Those of this consumer, in its service's database.
    pub(crate) fn new(database: DatabaseConnection, consumer: &'static str) -> Self {
        Self { database, consumer }
    }

    /// Forgets gaps of streams that were there before this one, which the outboxes have filled from its beginning.
    pub(crate) async fn only_of(&self, stream: &str, since: DateTime<Utc>) -> Result<(), Fault> {
        let forget = "DELETE FROM gaps WHERE consumer = $1 AND stream = $2 AND since <> $3";
        self.execute(forget, [self.consumer.into(), stream.into(), to_millis(since).into()]).await.map(drop)
    }

    /// Writes down a gap; what of it is new, if anything.
    pub(crate) async fn note(
        &self,
        stream: &str,
        since: DateTime<Utc>,
        gap: Gap,
    ) -> Result<Option<Gap>, Fault> {
        let since = to_millis(since);
        loop {
            let kept = self.kept(stream).await?;
            let of_this_stream = kept.as_ref().filter(|kept| kept.since == since);
            let through = of_this_stream.map_or(0, |kept| kept.through);
            let new = Gap { first: gap.first.max(through + 1), ..gap };
            if new.width() == 0 {
                return Ok(None);
            }
            let mut gaps = of_this_stream.map_or(Ok(Vec::new()), |kept| parsed(&kept.open))?;
            gaps.push(new);
            let open = written(&bounded(gaps))?;
            let key: [Value; 5] =
                [self.consumer.into(), stream.into(), since.into(), new.last.into(), open.into()];
            let written = match kept {
                None => {
                    let insert = "INSERT INTO gaps (consumer, stream, since, through, open) \
                                  VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
                    self.execute(insert, key).await?
                }
                Some(kept) => {
                    let update = "UPDATE gaps SET since = $3, through = $4, open = $5, tries = 0, claimed_until = 0 \
                                  WHERE consumer = $1 AND stream = $2 AND since = $6 AND through = $7 AND open = $8";
                    let was: [Value; 3] = [kept.since.into(), kept.through.into(), kept.open.into()];
                    self.execute(update, key.into_iter().chain(was)).await?
                }
            };
            if written == 1 {
                return Ok(Some(new));
            }
        }
    }

    /// All that are open.
    pub(crate) async fn all(&self) -> Result<Vec<Gap>, Fault> {
        let look = "SELECT open FROM gaps WHERE consumer = $1 AND open <> '[]'";
        let rows = self.query(look, [self.consumer.into()]).await?;
        let mut all = Vec::new();
        for row in rows {
            let open: String = row.try_get("", "open").map_err(fault)?;
            all.extend(parsed(&open)?);
        }
        Ok(all)
    }

    /// Takes those of one stream whose turn it is, for a while.
    pub(crate) async fn claim(&self) -> Result<Option<Open>, Fault> {
        let now = self.now();
        let claim = format!(
            "UPDATE gaps SET claimed_until = {now} + {} WHERE consumer = $1 AND claimed_until <= {now} AND stream = \
             (SELECT stream FROM gaps WHERE consumer = $1 AND open <> '[]' AND claimed_until <= {now} \
             ORDER BY claimed_until LIMIT 1) RETURNING stream, since, open, tries, {now} AS now",
            LEASE.as_millis()
        );
        let rows = self.query(&claim, [self.consumer.into()]).await?;
        let read = |row: &QueryResult| -> Result<(String, i64, String, i32, i64), DbErr> {
            let text = |name| row.try_get("", name);
            Ok((
                text("stream")?,
                row.try_get("", "since")?,
                text("open")?,
                row.try_get("", "tries")?,
                row.try_get("", "now")?,
            ))
        };
        let Some(row) = rows.first() else { return Ok(None) };
        let (stream, since, open, tries, now) = read(row).map_err(fault)?;
        Ok(Some(Open {
            stream,
            since: from_millis(since),
            gaps: parsed(&open)?,
            tries,
            now: from_millis(now),
        }))
    }

    /// Leaves of the gaps what these numbers do not account for: what is left, the newest gaps included. None when the
    /// stream has become another.
    pub(crate) async fn close(
        &self,
        open: &Open,
        numbers: &BTreeSet<i64>,
    ) -> Result<Option<Vec<Gap>>, Fault> {
        self.change(open, |gaps| without(&gaps, numbers)).await
    }

    /// Leaves those of which something was published at this instant or later.
    pub(crate) async fn give_up(&self, open: &Open, before: DateTime<Utc>) -> Result<(), Fault> {
        let young = |gap: &Gap| gap.before >= to_millis(before);
        self.change(open, |gaps| gaps.into_iter().filter(young).collect()).await.map(drop)
    }

    async fn change(
        &self,
        open: &Open,
        change: impl Fn(Vec<Gap>) -> Vec<Gap>,
    ) -> Result<Option<Vec<Gap>>, Fault> {
        loop {
            let kept = self.kept(&open.stream).await?;
            let Some(kept) = kept.filter(|kept| kept.since == to_millis(open.since)) else { return Ok(None) };
            let left = bounded(change(parsed(&kept.open)?));
            let update = format!(
                "UPDATE gaps SET open = $3, tries = 0, claimed_until = {} + {} \
                 WHERE consumer = $1 AND stream = $2 AND since = $4 AND through = $5 AND open = $6",
                self.now(),
                LEASE.as_millis()
            );
            let values: [Value; 6] = [
                self.consumer.into(),
                open.stream.as_str().into(),
                written(&left)?.into(),
                kept.since.into(),
                kept.through.into(),
                kept.open.into(),
            ];
            if self.execute(&update, values).await? == 1 {
                return Ok(Some(left));
            }
        }
    }

    /// What is left of them is asked for again after a while, and after a longer one each time; at once where more has
    /// come since.
    pub(crate) async fn rest(&self, open: &Open) -> Result<(), Fault> {
        let doubled = AGAIN.0 * (1 << open.tries.clamp(0, 10));
        let rest = format!(
            "UPDATE gaps SET tries = tries + 1, claimed_until = {} + {} WHERE consumer = $1 AND stream = $2 \
             AND claimed_until > 0",
            self.now(),
            doubled.min(AGAIN.1).as_millis()
        );
        self.execute(&rest, [self.consumer.into(), open.stream.as_str().into()]).await.map(drop)
    }

    async fn kept(&self, stream: &str) -> Result<Option<Kept>, Fault> {
        let look = "SELECT since, through, open FROM gaps WHERE consumer = $1 AND stream = $2";
        let rows = self.query(look, [self.consumer.into(), stream.into()]).await?;
        let read = |row: &QueryResult| {
            Ok(Kept {
                since: row.try_get("", "since")?,
                through: row.try_get("", "through")?,
                open: row.try_get("", "open")?,
            })
        };
        rows.first().map(read).transpose().map_err(fault)
    }

    fn now(&self) -> &'static str {
        clock(self.database.get_database_backend())
    }

    async fn execute(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, Fault> {
        let statement = Statement::from_sql_and_values(self.database.get_database_backend(), sql, values);
        Ok(self.database.execute_raw(statement).await.map_err(fault)?.rows_affected())
    }

    async fn query(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<QueryResult>, Fault> {
        let statement = Statement::from_sql_and_values(self.database.get_database_backend(), sql, values);
        self.database.query_all_raw(statement).await.map_err(fault)
    }
}

fn fault(cause: DbErr) -> Fault {
    Fault::passing("keeping what a stream has forgotten", cause)
}

fn parsed(open: &str) -> Result<Vec<Gap>, Fault> {
    serde_json::from_str(open).map_err(|cause| Fault::new("reading what a stream has forgotten", cause))
}

fn written(gaps: &[Gap]) -> Result<String, Fault> {
    serde_json::to_string(gaps).map_err(|cause| Fault::new("writing what a stream has forgotten", cause))
}
