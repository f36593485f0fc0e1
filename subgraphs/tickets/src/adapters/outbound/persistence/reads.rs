use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{
    Cursor, EventId, Fault, Id, LayoutId, OrderId, Page, PageAsk, ReservationId, Result, TicketId,
    TicketTypeId, UserId,
};
use messaging::trace;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, IsolationLevel, TransactionTrait, Value,
};
use service::{Database, database::now_millis, soon::soon};
use tracing::info_span;
use uuid::Uuid;

use super::{
    cache::Houses,
    catalogue, deadlines, inventory, orders, reservations, seat_changes,
    sql::{Row, all, faulty, one},
    tickets,
};
use crate::domain::{
    entities::{
        Claim, House, KnownEvent, OrderStatus, OrderStep, Reservation, SeatChangeLog, SeatStatus,
        SectionCount, TicketSnapshot, TicketType,
    },
    ports::{AvailabilityView, DueOrder, OrderView, Reads, SeatMapView},
};

/// Lists and views over SeaORM.
#[derive(Clone)]
pub(crate) struct SeaReads {
    pub(crate) database: Database,
    pub(crate) houses: Houses,
}

impl SeaReads {
    /// One moment of the database, for views made of several queries.
    async fn moment(&self) -> Result<DatabaseTransaction, Fault> {
        let reads = &self.database.reads;
        let begun = if reads.get_database_backend() == DbBackend::Postgres {
            reads.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await
        } else {
            reads.begin().await
        };
        begun.map_err(faulty("beginning to read"))
    }

    /// Counts as they are at this moment: what has run out is free, tidied up or not.
    async fn counts(
        &self,
        moment: &DatabaseTransaction,
        event: EventId,
    ) -> Result<BTreeMap<String, SectionCount>, Fault> {
        let mut sections = inventory::sections(moment, event).await?;
        let lapsed = format!(
            "SELECT claims FROM reservations WHERE event_id = $1 AND holding AND expires_at <= {}",
            now_millis(moment.get_database_backend())
        );
        let lapsed = all(moment, "reading lapsed claims", lapsed, [event.uuid().into()], |row| {
            row.json::<Vec<Claim>>("claims")
        })
        .await?;
        for claim in lapsed.into_iter().flatten() {
            if let Some(section) = sections.get_mut(&claim.section) {
                section.held = section.held.saturating_sub(claim.quantity);
            }
        }
        Ok(sections)
    }
}

#[async_trait]
impl Reads for SeaReads {
    async fn now(&self) -> Result<DateTime<Utc>, Fault> {
        self.database.now().await
    }

    async fn event(&self, id: EventId) -> Result<Option<KnownEvent>, Fault> {
        Ok(catalogue::event(&self.database.reads, id, "").await?.map(|(event, _)| event))
    }

    async fn event_soon(&self, id: EventId) -> Result<Option<KnownEvent>, Fault> {
        soon(id, || self.event(id)).await
    }

    async fn house(&self, id: LayoutId) -> Result<Option<Arc<House>>, Fault> {
        catalogue::house(&self.database.reads, &self.houses, id).await
    }

    async fn house_soon(&self, id: LayoutId) -> Result<Option<Arc<House>>, Fault> {
        soon(id, || self.house(id)).await
    }

    async fn ticket_types(&self, event: EventId) -> Result<Vec<TicketType>, Fault> {
        catalogue::ticket_types(&self.database.reads, event).await
    }

    async fn ticket_type(&self, id: TicketTypeId) -> Result<Option<TicketType>, Fault> {
        catalogue::ticket_type(&self.database.reads, id).await
    }

    async fn availability(&self, event: EventId) -> Result<AvailabilityView, Fault> {
        let moment = self.moment().await?;
        Ok(AvailabilityView { sections: self.counts(&moment, event).await? })
    }

    async fn seat_map(&self, event: EventId) -> Result<SeatMapView, Fault> {
        let moment = self.moment().await?;
        let version = catalogue::event(&moment, event, "").await?.map_or(0, |(_, version)| version);
        let sql = format!(
            "SELECT number, status FROM seats WHERE event_id = $1 AND status <> 0 AND NOT (status = 1 AND held_until <= {})",
            now_millis(moment.get_database_backend())
        );
        let taken = all(&moment, "reading a seat map", sql, [event.uuid().into()], |row| {
            Ok((row.count("number")?, SeatStatus::from_number(row.get("status")?)?))
        })
        .await?;
        let sections = self.counts(&moment, event).await?;
        Ok(SeatMapView {
            version,
            taken: taken.into_iter().collect(),
            available: sections.into_iter().map(|(key, count)| (key, count.available())).collect(),
        })
    }

    async fn seat_map_version(&self, event: EventId) -> Result<i64, Fault> {
        let sql = "SELECT map_version FROM events WHERE id = $1";
        let version =
            one(&self.database.reads, "reading a seat map's version", sql, [event.uuid().into()], |row| {
                row.get("map_version")
            });
        Ok(version.await?.unwrap_or(0))
    }

    async fn seat_changes(&self, event: EventId, since: i64) -> Result<Option<SeatChangeLog>, Fault> {
        seat_changes::after(&self.database.reads, event, since).await
    }

    async fn reservation(&self, id: ReservationId) -> Result<Option<Reservation>, Fault> {
        reservations::load(&self.database.reads, id).await
    }

