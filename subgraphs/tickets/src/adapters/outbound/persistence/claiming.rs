//! Orders of guests that are taken into accounts.

use async_trait::async_trait;
use kernel::{Fault, OrderId, UserId};
use sea_orm::ConnectionTrait;
use service::database::for_update;

use super::{
    reads::SeaReads,
    sql::{execute, one},
    transaction::SeaTx,
};
use crate::domain::{
    entities::OrderSnapshot,
    ports::{ClaimReads, Claiming},
};

#[async_trait]
impl Claiming for SeaTx {
    async fn is_guest(&mut self, person: UserId) -> Result<bool, Fault> {
        let sql = "SELECT user_id FROM contacts WHERE user_id = $1 AND guest";
        let found = one(&self.transaction, "looking for a guest", sql, [person.uuid().into()], |row| {
            row.id::<()>("user_id")
        });
        Ok(found.await?.is_some())
    }

    async fn hand_over(&mut self, order: &OrderSnapshot, from: UserId) -> Result<(), Fault> {
        self.send().await?;
        self.sent = true;
        let doing = "handing an order over";
        let (id, from, to) = (order.id.uuid(), from.uuid(), order.buyer.uuid());
        let sql = "UPDATE reservations SET buyer_id = $2 WHERE id = $1";
        execute(&self.transaction, doing, sql, [order.reservation.uuid().into(), to.into()]).await?;
        // As everywhere, tickets are locked in the order of their ids.
        let sql = format!(
            "UPDATE tickets SET owner_id = $3 WHERE id IN \
             (SELECT id FROM tickets WHERE order_id = $1 AND owner_id = $2 ORDER BY id{})",
            for_update(self.transaction.get_database_backend())
        );
        execute(&self.transaction, doing, sql, [id.into(), from.into(), to.into()]).await?;
        for column in ["from_owner", "to_owner"] {
            let sql =
                format!("UPDATE ticket_transfers SET {column} = $3 WHERE order_id = $1 AND {column} = $2");
            execute(&self.transaction, doing, sql, [id.into(), from.into(), to.into()]).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl ClaimReads for SeaReads {
    async fn order_numbered(&self, number: &str) -> Result<Option<OrderId>, Fault> {
        let sql = "SELECT id FROM orders WHERE number = $1";
        one(&self.database.reads, "looking for an order by its number", sql, [number.into()], |row| {
            row.id("id")
        })
        .await
    }
}
