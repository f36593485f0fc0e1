use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::purchase::PurchaseStep;
use kernel::{
    EventId, Fault, LayoutId, Money, OrderId, Page, PageAsk, PromoCodeId, RefundId, ReservationId, Result,
    SagaId, TicketId, TicketTypeId, UserId,
};
use saga::{Progress, Running};
use sea_orm::{AccessMode, DatabaseTransaction, DbBackend, IsolationLevel, TransactionTrait, Value};
use service::{
    Database,
    database::{Gathered, now_millis},
    soon::soon,
};

use super::{
    cache::Houses,
    cancellations, catalogue, contacts, deadlines, moves, orders, promo_codes, refunds, reservations,
    seat_changes, seat_maps,
    sql::{Row, all, among_ids, faulty, ids, one},
    stock, tickets, why_blocked,
};
use crate::domain::{
    entities::{
        AvailabilityLevel, Contact, House, KnownEvent, OrderStatus, OrderStep, PromoCode, Reservation,
        SeatChangeLog, TicketSnapshot, TicketType,
    },
    ports::{
        AvailabilityView, CancellationView, OnlyReservations, OrderView, Reads, SeatMapStamp, SeatMapView,
    },
    sagas::cancellation::Cancellation,
};

/// Lists and views over SeaORM.
#[derive(Clone)]
pub(crate) struct SeaReads {
    pub(super) database: Database,
    houses: Houses,
    /// Orders by themselves: whoever pays follows theirs, and each change of one is looked at.
    orders: Gathered<OrderId, OrderView>,
    /// The same with their purchases: whoever was asked answers many at a time.
    purchases: Gathered<OrderId, (OrderView, Progress<PurchaseStep>)>,
}

impl SeaReads {
    pub(crate) fn new(database: Database, houses: Houses) -> Self {
        let reads = database.reads.clone();
        let orders = Gathered::new(move |ids: Vec<OrderId>| {
            let reads = reads.clone();
            Box::pin(async move {
                let found = orders::load(&reads, &ids).await?;
                Ok(found.into_iter().map(|view| (view.order.id, view)).collect())
            })
        });
        let reads = database.reads.clone();
        let purchases = Gathered::new(move |ids: Vec<OrderId>| {
            let reads = reads.clone();
            Box::pin(async move {
                let found = orders::purchases(&reads, &ids).await?;
                Ok(found.into_iter().map(|found| (found.0.order.id, found)).collect())
            })
        });
        Self { database, houses, orders, purchases }
    }

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
}

#[async_trait]
impl Reads for SeaReads {
    async fn now(&self) -> Result<DateTime<Utc>, Fault> {
        self.database.now().await
    }

    async fn events(&self, ids: &[EventId]) -> Result<Vec<KnownEvent>, Fault> {
        catalogue::events(&self.database.reads, ids).await
    }

    async fn events_soon(&self, ids: &[EventId]) -> Result<Vec<KnownEvent>, Fault> {
        let found = self.events(ids).await?;
        // Ids sort by the time they were made: when the youngest has come, so have the others.
        let Some(youngest) = ids.iter().filter(|id| found.iter().all(|known| known.id != **id)).max() else {
            return Ok(found);
        };
        let look = || async {
            let found = self.events(ids).await?;
            Ok::<_, Fault>(found.iter().any(|known| known.id == *youngest).then_some(found))
        };
        match soon(*youngest, look).await? {
            Some(found) => Ok(found),
            None => self.events(ids).await, // others may have come meanwhile
        }
    }

    async fn house(&self, id: LayoutId) -> Result<Option<Arc<House>>, Fault> {
        catalogue::house(&self.database.reads, &self.houses, id).await
    }

    async fn house_soon(&self, id: LayoutId) -> Result<Option<Arc<House>>, Fault> {
        soon(id, || self.house(id)).await
    }

    async fn houses(&self, ids: &[LayoutId]) -> Result<Vec<Arc<House>>, Fault> {
        catalogue::houses(&self.database.reads, &self.houses, ids).await
    }

    async fn ticket_types_of(&self, events: &[EventId]) -> Result<Vec<TicketType>, Fault> {
        catalogue::ticket_types(&self.database.reads, "event_id", events).await
    }

    async fn ticket_types_by_id(&self, ids: &[TicketTypeId]) -> Result<Vec<TicketType>, Fault> {
        catalogue::ticket_types(&self.database.reads, "id", ids).await
    }

    async fn moved_within(&self, within: Duration) -> Result<Vec<EventId>, Fault> {
        stock::moved_within(&self.database.reads, within).await
    }

    async fn stock_told(&self, events: &[EventId]) -> Result<HashMap<EventId, AvailabilityLevel>, Fault> {
        stock::told(&self.database.reads, events).await
    }

    async fn availabilities(&self, events: &[EventId]) -> Result<HashMap<EventId, AvailabilityView>, Fault> {
        seat_maps::counts(&self.moment().await?, events).await
    }

    async fn seat_maps(&self, events: &[EventId]) -> Result<HashMap<EventId, SeatMapView>, Fault> {
        seat_maps::maps(&self.moment().await?, events).await
    }

