use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    tickets::{InventoryOpened, SoldLine, TicketCheckedIn, TicketTypeChanged},
    users::MembershipChanged,
};
use kernel::{Clock, EventId, Fault, Id, OrderId, ReservationId, Result, from_millis, to_millis};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, sea_query::OnConflict,
};
use service::{Database, Memberships, database::fault};
use uuid::Uuid;

use super::{
    order_rows::{facts, rows, small},
    rows::{check_in, order, order_line, refund, reservation},
    totals::{self, execute},
};
use crate::{
    adapters::outbound::Announcements,
    domain::{
        entities::{EventCopy, Figures, Order, Reservation, ReservationFacts, Sales, TicketTypeSales},
        ports::{Store, Tx},
    },
};

/// The durable name under which messages are noted as handled.
const CONSUMER: &str = "analytics";

/// Keeps what was heard in SQLite or PostgreSQL.
#[derive(Clone)]
pub struct SeaStore {
    /// Where.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who is told of what was committed.
    pub announcements: Announcements,
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        let transaction = self.database.begin().await.map_err(fault("beginning to take note"))?;
        Ok(Box::new(SeaTx {
            transaction,
            now: self.clock.now(),
            announcements: self.announcements.clone(),
            changed: BTreeSet::new(),
        }))
    }
}

struct SeaTx {
    transaction: DatabaseTransaction,
    now: DateTime<Utc>,
    announcements: Announcements,
    /// The events whose report is changed by this transaction.
    changed: BTreeSet<EventId>,
}

impl SeaTx {
    async fn add(&mut self, event: EventId, news: &Sales) -> Result<()> {
        if !news.is_nothing() {
            totals::add(&self.transaction, event, news).await?;
            self.changed.insert(event);
        }
        Ok(())
    }
}

#[async_trait]
impl Tx for SeaTx {
    async fn first_time(&mut self, message: Uuid) -> Result<bool> {
        let first = messaging::inbox::first_time(&self.transaction, CONSUMER, message, self.now).await;
        Ok(first.map_err(fault("noting a message"))?)
    }

    async fn order(&mut self, id: OrderId, event: EventId) -> Result<Order> {
        // The row is there before it is locked: whoever comes second waits for whoever came first.
        execute(
            &self.transaction,
            "INSERT INTO orders (order_id, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            vec![id.uuid().into(), event.uuid().into()],
        )
        .await?;
        let row = order::Entity::find_by_id(id.uuid())
            .lock_exclusive()
            .one(&self.transaction)
            .await
            .map_err(fault("reading an order"))?
            .ok_or_else(|| Fault::broken_rule(format!("order {id} vanished")))?;
        let lines = order_line::Entity::find()
            .filter(order_line::Column::OrderId.eq(id.uuid()))
            .all(&self.transaction)
            .await
            .map_err(fault("reading an order's lines"))?;
        let refunds = refund::Entity::find()
            .filter(refund::Column::OrderId.eq(id.uuid()))
            .all(&self.transaction)
            .await
            .map_err(fault("reading an order's refunds"))?;
        let event = Id::from_uuid(row.event_id);
        Ok(Order::restore(id, event, facts(row, &lines, refunds)?)?)
    }

    async fn save_order(&mut self, order: &mut Order) -> Result<()> {
        let (row, lines, refunds) = rows(order);
        order::Entity::update(row.into_active_model().reset_all())
            .exec(&self.transaction)
            .await
            .map_err(fault("keeping an order"))?;
        if !lines.is_empty() {
            order_line::Entity::insert_many(lines)
                .on_conflict(known([order_line::Column::OrderId, order_line::Column::TicketTypeId]))
                .exec_without_returning(&self.transaction)
                .await
                .map_err(fault("keeping an order's lines"))?;
        }
        if !refunds.is_empty() {
            refund::Entity::insert_many(refunds)
                .on_conflict(known([refund::Column::RefundId]))
                .exec_without_returning(&self.transaction)
                .await
                .map_err(fault("keeping an order's refunds"))?;
        }
        let news = order.count()?;
        self.add(order.event(), &news).await
    }

