//! Rows as one value of a statement, so that its text is the same however many there are: planned once, sent once.

use sea_orm::{DbBackend, Value};
use serde_json::json;
use uuid::Uuid;

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Id,
    /// Of 64 bits.
    Number,
    /// Of 32 bits; what is greater is refused by the database, never clamped.
    Small,
    Text,
    Flag,
}

/// Columns in the order of their values.
pub(super) type Columns<const WIDTH: usize> = [(&'static str, Kind); WIDTH];

/// What stands behind `FROM`: the rows of [`listed`], which are the value of the first place, as a table `r`.
fn rows<const WIDTH: usize>(backend: DbBackend, columns: &Columns<WIDTH>) -> String {
    let postgres = backend == DbBackend::Postgres;
    let column = |(name, kind): &(&str, Kind)| match kind {
        Kind::Id if postgres => format!("{name} UUID"),
        Kind::Number if postgres => format!("{name} BIGINT"),
        Kind::Small if postgres => format!("{name} INTEGER"),
        Kind::Text if postgres => format!("{name} TEXT"),
        Kind::Flag if postgres => format!("{name} BOOLEAN"),
        Kind::Id => format!("unhex(value ->> '{name}') AS {name}"),
        _ => format!("value ->> '{name}' AS {name}"),
    };
    let columns: Vec<String> = columns.iter().map(column).collect();
    let columns = columns.join(", ");
    if postgres {
        format!("json_to_recordset(CAST(CAST($1 AS TEXT) AS JSON)) AS r({columns})")
    } else {
        format!("(SELECT {columns} FROM json_each($1)) AS r")
    }
}

/// An `INSERT` of the rows of [`listed`], one after the other by their keys, so that nobody waits in a circle for rows that
/// others are about to insert as well. What becomes of rows that are there already is to be added.
pub(super) fn insert<const WIDTH: usize>(
    backend: DbBackend,
    table: &str,
    columns: &Columns<WIDTH>,
    key: &str,
) -> String {
    let (names, rows) = (names(columns), rows(backend, columns));
    format!("INSERT INTO {table} ({names}) SELECT {names} FROM {rows} WHERE TRUE ORDER BY {key}")
}

/// The columns' names, between commas.
pub(super) fn names<const WIDTH: usize>(columns: &Columns<WIDTH>) -> String {
    columns.map(|(name, _)| name).join(", ")
}

/// How many rows there are, and they as one value; none where there is no row.
pub(super) fn listed<const WIDTH: usize>(
    columns: &Columns<WIDTH>,
    rows: impl IntoIterator<Item = [serde_json::Value; WIDTH]>,
) -> Option<(u64, Value)> {
    let row = |row: [serde_json::Value; WIDTH]| -> serde_json::Map<_, _> {
        columns.iter().map(|(name, _)| (*name).to_owned()).zip(row).collect()
    };
    let rows: Vec<_> = rows.into_iter().map(row).collect();
    let count = u64::try_from(rows.len()).ok().filter(|count| *count > 0)?;
    Some((count, json!(rows).to_string().into()))
}

/// An id among the values of a row.
pub(super) fn hex(id: Uuid) -> serde_json::Value {
    id.simple().to_string().into()
}
