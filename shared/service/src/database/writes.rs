//! What a transaction writes, gathered and sent together.
//!
//! A hold changes nine rows of nine tables. Sent one by one, each waits for the database and back while the event's row
//! is locked and everybody else waits. Gathered, they are one statement: on PostgreSQL parts of one `WITH`, which all see
//! the rows as they were before; on SQLite statements behind each other. Therefore no row may be written twice in one
//! go: whoever writes a row names it, and what was gathered is sent before it is written again. Writes whose rows are
//! counted are done in the order in which they were gathered, and the others at any time: whoever waits for a row that
//! everybody writes counts it, and gathers it last.
//!
//! Rows that are written alike go together as one value ([`Write::rows`]): the statement is the same however many there
//! are, so that it is planned once.

use std::{collections::BTreeSet, fmt::Write as _};

use chrono::{DateTime, Utc};
use contracts::Announcement;
use kernel::Fault;
use messaging::{Told, outbox::Insert};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, Value};
use serde_json::json;
use uuid::Uuid;

use super::fault;

/// More are not gathered: statements stay of a size that planners like.
const MOST: usize = 24;

/// One write.
#[derive(Debug)]
pub struct Write {
    doing: &'static str,
    sql: String,
    values: Vec<Value>,
    rows: Option<u64>,
    broken: Option<String>,
    of: Option<Uuid>,
    /// The rows that `{rows}` stands for; their columns are of the kinds of the first.
    table: Vec<Vec<Value>>,
}

/// What stands for the rows of [`Write::rows`] in its statement.
const ROWS: &str = "{rows}";

impl Write {
    /// A statement without `RETURNING`, with its values as `$1` and so on.
    pub fn new(doing: &'static str, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Self {
        Self {
            doing,
            sql: sql.into(),
            values: values.into_iter().collect(),
            rows: None,
            broken: None,
            of: None,
            table: Vec::new(),
        }
    }

    /// A statement in which `{rows}` stands for a table `r` whose only row these values are, with the columns `c0`, `c1`
    /// and so on. All that are gathered with the same statement are sent as one, with a table of all their rows. A value
    /// is an id, a whole number, a text or a truth, or missing.
    pub fn rows(
        doing: &'static str,
        sql: impl Into<String>,
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        Self { table: vec![values.into_iter().collect()], ..Self::new(doing, sql, []) }
    }

    /// A statement with values of its own and a table of rows, as in [`Write::rows`], of all of which it is sent at once.
    pub fn table(
        doing: &'static str,
        sql: impl Into<String>,
        values: impl IntoIterator<Item = Value>,
        rows: Vec<Vec<Value>>,
    ) -> Self {
        Self { table: rows, ..Self::new(doing, sql, values) }
    }

    /// Inserts a row `into` a table with its columns, with what stands `behind`, such as what is done on a conflict.
    pub fn insert(
        doing: &'static str,
        into: &str,
        behind: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Self {
        let values: Vec<_> = values.into_iter().collect();
        // Without a condition SQLite would take ON CONFLICT for a part of the join.
        let columns = columns(values.len());
        let sql = format!("INSERT INTO {into} SELECT {columns} FROM {ROWS} WHERE TRUE {behind}");
        Self::rows(doing, sql, values)
    }

    /// The rows of the outbox that tell announcements with the commit, as part of the trace that is under way here, and
    /// of what `told` has.
    pub fn telling(
        told: &mut Told,
        backend: DbBackend,
        announcements: impl IntoIterator<Item = Announcement>,
        at: DateTime<Utc>,
    ) -> Result<Vec<Self>, Fault> {
        let doing = "writing to the outbox";
        let Insert { into, values, last } = told.rows(backend, announcements, at).map_err(fault(doing))?;
        let row = |values: [Value; _]| {
            let sql = format!("INSERT INTO {into} SELECT {}, {last} FROM {ROWS}", columns(values.len()));
            Self::rows(doing, sql, values)
        };
        Ok(values.into_iter().map(row).collect())
    }

    /// True when both can be sent as one.
    fn is_like(&self, other: &Self) -> bool {
        !self.table.is_empty()
            && !other.table.is_empty()
            && (self.doing, &self.sql) == (other.doing, &other.sql)
            && self.values.is_empty()
            && self.rows.is_some() == other.rows.is_some()
    }

    /// It has to change so many rows; otherwise somebody was faster, and all of it is to be tried again.
    #[must_use]
    pub fn changes(mut self, rows: u64) -> Self {
        self.rows = Some(rows);
        self
    }

    /// What is broken when it changes other rows than it has to: trying again would not help.
    #[must_use]
    pub fn or_broken(mut self, rule: impl Into<String>) -> Self {
        self.broken = Some(rule.into());
        self
    }

    /// Which row it writes, or whose rows.
    #[must_use]
    pub fn of(mut self, row: Uuid) -> Self {
        self.of = Some(row);
        self
    }
}

/// What is still to be sent.
#[derive(Debug, Default)]
pub struct Writes {
    gathered: Vec<Write>,
    rows: BTreeSet<(&'static str, Uuid)>,
}

impl Writes {
    /// True when nothing is to be sent.
    pub fn is_empty(&self) -> bool {
        self.gathered.is_empty()
    }

