//! Orders, with their history.

use chrono::{DateTime, Utc};
use contracts::purchase::PurchaseStep;
use kernel::{Fault, OrderId};
use messaging::trace;
use metrics::counter;
use saga::{Progress, Running, rows};
use sea_orm::ConnectionTrait;
use service::database::{Write, for_update, now_millis};

use super::{
    contacts, reservations,
    sql::{Row, all, among_ids, ids, json, json_or_null, millis, millis_or_null, number, one},
    store::order_topic,
    transaction::SeaTx,
};
use crate::domain::{
    entities::{
        Given, Order, OrderMoney, OrderSnapshot, OrderStatus, OrderStep, Reservation, ReservationSnapshot,
    },
    ports::OrderView,
    sagas::purchase::{self, Purchase},
};

pub(super) const COLUMNS: &str = "o.id, o.number, o.reservation_id, o.event_id, o.buyer_id, o.status, o.total, o.currency, \
     o.quantity, o.attendees, o.created_at, o.expires_at, o.money, o.breakdown, o.refund_policy, \
     o.given_contact, o.accepted_terms, o.claimed_from, o.version";

/// Locks an order, and tells when it was had.
pub(super) async fn lock(tx: &SeaTx, id: OrderId) -> Result<Option<(Order, DateTime<Utc>)>, Fault> {
    let backend = tx.transaction.get_database_backend();
    // The time is asked for above the lock: whoever waited decides by the moment at which the wait was over.
    let sql = format!(
        "SELECT {COLUMNS}, {} AS now FROM (SELECT {COLUMNS} FROM orders o WHERE o.id = $1{}) AS o",
        now_millis(backend),
        for_update(backend)
    );
    one(&tx.transaction, "reading an order", sql, [id.uuid().into()], |row| {
        Ok((Order::restore(read(row)?), row.instant("now")?))
    })
    .await
}

/// Locks an order and its purchase, and tells when they were had.
pub(super) async fn lock_purchase(
    tx: &SeaTx,
    id: OrderId,
) -> Result<Option<(Order, Running<Purchase>, DateTime<Utc>)>, Fault> {
    let backend = tx.transaction.get_database_backend();
    // Both are locked: a row that is only joined would be read as it was before the wait for the other. The time is asked for
    // above the locks: whoever waited decides by the moment at which the wait was over.
    let sql = format!(
        "SELECT {COLUMNS}, {}, {} AS now FROM (SELECT {COLUMNS}, {} FROM orders o JOIN sagas s ON s.id = o.id \
         WHERE o.id = $1{}) AS o",
        rows::NAMES,
        now_millis(backend),
        rows::COLUMNS,
        for_update(backend)
    );
    let locked = one(&tx.transaction, "reading a purchase", sql, [id.uuid().into()], |row| {
        let order = Order::restore(read(row)?);
        let purchase = purchase_of(row, order.state())?;
        Ok((order, purchase, row.instant("now")?))
    });
    if let Some(locked) = locked.await? {
        return Ok(Some(locked));
    }
    let Some((order, now)) = lock(tx, id).await? else { return Ok(None) };
    let purchase = purchase::long_over(id, order.state().created_at);
    Ok(Some((order, purchase, now)))
}

fn purchase_of(row: &Row, order: &OrderSnapshot) -> Result<Running<Purchase>, Fault> {
    row.saga()?.map_or_else(|| Ok(purchase::long_over(order.id, order.created_at)), saga::Kept::restore)
}

/// From where orders are read with their reservations, which [`read_view`] reads by the columns of [`view_columns`].
pub(super) const WITH_RESERVATIONS: &str = "orders o JOIN reservations r ON r.id = o.reservation_id";

pub(super) fn view_columns() -> String {
    format!(
        "{COLUMNS}, r.status AS held_status, r.holding AS held_holding, r.expires_at AS held_until, \
         r.created_at AS held_at, r.extended AS held_extended, r.claims AS held_claims, r.breakdown AS held_breakdown, r.promo_code_id AS held_code, r.terms AS held_terms"
    )
}

