//! When something becomes due by itself, by the database's clock.

use std::time::Duration;

use kernel::{EventId, Fault};
use sea_orm::ConnectionTrait;
use service::database::{now_millis, until_next};

use super::sql::all;

pub(super) async fn until_next_lapse(connection: &impl ConnectionTrait) -> Result<Option<Duration>, Fault> {
    let doing = "looking for the next reservation that runs out";
    until_next(connection, doing, "expires_at", "reservations WHERE holding").await
}

pub(super) async fn events_with_lapsed(
    connection: &impl ConnectionTrait,
    after: Option<EventId>,
    limit: u64,
) -> Result<Vec<EventId>, Fault> {
    let now = now_millis(connection.get_database_backend());
    let after = after.map(kernel::Id::uuid).unwrap_or_default();
    let sql = format!(
        "SELECT DISTINCT event_id FROM reservations WHERE holding AND expires_at <= {now} AND event_id > $1 \
         ORDER BY event_id LIMIT {limit}"
    );
    all(connection, "reading lapsed reservations", sql, [after.into()], |row| row.id("event_id")).await
}
