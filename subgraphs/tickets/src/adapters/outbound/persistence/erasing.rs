//! People whose accounts are erased.

use async_trait::async_trait;
use kernel::{EventId, Fault, ReservationId, UserId};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};
use service::database::{for_update, now_millis};

use super::{
    reads::SeaReads,
    sql::{all, execute, faulty, one},
    store::SeaStore,
};
use crate::domain::ports::{Erasing, ErasingReads};

const DOING: &str = "forgetting who tickets are for";
const UNDER_WAY: &str = "EXISTS (SELECT 1 FROM sagas s WHERE s.id = o.id AND s.ended_at IS NULL)";
const NAMED: &str = "(t.holder_name <> '' OR t.holder_email <> '')";

/// Takes the names off the tickets of a person, the first value, for which this holds. As everywhere, tickets are locked in the order of their ids.
async fn take_names_off(
    tx: &DatabaseTransaction,
    condition: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), Fault> {
    let sql = format!(
        "UPDATE tickets SET holder_name = '', holder_email = '' WHERE id IN (SELECT t.id FROM tickets t \
         WHERE t.owner_id = $1 AND {NAMED} AND {condition} ORDER BY t.id{})",
        for_update(tx.get_database_backend())
    );
    execute(tx, DOING, sql, values).await.map(drop)
}

#[async_trait]
impl Erasing for SeaStore {
    async fn forget_names(&self, person: UserId) -> Result<(), Fault> {
        let tx = self.database.begin().await.map_err(faulty(DOING))?;
        let backend = tx.get_database_backend();
        // Before its purchase is over, an order has no tickets yet that could say who goes in.
        let sql = format!(
            "UPDATE orders SET attendees = '[]' WHERE id IN (SELECT o.id FROM orders o WHERE o.buyer_id = $1 \
             AND o.attendees <> '[]' AND NOT {UNDER_WAY} ORDER BY o.id{})",
            for_update(backend)
        );
        execute(&tx, DOING, sql, [person.uuid().into()]).await?;
        let over = format!("SELECT e.id FROM events e WHERE e.ends_at <= {}", now_millis(backend));
        let needed_no_more = format!("(t.status <> 'VALID' OR t.event_id IN ({over}))");
        take_names_off(&tx, &needed_no_more, [person.uuid().into()]).await?;
        let sql = format!(
            "INSERT INTO names_to_forget (person_id, event_id, look_at) SELECT DISTINCT t.owner_id, t.event_id, e.ends_at \
             FROM tickets t JOIN events e ON e.id = t.event_id WHERE t.owner_id = $1 AND {NAMED} ON CONFLICT DO NOTHING"
        );
        execute(&tx, DOING, sql, [person.uuid().into()]).await?;
        tx.commit().await.map_err(faulty(DOING))
    }

    async fn forget_next_names(&self) -> Result<bool, Fault> {
        let tx = self.database.begin().await.map_err(faulty(DOING))?;
        let backend = tx.get_database_backend();
        let now = now_millis(backend);
        let sql = format!(
            "SELECT person_id, event_id FROM names_to_forget WHERE look_at <= {now} \
             ORDER BY look_at, person_id, event_id LIMIT 1{}",
            for_update(backend)
        );
        let due = one(&tx, DOING, sql, [], |row| Ok((row.id("person_id")?, row.id("event_id")?)));
        let Some((person, event)): Option<(UserId, EventId)> = due.await? else { return Ok(false) };
        let which: [Value; 2] = [person.uuid().into(), event.uuid().into()];
        let sql = format!(
            "UPDATE names_to_forget SET look_at = (SELECT e.ends_at FROM events e WHERE e.id = $2) \
             WHERE person_id = $1 AND event_id = $2 \
             AND EXISTS (SELECT 1 FROM events e WHERE e.id = $2 AND e.ends_at > {now})"
        );
        if execute(&tx, DOING, sql, which.clone()).await? == 0 {
            take_names_off(&tx, "t.event_id = $2", which.clone()).await?;
            let sql = "DELETE FROM names_to_forget WHERE person_id = $1 AND event_id = $2";
            execute(&tx, DOING, sql, which).await?;
        }
        tx.commit().await.map_err(faulty(DOING))?;
        Ok(true)
    }
}

#[async_trait]
impl ErasingReads for SeaReads {
    async fn has_orders_under_way(&self, buyer: UserId) -> Result<bool, Fault> {
        let sql = format!(
            "SELECT o.id FROM orders o WHERE o.buyer_id = $1 AND ({UNDER_WAY} OR EXISTS \
             (SELECT 1 FROM refunds r WHERE r.order_id = o.id AND r.ended_at IS NULL)) LIMIT 1"
        );
        let found = one(
            &self.database.reads,
            "looking for orders that are under way",
            sql,
            [buyer.uuid().into()],
            |row| row.get::<uuid::Uuid>("id"),
        );
        Ok(found.await?.is_some())
    }

    async fn open_reservations_of(&self, buyer: UserId) -> Result<Vec<ReservationId>, Fault> {
        let sql =
            "SELECT id FROM reservations WHERE buyer_id = $1 AND holding AND status = 'ACTIVE' ORDER BY id";
        let doing = "looking for what is set aside for somebody";
        all(&self.database.reads, doing, sql, [buyer.uuid().into()], |row| row.id("id")).await
    }
}
