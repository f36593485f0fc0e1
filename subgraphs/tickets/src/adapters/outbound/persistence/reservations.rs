//! Places set aside.

use kernel::{EventId, Fault, Id, ReservationId};
use metrics::counter;
use sea_orm::ConnectionTrait;
use service::database::Write;
use uuid::Uuid;

use super::{
    sql::{Row, all, among_ids, ids, json, json_or_null, millis},
    store::reservation_topic,
    transaction::SeaTx,
};
use crate::domain::{
    entities::{Reservation, ReservationSnapshot, ReservationStatus},
    ports::LAPSED_AT_ONCE,
};

pub(super) const COLUMNS: &str = "id, event_id, buyer_id, status, holding, expires_at, created_at, extended, claims, breakdown, promo_code_id, terms";

pub(super) async fn load(
    connection: &impl ConnectionTrait,
    of: &[ReservationId],
) -> Result<Vec<Reservation>, Fault> {
    let backend = connection.get_database_backend();
    let sql = format!("SELECT {COLUMNS} FROM reservations WHERE {}", among_ids(backend, "id", 1, of));
    all(connection, "reading reservations", sql, [ids(backend, of)], read).await
}

/// Some of those that hold places although their time is over; `$1` is the event, `$2` the time.
pub(super) const LAPSED: &str =
    "FROM reservations WHERE event_id = $1 AND holding AND expires_at <= $2 ORDER BY id LIMIT 500";
const _: () = assert!(LAPSED_AT_ONCE == 500);

pub(super) async fn lapsed(tx: &SeaTx, event: EventId) -> Result<Vec<Reservation>, Fault> {
    let sql = format!("SELECT {COLUMNS} {LAPSED}");
    all(&tx.transaction, "reading lapsed reservations", sql, [event.uuid().into(), millis(tx.now)], read)
        .await
}

/// Some of those that hold places and are no orders yet.
pub(super) async fn active(tx: &SeaTx, event: EventId) -> Result<Vec<Reservation>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM reservations WHERE event_id = $1 AND holding AND status = 'ACTIVE' ORDER BY id LIMIT {LAPSED_AT_ONCE}"
    );
    all(&tx.transaction, "reading what is set aside", sql, [event.uuid().into()], read).await
}

pub(super) async fn save(tx: &mut SeaTx, reservation: &mut Reservation) -> Result<(), Fault> {
    let is = reservation.state();
    let write = Write::insert(
        "saving a reservation",
        "reservations (id, event_id, buyer_id, status, holding, expires_at, created_at, extended, claims, breakdown, terms)",
        "ON CONFLICT (id) DO UPDATE SET status = excluded.status, holding = excluded.holding, expires_at = excluded.expires_at, \
         extended = excluded.extended",
        [
            is.id.uuid().into(),
            is.event.uuid().into(),
            is.buyer.uuid().into(),
            name(is.status).into(),
            is.holding.into(),
            millis(is.expires_at),
            millis(is.created_at),
            is.extended.into(),
            json(&is.claims)?,
            json_or_null(is.breakdown.as_ref())?, // see save_price
            json_or_null(is.terms.as_ref())?,     // they never change
        ],
    );
    tx.write(write.of(is.id.uuid())).await?;
    // Nobody follows one that is just being made, or what its order does with its places.
    let (is_bought, is_longer) = (is.status == ReservationStatus::CheckedOut, is.extended);
    if is.status == ReservationStatus::Released || (is.holding && (is_bought || is_longer)) {
        tx.announce(reservation_topic(is.id));
    }
    if is.status == ReservationStatus::Expired {
        tx.count(counter!("holds_expired_total"));
    }
    tx.publish(reservation.take_pending());
    Ok(())
}

/// Saves what one costs, and with which code. Nothing else writes that of a reservation that is known: neither do programs of
/// before this.
pub(super) async fn save_price(tx: &mut SeaTx, reservation: &Reservation) -> Result<(), Fault> {
    let is = reservation.state();
    let write = Write::new(
        "pricing a reservation anew",
        "UPDATE reservations SET breakdown = $1, promo_code_id = $2, promo_code_open = $3 WHERE id = $4",
        [
            json_or_null(is.breakdown.as_ref())?,
            is.promo_code.map(Id::uuid).into(),
            is.promo_code.is_some().into(),
            is.id.uuid().into(),
        ],
    );
    tx.announce(reservation_topic(is.id));
    tx.write(write.of(is.id.uuid()).changes(1)).await
}

/// Saves many of which nothing changed but where they stand.
pub(super) async fn save_lapsed(tx: &mut SeaTx, lapsed: &mut [Reservation]) -> Result<(), Fault> {
    for status in [ReservationStatus::Expired, ReservationStatus::CheckedOut, ReservationStatus::Released] {
        let ids: Vec<_> = lapsed.iter().map(Reservation::state).filter(|is| is.status == status).collect();
        if ids.is_empty() {
            continue;
        }
        let places: Vec<String> = (0..ids.len()).map(|place| format!("${}", place + 3)).collect();
        let sql =
            format!("UPDATE reservations SET status = $1, holding = $2 WHERE id IN ({})", places.join(","));
        let mut values = vec![name(status).into(), false.into()];
        values.extend(ids.iter().map(|is| is.id.uuid().into()));
        tx.write(Write::new("saving lapsed reservations", sql, values)).await?;
        if status == ReservationStatus::Expired {
            for _ in &ids {
                tx.count(counter!("holds_expired_total"));
            }
        }
    }
    for reservation in lapsed {
        tx.publish(reservation.take_pending());
    }
    Ok(())
}

/// The condition that a reservation stands so at that moment: one whose time is over has expired, tidied up or not.
pub(super) fn stands(status: ReservationStatus, now: &str) -> String {
    let written = format!("r.status = '{}'", name(status));
    match status {
        ReservationStatus::Active => format!("{written} AND r.expires_at > {now}"),
        ReservationStatus::Expired => {
            let active = name(ReservationStatus::Active);
            format!("({written} OR (r.status = '{active}' AND r.expires_at <= {now}))")
        }
        ReservationStatus::CheckedOut | ReservationStatus::Released => written,
    }
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
        extended: row.get("extended")?,
        claims: row.json("claims")?,
        breakdown: row.json_or_none("breakdown")?,
        terms: row.json_or_none("terms")?,
        promo_code: row.get::<Option<Uuid>>("promo_code_id")?.map(Id::from_uuid),
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

pub(super) fn status(text: &str) -> Result<ReservationStatus, Fault> {
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
