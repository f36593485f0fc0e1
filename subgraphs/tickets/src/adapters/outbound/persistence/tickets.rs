//! Tickets, and what came of them at the door.

use chrono::{DateTime, Utc};
use kernel::{EventId, Fault, Id, OrderId, TicketId};
use sea_orm::ConnectionTrait;
use service::database::{Write, for_update};

use super::{
    handing_on,
    sql::{Row, all, among_ids, execute, ids, millis, millis_or_null, number, number_or_null, one},
    transaction::SeaTx,
};
use crate::domain::{
    entities::{Attendee, Place, Ticket, TicketSnapshot, TicketStatus},
    ports::Scan,
    pricing::TicketUnit,
};

pub(super) const COLUMNS: &str = "t.id, t.order_id, t.event_id, t.ticket_type_id, t.section, t.seat, t.position, \
     t.price_line, t.price_unit, t.price, t.currency, t.code, t.epoch, t.holder_name, t.holder_email, t.status, t.refund_id, t.checked_in_at, \
     t.gate, t.owner_id, t.owner_address, t.transfers, t.renames";

/// The tickets of orders, each order's in the order of its places.
pub(super) async fn of_orders(
    connection: &impl ConnectionTrait,
    of: &[OrderId],
) -> Result<Vec<TicketSnapshot>, Fault> {
    let backend = connection.get_database_backend();
    let them = among_ids(backend, "t.order_id", 1, of);
    let sql = format!("SELECT {COLUMNS} FROM tickets t WHERE {them} ORDER BY t.order_id, t.position");
    all(connection, "reading the tickets of orders", sql, [ids(backend, of)], read).await
}

pub(super) async fn load(
    connection: &impl ConnectionTrait,
    of: &[TicketId],
) -> Result<Vec<TicketSnapshot>, Fault> {
    let backend = connection.get_database_backend();
    let sql = format!("SELECT {COLUMNS} FROM tickets t WHERE {}", among_ids(backend, "t.id", 1, of));
    all(connection, "reading tickets", sql, [ids(backend, of)], read).await
}

/// The ticket of an event that has this code, or one of the order of this number that is its buyer's still: to whom another was
/// passed on is not told the number, and comes with a code. One that was passed on where there is no other.
pub(super) async fn said(
    connection: &impl ConnectionTrait,
    event: EventId,
    said: &str,
    nonce: Option<&str>,
) -> Result<Option<TicketSnapshot>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM tickets t WHERE t.event_id = $1 AND (t.code = $2 \
         OR (t.order_id = (SELECT id FROM orders WHERE number = $2) \
         AND t.owner_id = (SELECT buyer_id FROM orders WHERE number = $2))) \
         ORDER BY CASE WHEN EXISTS (SELECT 1 FROM scans s WHERE s.ticket_id = t.id AND s.nonce = $3 \
         AND s.outcome = 'ADMITTED') THEN 0 WHEN t.status = 'VALID' THEN 1 ELSE 2 END, t.position LIMIT 1"
    );
    let values = [event.uuid().into(), said.into(), nonce.into()];
    match one(connection, "reading the ticket of a code", sql, values, read).await? {
        Some(found) => Ok(Some(found)),
        None => handing_on::said(connection, event, said).await,
    }
}

pub(super) async fn lock(tx: &SeaTx, id: TicketId) -> Result<Option<Ticket>, Fault> {
    let lock = for_update(tx.transaction.get_database_backend());
    let sql = format!("SELECT {COLUMNS} FROM tickets t WHERE t.id = $1{lock}");
    let ticket = one(&tx.transaction, "reading a ticket", sql, [id.uuid().into()], read).await?;
    Ok(ticket.map(Ticket::restore))
}

/// Locks tickets, in the order of their ids.
pub(super) async fn lock_all(tx: &SeaTx, of: &[TicketId]) -> Result<Vec<Ticket>, Fault> {
    let backend = tx.transaction.get_database_backend();
    let (them, lock) = (among_ids(backend, "t.id", 1, of), for_update(backend));
    let sql = format!("SELECT {COLUMNS} FROM tickets t WHERE {them} ORDER BY t.id{lock}");
    let found = all(&tx.transaction, "reading tickets", sql, [ids(backend, of)], read).await?;
    Ok(found.into_iter().map(Ticket::restore).collect())
}

