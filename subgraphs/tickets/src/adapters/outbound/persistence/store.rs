use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    events::{EventChanged, LayoutDefined},
    users::MembershipChanged,
};
use kernel::{EventId, Fault, Id, LayoutId, OrderId, ReservationId, TicketId, UserId};
use messaging::{Bus, Outbox, inbox, outbox};
use metrics::Counter;
use sea_orm::DatabaseTransaction;
use service::{Database, Memberships, database};
use uuid::Uuid;

use super::{
    called_off, catalogue, inventory, orders, reservations,
    sql::{execute, faulty, millis, one},
    tickets,
};
use crate::domain::{
    entities::{House, Inventory, Order, Reservation, Ticket, TicketType},
    ports::{Answered, CalledOff, Scan, SoldEvent, Store, Tx},
};

/// The consumer's name in the inbox.
pub(crate) const CONSUMER: &str = "tickets";

/// Where news of an event's seat map is announced.
pub(crate) fn seats_topic(event: EventId) -> String {
    format!("odysseus.live.seats.{event}")
}

/// Where news of an order is announced.
pub(crate) fn order_topic(order: OrderId) -> String {
    format!("odysseus.live.orders.{order}")
}

/// Plans never change: once read, they stay in memory.
#[derive(Clone, Default)]
pub(crate) struct Houses(Arc<RwLock<HashMap<LayoutId, Arc<House>>>>);

impl Houses {
    pub(super) fn get(&self, id: LayoutId) -> Option<Arc<House>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    pub(super) fn keep(&self, house: Arc<House>) -> Arc<House> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(house.layout(), house.clone());
        house
    }
}

/// The store over SeaORM.
#[derive(Clone)]
pub(crate) struct SeaStore {
    pub(crate) database: Database,
    pub(crate) outbox: Outbox,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) houses: Houses,
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, Fault> {
        let transaction = self.database.begin().await.map_err(faulty("beginning a transaction"))?;
        let now = database::now(&transaction).await.map_err(faulty("asking for the time"))?;
        let (news, counted) = (BTreeSet::new(), Vec::new());
        Ok(Box::new(SeaTx { transaction, now, news, counted, store: self.clone() }))
    }

    async fn forget_answers(&self, before: DateTime<Utc>, limit: u64) -> Result<u64, Fault> {
        let forget = format!(
            "DELETE FROM idempotency_keys WHERE (by_user, operation, key) IN \
             (SELECT by_user, operation, key FROM idempotency_keys WHERE at < $1 ORDER BY at LIMIT {limit})"
        );
        execute(&self.database.writes, "forgetting idempotency keys", forget, [millis(before)]).await
    }

    async fn set_aside(&self, order: OrderId, rest: Duration) -> Result<(), Fault> {
        let now = database::now_millis(self.database.writes.get_database_backend());
        let later = format!(
            "UPDATE orders SET deadline = {now} + {} WHERE id = $1 AND deadline IS NOT NULL",
            rest.as_millis()
        );
        execute(&self.database.writes, "setting an order aside", later, [order.uuid().into()]).await.map(drop)
    }
}

pub(super) struct SeaTx {
    pub(super) transaction: DatabaseTransaction,
    pub(super) now: DateTime<Utc>,
    /// What is announced after the commit.
    pub(super) news: BTreeSet<String>,
    /// What is counted after the commit.
    pub(super) counted: Vec<Counter>,
    pub(super) store: SeaStore,
}

impl SeaTx {
    pub(super) async fn publish(&self, announcements: Vec<Announcement>) -> Result<(), Fault> {
        outbox::append(&self.transaction, announcements, self.now)
            .await
            .map_err(faulty("writing to the outbox"))
    }
}

#[async_trait]
impl Tx for SeaTx {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    async fn first_time(&mut self, message: Uuid) -> Result<bool, Fault> {
        inbox::first_time(&self.transaction, CONSUMER, message, self.now)
            .await
            .map_err(faulty("writing to the inbox"))
    }

    async fn answered(&mut self, by: UserId, operation: &str, key: &str) -> Result<Option<Answered>, Fault> {
        one(
            &self.transaction,
            "reading an idempotency key",
            "SELECT fingerprint, made FROM idempotency_keys WHERE by_user = $1 AND operation = $2 AND key = $3",
            [by.uuid().into(), operation.into(), key.into()],
            |row| Ok(Answered { fingerprint: row.get("fingerprint")?, made: row.get("made")? }),
        )
        .await
    }

