//! When something becomes due by itself, by the database's clock.

use std::time::Duration;

use kernel::{EventId, Fault};
use sea_orm::ConnectionTrait;
use service::database::now_millis;

use super::sql::{all, one};

pub(super) async fn until_next_lapse(connection: &impl ConnectionTrait) -> Result<Option<Duration>, Fault> {
    let doing = "looking for the next reservation that runs out";
    until(connection, doing, "expires_at", "FROM reservations WHERE holding AND").await
}

/// The time until the first instant in a column that is still to come.
async fn until(
    connection: &impl ConnectionTrait,
    doing: &'static str,
    column: &str,
    from: &str,
) -> Result<Option<Duration>, Fault> {
    let now = now_millis(connection.get_database_backend());
    // The clock is asked once: where it is asked for each row, no index is of use.
    let sql = format!(
        "SELECT (SELECT MIN({column}) {from} {column} > n.at) - n.at AS remaining FROM (SELECT {now} AS at) AS n"
    );
    let remaining = one(connection, doing, sql, [], |row| row.get::<Option<i64>>("remaining")).await?;
    // It is due when the instant is reached, so never before it: a millisecond more.
    Ok(remaining
        .flatten()
        .and_then(|millis| u64::try_from(millis).ok())
        .map(|millis| Duration::from_millis(millis + 1)))
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
