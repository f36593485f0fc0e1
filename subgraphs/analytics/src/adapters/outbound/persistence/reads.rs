use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::events::EventStatus;
use kernel::{EventId, Fault, Id, Result, from_millis, to_millis};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IsolationLevel, QueryFilter, QueryOrder,
    QuerySelect, TransactionTrait,
};
use service::{Database, database::fault, soon::soon};

use super::rows::{event, event_sales, quarter_sales, ticket_type_sales};
use crate::domain::{
    entities::{EventCopy, Figures, QuarterSales, Report, TicketTypeReport, TicketTypeSales},
    ports::Reads,
};

/// Reads totals from SQLite or PostgreSQL.
#[derive(Clone)]
pub struct SeaReads {
    /// Where.
    pub database: Database,
}

impl SeaReads {
    /// A transaction that sees one moment.
    async fn moment(&self) -> Result<DatabaseTransaction, DbErr> {
        let reads = &self.database.reads;
        match reads.get_database_backend() {
            DbBackend::Postgres => reads.begin_with_config(Some(IsolationLevel::RepeatableRead), None).await,
            _ => reads.begin().await,
        }
    }
}

#[async_trait]
impl Reads for SeaReads {
    async fn event_soon(&self, id: EventId) -> Result<Option<EventCopy>> {
        soon(id, || self.event(id)).await
    }

    async fn event(&self, id: EventId) -> Result<Option<EventCopy>> {
        let row = event::Entity::find_by_id(id.uuid()).one(&self.database.reads).await;
        let Some(row) = row.map_err(fault("reading an event"))? else { return Ok(None) };
        Ok(Some(EventCopy {
            id,
            version: row.version,
            organization: Id::from_uuid(row.organization_id),
            status: EventStatus::from_name(&row.status)
                .ok_or_else(|| Fault::broken_rule(format!("unknown status of an event {}", row.status)))?,
            public: row.public,
            timezone: row.timezone.parse()?,
            currency: row.currency.parse()?,
        }))
    }

    async fn report(&self, event: &EventCopy) -> Result<Report> {
        let moment = self.moment().await.map_err(fault("beginning to read sales"))?;
        let totals = event_sales::Entity::find_by_id(event.id.uuid()).one(&moment).await;
        let totals = totals.map_err(fault("reading sales"))?;
        let types = ticket_type_sales::Entity::find()
            .filter(ticket_type_sales::Column::EventId.eq(event.id.uuid()))
            // One that was only heard of at the door has no name yet; its sale is on its way.
            .filter(ticket_type_sales::Column::Name.is_not_null())
            .order_by_asc(ticket_type_sales::Column::TicketTypeId)
            .all(&moment)
            .await
            .map_err(fault("reading sales by ticket type"))?;
        moment.commit().await.map_err(fault("reading sales"))?;
        let mut report = Report {
            event: *event,
            revision: 0,
            capacity: 0,
            figures: Figures::default(),
            by_type: types.into_iter().map(ticket_type).collect(),
        };
        if let Some(row) = totals {
            if row.currency.as_ref().is_some_and(|currency| currency != event.currency.code()) {
                let what =
                    format!("event {} in {} has sales in {:?}", event.id, event.currency, row.currency);
                return Err(Fault::broken_rule(what).into());
            }
            report.revision = row.revision;
            report.capacity = row.capacity;
            report.figures = figures(&row);
        }
        Ok(report)
    }

    async fn revision(&self, event: EventId) -> Result<i64> {
        let revision = event_sales::Entity::find_by_id(event.uuid())
            .select_only()
            .column(event_sales::Column::Revision)
            .into_tuple::<i64>()
            .one(&self.database.reads)
            .await
            .map_err(fault("reading a revision"))?;
        Ok(revision.unwrap_or(0))
    }

    async fn selling_time(&self, event: EventId) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
        let span = quarter_sales::Entity::find()
            .select_only()
            .column_as(quarter_sales::Column::At.min(), "first")
            .column_as(quarter_sales::Column::At.max(), "last")
            .filter(quarter_sales::Column::EventId.eq(event.uuid()))
            .into_tuple::<(Option<i64>, Option<i64>)>()
            .one(&self.database.reads)
            .await
            .map_err(fault("reading when sales were made"))?;
        Ok(span.and_then(|(first, last)| Some((from_millis(first?), from_millis(last?)))))
    }

    async fn quarters(
        &self,
        event: EventId,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<(DateTime<Utc>, QuarterSales)>> {
        let rows = quarter_sales::Entity::find()
            .filter(quarter_sales::Column::EventId.eq(event.uuid()))
            .filter(quarter_sales::Column::At.gte(to_millis(from)))
            .filter(quarter_sales::Column::At.lt(to_millis(until)))
            .order_by_asc(quarter_sales::Column::At)
            .all(&self.database.reads)
            .await
            .map_err(fault("reading sales by time"))?;
        let sold = |row: quarter_sales::Model| {
            (from_millis(row.at), QuarterSales { tickets: row.tickets, revenue: row.revenue })
        };
        Ok(rows.into_iter().map(sold).collect())
    }
}

fn figures(row: &event_sales::Model) -> Figures {
    Figures {
        gross: row.gross,
        fees: row.fees,
        refunded: row.refunded,
        tickets_sold: row.tickets_sold,
        tickets_refunded: row.tickets_refunded,
        checked_in: row.checked_in,
        holds: row.holds,
        checkouts: row.checkouts,
        paid: row.paid,
        expired: row.expired,
        declined: row.declined,
    }
}

fn ticket_type(row: ticket_type_sales::Model) -> TicketTypeReport {
    TicketTypeReport {
        id: Id::from_uuid(row.ticket_type_id),
        name: row.name.unwrap_or_default(),
        sales: TicketTypeSales {
            sold: row.sold,
            revenue: row.revenue,
            refunded: row.refunded,
            checked_in: row.checked_in,
        },
    }
}
