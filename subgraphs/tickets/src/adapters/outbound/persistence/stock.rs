//! How much is left of events, in a word, as it was told last.

use std::{collections::HashMap, time::Duration};

use kernel::{EventId, Fault};
use sea_orm::ConnectionTrait;
use service::database::now_millis;

use super::sql::{all, among_ids, ids, one};
use crate::domain::entities::AvailabilityLevel;

/// Events whose places were used otherwise within so long before now.
pub(super) async fn moved_within(
    connection: &impl ConnectionTrait,
    within: Duration,
) -> Result<Vec<EventId>, Fault> {
    let millis = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
    let now = now_millis(connection.get_database_backend());
    // The clock is asked once: where it is asked for each row, no index is of use.
    let sql = format!("SELECT DISTINCT event_id FROM seat_changes WHERE at >= (SELECT {now} - $1)");
    all(connection, "looking for places that moved", sql, [millis.into()], |row| row.id("event_id")).await
}

/// What was told of these events last; those of which nothing was are missing.
pub(super) async fn told(
    connection: &impl ConnectionTrait,
    of: &[EventId],
) -> Result<HashMap<EventId, AvailabilityLevel>, Fault> {
    let backend = connection.get_database_backend();
    let sql =
        format!("SELECT event_id, level FROM stock_told WHERE {}", among_ids(backend, "event_id", 1, of));
    let rows = all(connection, "reading what is left", sql, [ids(backend, of)], |row| {
        Ok((row.id("event_id")?, read(&row.get::<String>("level")?)?))
    });
    Ok(rows.await?.into_iter().collect())
}

/// Notes what is told from now on; the number of this change. None when it is what was told last.
pub(super) async fn note(
    connection: &impl ConnectionTrait,
    event: EventId,
    level: AvailabilityLevel,
) -> Result<Option<i64>, Fault> {
    let sql = "INSERT INTO stock_told (event_id, level, version) VALUES ($1, $2, 1) \
        ON CONFLICT (event_id) DO UPDATE SET level = excluded.level, version = stock_told.version + 1 \
        WHERE stock_told.level <> excluded.level RETURNING version";
    one(connection, "noting what is left", sql, [event.uuid().into(), written(level).into()], |row| {
        row.get("version")
    })
    .await
}

fn written(level: AvailabilityLevel) -> &'static str {
    match level {
        AvailabilityLevel::Plenty => "PLENTY",
        AvailabilityLevel::Few => "FEW",
        AvailabilityLevel::None => "NONE",
    }
}

fn read(level: &str) -> Result<AvailabilityLevel, Fault> {
    match level {
        "PLENTY" => Ok(AvailabilityLevel::Plenty),
        "FEW" => Ok(AvailabilityLevel::Few),
        "NONE" => Ok(AvailabilityLevel::None),
        other => Err(Fault::broken_rule(format!("so much is left: {other}"))),
    }
}
