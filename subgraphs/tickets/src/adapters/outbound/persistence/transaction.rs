//! A transaction of the store.

mod open;

use std::ops::{Deref, DerefMut};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    events::{EventChanged, LayoutDefined},
    settings::OrganizationSettingsChanged,
    users::MembershipChanged,
};
use kernel::{
    EventId, Fault, Money, OrderId, PromoCodeId, RefundId, ReservationId, Result, SagaId, TicketId,
};
use messaging::inbox;
use metrics::Counter;
use saga::Running;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use service::{Memberships, database::Write};
use tokio::sync::oneshot;
use uuid::Uuid;

pub(super) use self::open::{Gathered, Open};
use super::{
    answers, called_off, cancellations, catalogue, inventory,
    locking::{self, Looks},
    moves, orders, promo_codes, refunds, reservations, settings,
    sql::{faulty, millis},
    stock,
    store::{CONSUMER, SeaStore},
    tickets, why_blocked,
};
use crate::domain::{
    entities::{
        AvailabilityLevel, House, Inventory, Order, OrderMoney, OrderSnapshot, PromoCode, Refund,
        Reservation, Ticket, TicketType, ToldBefore,
    },
    ports::{Answered, CalledOff, Key, Locked, Look, Moved, Scan, SoldEvent, Tx},
    sagas::{cancellation::Cancellation, purchase::Purchase, refund::Refunding},
};

/// A transaction, or one's turn in a transaction that several share: see [`rounds`](super::rounds).
pub(super) struct SeaTx {
    /// Here until it is given back.
    open: Option<Open>,
    /// To whom it is given back, in a round.
    back: Option<oneshot::Sender<Back>>,
    message: Option<Uuid>,
}

/// What comes back from a turn.
pub(super) enum Back {
    /// It stays, and this hears when it is durable.
    Decided(Box<Open>, oneshot::Sender<Result<(), Fault>>),
    /// Nothing of it stays.
    Left(Box<Open>),
}

impl Deref for SeaTx {
    type Target = Open;

    fn deref(&self) -> &Open {
        self.open.as_ref().expect("a transaction is here until its turn is over")
    }
}

impl DerefMut for SeaTx {
    fn deref_mut(&mut self) -> &mut Open {
        self.open.as_mut().expect("a transaction is here until its turn is over")
    }
}

impl Drop for SeaTx {
    fn drop(&mut self) {
        if let (Some(open), Some(back)) = (self.open.take(), self.back.take()) {
            // Nobody waits for it when the round itself was given up: then it is rolled back.
            drop(back.send(Back::Left(Box::new(open))));
        }
    }
}

impl SeaTx {
    pub(super) fn new(store: SeaStore, (transaction, now): (DatabaseTransaction, DateTime<Utc>)) -> Self {
        Self { open: Some(Open::new(store, transaction, now)), back: None, message: None }
    }

    /// A turn in a round.
    pub(super) fn turn(open: Open, message: Option<Uuid>, back: oneshot::Sender<Back>) -> Self {
        Self { open: Some(open), back: Some(back), message }
    }

    /// The whole of a round.
    pub(super) fn whole(open: Open) -> Self {
        Self { open: Some(open), back: None, message: None }
    }

    pub(super) fn into_open(mut self) -> Open {
        self.open.take().expect("a transaction is here until its turn is over")
    }

    /// Notes with what is written that the message was handled.
    async fn note_handled(&mut self) -> Result<(), Fault> {
        let Some(message) = self.message.take() else { return Ok(()) };
        let write = Write::insert(
            "writing to the inbox",
            inbox::INTO,
            "ON CONFLICT DO NOTHING",
            [CONSUMER.into(), message.into(), millis(self.now)],
        );
        self.write(write.changes(1)).await
    }