pub(super) async fn load(connection: &impl ConnectionTrait, of: &[OrderId]) -> Result<Vec<OrderView>, Fault> {
    let backend = connection.get_database_backend();
    let which = among_ids(backend, "o.id", 1, of);
    let sql = format!("SELECT {} FROM {WITH_RESERVATIONS} WHERE {which}", view_columns());
    all(connection, "reading orders", sql, [ids(backend, of)], read_view).await
}

/// Orders, with where their purchases stand.
pub(super) async fn purchases(
    connection: &impl ConnectionTrait,
    of: &[OrderId],
) -> Result<Vec<(OrderView, Progress<PurchaseStep>)>, Fault> {
    let backend = connection.get_database_backend();
    let which = among_ids(backend, "o.id", 1, of);
    let sql = format!(
        "SELECT {}, {} FROM {WITH_RESERVATIONS} LEFT JOIN sagas s ON s.id = o.id WHERE {which}",
        view_columns(),
        rows::COLUMNS
    );
    all(connection, "reading purchases", sql, [ids(backend, of)], |row| {
        let view = read_view(row)?;
        let purchase = purchase_of(row, &view.order)?;
        Ok((view, purchase.progress))
    })
    .await
}

pub(super) fn read_view(row: &Row) -> Result<OrderView, Fault> {
    let order = read(row)?;
    let reservation = Reservation::restore(ReservationSnapshot {
        id: order.reservation,
        event: order.event,
        buyer: order.buyer,
        status: reservations::status(&row.get::<String>("held_status")?)?,
        holding: row.get("held_holding")?,
        expires_at: row.instant("held_until")?,
        created_at: row.instant("held_at")?,
        extended: row.get("held_extended")?,
        claims: row.json("held_claims")?,
        breakdown: row.json_or_none("held_breakdown")?,
        terms: row.json_or_none("held_terms")?,
        promo_code: row.get::<Option<uuid::Uuid>>("held_code")?.map(kernel::Id::from_uuid),
    });
    Ok(OrderView { order, reservation })
}

