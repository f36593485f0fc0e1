//! Events that were moved to another time, and how far their holders have been told.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use contracts::events::EventChanged;
use kernel::{EventId, Fault, OrderId};
use metrics::counter;
use sea_orm::ConnectionTrait;
use service::database::{for_update, now_millis};
use uuid::Uuid;

use super::{
    orders,
    sql::{Row, all, execute, for_no_key_update, millis, millis_or_null, one},
    tickets,
    transaction::SeaTx,
};
use crate::domain::{
    entities::{Move, Order, Ticket, ToldBefore, known_start},
    ports::{Moved, MovedOrder},
};

/// How many moves of an event are looked back at, for what its holders know of them.
const LOOKED_BACK: u32 = 20;

/// Locks an event's row, and reads what was told of it last. From then on the transaction's time is that at which the lock was
/// had.
pub(super) async fn told_before(tx: &mut SeaTx, event: EventId) -> Result<Option<ToldBefore>, Fault> {
    let backend = tx.transaction.get_database_backend();
    // The time is asked for above the lock, when the wait is over.
    let lock = for_no_key_update(backend);
    let sql = format!(
        "SELECT {} AS now, e.version, e.facts, e.refundable_until FROM (SELECT version, facts, refundable_until FROM events \
         WHERE id = $1{lock}) AS e",
        now_millis(backend)
    );
    let found =
        one(&tx.transaction, "reading what was told of an event", sql, [event.uuid().into()], |row| {
            let told = ToldBefore {
                version: row.get("version")?,
                facts: row.json("facts")?,
                refundable_until: row.instant_or_none("refundable_until")?,
            };
            Ok((row.instant("now")?, told))
        });
    let Some((now, told)) = found.await? else { return Ok(None) };
    tx.now = now;
    Ok(Some(told))
}

/// Notes a move: nobody is told of earlier ones any more.
pub(super) async fn note(tx: &SeaTx, told: &EventChanged, before: &ToldBefore) -> Result<(), Fault> {
    let doing = "noting that an event was moved";
    let event = told.event_id.uuid();
    nothing_more(tx, told.event_id).await?;
    execute(
        &tx.transaction,
        doing,
        "INSERT INTO event_moves (event_id, sequence, previous_start, reason, at, told_through, done, rests_until) \
         SELECT $1, COALESCE(MAX(sequence), 0) + 1, $2, $3, $4, NULL, $5, 0 FROM event_moves WHERE event_id = $1",
        [event.into(), millis(before.facts.starts_at), told.reason.clone().into(), millis(tx.now), false.into()],
    )
    .await?;
    execute(
        &tx.transaction,
        doing,
        "UPDATE events SET moved_at = $2, refundable_until = $3 WHERE id = $1",
        [event.into(), millis(tx.now), millis_or_null(before.refundable_after(told))],
    )
    .await
    .map(drop)
}

/// Keeps until when everything goes back of what was ordered before the last move.
pub(super) async fn promise(tx: &SeaTx, event: EventId, until: Option<DateTime<Utc>>) -> Result<(), Fault> {
    let sql = "UPDATE events SET refundable_until = $2 WHERE id = $1";
    let values = [event.uuid().into(), millis_or_null(until)];
    execute(&tx.transaction, "keeping what was promised with a move", sql, values).await.map(drop)
}

/// Nobody is told of an event's moves any more.
pub(super) async fn nothing_more(tx: &SeaTx, event: EventId) -> Result<(), Fault> {
    let sql = "UPDATE event_moves SET done = $2 WHERE event_id = $1 AND NOT done";
    let values = [event.uuid().into(), true.into()];
    execute(&tx.transaction, "telling no more of earlier moves", sql, values).await.map(drop)
}

/// An event with a move of which holders are still to be told.
pub(super) async fn untold(connection: &impl ConnectionTrait) -> Result<Option<EventId>, Fault> {
    let now = now_millis(connection.get_database_backend());
    let sql = format!(
        "SELECT event_id FROM event_moves WHERE NOT done AND rests_until <= {now} ORDER BY event_id LIMIT 1"
    );
    one(connection, "looking for an event that was moved", sql, [], |row| row.id("event_id")).await
}