    async fn seat_map_stamp(&self, event: EventId) -> Result<SeatMapStamp, Fault> {
        seat_maps::stamp(&self.database.reads, event).await
    }

    async fn why_blocked(
        &self,
        events: &[EventId],
    ) -> Result<HashMap<EventId, BTreeMap<u32, String>>, Fault> {
        why_blocked::of_events(&self.database.reads, events).await
    }

    async fn seat_map_version(&self, event: EventId) -> Result<i64, Fault> {
        seat_changes::version(&self.database.reads, event).await
    }

    async fn seat_changes(&self, event: EventId, since: i64) -> Result<Option<SeatChangeLog>, Fault> {
        seat_changes::after(&self.database.reads, event, since).await
    }

    async fn promo_codes(&self, ids: &[PromoCodeId]) -> Result<Vec<PromoCode>, Fault> {
        promo_codes::load(&self.database.reads, ids).await
    }

    async fn promo_code_named(&self, event: EventId, name: &str) -> Result<Option<PromoCodeId>, Fault> {
        promo_codes::named(&self.database.reads, event, name).await
    }

    async fn promo_codes_of(
        &self,
        events: &[EventId],
        ask: &PageAsk,
        counted: bool,
    ) -> Result<HashMap<EventId, Page<PromoCode>>> {
        promo_codes::pages(&self.database.reads, events, ask, counted).await
    }

    async fn redemptions(&self, codes: &[PromoCodeId]) -> Result<HashMap<PromoCodeId, u32>, Fault> {
        promo_codes::redemptions(&self.database.reads, codes).await
    }

    async fn reservations(&self, ids: &[ReservationId]) -> Result<Vec<Reservation>, Fault> {
        reservations::load(&self.database.reads, ids).await
    }

    async fn reservations_of(
        &self,
        buyer: UserId,
        only: OnlyReservations,
        ask: &PageAsk,
        counted: bool,
    ) -> Result<Page<Reservation>> {
        let now = now_millis(self.database.reads.get_database_backend());
        let mut filter = "r.buyer_id = $1".to_owned();
        let mut values: Vec<Value> = vec![buyer.uuid().into()];
        if let Some(event) = only.event {
            values.push(event.uuid().into());
            filter.push_str(" AND r.event_id = $2");
        }
        if let Some(status) = only.status {
            filter = format!("{filter} AND {}", reservations::stands(status, now));
        }
        let total = if counted { self.count("reservations r", &filter, &values).await? } else { 0 };
        page_after(ask, "r.id", &mut filter, &mut values)?;
        let sql = format!(
            "SELECT {} FROM reservations r WHERE {filter} ORDER BY r.id DESC LIMIT {}",
            reservations::COLUMNS,
            ask.first + 1
        );
        let doing = "reading a buyer's reservations";
        let found = all(&self.database.reads, doing, sql, values, reservations::read).await?;
        Ok(Page::of(ask, found, total, |reservation| reservation.state().id.to_string()))
    }

    async fn orders_of_reservations(
        &self,
        of: &[ReservationId],
    ) -> Result<HashMap<ReservationId, OrderId>, Fault> {
        let backend = self.database.reads.get_database_backend();
        let them = among_ids(backend, "reservation_id", 1, of);
        let sql = format!("SELECT reservation_id, id FROM orders WHERE {them}");
        let found = all(&self.database.reads, "looking for orders", sql, [ids(backend, of)], |row| {
            Ok((row.id("reservation_id")?, row.id("id")?))
        });
        Ok(found.await?.into_iter().collect())
    }

    async fn order(&self, id: OrderId) -> Result<Option<OrderView>, Fault> {
        self.orders.get(id).await
    }

    async fn orders(&self, ids: &[OrderId]) -> Result<Vec<OrderView>, Fault> {
        orders::load(&self.database.reads, ids).await
    }

