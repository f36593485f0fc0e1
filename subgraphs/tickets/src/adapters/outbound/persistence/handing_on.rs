//! Tickets that change hands, their history, and whose addresses are.
//!
//! Whoever passes a ticket on to an address, and whoever comes to be known to have it, write the row of the address first: the
//! second of them sees what the first has done. So no ticket waits for somebody who is there.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{EventId, Fault, Id, TicketId, UserId, from_millis};
use sea_orm::ConnectionTrait;
use service::{
    Database,
    database::{Write, for_update},
};

use super::{
    reads::SeaReads,
    sql::{Row, all, among_ids, execute, faulty, for_share, ids, millis, number, one},
    tickets,
    transaction::SeaTx,
};
use crate::domain::{
    entities::{Contact, Ticket, TicketSnapshot, Transfer},
    ports::{HandingOn, TransferReads},
};

/// A ticket that was passed on is read as the one that has its place now, and what was another with it.
const REPLACED: &str =
    "ticket_transfers p JOIN tickets t ON t.order_id = p.order_id AND t.position = p.position";
const TRANSFER: &str = "p.replaced_id, p.ticket_id AS new_id, p.number AS transfer_number, p.code AS replaced_code, p.from_owner, \
     p.to_owner, p.at AS transferred_at";

fn read(row: &Row) -> Result<TicketSnapshot, Fault> {
    let now = tickets::read(row)?;
    let transfer = Transfer {
        replaced: row.id("replaced_id")?,
        ticket: row.id("new_id")?,
        order: now.order,
        event: now.event,
        position: now.position,
        number: row.count("transfer_number")?,
        code: row.get("replaced_code")?,
        from: row.id("from_owner")?,
        to: row.get::<Option<uuid::Uuid>>("to_owner")?.map(Id::from_uuid),
        at: from_millis(row.get("transferred_at")?),
    };
    Ok(now.replaced_by(&transfer))
}

async fn replaced(connection: &impl ConnectionTrait, of: &[TicketId]) -> Result<Vec<TicketSnapshot>, Fault> {
    let backend = connection.get_database_backend();
    let them = among_ids(backend, "p.replaced_id", 1, of);
    let sql = format!("SELECT {}, {TRANSFER} FROM {REPLACED} WHERE {them}", tickets::COLUMNS);
    all(connection, "reading tickets that were passed on", sql, [ids(backend, of)], read).await
}

/// The ticket of an event that was passed on and had this code, or the last that was passed on of the order of this number.
pub(super) async fn said(
    connection: &impl ConnectionTrait,
    event: EventId,
    said: &str,
) -> Result<Option<TicketSnapshot>, Fault> {
    let sql = format!(
        "SELECT {}, {TRANSFER} FROM {REPLACED} WHERE p.event_id = $1 AND (p.code = $2 \
         OR p.order_id = (SELECT id FROM orders WHERE number = $2)) ORDER BY p.at DESC, p.replaced_id DESC LIMIT 1",
        tickets::COLUMNS
    );
    one(connection, "reading the ticket of an old code", sql, [event.uuid().into(), said.into()], read).await
}

#[async_trait]
impl HandingOn for SeaTx {
    async fn contact(&mut self, person: UserId) -> Result<Option<Contact>, Fault> {
        let sql = "SELECT contact FROM contacts WHERE user_id = $1";
        let found = one(&self.transaction, "reading a contact", sql, [person.uuid().into()], |row| {
            row.json_or_none("contact")
        });
        Ok(found.await?.flatten())
    }

    async fn owner_of_address(&mut self, address: &str) -> Result<Option<UserId>, Fault> {
        self.send().await?;
        self.sent = true;
        let doing = "looking for whose an address is";
        let sql = "INSERT INTO addresses (address, user_id) VALUES ($1, NULL) \
                   ON CONFLICT (address) DO UPDATE SET address = excluded.address RETURNING user_id";
        let found = one(&self.transaction, doing, sql, [address.into()], |row| {
            row.get::<Option<uuid::Uuid>>("user_id")
        });
        let owner = found.await?.flatten().map(Id::from_uuid);
        if owner.is_none() {
            // It was written for the sake of its lock, which lasts: nothing is kept of people who are not known.
            let sql = "DELETE FROM addresses WHERE address = $1 AND user_id IS NULL";
            execute(&self.transaction, doing, sql, [address.into()]).await?;
        }
        Ok(owner)
    }

