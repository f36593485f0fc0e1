//! Lists as one value of a statement, so that its text is the same however long they are.

use kernel::Id;
use sea_orm::{DbBackend, Value};

/// A condition that a column is one of the numbers of [`numbers`], which are the value of this place: the statement is the
/// same for any of them.
pub fn among(backend: DbBackend, column: &str, place: usize) -> String {
    if backend == DbBackend::Postgres {
        format!("{column} = ANY (CAST(CAST(${place} AS TEXT) AS INTEGER[]))")
    } else {
        format!("{column} IN (SELECT value FROM json_each(${place}))")
    }
}

/// Numbers as one value, for [`among`].
pub fn numbers(backend: DbBackend, numbers: impl IntoIterator<Item = u32>) -> Value {
    let numbers = numbers.into_iter().map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    if backend == DbBackend::Postgres { format!("{{{numbers}}}") } else { format!("[{numbers}]") }.into()
}

/// A condition that a column is one of these ids, as [`ids`] gives them as the value of this place. The statement is the
/// same for any of them but for one alone: where a database need not guess how many there are, it plans once.
pub fn among_ids<K>(backend: DbBackend, column: &str, place: usize, ids: &[Id<K>]) -> String {
    if ids.len() == 1 {
        format!("{column} = ${place}")
    } else if backend == DbBackend::Postgres {
        format!("{column} = ANY (CAST(CAST(${place} AS TEXT) AS UUID[]))")
    } else {
        format!("{column} IN (SELECT unhex(value) FROM json_each(${place}))")
    }
}

/// Ids as one value, for [`among_ids`].
pub fn ids<K>(backend: DbBackend, ids: &[Id<K>]) -> Value {
    if let [id] = ids {
        return id.uuid().into();
    }
    let quoted = ids.iter().map(|id| format!("\"{}\"", id.uuid().simple())).collect::<Vec<_>>().join(",");
    if backend == DbBackend::Postgres { format!("{{{quoted}}}") } else { format!("[{quoted}]") }.into()
}

/// A condition that a column is one of the texts of [`texts`], which are the value of this place.
pub fn among_texts(backend: DbBackend, column: &str, place: usize) -> String {
    if backend == DbBackend::Postgres {
        format!("{column} IN (SELECT json_array_elements_text(CAST(CAST(${place} AS TEXT) AS JSON)))")
    } else {
        format!("{column} IN (SELECT value FROM json_each(${place}))")
    }
}

/// Texts as one value, for [`among_texts`].
pub fn texts<'t>(texts: impl Iterator<Item = &'t str>) -> Value {
    texts.collect::<serde_json::Value>().to_string().into()
}