    async fn remember(
        &mut self,
        by: UserId,
        operation: &str,
        key: &str,
        answer: Answered,
    ) -> Result<(), Fault> {
        let inserted = execute(
            &self.transaction,
            "keeping an idempotency key",
            "INSERT INTO idempotency_keys (by_user, operation, key, fingerprint, made, at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            [
                by.uuid().into(),
                operation.into(),
                key.into(),
                answer.fingerprint.into(),
                answer.made.into(),
                millis(self.now),
            ],
        )
        .await?;
        if inserted == 1 {
            Ok(())
        } else {
            // The same key is being answered for another thing at this moment; a retry finds that answer.
            Err(Fault::passing("keeping an idempotency key", "it is in use by another request"))
        }
    }

    async fn learn_layout(&mut self, plan: LayoutDefined) -> Result<(), Fault> {
        catalogue::learn_layout(self, plan).await
    }

    async fn learn_event(&mut self, told: &EventChanged) -> Result<bool, Fault> {
        catalogue::learn_event(self, told).await
    }

    async fn learn_membership(&mut self, told: &MembershipChanged) -> Result<(), Fault> {
        Memberships::note(&self.transaction, told).await
    }

    async fn note_called_off(&mut self, event: EventId, reason: Option<&str>) -> Result<(), Fault> {
        called_off::note(self, event, reason).await
    }

    async fn next_called_off(&mut self, limit: u64) -> Result<Option<CalledOff>, Fault> {
        called_off::next(self, limit).await
    }

    async fn told_of_called_off(&mut self, event: EventId, through: Option<OrderId>) -> Result<(), Fault> {
        called_off::told(self, event, through).await
    }

    async fn inventory(&mut self, event: EventId, seats: &[u32]) -> Result<Option<Inventory>, Fault> {
        inventory::load(self, event, seats).await
    }

    async fn more_seats(&mut self, inventory: &mut Inventory, seats: &[u32]) -> Result<(), Fault> {
        let more = inventory::seats(self, inventory.event().id, seats).await?;
        inventory.add_seats(more);
        Ok(())
    }

    async fn save_inventory(&mut self, inventory: &mut Inventory) -> Result<(), Fault> {
        inventory::save(self, inventory).await
    }

    async fn lay_out(&mut self, event: EventId, house: &House) -> Result<(), Fault> {
        inventory::lay_out(self, event, house).await
    }

    async fn sold_event(&mut self, event: EventId) -> Result<Option<SoldEvent>, Fault> {
        let Some((event, _)) = catalogue::event(&self.transaction, event, "").await? else { return Ok(None) };
        let house = match event.facts.layout_id {
            Some(layout) => catalogue::house(&self.transaction, &self.store.houses, layout).await?,
            None => None,
        };
        let types = catalogue::ticket_types(&self.transaction, event.id).await?;
        Ok(Some(SoldEvent { event, types, house }))
    }

    async fn add_ticket_type(&mut self, ticket_type: &mut TicketType) -> Result<(), Fault> {
        catalogue::add_ticket_type(self, ticket_type).await
    }

    async fn lapsed(&mut self, event: EventId) -> Result<Vec<Reservation>, Fault> {
        reservations::lapsed(self, event).await
    }

    async fn reservation(&mut self, id: ReservationId) -> Result<Option<Reservation>, Fault> {
        reservations::load(&self.transaction, id).await
    }

    async fn save_reservation(&mut self, reservation: &mut Reservation) -> Result<(), Fault> {
        reservations::save(self, reservation).await
    }

    async fn active_reservations(
        &mut self,
        buyer: UserId,
        event: EventId,
    ) -> Result<Vec<Reservation>, Fault> {
        reservations::active(self, buyer, event).await
    }

    async fn order(&mut self, id: OrderId) -> Result<Option<Order>, Fault> {
        orders::lock(self, id).await
    }

    async fn save_order(&mut self, order: &mut Order) -> Result<(), Fault> {
        orders::save(self, order).await
    }

    async fn tickets_of(&mut self, order: OrderId) -> Result<Vec<Ticket>, Fault> {
        let tickets = tickets::of_order(&self.transaction, order).await?;
        Ok(tickets.into_iter().map(Ticket::restore).collect())
    }

    async fn ticket(&mut self, id: TicketId) -> Result<Option<Ticket>, Fault> {
        tickets::lock(self, id).await
    }

    async fn save_ticket(&mut self, ticket: &mut Ticket) -> Result<(), Fault> {
        tickets::save(self, ticket).await
    }

    async fn admitted_by(&mut self, ticket: TicketId, nonce: &str) -> Result<Option<DateTime<Utc>>, Fault> {
        one(
            &self.transaction,
            "reading the door's log",
            "SELECT at FROM scans WHERE ticket_id = $1 AND nonce = $2 AND outcome = 'ADMITTED'",
            [ticket.uuid().into(), nonce.into()],
            |row| row.instant("at"),
        )
        .await
    }

    async fn log_scan(&mut self, scan: Scan<'_>) -> Result<(), Fault> {
        execute(
            &self.transaction,
            "writing the door's log",
            "INSERT INTO scans (id, ticket_id, event_id, by_user, at, outcome, gate, nonce) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                Id::<()>::new().uuid().into(),
                scan.ticket.uuid().into(),
                scan.event.uuid().into(),
                scan.by.uuid().into(),
                millis(self.now),
                scan.outcome.into(),
                scan.gate.into(),
                scan.nonce.into(),
            ],
        )
        .await
        .map(drop)
    }

    async fn tell(&mut self, announcement: Announcement) -> Result<(), Fault> {
        self.publish(vec![announcement]).await
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.transaction.commit().await.map_err(faulty("committing"))?;
        self.store.outbox.wake();
        self.counted.iter().for_each(|counter| counter.increment(1));
        for topic in &self.news {
            // Whoever misses it looks for itself within two seconds.
            if let Err(fault) = self.store.bus.announce(topic, Vec::new()).await {
                tracing::warn!(topic, error = fault.chain(), "live news could not be announced");
            }
        }
        Ok(())
    }
}