    async fn save_transfer(&mut self, transfer: &Transfer, ticket: &mut Ticket) -> Result<(), Fault> {
        let is = ticket.state();
        let write = Write::rows(
            "passing a ticket on",
            "UPDATE tickets SET id = c1, code = c2, epoch = c3, holder_name = c4, holder_email = c5, owner_id = c6, \
             owner_address = c7, transfers = c8, renames = c9 FROM {rows} WHERE id = c0",
            [
                transfer.replaced.uuid().into(),
                is.id.uuid().into(),
                is.code.clone().into(),
                number(is.epoch),
                is.holder.name.clone().into(),
                is.holder.email.clone().into(),
                is.owner.map(Id::uuid).into(),
                is.waits_for.clone().into(),
                number(is.transfers),
                number(is.renames),
            ],
        );
        self.write(write.changes(1).of(transfer.replaced.uuid())).await?;
        let write = Write::insert(
            "writing a ticket's history",
            "ticket_transfers (replaced_id, ticket_id, order_id, event_id, position, number, code, from_owner, to_owner, at)",
            "",
            [
                transfer.replaced.uuid().into(),
                transfer.ticket.uuid().into(),
                transfer.order.uuid().into(),
                transfer.event.uuid().into(),
                number(transfer.position),
                number(transfer.number),
                transfer.code.clone().into(),
                transfer.from.uuid().into(),
                transfer.to.map(Id::uuid).into(),
                millis(transfer.at),
            ],
        );
        self.write(write).await?;
        self.publish(ticket.take_pending());
        Ok(())
    }

    async fn replaced_ticket(&mut self, id: TicketId) -> Result<Option<TicketSnapshot>, Fault> {
        self.send().await?;
        Ok(replaced(&self.transaction, &[id]).await?.pop())
    }
}

#[async_trait]
impl TransferReads for SeaReads {
    async fn replaced_tickets(&self, of: &[TicketId]) -> Result<HashMap<TicketId, TicketSnapshot>, Fault> {
        let found = replaced(&self.database.reads, of).await?;
        Ok(found.into_iter().map(|ticket| (ticket.id, ticket)).collect())
    }
}

/// Keeps which address is a person's, or that none is, unless something newer is known of them.
pub(super) async fn keep_address(
    database: &Database,
    person: UserId,
    version: i64,
    address: Option<&str>,
) -> Result<(), Fault> {
    let doing = "keeping whose an address is";
    let tx = database.begin().await.map_err(faulty(doing))?;
    let backend = tx.get_database_backend();
    let sql = format!(
        "SELECT version, CASE WHEN contact IS NULL THEN 1 ELSE 0 END AS forgotten FROM contacts WHERE user_id = $1{}",
        for_share(backend)
    );
    let known = one(&tx, doing, sql, [person.uuid().into()], |row| {
        Ok((row.get::<i64>("version")?, row.count("forgotten")? == 1))
    });
    let Some((_, forgotten)) = known.await?.filter(|(known, _)| *known == version) else { return Ok(()) };
    let sql = "DELETE FROM addresses WHERE user_id = $1 AND address <> $2";
    execute(&tx, doing, sql, [person.uuid().into(), address.unwrap_or_default().into()]).await?;
    if let Some(address) = address {
        let sql = "INSERT INTO addresses (address, user_id) VALUES ($1, $2) \
                   ON CONFLICT (address) DO UPDATE SET user_id = excluded.user_id";
        execute(&tx, doing, sql, [address.into(), person.uuid().into()]).await?;
        // As everywhere, tickets are locked in the order of their ids.
        let sql = format!(
            "UPDATE tickets SET owner_id = $1, owner_address = NULL WHERE id IN \
             (SELECT id FROM tickets WHERE owner_address = $2 ORDER BY id{})",
            for_update(backend)
        );
        execute(&tx, "giving tickets to whose they are", sql, [person.uuid().into(), address.into()]).await?;
    }
    if forgotten {
        let sql = format!(
            "UPDATE tickets SET holder_name = '', holder_email = '' WHERE id IN \
             (SELECT id FROM tickets WHERE owner_id = $1 AND transfers > 0 ORDER BY id{})",
            for_update(backend)
        );
        execute(&tx, "forgetting who holds tickets", sql, [person.uuid().into()]).await?;
    }
    tx.commit().await.map_err(faulty(doing))
}
