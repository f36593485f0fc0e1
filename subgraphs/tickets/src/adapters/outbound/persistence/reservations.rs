//! Places set aside.

use kernel::{EventId, Fault, ReservationId, UserId};
use metrics::counter;
use sea_orm::ConnectionTrait;

use super::{
    sql::{Row, all, execute, json, millis, one},
    store::SeaTx,
};
use crate::domain::entities::{Reservation, ReservationSnapshot, ReservationStatus};

const COLUMNS: &str = "id, event_id, buyer_id, status, holding, expires_at, created_at, claims";

pub(super) async fn load(
    connection: &impl ConnectionTrait,
    id: ReservationId,
) -> Result<Option<Reservation>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM reservations WHERE id = $1");
    one(connection, "reading a reservation", sql, [id.uuid().into()], read).await
}

pub(super) async fn lapsed(tx: &SeaTx, event: EventId) -> Result<Vec<Reservation>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM reservations WHERE event_id = $1 AND holding AND expires_at <= $2 ORDER BY id LIMIT 500"
    );
    all(&tx.transaction, "reading lapsed reservations", sql, [event.uuid().into(), millis(tx.now)], read)
        .await
}

pub(super) async fn active(tx: &SeaTx, buyer: UserId, event: EventId) -> Result<Vec<Reservation>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM reservations WHERE buyer_id = $1 AND event_id = $2 AND status = 'ACTIVE' AND expires_at > $3"
    );
    all(
        &tx.transaction,
        "reading a buyer's reservations",
        sql,
        [buyer.uuid().into(), event.uuid().into(), millis(tx.now)],
        read,
    )
    .await
}

pub(super) async fn save(tx: &mut SeaTx, reservation: &mut Reservation) -> Result<(), Fault> {
    let is = reservation.state();
    execute(
        &tx.transaction,
        "saving a reservation",
        "INSERT INTO reservations (id, event_id, buyer_id, status, holding, expires_at, created_at, claims) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (id) DO UPDATE SET status = excluded.status, holding = excluded.holding, expires_at = excluded.expires_at",
        [
            is.id.uuid().into(),
            is.event.uuid().into(),
            is.buyer.uuid().into(),
            name(is.status).into(),
            is.holding.into(),
            millis(is.expires_at),
            millis(is.created_at),
            json(&is.claims)?,
        ],
    )
    .await?;
    if is.status == ReservationStatus::Expired {
        tx.counted.push(counter!("holds_expired_total"));
    }
    tx.publish(reservation.take_pending()).await
}

pub(super) fn read(row: &Row) -> Result<Reservation, Fault> {
    Ok(Reservation::restore(ReservationSnapshot {
        id: row.id("id")?,
        event: row.id("event_id")?,
        buyer: row.id("buyer_id")?,
        status: status(&row.get::<String>("status")?)?,
        holding: row.get("holding")?,
        expires_at: row.instant("expires_at")?,
        created_at: row.instant("created_at")?,
        claims: row.json("claims")?,
    }))
}

fn name(status: ReservationStatus) -> &'static str {
    match status {
        ReservationStatus::Active => "ACTIVE",
        ReservationStatus::CheckedOut => "CHECKED_OUT",
        ReservationStatus::Released => "RELEASED",
        ReservationStatus::Expired => "EXPIRED",
    }
}

fn status(text: &str) -> Result<ReservationStatus, Fault> {
    [
        ReservationStatus::Active,
        ReservationStatus::CheckedOut,
        ReservationStatus::Released,
        ReservationStatus::Expired,
    ]
    .into_iter()
    .find(|status| name(*status) == text)
    .ok_or_else(|| Fault::broken_rule(format!("a reservation has status {text}")))
}
