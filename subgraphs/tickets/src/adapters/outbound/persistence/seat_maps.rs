//! How places are used at one moment: what has run out is free, tidied up or not.

use std::collections::HashMap;

use kernel::{EventId, Fault};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service::database::now_millis;

use super::sql::{all, among_ids, ids, one};
use crate::domain::{
    entities::{Claim, SeatStatus, SectionCount},
    ports::{AvailabilityView, SeatMapStamp, SeatMapView},
};

/// What has run out is free only where nobody waits for it: otherwise it is for the waiting list first.
const NOBODY_WAITS: &str = "event_id NOT IN (SELECT id FROM events WHERE waited_for IS NOT NULL)";

/// How the places of each section of these events are used.
pub(super) async fn counts(
    moment: &DatabaseTransaction,
    of: &[EventId],
) -> Result<HashMap<EventId, AvailabilityView>, Fault> {
    let backend = moment.get_database_backend();
    let them = among_ids(backend, "event_id", 1, of);
    let sql = format!("SELECT event_id, key, capacity, held, sold, blocked FROM sections WHERE {them}");
    let sections = all(moment, "reading sections", sql, [ids(backend, of)], |row| {
        let count = SectionCount {
            capacity: row.count("capacity")?,
            held: row.count("held")?,
            sold: row.count("sold")?,
            blocked: row.count("blocked")?,
        };
        Ok((row.id("event_id")?, row.get::<String>("key")?, count))
    });
    let mut views: HashMap<EventId, AvailabilityView> = HashMap::new();
    for (event, key, count) in sections.await? {
        views.entry(event).or_default().sections.insert(key, count);
    }
    let now = now_millis(backend);
    let sql = format!(
        "SELECT event_id, claims FROM reservations WHERE {them} AND holding AND expires_at <= {now} AND {NOBODY_WAITS}"
    );
    let lapsed = all(moment, "reading lapsed claims", sql, [ids(backend, of)], |row| {
        Ok((row.id("event_id")?, row.json::<Vec<Claim>>("claims")?))
    });
    for (event, claims) in lapsed.await? {
        let Some(view) = views.get_mut(&event) else { continue };
        for claim in claims {
            *view.lapsed.entry(claim.tier).or_default() += claim.quantity;
            if let Some(section) = view.sections.get_mut(&claim.section) {
                section.let_go(claim.quantity)?;
            }
        }
    }
    Ok(views)
}

/// The whole maps of these events.
pub(super) async fn maps(
    moment: &DatabaseTransaction,
    of: &[EventId],
) -> Result<HashMap<EventId, SeatMapView>, Fault> {
    let backend = moment.get_database_backend();
    let sql = format!("SELECT id, map_version FROM events WHERE {}", among_ids(backend, "id", 1, of));
    let versions = all(moment, "reading versions of seat maps", sql, [ids(backend, of)], |row| {
        Ok((row.id("id")?, row.get::<i64>("map_version")?))
    });
    let mut maps: HashMap<EventId, SeatMapView> = HashMap::new();
    for (event, version) in versions.await? {
        maps.insert(event, SeatMapView { version, ..SeatMapView::default() });
    }
    let sql = format!(
        "SELECT event_id, number, status FROM seats WHERE {} AND status <> 0 \
         AND NOT (status = 1 AND held_until <= {} AND {NOBODY_WAITS})",
        among_ids(backend, "event_id", 1, of),
        now_millis(backend)
    );
    let taken = all(moment, "reading seat maps", sql, [ids(backend, of)], |row| {
        Ok((row.id("event_id")?, row.count("number")?, SeatStatus::from_number(row.get("status")?)?))
    });
    for (event, number, status) in taken.await? {
        if let Some(map) = maps.get_mut(&event) {
            map.taken.insert(number, status);
        }
    }
    for (event, counts) in counts(moment, of).await? {
        if let Some(map) = maps.get_mut(&event) {
            map.lapsed = counts.lapsed;
            let left = counts.sections.into_iter().map(|(key, count)| Ok((key, count.available()?)));
            map.available = left.collect::<Result<_, Fault>>()?;
        }
    }
    Ok(maps)
}

/// In which state the map of an event is.
pub(super) async fn stamp(connection: &impl ConnectionTrait, event: EventId) -> Result<SeatMapStamp, Fault> {
    let sql = format!(
        "SELECT map_version, (SELECT CAST(COUNT(*) AS BIGINT) FROM reservations r \
         WHERE r.event_id = events.id AND r.holding AND r.expires_at <= {} AND events.waited_for IS NULL) AS lapsed \
         FROM events WHERE id = $1",
        now_millis(connection.get_database_backend())
    );
    let stamp = one(connection, "reading the state of a seat map", sql, [event.uuid().into()], |row| {
        Ok(SeatMapStamp { version: row.get("map_version")?, lapsed: row.sum("lapsed")? })
    });
    Ok(stamp.await?.unwrap_or_default())
}