/// The last move of a locked event, unless its holders have been told; and the next orders whose tickets say an earlier time.
pub(super) async fn next(tx: &SeaTx, event: EventId, limit: u64) -> Result<Option<Moved>, Fault> {
    let doing = "reading where an event was moved to";
    let sql = format!(
        "SELECT sequence, previous_start, reason, at, told_through, done FROM event_moves WHERE event_id = $1 \
         ORDER BY sequence DESC LIMIT {LOOKED_BACK}"
    );
    let found = all(&tx.transaction, doing, sql, [event.uuid().into()], |row| {
        Ok((row.get::<bool>("done")?, read(row)?))
    });
    let (done, moves): (Vec<bool>, Vec<Move>) = found.await?.into_iter().unzip();
    let Some(last) = moves.first().filter(|_| done.first() == Some(&false)) else { return Ok(None) };
    let sql = format!(
        "SELECT {}, (SELECT MIN(s.at) FROM order_steps s WHERE s.order_id = o.id AND s.step = 'ISSUE_TICKETS_DONE') \
         AS issued_at FROM orders o WHERE o.event_id = $1 AND o.id > $2 AND o.status IN ('COMPLETED', 'PARTIALLY_REFUNDED') \
         AND NOT EXISTS (SELECT 1 FROM order_steps s WHERE s.order_id = o.id AND s.step = 'ISSUE_TICKETS_DONE' AND s.at > $3) \
         ORDER BY o.id LIMIT {limit}{}",
        orders::COLUMNS,
        for_update(tx.transaction.get_database_backend())
    );
    let after = last.told_through.map(kernel::Id::uuid).unwrap_or_default();
    let values = [event.uuid().into(), after.into(), millis(last.at)];
    let found: Vec<(OrderId, _)> = all(&tx.transaction, doing, sql, values, |row| {
        let order = orders::read(row).and_then(|order| Ok((order, row.instant_or_none("issued_at")?)));
        Ok((row.id("id")?, order))
    })
    .await?;
    let ids: Vec<OrderId> = found.iter().map(|(id, _)| *id).collect();
    let mut theirs: HashMap<OrderId, Vec<Ticket>> = HashMap::new();
    for ticket in tickets::of_orders(&tx.transaction, &ids).await? {
        theirs.entry(ticket.order).or_default().push(Ticket::restore(ticket));
    }
    let mut orders = Vec::with_capacity(found.len());
    for (id, order) in found {
        match order {
            Ok((order, issued_at)) => {
                let known = known_start(&moves, id, issued_at.unwrap_or_default());
                orders.push(MovedOrder {
                    order: Order::restore(order),
                    tickets: theirs.remove(&id).unwrap_or_default(),
                    previous_start: known.unwrap_or(last.previous_start),
                });
            }
            Err(fault) => cannot_be_told(id, &fault),
        }
    }
    let (sequence, reason) = (last.sequence, last.reason.clone());
    Ok(Some(Moved { sequence, reason, orders, through: ids.last().copied() }))
}

fn read(row: &Row) -> Result<Move, Fault> {
    Ok(Move {
        sequence: row.get("sequence")?,
        previous_start: row.instant("previous_start")?,
        reason: row.get("reason")?,
        at: row.instant("at")?,
        told_through: row.get::<Option<Uuid>>("told_through")?.map(OrderId::from_uuid),
    })
}

/// One order that cannot be read keeps no other holder from being told.
fn cannot_be_told(order: OrderId, fault: &Fault) {
    counter!("holders_not_told_total").increment(1);
    tracing::error!(%order, error = fault.chain(), "holders of tickets cannot be told that their event was moved");
}

/// Lets an event wait before it is looked at again.
pub(super) async fn set_aside(
    connection: &impl ConnectionTrait,
    event: EventId,
    rest: Duration,
) -> Result<(), Fault> {
    let now = now_millis(connection.get_database_backend());
    let sql = format!(
        "UPDATE event_moves SET rests_until = {now} + {} WHERE event_id = $1 AND NOT done",
        rest.as_millis()
    );
    execute(connection, "setting a moved event aside", sql, [event.uuid().into()]).await.map(drop)
}

/// Its holders have been told of this move, up to this order; all of them when none is named.
pub(super) async fn told(
    tx: &SeaTx,
    event: EventId,
    sequence: i64,
    through: Option<OrderId>,
) -> Result<(), Fault> {
    let sql = "UPDATE event_moves SET told_through = $3, done = $4 WHERE event_id = $1 AND sequence = $2";
    // Behind the last order there is none: all are told.
    let up_to = through.map_or(Uuid::max(), kernel::Id::uuid);
    let values = [event.uuid().into(), sequence.into(), up_to.into(), through.is_none().into()];
    execute(&tx.transaction, "noting who was told of a move", sql, values).await.map(drop)
}