    /// What is told is written as part of what is decided, and belongs to the trace of whoever decided it.
    async fn write_told(&mut self) -> Result<(), Fault> {
        let (backend, now) = (self.transaction.get_database_backend(), self.now);
        let tells = std::mem::take(&mut self.gathered.tells);
        for write in Write::telling(&mut self.gathered.told, backend, tells, now)? {
            self.write(write).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Tx for SeaTx {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    async fn answered(&mut self, key: Key<'_>) -> Result<Option<Answered>, Fault> {
        self.send().await?;
        answers::find(self, key).await
    }

    async fn remember(&mut self, key: Key<'_>, answer: Answered) -> Result<(), Fault> {
        answers::keep(self, key, answer).await
    }

    async fn learn_layout(&mut self, plan: LayoutDefined) -> Result<(), Fault> {
        catalogue::learn_layout(self, plan).await
    }

    async fn told_before(&mut self, event: EventId) -> Result<Option<ToldBefore>, Fault> {
        moves::told_before(self, event).await
    }

    async fn learn_event(&mut self, told: &EventChanged) -> Result<bool, Fault> {
        catalogue::learn_event(self, told).await
    }

    async fn learn_settings(&mut self, told: &OrganizationSettingsChanged) -> Result<bool, Fault> {
        settings::learn(self, told).await
    }

    async fn learn_membership(&mut self, told: &MembershipChanged) -> Result<(), Fault> {
        Memberships::note(&self.transaction, told).await
    }

    async fn note_called_off(&mut self, event: EventId, reason: Option<&str>) -> Result<bool, Fault> {
        self.sent = true;
        called_off::note(self, event, reason).await
    }

    async fn note_move(&mut self, told: &EventChanged, before: &ToldBefore) -> Result<(), Fault> {
        self.sent = true;
        moves::note(self, told, before).await
    }

    async fn promise_refunds(&mut self, event: EventId, until: Option<DateTime<Utc>>) -> Result<(), Fault> {
        self.sent = true;
        moves::promise(self, event, until).await
    }

    async fn next_moved(&mut self, event: EventId, limit: u64) -> Result<Option<Moved>, Fault> {
        self.locked_order = true;
        moves::next(self, event, limit).await
    }

    async fn told_of_move(
        &mut self,
        event: EventId,
        sequence: i64,
        through: Option<OrderId>,
    ) -> Result<(), Fault> {
        moves::told(self, event, sequence, through).await
    }

    async fn cancellation(&mut self, event: EventId) -> Result<Option<Running<Cancellation>>, Fault> {
        self.send().await?;
        cancellations::of(&self.transaction, event, true).await
    }

    async fn save_cancellation(&mut self, cancellation: &Running<Cancellation>) -> Result<(), Fault> {
        cancellations::save(self, cancellation).await
    }

    async fn active_holds(&mut self, event: EventId) -> Result<Vec<Reservation>, Fault> {
        self.send().await?;
        reservations::active(self, event).await
    }

    async fn wake(&mut self, saga: SagaId) -> Result<(), Fault> {
        let now = self.now;
        self.write(saga::rows::wake(saga, now)).await
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
        let mut looks = Looks::default();
        looks.add(look, None);
        Ok(locking::lock(self, event, &looks).await?.map(|found| found.of(look)))
    }

    async fn more_seats(&mut self, inventory: &mut Inventory, seats: &[u32]) -> Result<(), Fault> {
        self.send().await?;
        let more = inventory::seats(self, inventory.event().id, seats).await?;
        inventory.add_seats(more);
        Ok(())
    }

    async fn save_inventory(&mut self, inventory: &mut Inventory) -> Result<(), Fault> {
        // Whatever came free, and whoever freed it: it is for who waits first.
        inventory.keep_for_who_waits()?;
        self.publish(inventory.take_pending());
        self.inventory = Some(inventory.clone());
        Ok(())
    }

    async fn lay_out(&mut self, event: EventId, house: &House) -> Result<(), Fault> {
        self.sent = true;
        inventory::lay_out(self, event, house).await
    }

    async fn note_why_blocked(
        &mut self,
        event: EventId,
        seats: &[u32],
        reason: Option<&str>,
    ) -> Result<(), Fault> {
        why_blocked::note(self, event, seats, reason).await
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

    async fn ticket_types(&mut self, event: EventId) -> Result<Vec<TicketType>, Fault> {
        self.send().await?;
        catalogue::ticket_types(&self.transaction, "event_id", &[event]).await
    }

    async fn save_sales_times(&mut self, types: &[TicketType]) -> Result<(), Fault> {
        catalogue::save_sales_times(self, types).await
    }

    async fn add_ticket_type(&mut self, ticket_type: &mut TicketType) -> Result<(), Fault> {
        catalogue::add_ticket_type(self, ticket_type).await
    }

    async fn add_promo_code(&mut self, code: &PromoCode) -> Result<bool, Fault> {
        self.sent = true;
        promo_codes::add(self, code).await
    }

    async fn promo_code(&mut self, id: PromoCodeId) -> Result<Option<PromoCode>, Fault> {
        promo_codes::lock(self, id).await
    }

    async fn save_promo_code(&mut self, code: &PromoCode) -> Result<(), Fault> {
        self.sent = true;
        promo_codes::save(self, code).await
    }

    async fn settle_promo_codes(&mut self, limit: u64) -> Result<u64, Fault> {
        promo_codes::settle(self, limit).await
    }

    async fn note_stock(&mut self, event: EventId, level: AvailabilityLevel) -> Result<Option<i64>, Fault> {
        self.send().await?;
        stock::note(&self.transaction, event, level).await
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

    async fn save_price(&mut self, reservation: &Reservation) -> Result<(), Fault> {
        reservations::save_price(self, reservation).await
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
        orders::save(self, order, None).await
    }

    async fn purchase(&mut self, id: OrderId) -> Result<Option<(Order, Running<Purchase>)>, Fault> {
        self.send().await?;
        self.locked_order = true;
        let Some((order, purchase, now)) = orders::lock_purchase(self, id).await? else { return Ok(None) };
        self.now = now;
        Ok(Some((order, purchase)))
    }

    async fn save_purchase(&mut self, order: &mut Order, purchase: &Running<Purchase>) -> Result<(), Fault> {
        orders::save(self, order, Some(purchase)).await
    }

    fn count(&mut self, counter: Counter) {
        Open::count(self, counter);
    }

    async fn refund(&mut self, id: RefundId) -> Result<Option<(Refund, Running<Refunding>)>, Fault> {
        self.send().await?;
        refunds::lock(self, id).await
    }

    async fn refund_of_called_off(&mut self, order: OrderId) -> Result<Option<RefundId>, Fault> {
        self.send().await?;
        refunds::of_called_off(self, order).await
    }

    async fn given_back(&mut self, order: &OrderSnapshot) -> Result<Money, Fault> {
        self.send().await?;
        let given = refunds::given_back(&self.transaction, &[order.id]).await?.remove(&order.id);
        Ok(given.unwrap_or_else(|| Money::zero(order.total.currency)))
    }

    async fn save_refund(&mut self, refund: &Refund, saga: &Running<Refunding>) -> Result<(), Fault> {
        refunds::save(self, refund, saga).await
    }

    async fn tickets_to_change(&mut self, ids: &[TicketId]) -> Result<Vec<Ticket>, Fault> {
        self.send().await?;
        tickets::lock_all(self, ids).await
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
        tickets::admitted_by(self, ticket, nonce).await
    }

    async fn log_scan(&mut self, scan: Scan<'_>) -> Result<(), Fault> {
        self.sent = true;
        tickets::log_scan(self, scan).await
    }

    async fn order_money(&mut self, order: OrderId) -> Result<OrderMoney, Fault> {
        orders::money(&self.transaction, order).await
    }

    async fn tell(&mut self, announcement: Announcement) -> Result<(), Fault> {
        self.publish(vec![announcement]);
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        self.note_handled().await?;
        self.write_told().await?;
        if let Some(back) = self.back.take() {
            let (durable, is_durable) = oneshot::channel();
            let open = Box::new((*self).into_open());
            let gone = || Fault::passing("committing", "the round was given up");
            back.send(Back::Decided(open, durable)).map_err(|_| gone())?;
            return is_durable.await.unwrap_or_else(|_| Err(gone()));
        }
        if let Some(mut inventory) = self.inventory.take() {
            inventory::save(&mut self, &mut inventory).await?;
        }
        self.send().await?;
        let open = (*self).into_open();
        open.transaction.commit().await.map_err(faulty("committing"))?;
        open.gathered.told.is_committed();
        open.gathered.counted.iter().for_each(|counter| counter.increment(1));
        for topic in &open.gathered.news {
            // Whoever misses it looks for itself within two seconds.
            if let Err(fault) = open.store.bus.announce(topic, Vec::new()).await {
                tracing::warn!(topic, error = fault.chain(), "live news could not be announced");
            }
        }
        Ok(())
    }
}
