//! Where sagas stand, as it is kept.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{Fault, SagaId, from_millis, to_millis};
use messaging::trace;
use sea_orm::{ConnectionTrait, QueryResult, Statement, TryGetable, Value};
use service::database::{Write, fault, for_update, now_millis, until_next};
use tracing::{Span, info_span};
use uuid::Uuid;

use crate::Kept;

/// What is read of a saga, of a table that is called `s`; [`read`] reads it.
pub const COLUMNS: &str = "s.id AS saga_id, s.kind AS saga_kind, s.about AS saga_about, s.parent AS saga_parent, \
     s.progress AS saga_progress, s.deadline AS saga_deadline, s.cursor AS saga_cursor, \
     s.created_at AS saga_created_at, s.ended_at AS saga_ended_at, s.version AS saga_version";

/// What [`COLUMNS`] calls them, for a query around the one that has them.
pub const NAMES: &str = "saga_id, saga_kind, saga_about, saga_parent, saga_progress, saga_deadline, saga_cursor, \
     saga_created_at, saga_ended_at, saga_version";

/// Reads what [`COLUMNS`] has of a row; none where nothing was joined to it.
pub fn read(row: &QueryResult) -> Result<Option<Kept>, Fault> {
    let instant = |column| Ok::<_, Fault>(get::<Option<i64>>(row, column)?.map(from_millis));
    let id = |column| get::<Option<Uuid>>(row, column);
    let Some(saga) = id("saga_id")? else { return Ok(None) };
    Ok(Some(Kept {
        id: SagaId::from_uuid(saga),
        kind: get(row, "saga_kind")?,
        about: get(row, "saga_about")?,
        parent: id("saga_parent")?.map(SagaId::from_uuid),
        progress: get(row, "saga_progress")?,
        deadline: instant("saga_deadline")?,
        cursor: id("saga_cursor")?,
        created_at: from_millis(get(row, "saga_created_at")?),
        ended_at: instant("saga_ended_at")?,
        version: get(row, "saga_version")?,
    }))
}

fn get<T: TryGetable>(row: &QueryResult, column: &str) -> Result<T, Fault> {
    row.try_get("", column).map_err(fault("reading a saga"))
}

/// Reads a saga, and locks it.
pub async fn lock(transaction: &impl ConnectionTrait, id: SagaId) -> Result<Option<Kept>, Fault> {
    let backend = transaction.get_database_backend();
    let lock = for_update(backend);
    let sql = format!("SELECT {COLUMNS} FROM sagas s WHERE s.id = $1{lock}");
    let statement = Statement::from_sql_and_values(backend, sql, [id.uuid().into()]);
    let row = transaction.query_one_raw(statement).await.map_err(fault("reading a saga"))?;
    row.as_ref().map_or(Ok(None), read)
}

/// Saves a saga. Its trace is the one in which it was begun.
pub fn save(saga: Kept) -> Write {
    let millis = |at: Option<DateTime<Utc>>| Value::from(at.map(to_millis));
    let write = Write::insert(
        "saving a saga",
        "sagas (id, kind, about, parent, progress, deadline, cursor, traceparent, created_at, ended_at, version)",
        "ON CONFLICT (id) DO UPDATE SET progress = excluded.progress, deadline = excluded.deadline, \
         cursor = excluded.cursor, ended_at = excluded.ended_at, version = excluded.version",
        [
            saga.id.uuid().into(),
            saga.kind.into(),
            saga.about.into(),
            saga.parent.map(SagaId::uuid).into(),
            saga.progress.into(),
            millis(saga.deadline),
            saga.cursor.into(),
            trace::traceparent().into(),
            to_millis(saga.created_at).into(),
            millis(saga.ended_at),
            saga.version.into(),
        ],
    );
    write.of(saga.id.uuid())
}

/// The saga that waits for others looks at them now, unless it does so anyway.
pub fn wake(parent: SagaId, now: DateTime<Utc>) -> Write {
    Write::new(
        "waking a saga that waits for others",
        "UPDATE sagas SET deadline = $1 WHERE id = $2 AND deadline > $1",
        [to_millis(now).into(), parent.uuid().into()],
    )
}

/// A saga whose time is over.
#[derive(Clone, Debug)]
pub struct Due {
    /// Which.
    pub id: SagaId,
    /// Of which kind.
    pub kind: String,
    /// What it is about.
    pub about: Uuid,
    /// In which to go on with it: a part of the trace in which it was begun.
    pub span: Span,
}

/// Sagas whose time is over, the longest first.
pub async fn due(connection: &impl ConnectionTrait, limit: u64) -> Result<Vec<Due>, Fault> {
    const DOING: &str = "reading sagas whose time is over";
    let backend = connection.get_database_backend();
    let now = now_millis(backend);
    let sql = format!(
        "SELECT id, kind, about, traceparent FROM sagas WHERE deadline IS NOT NULL AND deadline <= {now} \
         ORDER BY deadline LIMIT {limit}"
    );
    let rows = connection.query_all_raw(Statement::from_string(backend, sql)).await.map_err(fault(DOING))?;
    let read = |row: QueryResult| {
        let (id, kind): (Uuid, String) = (get(&row, "id")?, get(&row, "kind")?);
        let kept: Option<String> = get(&row, "traceparent")?;
        let span = info_span!("time out a saga", saga = %id, kind);
        let (id, about) = (SagaId::from_uuid(id), get(&row, "about")?);
        Ok(Due { id, kind, about, span: trace::continued(span, kept.as_deref()) })
    };
    rows.into_iter().map(read).collect()
}

/// How long it is until the next saga's time is over; none when nothing has one to come.
pub async fn until_next_due(connection: &impl ConnectionTrait) -> Result<Option<Duration>, Fault> {
    let doing = "looking for the next deadline of a saga";
    until_next(connection, doing, "deadline", "sagas WHERE deadline IS NOT NULL").await
}

/// Lets a saga rest for so long, whatever is wrong with it.
pub async fn set_aside(connection: &impl ConnectionTrait, id: SagaId, rest: Duration) -> Result<(), Fault> {
    let backend = connection.get_database_backend();
    let sql = format!(
        "UPDATE sagas SET deadline = {} + {} WHERE id = $1 AND deadline IS NOT NULL",
        now_millis(backend),
        rest.as_millis()
    );
    let statement = Statement::from_sql_and_values(backend, sql, [id.uuid().into()]);
    connection.execute_raw(statement).await.map(drop).map_err(fault("setting a saga aside"))
}