/// Where a purchase stands, as replicas of the version before read it: they know no table of sagas.
fn as_before(purchase: &Running<Purchase>) -> String {
    purchase
        .progress
        .text()
        .replace(r#""DONE""#, r#""BOUGHT""#)
        .replace(r#""PIVOT_REFUSED""#, r#""SEATS_GONE""#)
}

/// Saves an order, and along with it its purchase where it has moved on.
pub(super) async fn save(
    tx: &mut SeaTx,
    order: &mut Order,
    purchase: Option<&Running<Purchase>>,
) -> Result<(), Fault> {
    let is = order.state();
    let contact = contacts::of_buyer(tx.transaction.get_database_backend(), "c4", "c0");
    let sql = format!(
        "INSERT INTO orders (id, number, reservation_id, event_id, buyer_id, status, total, currency, quantity, attendees, \
         created_at, expires_at, progress, deadline, version, saga_version, traceparent, money, breakdown, refund_policy, \
         given_contact, accepted_terms, claimed_from, contact) SELECT c0, c1, c2, \
         c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c14, c15, c16, c17, c18, c19, c20, c21, \
         COALESCE(c19, {contact}) FROM {{rows}} WHERE TRUE \
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, \
         progress = CASE excluded.progress WHEN '' THEN orders.progress ELSE excluded.progress END, \
         deadline = CASE excluded.progress WHEN '' THEN orders.deadline ELSE excluded.deadline END, \
         saga_version = excluded.saga_version, money = excluded.money, version = excluded.version, \
         buyer_id = excluded.buyer_id, claimed_from = excluded.claimed_from, \
         contact = COALESCE(orders.contact, excluded.contact)"
    );
    let write = Write::rows(
        "saving an order",
        sql,
        [
            is.id.uuid().into(),
            is.number.clone().into(),
            is.reservation.uuid().into(),
            is.event.uuid().into(),
            is.buyer.uuid().into(),
            is.status.as_str().into(),
            is.total.minor.into(),
            is.total.currency.code().into(),
            number(is.quantity),
            json(&is.attendees)?,
            millis(is.created_at),
            millis(is.expires_at),
            purchase.map(as_before).unwrap_or_default().into(),
            millis_or_null(purchase.and_then(|purchase| purchase.deadline)),
            is.version.into(),
            trace::traceparent().into(), // of the checkout: it is never updated
            json_or_null(Some(&is.money).filter(|money| **money != OrderMoney::default()))?,
            json_or_null(is.breakdown.as_ref())?, // of the checkout too
            json_or_null(Some(&is.refund_policy).filter(|policy| !policy.is_none()))?, // and this
            json_or_null(is.given.contact.as_ref())?, // and these
            json_or_null(is.given.terms.as_ref())?,
            is.claimed_from.map(kernel::Id::uuid).into(),
        ],
    );
    tx.write(write.of(is.id.uuid())).await?;
    if let Some(purchase) = purchase {
        tx.write(rows::save(purchase.kept())).await?;
    }
    tx.announce(order_topic(is.id));
    let id = is.id;
    let steps = order.take_steps();
    if let Some(end) = order.take_end() {
        tx.count(counter!("orders_ended_total", "end" => end.as_str()));
    }
    for line in history_of(id, steps) {
        tx.write(line).await?;
    }
    tx.publish(order.take_pending());
    Ok(())
}

/// Lines behind those that an order has.
fn history_of(order: OrderId, steps: Vec<OrderStep>) -> impl Iterator<Item = Write> {
    steps.into_iter().zip(1_i64..).map(move |(step, line)| {
        Write::rows(
            "writing an order's history",
            "INSERT INTO order_steps (order_id, seq, at, step, detail) SELECT c0, \
             (SELECT COALESCE(MAX(s.seq), 0) FROM order_steps s WHERE s.order_id = c0) + c1, c2, c3, c4 FROM {rows}",
            [order.uuid().into(), line.into(), millis(step.at), step.step.into(), step.detail.into()],
        )
    })
}

/// What the money of an order is worth.
pub(super) async fn money(connection: &impl ConnectionTrait, id: OrderId) -> Result<OrderMoney, Fault> {
    let sql = "SELECT money FROM orders WHERE id = $1";
    let found = one(connection, "reading what an order's money is worth", sql, [id.uuid().into()], money_of);
    found.await?.ok_or_else(|| Fault::broken_rule("a ticket without an order"))
}

/// Nothing is kept while nothing was heard of it.
fn money_of(row: &Row) -> Result<OrderMoney, Fault> {
    Ok(row.json_or_none("money")?.unwrap_or_default())
}

/// What happened to orders, each order's in the order it happened.
pub(super) async fn histories(
    connection: &impl ConnectionTrait,
    of: &[OrderId],
) -> Result<Vec<(OrderId, OrderStep)>, Fault> {
    let backend = connection.get_database_backend();
    let them = among_ids(backend, "order_id", 1, of);
    let sql =
        format!("SELECT order_id, at, step, detail FROM order_steps WHERE {them} ORDER BY order_id, seq");
    all(connection, "reading the history of orders", sql, [ids(backend, of)], |row| {
        let step = OrderStep { at: row.instant("at")?, step: row.get("step")?, detail: row.get("detail")? };
        Ok((row.id("order_id")?, step))
    })
    .await
}

pub(super) fn read(row: &Row) -> Result<OrderSnapshot, Fault> {
    let status: String = row.get("status")?;
    Ok(OrderSnapshot {
        id: row.id("id")?,
        number: row.get("number")?,
        reservation: row.id("reservation_id")?,
        event: row.id("event_id")?,
        buyer: row.id("buyer_id")?,
        status: OrderStatus::ALL
            .into_iter()
            .find(|known| known.as_str() == status)
            .ok_or_else(|| Fault::broken_rule(format!("an order has status {status}")))?,
        total: row.money("total")?,
        breakdown: row.json_or_none("breakdown")?,
        quantity: row.count("quantity")?,
        attendees: row.json("attendees")?,
        created_at: row.instant("created_at")?,
        expires_at: row.instant("expires_at")?,
        money: money_of(row)?,
        refund_policy: row.json_or_none("refund_policy")?.unwrap_or_default(),
        given: Given {
            contact: row.json_or_none("given_contact")?,
            terms: row.json_or_none("accepted_terms")?,
        },
        claimed_from: row.get::<Option<uuid::Uuid>>("claimed_from")?.map(kernel::Id::from_uuid),
        version: row.get("version")?,
    })
}