    /// What was gathered and not sent; nothing is left.
    pub fn take(&mut self) -> Vec<Write> {
        self.rows.clear();
        std::mem::take(&mut self.gathered)
    }

    /// True when what was gathered is sent before this is gathered as well.
    pub fn must_go_before(&self, next: &Write) -> bool {
        let is_more = self.gathered.len() >= MOST && !self.gathered.iter().any(|write| write.is_like(next));
        is_more || next.of.is_some_and(|row| self.rows.contains(&(next.doing, row)))
    }

    fn gather(&mut self, write: Write) {
        self.rows.extend(write.of.map(|row| (write.doing, row)));
        match self.gathered.iter_mut().find(|before| before.is_like(&write)) {
            Some(before) => {
                before.table.extend(write.table);
                before.rows = before.rows.zip(write.rows).map(|(one, other)| one + other);
            }
            None => self.gathered.push(write),
        }
    }

    /// Gathers a write, which is sent with others. What was gathered is sent before it where it has to be.
    pub async fn add(&mut self, write: Write, transaction: &DatabaseTransaction) -> Result<(), Fault> {
        if self.must_go_before(&write) {
            self.send(transaction).await?;
        }
        self.gather(write);
        Ok(())
    }

    /// Sends all of it. A fault when one of them changed other rows than it had to.
    pub async fn send(&mut self, transaction: &DatabaseTransaction) -> Result<(), Fault> {
        let gathered = std::mem::take(&mut self.gathered);
        self.rows.clear();
        let Some(first) = gathered.first() else { return Ok(()) };
        let doing = if gathered.len() == 1 { first.doing } else { "writing what was decided" };
        let backend = transaction.get_database_backend();
        let statement = together(backend, &gathered);
        let rows = transaction.query_all_raw(statement).await.map_err(fault(doing))?;
        let mut changed = vec![0_u64; gathered.len()];
        for row in rows {
            let part: i32 = row.try_get("", "part").map_err(fault(doing))?;
            let count: i64 = row.try_get("", "changed").map_err(fault(doing))?;
            if let Some(changed) = usize::try_from(part).ok().and_then(|part| changed.get_mut(part)) {
                *changed += count.unsigned_abs();
            }
        }
        for (write, changed) in gathered.into_iter().zip(changed) {
            if write.rows.is_some_and(|rows| rows != changed) {
                return Err(match write.broken {
                    Some(rule) => Fault::broken_rule(rule),
                    None => Fault::passing(write.doing, "somebody else changed it at the same time"),
                });
            }
        }
        Ok(())
    }
}

fn together(backend: DbBackend, writes: &[Write]) -> Statement {
    let postgres = backend == DbBackend::Postgres;
    let (mut parts, mut counts, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (part, write) in writes.iter().enumerate() {
        let table = table(backend, &write.table, write.values.len() + 1);
        let mut sql = numbered_from(values.len(), &write.sql.replace(ROWS, &table));
        if write.rows.is_some() {
            let returning = if postgres { "1" } else { &format!("{part} AS part, 1 AS changed") };
            let _ = write!(sql, " RETURNING {returning}");
            counts.push(format!("SELECT {part} AS part, COUNT(*) AS changed FROM w{part}"));
        }
        parts.push(if postgres { format!("w{part} AS ({sql})") } else { sql });
        values.extend(write.values.iter().cloned());
        if !write.table.is_empty() {
            values.push(written(&write.table).into());
        }
    }
    let sql = if postgres {
        let counts =
            if counts.is_empty() { "SELECT 0 WHERE FALSE".to_owned() } else { counts.join(" UNION ALL ") };
        format!("WITH {} {counts}", parts.join(", "))
    } else {
        parts.join("; ")
    };
    Statement::from_sql_and_values(backend, sql, values)
}

/// So many columns of a table of rows.
fn columns(count: usize) -> String {
    (0..count).map(|number| format!("c{number}")).collect::<Vec<_>>().join(", ")
}

/// Rows that are one value, at this place, as a table.
fn table(backend: DbBackend, rows: &[Vec<Value>], place: usize) -> String {
    let Some(first) = rows.first() else { return String::new() };
    let postgres = backend == DbBackend::Postgres;
    let columns = first.iter().enumerate().map(|(number, value)| match (value, postgres) {
        (Value::Uuid(_), true) => format!("CAST(e ->> {number} AS UUID) AS c{number}"),
        (Value::String(_), true) => format!("e ->> {number} AS c{number}"),
        (Value::Bool(_), true) => format!("CAST(e ->> {number} AS BOOLEAN) AS c{number}"),
        (_, true) => format!("CAST(e ->> {number} AS BIGINT) AS c{number}"),
        (Value::Uuid(_), false) => format!("unhex(value ->> {number}) AS c{number}"),
        (_, false) => format!("value ->> {number} AS c{number}"),
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    if postgres {
        format!("(SELECT {columns} FROM json_array_elements(CAST(CAST(${place} AS TEXT) AS JSON)) AS e) AS r")
    } else {
        // The limit, which is none, has SQLite make the table once; without it the list is parsed again for each row
        // that it is compared with.
        format!("(SELECT {columns} FROM json_each(${place}) LIMIT -1) AS r")
    }
}

fn written(rows: &[Vec<Value>]) -> String {
    let value = |value: &Value| match value {
        Value::Uuid(Some(id)) => json!(id.simple().to_string()),
        Value::String(Some(text)) => json!(text),
        Value::Bool(Some(is)) => json!(is),
        Value::SmallInt(Some(number)) => json!(number),
        Value::Int(Some(number)) => json!(number),
        Value::BigInt(Some(number)) => json!(number),
        other => {
            debug_assert_eq!(*other, other.as_null(), "a kind of value that rows cannot have");
            serde_json::Value::Null
        }
    };
    rows.iter()
        .map(|row| row.iter().map(value).collect::<serde_json::Value>())
        .collect::<serde_json::Value>()
        .to_string()
}

/// The statement with its values counted from behind `taken` others. `?`, as builders write for SQLite, are numbered too.
fn numbered_from(taken: usize, sql: &str) -> String {
    let (mut numbered, mut next) = (String::with_capacity(sql.len() + 16), taken);
    let mut rest = sql.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '$' if rest.peek().is_some_and(char::is_ascii_digit) => {
                let mut number = 0;
                while let Some(digit) = rest.peek().and_then(|digit| digit.to_digit(10)) {
                    number = number * 10 + digit as usize;
                    rest.next();
                }
                let _ = write!(numbered, "${}", taken + number);
            }
            '?' => {
                next += 1;
                let _ = write!(numbered, "${next}");
            }
            other => numbered.push(other),
        }
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> [Write; 2] {
        [
            Write::new("one", "UPDATE a SET b = $2 WHERE c = $1", [Value::from(1), Value::from(2)])
                .changes(1),
            Write::new("two", "INSERT INTO d (e) VALUES (?)", [Value::from(3)]),
        ]
    }

    #[test]
    fn writes_become_one_statement_whose_values_are_counted_through() {
        let statement = together(DbBackend::Postgres, &two());
        assert_eq!(
            statement.sql,
            "WITH w0 AS (UPDATE a SET b = $2 WHERE c = $1 RETURNING 1), w1 AS (INSERT INTO d (e) VALUES ($3)) \
             SELECT 0 AS part, COUNT(*) AS changed FROM w0"
        );
        assert_eq!(statement.values.map(|values| values.0.len()), Some(3));
        let statement = together(DbBackend::Sqlite, &two());
        assert_eq!(
            statement.sql,
            "UPDATE a SET b = $2 WHERE c = $1 RETURNING 0 AS part, 1 AS changed; INSERT INTO d (e) VALUES ($3)"
        );
    }

    #[test]
    fn rows_that_are_written_alike_are_one_statement_and_one_value() {
        let row = |number: i64| {
            let values = [Uuid::from_u128(1).into(), number.into(), Value::String(None), true.into()];
            Write::insert("adding", "a (b, c, d, e)", "ON CONFLICT DO NOTHING", values).changes(1)
        };
        let mut writes = Writes::default();
        writes.gather(row(1));
        writes.gather(Write::new("one", "UPDATE a SET b = $1", [Value::from(2)]));
        writes.gather(row(3));
        assert_eq!((writes.gathered.len(), writes.gathered[0].rows), (2, Some(2)));
        let statement = together(DbBackend::Postgres, &writes.gathered);
        assert_eq!(
            statement.sql,
            "WITH w0 AS (INSERT INTO a (b, c, d, e) SELECT c0, c1, c2, c3 FROM (SELECT CAST(e ->> 0 AS UUID) AS c0, \
             CAST(e ->> 1 AS BIGINT) AS c1, e ->> 2 AS c2, CAST(e ->> 3 AS BOOLEAN) AS c3 \
             FROM json_array_elements(CAST(CAST($1 AS TEXT) AS JSON)) AS e) AS r WHERE TRUE ON CONFLICT DO NOTHING \
             RETURNING 1), w1 AS (UPDATE a SET b = $2) SELECT 0 AS part, COUNT(*) AS changed FROM w0"
        );
        let values = statement.values.unwrap().0;
        let id = "00000000000000000000000000000001";
        assert_eq!(values[0], format!("[[\"{id}\",1,null,true],[\"{id}\",3,null,true]]").into());
        let statement = together(DbBackend::Sqlite, &writes.gathered[..1]);
        assert!(
            statement.sql.contains("SELECT unhex(value ->> 0) AS c0, value ->> 1 AS c1"),
            "{}",
            statement.sql
        );
    }

    /// Else thousands of seats that change together keep the only writer for many seconds.
    #[tokio::test]
    async fn sqlite_looks_up_each_row_that_is_written_instead_of_comparing_all_with_all() {
        let database = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
        database
            .execute_unprepared("CREATE TABLE a (b BLOB, c INTEGER, d INTEGER, PRIMARY KEY (b, c))")
            .await
            .unwrap();
        let change = format!("UPDATE a SET d = c1 FROM {ROWS} WHERE b = $1 AND c = c0 AND d IS NOT c1");
        let rows = vec![vec![1.into(), 2.into()], vec![3.into(), 4.into()]];
        let write = Write::table("changing", change, [Uuid::from_u128(1).into()], rows);
        let statement = together(DbBackend::Sqlite, &[write]);
        let explain = format!("EXPLAIN QUERY PLAN {}", statement.sql);
        let explain = Statement::from_sql_and_values(DbBackend::Sqlite, explain, statement.values.unwrap().0);
        let steps = database.query_all_raw(explain).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|step| step.try_get("", "detail").unwrap()).collect();
        assert!(steps.iter().any(|step| step == "MATERIALIZE r"), "{steps:?}");
        assert!(steps.iter().any(|step| step.contains("(b=? AND c=?)")), "{steps:?}");
    }

    #[test]
    fn a_row_that_is_written_again_has_to_wait_for_what_was_gathered() {
        let (row, mut writes) = (Uuid::from_u128(1), Writes::default());
        let write = |doing| Write::new(doing, "", []).of(row);
        writes.gather(write("saving an order"));
        assert!(writes.must_go_before(&write("saving an order")));
        assert!(!writes.must_go_before(&write("saving a reservation")));
    }
}
