//! What a transaction writes, gathered and sent together.
//!
//! A hold changes nine rows of nine tables. Sent one by one, each waits for the database and back while the event's row
//! is locked and everybody else waits. Gathered, they are one statement: on PostgreSQL parts of one `WITH`, which all see
//! the rows as they were before; on SQLite statements behind each other. Therefore no row may be written twice in one
//! go: whoever writes a row names it, and what was gathered is sent before it is written again. Writes whose rows are
//! counted are done in the order in which they were gathered, and the others at any time: whoever waits for a row that
//! everybody writes counts it, and gathers it last.

use std::{collections::BTreeSet, fmt::Write as _};

use kernel::Fault;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, Value};
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
}

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
        }
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
        self.gathered.len() >= MOST || next.of.is_some_and(|row| self.rows.contains(&(next.doing, row)))
    }

    fn gather(&mut self, write: Write) {
        self.rows.extend(write.of.map(|row| (write.doing, row)));
        self.gathered.push(write);
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
        let mut sql = numbered_from(values.len(), &write.sql);
        if write.rows.is_some() {
            let returning = if postgres { "1" } else { &format!("{part} AS part, 1 AS changed") };
            let _ = write!(sql, " RETURNING {returning}");
            counts.push(format!("SELECT {part} AS part, COUNT(*) AS changed FROM w{part}"));
        }
        parts.push(if postgres { format!("w{part} AS ({sql})") } else { sql });
        values.extend(write.values.iter().cloned());
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
    fn a_row_that_is_written_again_has_to_wait_for_what_was_gathered() {
        let (row, mut writes) = (Uuid::from_u128(1), Writes::default());
        let write = |doing| Write::new(doing, "", []).of(row);
        writes.gather(write("saving an order"));
        assert!(writes.must_go_before(&write("saving an order")));
        assert!(!writes.must_go_before(&write("saving a reservation")));
    }
}