    async fn reservation(&mut self, id: ReservationId, event: EventId) -> Result<Reservation> {
        execute(
            &self.transaction,
            "INSERT INTO reservations (reservation_id, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            vec![id.uuid().into(), event.uuid().into()],
        )
        .await?;
        let row = reservation::Entity::find_by_id(id.uuid())
            .lock_exclusive()
            .one(&self.transaction)
            .await
            .map_err(fault("reading a reservation"))?
            .ok_or_else(|| Fault::broken_rule(format!("reservation {id} vanished")))?;
        let facts = ReservationFacts {
            held_at: row.held_at.map(from_millis),
            quantity: row.quantity.map(i32::unsigned_abs),
            ended_at: row.ended_at.map(from_millis),
            expired: row.expired,
        };
        Ok(Reservation::restore(id, Id::from_uuid(row.event_id), facts))
    }

    async fn save_reservation(&mut self, reservation: &mut Reservation) -> Result<()> {
        let facts = reservation.facts();
        let row = reservation::Model {
            reservation_id: reservation.id().uuid(),
            event_id: reservation.event().uuid(),
            held_at: facts.held_at.map(to_millis),
            quantity: facts.quantity.map(small),
            ended_at: facts.ended_at.map(to_millis),
            expired: facts.expired,
        };
        reservation::Entity::update(row.into_active_model().reset_all())
            .exec(&self.transaction)
            .await
            .map_err(fault("keeping a reservation"))?;
        let news = reservation.count()?;
        self.add(reservation.event(), &news).await
    }

    async fn check_in(&mut self, fact: &TicketCheckedIn) -> Result<()> {
        let row = check_in::Model {
            ticket_id: fact.ticket_id.uuid(),
            event_id: fact.event_id.uuid(),
            order_id: fact.order_id.uuid(),
            ticket_type_id: fact.ticket_type_id.uuid(),
            gate: fact.gate.clone(),
            at: to_millis(fact.at),
        };
        let kept = check_in::Entity::insert(row.into_active_model().reset_all())
            .on_conflict(known([check_in::Column::TicketId]))
            .exec_without_returning(&self.transaction)
            .await
            .map_err(fault("keeping a check-in"))?;
        if kept == 0 {
            return Ok(());
        }
        let by_type = TicketTypeSales { checked_in: 1, ..TicketTypeSales::default() };
        let news = Sales {
            figures: Figures { checked_in: 1, ..Figures::default() },
            by_type: BTreeMap::from([(fact.ticket_type_id, by_type)]),
            ..Sales::default()
        };
        self.add(fact.event_id, &news).await
    }

    async fn note_event(&mut self, event: &EventCopy) -> Result<()> {
        let changed = execute(
            &self.transaction,
            "INSERT INTO events (event_id, version, organization_id, status, public, timezone, currency) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (event_id) DO UPDATE SET version = excluded.version, \
               organization_id = excluded.organization_id, status = excluded.status, \
               public = excluded.public, timezone = excluded.timezone, currency = excluded.currency \
             WHERE events.version < excluded.version",
            vec![
                event.id.uuid().into(),
                event.version.into(),
                event.organization.uuid().into(),
                event.status.as_str().into(),
                event.public.into(),
                event.timezone.name().into(),
                event.currency.code().into(),
            ],
        )
        .await?;
        if changed > 0 {
            self.changed.insert(event.id);
        }
        Ok(())
    }

    async fn note_ticket_type(&mut self, fact: &TicketTypeChanged) -> Result<()> {
        self.changed.insert(fact.event_id);
        totals::add(&self.transaction, fact.event_id, &Sales::default()).await?;
        totals::note_name(&self.transaction, fact.event_id, fact.ticket_type_id, fact.version, &fact.name)
            .await
    }

    async fn name_ticket_type(&mut self, event: EventId, line: &SoldLine) -> Result<()> {
        // Version 0: whatever `tickets` says of the type itself knows better.
        totals::note_name(&self.transaction, event, line.ticket_type_id, 0, &line.name).await
    }

    async fn note_capacity(&mut self, fact: &InventoryOpened) -> Result<()> {
        self.changed.insert(fact.event_id);
        totals::note_capacity(&self.transaction, fact.event_id, fact.capacity).await
    }

    async fn note_membership(&mut self, fact: &MembershipChanged) -> Result<()> {
        Ok(Memberships::note(&self.transaction, fact).await?)
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        self.transaction.commit().await.map_err(fault("committing what was heard"))?;
        for event in self.changed {
            self.announcements.changed(event).await;
        }
        Ok(())
    }
}

/// What is kept already stays as it is.
fn known<C: sea_orm::sea_query::IntoIden>(key: impl IntoIterator<Item = C>) -> OnConflict {
    OnConflict::columns(key).do_nothing().to_owned()
}
