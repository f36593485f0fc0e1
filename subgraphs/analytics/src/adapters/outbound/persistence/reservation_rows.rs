//! Reservations as rows, and back.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Fault, Id, ReservationId, from_millis, to_millis};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, Statement};
use serde_json::{Value, json};
use service::database::{Write, fault};

use super::{
    listed::{Columns, Kind, hex, insert, listed, names},
    rows::reservation,
};
use crate::domain::entities::{Reservation, ReservationFacts};

const COLUMNS: Columns<6> = [
    ("reservation_id", Kind::Id),
    ("event_id", Kind::Id),
    ("held_at", Kind::Number),
    ("quantity", Kind::Small),
    ("ended_at", Kind::Number),
    ("expired", Kind::Flag),
];

/// Keeps those reservations of which nothing was known; the others come back as they were known, locked until the end.
pub(super) async fn keep(
    transaction: &DatabaseTransaction,
    heard: &BTreeMap<ReservationId, Reservation>,
) -> Result<Vec<Reservation>, Fault> {
    let backend = transaction.get_database_backend();
    let heard = heard.values().map(|reservation| of(reservation, reservation.facts()));
    let Some((count, asked)) = listed(&COLUMNS, heard) else { return Ok(Vec::new()) };
    let keep = format!(
        "{} ON CONFLICT (reservation_id) DO UPDATE SET heard_again = reservations.heard_again + 1 \
         RETURNING {}, heard_again",
        insert(backend, "reservations", &COLUMNS, "reservation_id"),
        names(&COLUMNS)
    );
    let keep = Statement::from_sql_and_values(backend, keep, [asked]);
    let doing = "keeping reservations";
    let rows = transaction.query_all_raw(keep).await.map_err(fault(doing))?;
    if rows.len() as u64 != count {
        return Err(Fault::broken_rule(format!("of {count} reservations {} came back", rows.len())));
    }
    let mut known = Vec::new();
    for row in &rows {
        let row = reservation::Model::from_query_result(row, "").map_err(fault(doing))?;
        if row.heard_again > 0 {
            let facts = ReservationFacts {
                held_at: row.held_at.map(from_millis),
                quantity: row.quantity.map(i32::unsigned_abs),
                ended_at: row.ended_at.map(from_millis),
                expired: row.expired,
            };
            let (id, event) = (Id::from_uuid(row.reservation_id), Id::from_uuid(row.event_id));
            known.push(Reservation::restore(id, event, facts));
        }
    }
    Ok(known)
}

/// What there is to be written of reservations that were kept: what is new of those in `known`.
pub(super) fn changes(
    backend: DbBackend,
    reservations: &BTreeMap<ReservationId, Reservation>,
    known: &BTreeSet<ReservationId>,
) -> Option<Write> {
    let changed = reservations.values().filter(|reservation| known.contains(&reservation.id()));
    let changed = changed.map(|one| (of(one, one.facts()), of(one, one.kept())));
    let changed = changed.filter(|(values, kept)| values != kept).map(|(values, _)| values);
    let (count, values) = listed(&COLUMNS, changed)?;
    let sql = format!(
        "{} ON CONFLICT (reservation_id) DO UPDATE SET held_at = excluded.held_at, \
         quantity = excluded.quantity, ended_at = excluded.ended_at, expired = excluded.expired",
        insert(backend, "reservations", &COLUMNS, "reservation_id")
    );
    Some(Write::new("keeping reservations", sql, [values]).changes(count))
}

fn of(reservation: &Reservation, facts: &ReservationFacts) -> [Value; 6] {
    [
        hex(reservation.id().uuid()),
        hex(reservation.event().uuid()),
        json!(facts.held_at.map(to_millis)),
        json!(facts.quantity),
        json!(facts.ended_at.map(to_millis)),
        json!(facts.expired),
    ]
}