/// Keeps new tickets, in the order of their places.
pub(super) async fn add(tx: &mut SeaTx, tickets: &mut [Ticket]) -> Result<(), Fault> {
    for ticket in tickets {
        let is = ticket.state();
        let write = Write::insert(
            "keeping tickets",
            "tickets (id, order_id, position, price_line, price_unit, event_id, ticket_type_id, section, seat, price, currency, \
             code, epoch, holder_name, holder_email, status, checked_in_at, gate, owner_id)",
            "",
            [
                is.id.uuid().into(),
                is.order.uuid().into(),
                number(is.position),
                is.unit.map(|unit| in_column(unit.line)).transpose()?.into(),
                is.unit.map(|unit| in_column(unit.unit)).transpose()?.into(),
                is.event.uuid().into(),
                is.ticket_type.uuid().into(),
                is.section.clone().into(),
                number_or_null(is.place.seat()),
                is.price.minor.into(),
                is.price.currency.code().into(),
                is.code.clone().into(),
                number(is.epoch),
                is.holder.name.clone().into(),
                is.holder.email.clone().into(),
                is.status.as_str().into(),
                millis_or_null(is.checked_in_at),
                is.gate.clone().into(),
                is.owner.map(Id::uuid).into(),
            ],
        );
        tx.write(write).await?;
        tx.publish(ticket.take_pending());
    }
    Ok(())
}

/// Saves what may change of a ticket.
pub(super) async fn save(tx: &mut SeaTx, ticket: &mut Ticket) -> Result<(), Fault> {
    let is = ticket.state();
    let write = Write::rows(
        "saving a ticket",
        "UPDATE tickets SET epoch = c1, holder_name = c2, holder_email = c3, status = c4, checked_in_at = c5, gate = c6, \
         refund_id = c7, owner_id = c8, owner_address = c9, renames = c10 FROM {rows} WHERE id = c0",
        [
            is.id.uuid().into(),
            number(is.epoch),
            is.holder.name.clone().into(),
            is.holder.email.clone().into(),
            is.status.as_str().into(),
            millis_or_null(is.checked_in_at),
            is.gate.clone().into(),
            is.refund.map(Id::uuid).into(),
            is.owner.map(Id::uuid).into(),
            is.waits_for.clone().into(),
            number(is.renames),
        ],
    );
    tx.write(write.changes(1).of(is.id.uuid())).await?;
    tx.publish(ticket.take_pending());
    Ok(())
}

/// When the scan with this nonce admitted the ticket.
pub(super) async fn admitted_by(
    tx: &SeaTx,
    ticket: TicketId,
    nonce: &str,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let sql = "SELECT at FROM scans WHERE ticket_id = $1 AND nonce = $2 AND outcome = 'ADMITTED'";
    let values = [ticket.uuid().into(), nonce.into()];
    one(&tx.transaction, "reading the door's log", sql, values, |row| row.instant("at")).await
}

/// Writes a line of the door's log.
pub(super) async fn log_scan(tx: &SeaTx, scan: Scan<'_>) -> Result<(), Fault> {
    execute(
        &tx.transaction,
        "writing the door's log",
        "INSERT INTO scans (id, ticket_id, event_id, by_user, at, outcome, gate, nonce) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            Id::<()>::new().uuid().into(),
            scan.ticket.uuid().into(),
            scan.event.uuid().into(),
            scan.by.uuid().into(),
            millis(tx.now),
            scan.outcome.into(),
            scan.gate.into(),
            scan.nonce.into(),
        ],
    )
    .await
    .map(drop)
}

/// A place in a price, as columns keep it.
fn in_column(place: usize) -> Result<i64, Fault> {
    i64::try_from(place).map_err(|cause| Fault::new("keeping as what a ticket was bought", cause))
}

fn unit(row: &Row) -> Result<Option<TicketUnit>, Fault> {
    let (line, unit) = (row.count_or_none("price_line")?, row.count_or_none("price_unit")?);
    Ok(line.zip(unit).map(|(line, unit)| TicketUnit { line: line as usize, unit: unit as usize }))
}

pub(super) fn read(row: &Row) -> Result<TicketSnapshot, Fault> {
    let status: String = row.get("status")?;
    Ok(TicketSnapshot {
        id: row.id("id")?,
        order: row.id("order_id")?,
        event: row.id("event_id")?,
        ticket_type: row.id("ticket_type_id")?,
        place: row.count_or_none("seat")?.map_or(Place::Standing, Place::Seat),
        section: row.get("section")?,
        position: row.count("position")?,
        unit: unit(row)?,
        price: row.money("price")?,
        code: row.get("code")?,
        epoch: row.count("epoch")?,
        holder: Attendee { name: row.get("holder_name")?, email: row.get("holder_email")? },
        status: TicketStatus::ALL
            .into_iter()
            .find(|known| known.as_str() == status)
            .ok_or_else(|| Fault::broken_rule(format!("a ticket has status {status}")))?,
        refund: row.get::<Option<uuid::Uuid>>("refund_id")?.map(Id::from_uuid),
        checked_in_at: row.instant_or_none("checked_in_at")?,
        gate: row.get("gate")?,
        owner: row.get::<Option<uuid::Uuid>>("owner_id")?.map(Id::from_uuid),
        waits_for: row.get("owner_address")?,
        transfers: row.count("transfers")?,
        renames: row.count("renames")?,
    })
}
