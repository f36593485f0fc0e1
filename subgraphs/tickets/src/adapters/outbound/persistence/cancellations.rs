//! How far everything is given back of events that were called off.

use std::collections::HashMap;

use kernel::{EventId, Fault, OrderId, SagaId};
use saga::{Running, rows};
use sea_orm::ConnectionTrait;
use service::database::{Write, for_update};

use super::{
    sql::{Row, all, among_ids, ids, millis, millis_or_null, one},
    store::cancellation_topic,
    transaction::SeaTx,
};
use crate::domain::{
    entities::OrderStatus,
    ports::CancellationView,
    sagas::cancellation::{Cancellation, saga_of},
};

/// The cancellation of an event, as it stands; locked in a transaction.
pub(super) async fn of(
    connection: &impl ConnectionTrait,
    event: EventId,
    locked: bool,
) -> Result<Option<Running<Cancellation>>, Fault> {
    let lock = if locked { for_update(connection.get_database_backend()) } else { "" };
    let sql =
        format!("SELECT {} FROM sagas s WHERE s.id = $1 AND s.kind = 'cancellation'{lock}", rows::COLUMNS);
    let found = one(connection, "reading a cancellation", sql, [saga_of(event).uuid().into()], Row::saga);
    found.await?.flatten().map(saga::Kept::restore).transpose()
}

pub(super) async fn save(tx: &mut SeaTx, cancellation: &Running<Cancellation>) -> Result<(), Fault> {
    tx.announce(cancellation_topic(EventId::from_uuid(cancellation.about)));
    tx.write(rows::save(cancellation.kept())).await?;
    let write = Write::new(
        "noting how far an event's refunds are",
        "UPDATE called_off SET refunds_begun_at = $2, refunds_ended_at = $3 WHERE event_id = $1",
        [cancellation.about.into(), millis(cancellation.created_at), millis_or_null(cancellation.ended_at)],
    );
    tx.write(write.of(cancellation.about)).await
}

/// How many refunds that a cancellation has begun are not over.
pub(super) async fn under_way(connection: &impl ConnectionTrait, parent: SagaId) -> Result<u64, Fault> {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM sagas WHERE parent = $1 AND ended_at IS NULL";
    let count = one(connection, "counting refunds", sql, [parent.uuid().into()], |row| row.sum("n")).await?;
    Ok(count.unwrap_or(0))
}

/// The next orders of an event that stand so.
pub(super) async fn orders(
    connection: &impl ConnectionTrait,
    event: EventId,
    standing: [OrderStatus; 2],
    after: Option<OrderId>,
    limit: u64,
) -> Result<Vec<OrderId>, Fault> {
    let [one, other] = standing.map(OrderStatus::as_str);
    let sql = format!(
        "SELECT id FROM orders WHERE event_id = $1 AND id > $2 AND status IN ('{one}', '{other}') ORDER BY id LIMIT {limit}"
    );
    let after = after.map(kernel::Id::uuid).unwrap_or_default();
    let doing = "reading orders of an event that is off";
    all(connection, doing, sql, [event.uuid().into(), after.into()], |row| row.id("id")).await
}

/// How far each of these events is that were called off, and for which somebody had ordered.
pub(super) async fn views(
    connection: &impl ConnectionTrait,
    events: &[EventId],
) -> Result<HashMap<EventId, CancellationView>, Fault> {
    let backend = connection.get_database_backend();
    let them = among_ids(backend, "c.event_id", 1, events);
    let sql = format!(
        "SELECT c.event_id, c.refunds_begun_at, c.refunds_ended_at, \
         (SELECT MAX(o.currency) FROM orders o WHERE o.event_id = c.event_id) AS currency, \
         (SELECT CAST(COUNT(*) AS BIGINT) FROM orders o WHERE o.event_id = c.event_id \
          AND (o.status IN ('COMPLETED', 'PARTIALLY_REFUNDED') \
               OR EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = o.id AND r.called_off))) AS orders, \
         (SELECT CAST(COUNT(*) AS BIGINT) FROM refunds r WHERE r.event_id = c.event_id AND r.called_off \
          AND r.state = 'DONE') AS refunded, \
         (SELECT CAST(COUNT(*) AS BIGINT) FROM refunds r WHERE r.event_id = c.event_id AND r.called_off \
          AND r.state = 'REFUSED') AS failed, \
         (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM refunds r WHERE r.event_id = c.event_id AND r.called_off \
          AND r.state = 'DONE') AS amount \
         FROM called_off c WHERE {them} AND c.refunds_begun_at IS NOT NULL \
         AND EXISTS (SELECT 1 FROM orders o WHERE o.event_id = c.event_id)"
    );
    let found = all(connection, "reading how far refunds are", sql, [ids(backend, events)], |row| {
        let view = CancellationView {
            started_at: row.instant("refunds_begun_at")?,
            finished_at: row.instant_or_none("refunds_ended_at")?,
            orders: row.sum("orders")?,
            refunded: row.sum("refunded")?,
            failed: row.sum("failed")?,
            amount: row.money("amount")?,
        };
        Ok((row.id("event_id")?, view))
    });
    Ok(found.await?.into_iter().collect())
}
