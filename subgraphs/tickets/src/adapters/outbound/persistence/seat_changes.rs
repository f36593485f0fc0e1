//! The log of a seat map: what changed with each version.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{EventId, Fault};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use service::database::Write;

use super::sql::{all, json, millis, one};
use crate::domain::entities::{SeatChangeLog, SeatStatus};

/// The most versions that are merged into one change; who is further behind reads the map again.
const MOST: i64 = 2_000;
#[derive(Serialize, Deserialize)]
struct Body {
    seats: Vec<(u32, i16)>,
    sections: Vec<(String, Option<u32>)>,
}

/// The next line of the log.
pub(super) fn line(event: EventId, change: &SeatChangeLog, now: DateTime<Utc>) -> Result<Write, Fault> {
    let body = Body {
        seats: change.seats.iter().map(|(number, status)| (*number, status.as_number())).collect(),
        sections: change.sections.clone(),
    };
    Ok(Write::new(
        "logging a seat change",
        "INSERT INTO seat_changes (event_id, version, at, body) VALUES ($1, $2, $3, $4)",
        [event.uuid().into(), change.version.into(), millis(now), json(&body)?],
    ))
}

/// All changes after `since`, merged; none when the log does not reach back so far, or is too long.
pub(super) async fn after(
    connection: &impl ConnectionTrait,
    event: EventId,
    since: i64,
) -> Result<Option<SeatChangeLog>, Fault> {
    let lines = all(
        connection,
        "reading seat changes",
        format!("SELECT version, body FROM seat_changes WHERE event_id = $1 AND version > $2 ORDER BY version LIMIT {}", MOST + 1),
        [event.uuid().into(), since.into()],
        |row| Ok((row.get::<i64>("version")?, row.json::<Body>("body")?)),
    )
    .await?;
    let Some((first, _)) = lines.first() else {
        // Nothing has changed, or nobody knows any more what.
        let version = version(connection, event).await?;
        return Ok((version == since).then(|| SeatChangeLog::nothing(since)));
    };
    if *first != since + 1 || i64::try_from(lines.len()).is_ok_and(|lines| lines > MOST) {
        return Ok(None);
    }
    let mut version = since;
    let (mut seats, mut sections) = (BTreeMap::new(), BTreeMap::new());
    for (next, body) in lines {
        version = next;
        for (number, status) in body.seats {
            seats.insert(number, SeatStatus::from_number(status)?);
        }
        sections.extend(body.sections);
    }
    Ok(Some(SeatChangeLog {
        version,
        seats: seats.into_iter().collect(),
        sections: sections.into_iter().collect(),
    }))
}

/// The present version of an event's map; 0 when nothing is known of the event.
pub(super) async fn version(connection: &impl ConnectionTrait, event: EventId) -> Result<i64, Fault> {
    let sql = "SELECT map_version FROM events WHERE id = $1";
    let found = one(connection, "reading a seat map's version", sql, [event.uuid().into()], |row| {
        row.get("map_version")
    });
    Ok(found.await?.unwrap_or(0))
}
