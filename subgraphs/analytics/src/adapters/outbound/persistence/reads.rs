use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::events::EventStatus;
use kernel::{EventId, Fault, Id, Result, from_millis, to_millis};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IsolationLevel, QueryFilter,
    QueryOrder, QuerySelect, TransactionTrait, prelude::Uuid,
};
use service::{Database, database::fault, soon::soon};

use super::rows::{event, event_sales, quarter_sales, ticket_type_sales};
use crate::domain::{
    entities::{EventCopy, Figures, QuarterSales, Report, TicketTypeReport, TicketTypeSales},
    ports::{Quarter, Reads},
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
        Ok(self.events(&[id]).await?.pop())
    }

    async fn events(&self, ids: &[EventId]) -> Result<Vec<EventCopy>> {
        let rows = event::Entity::find()
            .filter(event::Column::EventId.is_in(ids.iter().map(|id| id.uuid())))
            .all(&self.database.reads)
            .await
            .map_err(fault("reading events"))?;
        Ok(rows.iter().map(copy).collect::<Result<_, _>>()?)
    }

    async fn reports(&self, events: &[EventCopy]) -> Result<Vec<Report>> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.id.uuid()).collect();
        let moment = self.moment().await.map_err(fault("beginning to read sales"))?;
        let totals = event_sales::Entity::find()
            .filter(event_sales::Column::EventId.is_in(ids.iter().copied()))
            .all(&moment)
            .await
            .map_err(fault("reading sales"))?;
        let types = ticket_type_sales::Entity::find()
            .filter(ticket_type_sales::Column::EventId.is_in(ids))
            // One that was only heard of at the door has no name yet; its sale is on its way.
            .filter(ticket_type_sales::Column::Name.is_not_null())
            .order_by_asc(ticket_type_sales::Column::TicketTypeId)
            .all(&moment)
            .await
            .map_err(fault("reading sales by ticket type"))?;
        moment.commit().await.map_err(fault("reading sales"))?;
        let totals: HashMap<Uuid, _> = totals.into_iter().map(|row| (row.event_id, row)).collect();
        let mut by_event: HashMap<Uuid, Vec<_>> = HashMap::new();
        for row in types {
            by_event.entry(row.event_id).or_default().push(ticket_type(row));
        }
        let report = |event: &EventCopy| {
            let by_type = by_event.get(&event.id.uuid()).cloned().unwrap_or_default();
            report(event, totals.get(&event.id.uuid()), by_type)
        };
        Ok(events.iter().map(report).collect::<Result<_, _>>()?)
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

    async fn selling_times(
        &self,
        events: &[EventId],
    ) -> Result<HashMap<EventId, (DateTime<Utc>, DateTime<Utc>)>> {
        let spans = quarter_sales::Entity::find()
            .select_only()
            .column(quarter_sales::Column::EventId)
            .column_as(quarter_sales::Column::At.min(), "first")
            .column_as(quarter_sales::Column::At.max(), "last")
            .filter(quarter_sales::Column::EventId.is_in(events.iter().map(|event| event.uuid())))
            .group_by(quarter_sales::Column::EventId)
            .into_tuple::<(Uuid, i64, i64)>()
            .all(&self.database.reads)
            .await
            .map_err(fault("reading when sales were made"))?;
        let span = |(event, first, last)| (Id::from_uuid(event), (from_millis(first), from_millis(last)));
        Ok(spans.into_iter().map(span).collect())
    }

    async fn quarters(&self, asked: &[(EventId, DateTime<Utc>, DateTime<Utc>)]) -> Result<Vec<Quarter>> {
        let of_event = |(event, from, until): &(EventId, DateTime<Utc>, DateTime<Utc>)| {
            Condition::all()
                .add(quarter_sales::Column::EventId.eq(event.uuid()))
                .add(quarter_sales::Column::At.gte(to_millis(*from)))
                .add(quarter_sales::Column::At.lt(to_millis(*until)))
        };
        let rows = quarter_sales::Entity::find()
            .filter(asked.iter().map(of_event).fold(Condition::any(), Condition::add))
            .all(&self.database.reads)
            .await
            .map_err(fault("reading sales by time"))?;
        let quarter = |row: quarter_sales::Model| Quarter {
            event: Id::from_uuid(row.event_id),
            at: from_millis(row.at),
            sold: QuarterSales { tickets: row.tickets, revenue: row.revenue },
        };
        Ok(rows.into_iter().map(quarter).collect())
    }
}

fn copy(row: &event::Model) -> Result<EventCopy, Fault> {
    Ok(EventCopy {
        id: Id::from_uuid(row.event_id),
        version: row.version,
        organization: Id::from_uuid(row.organization_id),
        status: EventStatus::from_name(&row.status)
            .ok_or_else(|| Fault::broken_rule(format!("unknown status of an event {}", row.status)))?,
        public: row.public,
        timezone: row.timezone.parse()?,
        currency: row.currency.parse()?,
    })
}

fn report(
    event: &EventCopy,
    totals: Option<&event_sales::Model>,
    by_type: Vec<TicketTypeReport>,
) -> Result<Report, Fault> {
    let mut report = Report { event: *event, revision: 0, capacity: 0, figures: Figures::default(), by_type };
    if let Some(row) = totals {
        if row.currency.as_ref().is_some_and(|currency| currency != event.currency.code()) {
            let what = format!("event {} in {} has sales in {:?}", event.id, event.currency, row.currency);
            return Err(Fault::broken_rule(what));
        }
        report.revision = row.revision;
        report.capacity = row.capacity;
        report.figures = figures(row);
    }
    Ok(report)
}

fn figures(row: &event_sales::Model) -> Figures {
    Figures {
        gross: row.gross,
        fees: row.fees,
        refunded: row.refunded,
        returned: row.returned,
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
