use std::time::Duration;

use kernel::Fault;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{fault, now_millis};

/// How long it is until the first instant in a column that is still to come; none when there is none. `rows` is a table with
/// a condition: `reservations WHERE holding`.
pub async fn until_next(
    connection: &impl ConnectionTrait,
    doing: &'static str,
    column: &str,
    rows: &str,
) -> Result<Option<Duration>, Fault> {
    let backend = connection.get_database_backend();
    // The clock is asked once: where it is asked for each row, no index is of use.
    let sql = format!(
        "SELECT (SELECT MIN({column}) FROM {rows} AND {column} > n.at) - n.at AS remaining \
         FROM (SELECT {} AS at) AS n",
        now_millis(backend)
    );
    let row = connection.query_one_raw(Statement::from_string(backend, sql)).await.map_err(fault(doing))?;
    let remaining =
        row.map(|row| row.try_get::<Option<i64>>("", "remaining")).transpose().map_err(fault(doing))?;
    // It is due when the instant is reached, so never before it: a millisecond more.
    Ok(remaining
        .flatten()
        .and_then(|millis| u64::try_from(millis).ok())
        .map(|millis| Duration::from_millis(millis + 1)))
}

/// Locks the rows of a `SELECT` until commit. SQLite's transactions lock everything from their start.
pub fn for_update(backend: DbBackend) -> &'static str {
    if backend == DbBackend::Postgres { " FOR UPDATE" } else { "" }
}
