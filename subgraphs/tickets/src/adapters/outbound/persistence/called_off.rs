//! Events that were called off, and how far their holders have been told.

use kernel::{EventId, Fault, OrderId};
use sea_orm::ConnectionTrait as _;

use super::{
    orders,
    sql::{all, execute, for_update, one},
    store::SeaTx,
};
use crate::domain::{entities::Order, ports::CalledOff};

pub(super) async fn note(tx: &SeaTx, event: EventId, reason: Option<&str>) -> Result<(), Fault> {
    execute(
        &tx.transaction,
        "noting that an event was called off",
        "INSERT INTO called_off (event_id, reason, told_through, done) VALUES ($1, $2, NULL, $3) ON CONFLICT DO NOTHING",
        [event.uuid().into(), reason.map(ToOwned::to_owned).into(), false.into()],
    )
    .await
    .map(drop)
}

/// One whose holders are still to be told, locked; and its next orders that have tickets.
pub(super) async fn next(tx: &SeaTx, limit: u64) -> Result<Option<CalledOff>, Fault> {
    let lock = for_update(tx.transaction.get_database_backend());
    let doing = "reading an event that was called off";
    let sql = format!(
        "SELECT event_id, reason, told_through FROM called_off WHERE NOT done ORDER BY event_id LIMIT 1{lock}"
    );
    let found = one(&tx.transaction, doing, sql, [], |row| {
        let through: Option<uuid::Uuid> = row.get("told_through")?;
        Ok((row.id("event_id")?, row.get::<Option<String>>("reason")?, through.unwrap_or_default()))
    })
    .await?;
    let Some((event, reason, through)) = found else { return Ok(None) };
    let event: EventId = event;
    let sql = format!(
        "SELECT {} FROM orders o WHERE o.event_id = $1 AND o.id > $2 AND o.status = 'COMPLETED' ORDER BY o.id LIMIT {limit}",
        orders::COLUMNS
    );
    let orders =
        all(&tx.transaction, doing, sql, [event.uuid().into(), through.into()], orders::read).await?;
    let orders = orders.into_iter().map(Order::restore).collect();
    Ok(Some(CalledOff { event, reason, orders }))
}

/// Its holders have been told, up to this order; all of them when none is named.
pub(super) async fn told(tx: &SeaTx, event: EventId, through: Option<OrderId>) -> Result<(), Fault> {
    let sql =
        "UPDATE called_off SET told_through = COALESCE($1, told_through), done = $2 WHERE event_id = $3";
    let values = [through.map(kernel::Id::uuid).into(), through.is_none().into(), event.uuid().into()];
    execute(&tx.transaction, "noting who was told", sql, values).await.map(drop)
}