    async fn contacts_of(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, Contact>, Fault> {
        contacts::of_orders(&self.database.reads, orders).await
    }

    async fn histories(&self, orders: &[OrderId]) -> Result<Vec<(OrderId, OrderStep)>, Fault> {
        orders::histories(&self.database.reads, orders).await
    }

    async fn orders_of(
        &self,
        buyer: UserId,
        status: Option<OrderStatus>,
        ask: &PageAsk,
        counted: bool,
    ) -> Result<Page<OrderView>> {
        let mut filter = "o.buyer_id = $1".to_owned();
        let mut values: Vec<Value> = vec![buyer.uuid().into()];
        if let Some(status) = status {
            values.push(status.as_str().into());
            filter.push_str(" AND o.status = $2");
        }
        let total = if counted { self.count("orders o", &filter, &values).await? } else { 0 };
        page_after(ask, "o.id", &mut filter, &mut values)?;
        let sql = format!(
            "SELECT {} FROM {} WHERE {filter} ORDER BY o.id DESC LIMIT {}",
            orders::view_columns(),
            orders::WITH_RESERVATIONS,
            ask.first + 1
        );
        let found =
            all(&self.database.reads, "reading a buyer's orders", sql, values, orders::read_view).await?;
        Ok(Page::of(ask, found, total, |view| view.order.id.to_string()))
    }

    async fn tickets_of_orders(&self, orders: &[OrderId]) -> Result<Vec<TicketSnapshot>, Fault> {
        tickets::of_orders(&self.database.reads, orders).await
    }

    async fn ticket_said(
        &self,
        event: EventId,
        said: &str,
        nonce: Option<&str>,
    ) -> Result<Option<TicketSnapshot>, Fault> {
        tickets::said(&self.database.reads, event, said, nonce).await
    }

    async fn tickets(&self, ids: &[TicketId]) -> Result<Vec<TicketSnapshot>, Fault> {
        tickets::load(&self.database.reads, ids).await
    }

    async fn tickets_of_owner(
        &self,
        owner: UserId,
        upcoming: Option<bool>,
        ask: &PageAsk,
        counted: bool,
    ) -> Result<Page<TicketSnapshot>> {
        let from = "tickets t JOIN events e ON e.id = t.event_id";
        let mut filter = "t.owner_id = $1".to_owned();
        let mut values: Vec<Value> = vec![owner.uuid().into()];
        let now = now_millis(self.database.reads.get_database_backend());
        match upcoming {
            Some(true) => filter = format!("{filter} AND e.ends_at > {now}"),
            Some(false) => filter = format!("{filter} AND e.ends_at <= {now}"),
            None => {}
        }
        let total = if counted { self.count(from, &filter, &values).await? } else { 0 };
        page_after(ask, "t.id", &mut filter, &mut values)?;
        let sql = format!(
            "SELECT {} FROM {from} WHERE {filter} ORDER BY t.id DESC LIMIT {}",
            tickets::COLUMNS,
            ask.first + 1
        );
        let found =
            all(&self.database.reads, "reading a person's tickets", sql, values, tickets::read).await?;
        Ok(Page::of(ask, found, total, |ticket| ticket.id.to_string()))
    }

    async fn purchase(&self, id: OrderId) -> Result<Option<(OrderView, Progress<PurchaseStep>)>, Fault> {
        self.purchases.get(id).await
    }

    async fn cancellation(&self, event: EventId) -> Result<Option<Running<Cancellation>>, Fault> {
        cancellations::of(&self.database.reads, event, false).await
    }

    async fn refunds_under_way(&self, cancellation: SagaId) -> Result<u64, Fault> {
        cancellations::under_way(&self.database.reads, cancellation).await
    }

    async fn orders_with_tickets(
        &self,
        event: EventId,
        after: Option<OrderId>,
        limit: u64,
    ) -> Result<Vec<OrderId>, Fault> {
        const WITH_TICKETS: [OrderStatus; 2] = [OrderStatus::Completed, OrderStatus::PartiallyRefunded];
        cancellations::orders(&self.database.reads, event, WITH_TICKETS, after, limit).await
    }

    async fn unpaid_orders(
        &self,
        event: EventId,
        after: Option<OrderId>,
        limit: u64,
    ) -> Result<Vec<OrderId>, Fault> {
        const UNPAID: [OrderStatus; 2] = [OrderStatus::AwaitingPayment, OrderStatus::PaymentFailed];
        cancellations::orders(&self.database.reads, event, UNPAID, after, limit).await
    }

    async fn refunds_of_called_off(
        &self,
        events: &[EventId],
    ) -> Result<HashMap<EventId, CancellationView>, Fault> {
        cancellations::views(&self.database.reads, events).await
    }

    async fn refunded_order(&self, refund: RefundId) -> Result<Option<OrderView>, Fault> {
        refunds::order_of(&self.database.reads, refund).await
    }

    async fn given_back(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, Money>, Fault> {
        refunds::given_back(&self.database.reads, orders).await
    }

    async fn is_refund_of_ours(&self, refund: RefundId) -> Result<bool, Fault> {
        refunds::is_known(&self.database.reads, refund).await
    }

    async fn event_with_untold_move(&self) -> Result<Option<EventId>, Fault> {
        moves::untold(&self.database.reads).await
    }

    async fn events_with_lapsed(&self, after: Option<EventId>, limit: u64) -> Result<Vec<EventId>, Fault> {
        deadlines::events_with_lapsed(&self.database.reads, after, limit).await
    }

    async fn until_next_lapse(&self) -> Result<Option<Duration>, Fault> {
        deadlines::until_next_lapse(&self.database.reads).await
    }
}

impl SeaReads {
    pub(super) async fn count(&self, from: &str, filter: &str, values: &[Value]) -> Result<u64, Fault> {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM {from} WHERE {filter}");
        let count =
            one(&self.database.reads, "counting", sql, values.to_vec(), |row: &Row| row.sum("n")).await?;
        Ok(count.unwrap_or(0))
    }
}

/// Goes on after the item whose id the cursor holds; ids sort by the time they were made.
pub(super) fn page_after(
    ask: &PageAsk,
    column: &str,
    filter: &mut String,
    values: &mut Vec<Value>,
) -> Result<()> {
    if let Some(cursor) = &ask.after {
        values.push(cursor.id()?.into());
        *filter = format!("{filter} AND {column} < ${}", values.len());
    }
    Ok(())
}
