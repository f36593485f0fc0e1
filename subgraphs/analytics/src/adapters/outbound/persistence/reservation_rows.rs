//! A reservation as a row, and back.

use kernel::{EventId, Fault, Id, ReservationId, from_millis, to_millis};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Statement, Value};
use service::database::{Write, fault};

use super::{order_rows::small, rows::reservation};
use crate::domain::entities::{Reservation, ReservationFacts};

/// Locks a reservation; a row without facts is made where there is none.
pub(super) async fn lock(
    transaction: &DatabaseTransaction,
    id: ReservationId,
    event: EventId,
) -> Result<Reservation, Fault> {
    let lock = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        "INSERT INTO reservations (reservation_id, event_id) VALUES ($1, $2) \
         ON CONFLICT (reservation_id) DO UPDATE SET event_id = reservations.event_id \
         RETURNING reservation_id, event_id, held_at, quantity, ended_at, expired",
        [id.uuid().into(), event.uuid().into()],
    );
    let row = transaction.query_one_raw(lock).await.map_err(fault("reading a reservation"))?;
    let row = row.ok_or_else(|| Fault::broken_rule(format!("reservation {id} vanished")))?;
    let row = reservation::Model::from_query_result(&row, "").map_err(fault("reading a reservation"))?;
    let facts = ReservationFacts {
        held_at: row.held_at.map(from_millis),
        quantity: row.quantity.map(i32::unsigned_abs),
        ended_at: row.ended_at.map(from_millis),
        expired: row.expired,
    };
    Ok(Reservation::restore(id, Id::from_uuid(row.event_id), facts))
}

/// What there is to be written of a reservation; none where nothing is new.
pub(super) fn change(reservation: &Reservation) -> Option<Write> {
    let values = values_of(reservation.facts());
    (values != values_of(reservation.kept())).then(|| {
        let id = reservation.id().uuid();
        let sql = "UPDATE reservations SET held_at = $1, quantity = $2, ended_at = $3, expired = $4 \
             WHERE reservation_id = $5";
        Write::new("keeping a reservation", sql, values.into_iter().chain([id.into()])).changes(1).of(id)
    })
}

fn values_of(facts: &ReservationFacts) -> [Value; 4] {
    [
        facts.held_at.map(to_millis).into(),
        facts.quantity.map(small).into(),
        facts.ended_at.map(to_millis).into(),
        facts.expired.into(),
    ]
}