    async fn order(&self, id: OrderId) -> Result<Option<OrderView>, Fault> {
        let Some(order) = orders::load(&self.database.reads, id).await? else { return Ok(None) };
        let reservation = self.reservation(order.reservation).await?;
        let reservation = reservation.ok_or_else(|| Fault::broken_rule("an order without reservation"))?;
        Ok(Some(OrderView { order, reservation }))
    }

    async fn history(&self, order: OrderId) -> Result<Vec<OrderStep>, Fault> {
        orders::history(&self.database.reads, order).await
    }

    async fn orders_of(
        &self,
        buyer: UserId,
        status: Option<OrderStatus>,
        ask: &PageAsk,
    ) -> Result<Page<OrderView>> {
        let mut filter = "o.buyer_id = $1".to_owned();
        let mut values: Vec<Value> = vec![buyer.uuid().into()];
        if let Some(status) = status {
            values.push(status.as_str().into());
            filter.push_str(" AND o.status = $2");
        }
        let total = self.count("orders o", &filter, &values).await?;
        page_after(ask, "o.id", &mut filter, &mut values)?;
        let sql = format!(
            "SELECT {} FROM orders o WHERE {filter} ORDER BY o.id DESC LIMIT {}",
            orders::COLUMNS,
            ask.first + 1
        );
        let found = all(&self.database.reads, "reading a buyer's orders", sql, values, orders::read).await?;
        let mut views = Vec::with_capacity(found.len());
        for order in found {
            let reservation = self.reservation(order.reservation).await?;
            let reservation =
                reservation.ok_or_else(|| Fault::broken_rule("an order without reservation"))?;
            views.push(OrderView { order, reservation });
        }
        Ok(Page::of(ask, views, total, |view| view.order.id.to_string()))
    }

    async fn tickets_of(&self, order: OrderId) -> Result<Vec<TicketSnapshot>, Fault> {
        tickets::of_order(&self.database.reads, order).await
    }

    async fn ticket_said(&self, event: EventId, said: &str) -> Result<Option<TicketSnapshot>, Fault> {
        tickets::said(&self.database.reads, event, said).await
    }

    async fn ticket(&self, id: TicketId) -> Result<Option<TicketSnapshot>, Fault> {
        tickets::load(&self.database.reads, id).await
    }

    async fn tickets_of_buyer(
        &self,
        buyer: UserId,
        upcoming: Option<bool>,
        ask: &PageAsk,
    ) -> Result<Page<TicketSnapshot>> {
        let from = "tickets t JOIN orders o ON o.id = t.order_id JOIN events e ON e.id = t.event_id";
        let mut filter = "o.buyer_id = $1".to_owned();
        let mut values: Vec<Value> = vec![buyer.uuid().into()];
        let now = now_millis(self.database.reads.get_database_backend());
        match upcoming {
            Some(true) => filter = format!("{filter} AND e.ends_at > {now}"),
            Some(false) => filter = format!("{filter} AND e.ends_at <= {now}"),
            None => {}
        }
        let total = self.count(from, &filter, &values).await?;
        page_after(ask, "t.id", &mut filter, &mut values)?;
        let sql = format!(
            "SELECT {} FROM {from} WHERE {filter} ORDER BY t.id DESC LIMIT {}",
            tickets::COLUMNS,
            ask.first + 1
        );
        let found =
            all(&self.database.reads, "reading a buyer's tickets", sql, values, tickets::read).await?;
        Ok(Page::of(ask, found, total, |ticket| ticket.id.to_string()))
    }

    async fn due_orders(&self, limit: u64) -> Result<Vec<DueOrder>, Fault> {
        let now = now_millis(self.database.reads.get_database_backend());
        let sql = format!(
            "SELECT id, traceparent FROM orders WHERE deadline IS NOT NULL AND deadline <= {now} ORDER BY deadline LIMIT {limit}"
        );
        all(&self.database.reads, "reading due orders", sql, [], |row| {
            let order = row.id("id")?;
            let kept: Option<String> = row.get("traceparent")?;
            let span = info_span!("time out purchase", service = "tickets", %order);
            Ok(DueOrder { order, span: trace::continued(span, kept.as_deref()) })
        })
        .await
    }

    async fn until_next_due_order(&self) -> Result<Option<Duration>, Fault> {
        deadlines::until_next_due_order(&self.database.reads).await
    }

    async fn events_with_lapsed(&self, after: Option<EventId>, limit: u64) -> Result<Vec<EventId>, Fault> {
        deadlines::events_with_lapsed(&self.database.reads, after, limit).await
    }

    async fn until_next_lapse(&self) -> Result<Option<Duration>, Fault> {
        deadlines::until_next_lapse(&self.database.reads).await
    }
}

impl SeaReads {
    async fn count(&self, from: &str, filter: &str, values: &[Value]) -> Result<u64, Fault> {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM {from} WHERE {filter}");
        let count =
            one(&self.database.reads, "counting", sql, values.to_vec(), |row: &Row| row.sum("n")).await?;
        Ok(count.unwrap_or(0))
    }
}

/// Goes on after the item whose id the cursor holds; ids sort by the time they were made.
fn page_after(ask: &PageAsk, column: &str, filter: &mut String, values: &mut Vec<Value>) -> Result<()> {
    if let Some(cursor) = &ask.after {
        let id: Id<()> = cursor.key().parse().map_err(|_| Cursor::wrong())?;
        values.push(Uuid::into(id.uuid()));
        *filter = format!("{filter} AND {column} < ${}", values.len());
    }
    Ok(())
}
