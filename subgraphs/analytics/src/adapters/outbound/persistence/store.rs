use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use contracts::{
    tickets::{InventoryOpened, SoldLine, TicketCheckedIn, TicketTypeChanged},
    users::MembershipChanged,
};
use kernel::{EventId, Id, OrderId, ReservationId, Result, to_millis};
use messaging::inbox;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, Statement,
};
use service::{
    Database, Memberships,
    database::{Write, Writes, fault},
};
use uuid::Uuid;

use super::{
    order_rows::{self, known},
    reservation_rows,
    rows::{check_in, order_line, refund},
    totals::{self, Totals},
};
use crate::{
    adapters::outbound::Announcements,
    domain::{
        entities::{EventCopy, Figures, Order, Reservation, Sales, TicketTypeSales},
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
    /// Who is told of what was committed.
    pub announcements: Announcements,
}

#[async_trait]
impl Store for SeaStore {
    async fn begin_handling(&self, message: Uuid) -> Result<Option<Box<dyn Tx>>> {
        let transaction = self.database.begin().await.map_err(fault("beginning to take note"))?;
        let noted = inbox::noted(&transaction, CONSUMER, message).await.map_err(fault("noting a message"))?;
        let begun = noted.map(|_| SeaTx {
            transaction,
            announcements: self.announcements.clone(),
            changed: BTreeSet::new(),
            writes: Writes::default(),
            totals: Totals::default(),
        });
        Ok(begun.map(|tx| Box::new(tx) as Box<dyn Tx>))
    }
}

struct SeaTx {
    transaction: DatabaseTransaction,
    announcements: Announcements,
    /// The events whose report is changed by this transaction.
    changed: BTreeSet<EventId>,
    /// What is sent before the commit, together.
    writes: Writes,
    /// What is written last of it.
    totals: Totals,
}

impl SeaTx {
    fn add(&mut self, event: EventId, news: &Sales) -> Result<()> {
        if !news.is_nothing() {
            self.totals.add(event, news)?;
            self.changed.insert(event);
        }
        Ok(())
    }

    async fn write(&mut self, write: Write) -> Result<()> {
        Ok(self.writes.add(write, &self.transaction).await?)
    }

    async fn read_order(&self, id: OrderId, event: EventId, to_issue: bool) -> Result<Order> {
        let row = order_rows::lock(&self.transaction, id, event).await?;
        let issued = row.issued_at.is_some();
        let mut lines = Vec::new();
        if issued {
            lines = order_line::Entity::find()
                .filter(order_line::Column::OrderId.eq(id.uuid()))
                .all(&self.transaction)
                .await
                .map_err(fault("reading an order's lines"))?;
        }
        let mut refunds = Vec::new();
        if issued || to_issue {
            refunds = refund::Entity::find()
                .filter(refund::Column::OrderId.eq(id.uuid()))
                .all(&self.transaction)
                .await
                .map_err(fault("reading an order's refunds"))?;
        }
        let event = Id::from_uuid(row.event_id);
        Ok(Order::restore(id, event, order_rows::facts(row, &lines, refunds)?))
    }
}

#[async_trait]
impl Tx for SeaTx {
    async fn order(&mut self, id: OrderId, event: EventId) -> Result<Order> {
        self.read_order(id, event, false).await
    }

    async fn order_to_issue(&mut self, id: OrderId, event: EventId) -> Result<Order> {
        self.read_order(id, event, true).await
    }

    async fn save_order(&mut self, order: &mut Order) -> Result<()> {
        for write in order_rows::changes(self.transaction.get_database_backend(), order) {
            self.write(write.of(order.id().uuid())).await?;
        }
        let news = order.count()?;
        self.add(order.event(), &news)
    }

    async fn reservation(&mut self, id: ReservationId, event: EventId) -> Result<Reservation> {
        Ok(reservation_rows::lock(&self.transaction, id, event).await?)
    }

    async fn save_reservation(&mut self, reservation: &mut Reservation) -> Result<()> {
        if let Some(write) = reservation_rows::change(reservation) {
            self.write(write).await?;
        }
        let news = reservation.count()?;
        self.add(reservation.event(), &news)
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
        self.add(fact.event_id, &news)
    }

    async fn note_event(&mut self, event: &EventCopy) -> Result<()> {
        let upsert = Statement::from_sql_and_values(
            self.transaction.get_database_backend(),
            "INSERT INTO events (event_id, version, organization_id, status, public, timezone, currency) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (event_id) DO UPDATE SET version = excluded.version, \
               organization_id = excluded.organization_id, status = excluded.status, \
               public = excluded.public, timezone = excluded.timezone, currency = excluded.currency \
             WHERE events.version < excluded.version",
            [
                event.id.uuid().into(),
                event.version.into(),
                event.organization.uuid().into(),
                event.status.as_str().into(),
                event.public.into(),
                event.timezone.name().into(),
                event.currency.code().into(),
            ],
        );
        let noted = self.transaction.execute_raw(upsert).await.map_err(fault("noting an event"))?;
        if noted.rows_affected() > 0 {
            self.changed.insert(event.id);
        }
        Ok(())
    }

    async fn note_ticket_type(&mut self, fact: &TicketTypeChanged) -> Result<()> {
        self.changed.insert(fact.event_id);
        self.totals.add(fact.event_id, &Sales::default())?;
        self.totals.name(fact.event_id, fact.ticket_type_id, fact.version, &fact.name);
        Ok(())
    }

    async fn name_ticket_type(&mut self, event: EventId, line: &SoldLine) -> Result<()> {
        // Version 0: whatever `tickets` says of the type itself knows better.
        self.totals.name(event, line.ticket_type_id, 0, &line.name);
        Ok(())
    }

    async fn note_capacity(&mut self, fact: &InventoryOpened) -> Result<()> {
        self.changed.insert(fact.event_id);
        self.write(totals::capacity(fact.event_id, fact.capacity)).await
    }

    async fn note_membership(&mut self, fact: &MembershipChanged) -> Result<()> {
        Ok(Memberships::note(&self.transaction, fact).await?)
    }

    async fn commit(mut self: Box<Self>) -> Result<()> {
        for write in std::mem::take(&mut self.totals).writes() {
            self.write(write).await?;
        }
        self.writes.send(&self.transaction).await?;
        self.transaction.commit().await.map_err(fault("committing what was heard"))?;
        for event in self.changed {
            self.announcements.changed(event).await;
        }
        Ok(())
    }
}
