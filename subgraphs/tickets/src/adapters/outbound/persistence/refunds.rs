//! Refunds of orders, each with its saga.

use std::collections::HashMap;

use kernel::{Fault, Money, OrderId, RefundId};
use saga::{Running, rows};
use sea_orm::ConnectionTrait;
use service::database::{Write, for_update};

use super::{
    orders,
    sql::{Row, all, among_ids, ids, json, millis, millis_or_null, one},
    store::cancellation_topic,
    transaction::SeaTx,
};
use crate::domain::{
    entities::{Refund, RefundState},
    ports::OrderView,
    sagas::refund::Refunding,
};

const COLUMNS: &str = "r.id, r.order_id, r.event_id, r.by_user, r.tickets, r.price, r.whole, r.called_off, r.reason, r.keep_places_back, \
     r.state, r.created_at, r.ended_at";

/// Locks a refund and its saga. Whoever changes one has its order.
pub(super) async fn lock(tx: &SeaTx, id: RefundId) -> Result<Option<(Refund, Running<Refunding>)>, Fault> {
    let lock = for_update(tx.transaction.get_database_backend());
    let sql = format!(
        "SELECT {COLUMNS}, {} FROM refunds r JOIN sagas s ON s.id = r.id WHERE r.id = $1{lock}",
        rows::COLUMNS
    );
    one(&tx.transaction, "reading a refund", sql, [id.uuid().into()], |row| {
        let saga =
            row.saga()?.ok_or_else(|| Fault::broken_rule(format!("the refund {id} without its saga")))?;
        Ok((read(row)?, saga.restore()?))
    })
    .await
}

/// The refund of an order that followed from its event being called off.
pub(super) async fn of_called_off(tx: &SeaTx, order: OrderId) -> Result<Option<RefundId>, Fault> {
    let sql = "SELECT id FROM refunds WHERE order_id = $1 AND called_off";
    one(&tx.transaction, "looking for a refund", sql, [order.uuid().into()], |row| row.id("id")).await
}

/// How much of each of these orders went back, by refunds that are done.
pub(super) async fn given_back(
    connection: &impl ConnectionTrait,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Money>, Fault> {
    let backend = connection.get_database_backend();
    let sql = format!(
        "SELECT order_id, currency, CAST(SUM(amount) AS BIGINT) AS given FROM refunds WHERE {} AND state = '{}' \
         GROUP BY order_id, currency",
        among_ids(backend, "order_id", 1, orders),
        RefundState::Done.as_str()
    );
    let given = all(connection, "summing up refunds", sql, [ids(backend, orders)], |row| {
        Ok((row.id("order_id")?, row.money("given")?))
    });
    Ok(given.await?.into_iter().collect())
}

/// The order of a refund.
pub(super) async fn order_of(
    connection: &impl ConnectionTrait,
    id: RefundId,
) -> Result<Option<OrderView>, Fault> {
    let doing = "reading the order of a refund";
    let sql = "SELECT order_id FROM refunds WHERE id = $1";
    let order: Option<OrderId> =
        one(connection, doing, sql, [id.uuid().into()], |row| row.id("order_id")).await?;
    match order {
        Some(order) => Ok(orders::load(connection, &[order]).await?.pop()),
        None => Ok(None),
    }
}

/// True when it is a refund of ours, and not one that was made at the payment provider or by a purchase that went back.
pub(super) async fn is_known(connection: &impl ConnectionTrait, id: RefundId) -> Result<bool, Fault> {
    let sql = "SELECT 1 AS known FROM refunds WHERE id = $1";
    let found = one(connection, "looking for a refund", sql, [id.uuid().into()], |_| Ok(())).await?;
    Ok(found.is_some())
}

pub(super) async fn save(tx: &mut SeaTx, refund: &Refund, saga: &Running<Refunding>) -> Result<(), Fault> {
    let amount = refund.amount()?;
    let write = Write::insert(
        "saving a refund",
        "refunds (id, order_id, event_id, by_user, tickets, price, amount, currency, whole, called_off, reason, keep_places_back, state, \
         created_at, ended_at)",
        "ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at",
        [
            refund.id.uuid().into(),
            refund.order.uuid().into(),
            refund.event.uuid().into(),
            refund.by.map(kernel::Id::uuid).into(),
            json(&refund.tickets)?,
            json(&refund.price)?,
            amount.minor.into(),
            amount.currency.code().into(),
            refund.whole.into(),
            refund.called_off.into(),
            refund.reason.clone().into(),
            refund.keep_places_back.into(),
            refund.state.as_str().into(),
            millis(refund.created_at),
            millis_or_null(refund.ended_at),
        ],
    );
    tx.write(write.of(refund.id.uuid())).await?;
    if refund.called_off {
        tx.announce(cancellation_topic(refund.event));
    }
    tx.write(rows::save(saga.kept())).await
}

fn read(row: &Row) -> Result<Refund, Fault> {
    let state: String = row.get("state")?;
    Ok(Refund {
        id: row.id("id")?,
        order: row.id("order_id")?,
        event: row.id("event_id")?,
        by: row.get::<Option<uuid::Uuid>>("by_user")?.map(kernel::Id::from_uuid),
        tickets: row.json("tickets")?,
        price: row.json("price")?,
        whole: row.get("whole")?,
        called_off: row.get("called_off")?,
        reason: row.get("reason")?,
        keep_places_back: row.get("keep_places_back")?,
        state: RefundState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| Fault::broken_rule(format!("a refund has state {state}")))?,
        created_at: row.instant("created_at")?,
        ended_at: row.instant_or_none("ended_at")?,
    })
}
