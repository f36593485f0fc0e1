use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    events::{EventChanged, LayoutDefined},
    users::MembershipChanged,
};
use kernel::{EventId, Fault, Id, OrderId, ReservationId, Result, TicketId};
use messaging::{Bus, Outbox, inbox, outbox};
use metrics::Counter;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use service::{
    Database, Memberships,
    database::{self, Write, Writes},
    request,
};
use uuid::Uuid;

use super::{
    cache::{Events, Houses},
    called_off, catalogue, inventory, locking, orders,
    queue::{Queues, Turn},
    reservations,
    sql::{execute, faulty, millis, one},
    tickets,
};
use crate::domain::{
    entities::{House, Inventory, Order, OrderMoney, Reservation, Ticket, TicketType},
    ports::{Answered, CalledOff, Key, Locked, Look, Scan, SoldEvent, Store, Tx},
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

/// The store over SeaORM.
#[derive(Clone)]
pub(crate) struct SeaStore {
    pub(crate) database: Database,
    pub(crate) outbox: Outbox,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) houses: Houses,
    pub(crate) events: Events,
    pub(crate) queues: Queues,
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, Fault> {
        let begun = self.database.begin_at().await.map_err(faulty("beginning a transaction"))?;
        Ok(Box::new(SeaTx::new(self.clone(), begun)))
    }

    async fn begin_on(&self, event: EventId, look: Look<'_>) -> Result<Option<(Box<dyn Tx>, Locked)>> {
        let turn = self.queues.turn(event).await?;
        let transaction = self.database.begin().await.map_err(faulty("beginning a transaction"))?;
        // Its time is that of the lock.
        let mut tx = SeaTx::new(self.clone(), (transaction, DateTime::UNIX_EPOCH));
        tx.turn = Some(turn);
        let locked = tx.lock_event(event, look).await?;
        request::it_is(tx.now);
        Ok(locked.map(|locked| (Box::new(tx) as Box<dyn Tx>, locked)))
    }

    async fn begin_handling(&self, message: Uuid) -> Result<Option<Box<dyn Tx>>, Fault> {
        let transaction = self.database.begin().await.map_err(faulty("beginning a transaction"))?;
        let noted = inbox::noted(&transaction, CONSUMER, message).await;
        let now = noted.map_err(faulty("writing to the inbox"))?;
        Ok(now.map(|now| Box::new(SeaTx::new(self.clone(), (transaction, now))) as Box<dyn Tx>))
    }

    async fn set_called_off_aside(&self, event: EventId, rest: Duration) -> Result<(), Fault> {
        called_off::set_aside(&self.database.writes, event, rest).await
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
    writes: Writes,
    told: Vec<Announcement>,
    locked_order: bool,
    turn: Option<Turn>,
}

impl SeaTx {
    fn new(store: SeaStore, (transaction, now): (DatabaseTransaction, DateTime<Utc>)) -> Self {
        Self {
            transaction,
            now,
            news: BTreeSet::new(),
            counted: Vec::new(),
            store,
            writes: Writes::default(),
            told: Vec::new(),
            locked_order: false,
            turn: None,
        }
    }

    /// Gathers a write. It is sent with others: before the next look, or the commit.
    pub(super) async fn write(&mut self, write: Write) -> Result<(), Fault> {
        self.writes.add(write, &self.transaction).await
    }

    /// Sends what was gathered, so that it is read by what follows.
    async fn send(&mut self) -> Result<(), Fault> {
        self.writes.send(&self.transaction).await
    }

    /// Tells announcements with the commit.
    pub(super) fn publish(&mut self, announcements: Vec<Announcement>) {
        self.told.extend(announcements);
    }
}

#[async_trait]
impl Tx for SeaTx {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    async fn answered(&mut self, key: Key<'_>) -> Result<Option<Answered>, Fault> {
        self.send().await?;
        one(
            &self.transaction,
            "reading an idempotency key",
            "SELECT fingerprint, made FROM idempotency_keys WHERE by_user = $1 AND operation = $2 AND key = $3",
            [key.by.uuid().into(), key.operation.into(), key.key.into()],
            |row| Ok(Answered { fingerprint: row.get("fingerprint")?, made: row.get("made")? }),
        )
        .await
    }

    async fn remember(&mut self, key: Key<'_>, answer: Answered) -> Result<(), Fault> {
        // The same key may be answered for another thing at this moment; a retry finds that answer.
        let write = Write::new(
            "keeping an idempotency key",
            "INSERT INTO idempotency_keys (by_user, operation, key, fingerprint, made, at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            [
                key.by.uuid().into(),
                key.operation.into(),
                key.key.into(),
                answer.fingerprint.into(),
                answer.made.into(),
                millis(self.now),
            ],
        );
        self.write(write.changes(1)).await
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

    async fn lock_event(&mut self, event: EventId, look: Look<'_>) -> Result<Option<Locked>, Fault> {
        debug_assert!(!self.locked_order, "an event is locked before its orders");
        self.send().await?;
        locking::lock(self, event, look).await
    }

    async fn more_seats(&mut self, inventory: &mut Inventory, seats: &[u32]) -> Result<(), Fault> {
        self.send().await?;
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
        self.send().await?;
        let found = catalogue::remembered(&self.transaction, &self.store.events, event).await?;
        let Some((event, remembered)) = found else { return Ok(None) };
        let house = match event.facts.layout_id {
            Some(layout) => catalogue::house(&self.transaction, &self.store.houses, layout).await?,
            None => None,
        };
        let types = remembered.types.iter().cloned().map(TicketType::restore).collect();
        Ok(Some(SoldEvent { event, types, house }))
    }

    async fn add_ticket_type(&mut self, ticket_type: &mut TicketType) -> Result<(), Fault> {
        catalogue::add_ticket_type(self, ticket_type).await
    }

    async fn lapsed(&mut self, event: EventId) -> Result<Vec<Reservation>, Fault> {
        self.send().await?;
        reservations::lapsed(self, event).await
    }

    async fn reservation(&mut self, id: ReservationId) -> Result<Option<Reservation>, Fault> {
        self.send().await?;
        Ok(reservations::load(&self.transaction, &[id]).await?.pop())
    }

    async fn save_reservation(&mut self, reservation: &mut Reservation) -> Result<(), Fault> {
        reservations::save(self, reservation).await
    }

    async fn save_lapsed(&mut self, lapsed: &mut [Reservation]) -> Result<(), Fault> {
        reservations::save_lapsed(self, lapsed).await?;
        // One of them may be saved again, as something else.
        self.send().await
    }

    async fn order(&mut self, id: OrderId) -> Result<Option<Order>, Fault> {
        self.send().await?;
        self.locked_order = true;
        let Some((order, now)) = orders::lock(self, id).await? else { return Ok(None) };
        self.now = now;
        Ok(Some(order))
    }

    async fn save_order(&mut self, order: &mut Order) -> Result<(), Fault> {
        orders::save(self, order).await
    }

    async fn tickets_of(&mut self, order: OrderId) -> Result<Vec<Ticket>, Fault> {
        self.send().await?;
        let tickets = tickets::of_orders(&self.transaction, &[order]).await?;
        Ok(tickets.into_iter().map(Ticket::restore).collect())
    }

    async fn ticket(&mut self, id: TicketId) -> Result<Option<Ticket>, Fault> {
        self.send().await?;
        tickets::lock(self, id).await
    }

    async fn add_tickets(&mut self, tickets: &mut [Ticket]) -> Result<(), Fault> {
        tickets::add(self, tickets).await
    }

    async fn save_ticket(&mut self, ticket: &mut Ticket) -> Result<(), Fault> {
        tickets::save(self, ticket).await
    }

    async fn admitted_by(&mut self, ticket: TicketId, nonce: &str) -> Result<Option<DateTime<Utc>>, Fault> {
        self.send().await?;
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

    async fn order_money(&mut self, order: OrderId) -> Result<OrderMoney, Fault> {
        orders::money(&self.transaction, order).await
    }

    async fn tell(&mut self, announcement: Announcement) -> Result<(), Fault> {
        self.publish(vec![announcement]);
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        let (backend, told) = (self.transaction.get_database_backend(), std::mem::take(&mut self.told));
        let insertions = outbox::insertions(backend, told, self.now);
        for insertion in insertions.map_err(faulty("writing to the outbox"))? {
            let values = insertion.values.map(|values| values.0).unwrap_or_default();
            self.write(Write::new("writing to the outbox", insertion.sql, values)).await?;
        }
        self.send().await?;
        self.transaction.commit().await.map_err(faulty("committing"))?;
        drop(self.turn.take());
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
