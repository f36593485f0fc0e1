//! How buyers are reached, and who was told at each purchase.
//!
//! Orders and what is known of their buyers are written by different transactions, at the same moment too. Whoever freezes a
//! contact into an order therefore shares the lock of its row: erasing the person waits for that, and blanks the order then.

use std::collections::HashMap;

use kernel::{Fault, OrderId, UserId};
use sea_orm::{ConnectionTrait, DbBackend, Value};

use super::sql::{all, among_ids, execute, for_share, ids, json};
use crate::domain::entities::Contact;

/// Keeps what is known of a person; nothing but that they are to be forgotten when that is none.
pub(super) async fn keep(
    connection: &impl ConnectionTrait,
    person: UserId,
    version: i64,
    contact: Option<&Contact>,
    is_guest: bool,
) -> Result<(), Fault> {
    let contact = contact.map_or(Ok(Value::String(None)), json)?;
    execute(
        connection,
        "keeping a contact",
        "INSERT INTO contacts (user_id, version, contact, guest) VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) \
         DO UPDATE SET version = excluded.version, contact = excluded.contact, guest = excluded.guest \
         WHERE contacts.version < excluded.version",
        [person.uuid().into(), version.into(), contact, is_guest.into()],
    )
    .await
    .map(drop)
}

/// Fills it into the buyer's orders that have none, or blanks it in all that have one.
pub(super) async fn follow(connection: &impl ConnectionTrait, buyer: UserId) -> Result<(), Fault> {
    let sql = format!(
        "UPDATE orders SET contact = k.contact, \
         given_contact = CASE WHEN k.contact IS NULL THEN NULL ELSE given_contact END FROM (SELECT contact FROM contacts WHERE user_id = $1{}) AS k \
         WHERE orders.buyer_id = $1 AND (orders.contact IS NULL) <> (k.contact IS NULL)",
        for_share(connection.get_database_backend())
    );
    execute(connection, "telling orders how their buyer is reached", sql, [buyer.uuid().into()])
        .await
        .map(drop)
}

/// What is known of a buyer, as a part of the statement that saves an order; nothing of an order that has it already. Its
/// arguments name the columns of the buyer and of the order.
pub(super) fn of_buyer(backend: DbBackend, buyer: &str, order: &str) -> String {
    format!(
        "(SELECT k.contact FROM contacts k WHERE k.user_id = {buyer} AND NOT EXISTS \
         (SELECT 1 FROM orders b WHERE b.id = {order} AND b.contact IS NOT NULL){})",
        for_share(backend)
    )
}

/// Who was told at the purchase of these orders.
pub(super) async fn of_orders(
    connection: &impl ConnectionTrait,
    of: &[OrderId],
) -> Result<HashMap<OrderId, Contact>, Fault> {
    let backend = connection.get_database_backend();
    let them = among_ids(backend, "id", 1, of);
    let sql = format!("SELECT id, contact FROM orders WHERE {them} AND contact IS NOT NULL");
    let found = all(connection, "reading contacts of orders", sql, [ids(backend, of)], |row| {
        Ok((row.id("id")?, row.json::<Contact>("contact")?))
    });
    Ok(found.await?.into_iter().collect())
}
