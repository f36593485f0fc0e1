//! Why seats are kept back: beside the seats, which everybody wants, and read by those alone who are told.

use std::collections::{BTreeMap, HashMap};

use kernel::{EventId, Fault};
use sea_orm::ConnectionTrait;
use service::database::Write;

use super::{
    sql::{all, among, among_ids, ids, number, numbers},
    transaction::SeaTx,
};

/// Keeps the reason of these seats, or forgets it.
pub(super) async fn note(
    tx: &mut SeaTx,
    event: EventId,
    seats: &[u32],
    reason: Option<&str>,
) -> Result<(), Fault> {
    // One name for both: of one event they are sent one after the other.
    let doing = "noting why seats are kept back";
    let write = if let Some(reason) = reason {
        Write::table(
            doing,
            "INSERT INTO blocked_seats (event_id, number, reason) SELECT $1, c0, $2 FROM {rows} WHERE TRUE \
             ON CONFLICT (event_id, number) DO UPDATE SET reason = excluded.reason",
            [event.uuid().into(), reason.into()],
            seats.iter().map(|seat| vec![number(*seat)]).collect(),
        )
    } else {
        let backend = tx.transaction.get_database_backend();
        let sql =
            format!("DELETE FROM blocked_seats WHERE event_id = $1 AND {}", among(backend, "number", 2));
        Write::new(doing, sql, [event.uuid().into(), numbers(backend, seats.iter().copied())])
    };
    tx.write(write.of(event.uuid())).await
}

/// The reasons of the seats of these events that have one.
pub(super) async fn of_events(
    connection: &impl ConnectionTrait,
    of: &[EventId],
) -> Result<HashMap<EventId, BTreeMap<u32, String>>, Fault> {
    let backend = connection.get_database_backend();
    let them = among_ids(backend, "event_id", 1, of);
    let sql = format!("SELECT event_id, number, reason FROM blocked_seats WHERE {them}");
    let found = all(connection, "reading why seats are kept back", sql, [ids(backend, of)], |row| {
        Ok((row.id("event_id")?, row.count("number")?, row.get::<String>("reason")?))
    });
    let mut reasons: HashMap<EventId, BTreeMap<u32, String>> = HashMap::new();
    for (event, number, reason) in found.await? {
        reasons.entry(event).or_default().insert(number, reason);
    }
    Ok(reasons)
}
