//! Events that were called off, and how far their holders have been told.

use std::time::Duration;

use kernel::{EventId, Fault, OrderId};
use metrics::counter;
use sea_orm::ConnectionTrait;
use service::database::{for_update, now_millis};

use super::{
    moves, orders,
    sql::{Row, all, execute, one},
    transaction::SeaTx,
};
use crate::domain::{entities::Order, ports::CalledOff};

pub(super) async fn note(tx: &SeaTx, event: EventId, reason: Option<&str>) -> Result<bool, Fault> {
    moves::nothing_more(tx, event).await?;
    execute(
        &tx.transaction,
        "noting that an event was called off",
        "INSERT INTO called_off (event_id, reason, told_through, done) VALUES ($1, $2, NULL, $3) ON CONFLICT DO NOTHING",
        [event.uuid().into(), reason.map(ToOwned::to_owned).into(), false.into()],
    )
    .await
    .map(|rows| rows == 1)
}

/// One whose holders are still to be told, locked; and its next orders that have tickets.
pub(super) async fn next(tx: &SeaTx, limit: u64) -> Result<Option<CalledOff>, Fault> {
    let lock = for_update(tx.transaction.get_database_backend());
    let doing = "reading an event that was called off";
    let now = now_millis(tx.transaction.get_database_backend());
    let sql = format!(
        "SELECT event_id, reason, told_through FROM called_off WHERE NOT done AND rests_until <= {now} \
         ORDER BY event_id LIMIT 1{lock}"
    );
    let found = one(&tx.transaction, doing, sql, [], |row| {
        let through: Option<uuid::Uuid> = row.get("told_through")?;
        Ok((row.id("event_id")?, row.get::<Option<String>>("reason")?, through.unwrap_or_default()))
    })
    .await?;
    let Some((event, reason, through)) = found else { return Ok(None) };
    let event: EventId = event;
    let sql = format!(
        "SELECT {} FROM orders o WHERE o.event_id = $1 AND o.id > $2 \
         AND (o.status IN ('COMPLETED', 'PARTIALLY_REFUNDED') \
              OR EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = o.id AND r.called_off)) ORDER BY o.id LIMIT {limit}",
        orders::COLUMNS
    );
    let read = |row: &Row| Ok((row.id("id")?, orders::read(row)));
    let found: Vec<(OrderId, _)> =
        all(&tx.transaction, doing, sql, [event.uuid().into(), through.into()], read).await?;
    let through = found.last().map(|(id, _)| *id);
    let mut orders = Vec::new();
    for (id, order) in found {
        match order {
            Ok(order) => orders.push(Order::restore(order)),
            Err(fault) => cannot_be_told(id, &fault),
        }
    }
    Ok(Some(CalledOff { event, reason, orders, through }))
}

/// One order that cannot be read keeps no other holder from being told.
fn cannot_be_told(order: OrderId, fault: &Fault) {
    counter!("holders_not_told_total").increment(1);
    tracing::error!(%order, error = fault.chain(), "holders of tickets cannot be told that their event is off");
}

/// Lets an event wait before it is looked at again.
pub(super) async fn set_aside(
    connection: &impl ConnectionTrait,
    event: EventId,
    rest: Duration,
) -> Result<(), Fault> {
    let now = now_millis(connection.get_database_backend());
    let sql = format!("UPDATE called_off SET rests_until = {now} + {} WHERE event_id = $1", rest.as_millis());
    execute(connection, "setting an event that is off aside", sql, [event.uuid().into()]).await.map(drop)
}

/// Its holders have been told, up to this order; all of them when none is named.
pub(super) async fn told(tx: &SeaTx, event: EventId, through: Option<OrderId>) -> Result<(), Fault> {
    let sql =
        "UPDATE called_off SET told_through = COALESCE($1, told_through), done = $2 WHERE event_id = $3";
    let values = [through.map(kernel::Id::uuid).into(), through.is_none().into(), event.uuid().into()];
    execute(&tx.transaction, "noting who was told", sql, values).await.map(drop)
}
