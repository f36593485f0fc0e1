use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::saga::{Asked, Outcome};
use kernel::{Error, EventId, Fault, OrderId, Result};
use metrics::Counter;
use saga::{Ask, Input, Progress, Running, Stage, Why, go_on};

use super::{
    GivenBackBy, Tickets, begin_tidied,
    refund_order::{Going, begin_refund},
};
use crate::domain::{
    entities::Inventory,
    ports::{LAPSED_AT_ONCE, Look, Tx},
    reasons,
    sagas::cancellation::{Cancellation, CancellationStep, Looked},
};

/// How many refunds of one event are under way at once: payments has as many in hand, and the provider is asked at its pace.
const MOST_UNDER_WAY: u64 = 100;
/// For how many orders they are begun in one go.
const AT_ONCE: u64 = 50;

impl Tickets {
    /// Goes on giving back what people have paid for an event that was called off, wherever that was interrupted before.
    #[tracing::instrument(skip_all)]
    pub async fn cancellation_goes_on(&self, event: EventId) -> Result<()> {
        let unknown = || Fault::broken_rule(format!("the cancellation of {event} is unknown"));
        let known = self.reads.cancellation(event).await?.ok_or_else(unknown)?;
        let seen = match known.progress {
            Progress::Forward { step: CancellationStep::EndOrders } => self.end_some(event, &known).await?,
            Progress::Forward { step: CancellationStep::RefundOrders } => {
                self.refund_some(event, &known).await?
            }
            standing => Looked::nowhere(standing),
        };
        let begun = begin_tidied(&*self.store, event, Look::default()).await?;
        let (mut tx, locked) = begun.ok_or_else(unknown)?;
        let mut saga = tx.cancellation(event).await?.ok_or_else(unknown)?;
        if saga.deadline.is_none_or(|deadline| tx.now() < deadline) {
            return Ok(()); // somebody else was faster
        }
        let mut stage = CancellationStage { tx: &mut *tx, event, inventory: locked.inventory, looked: seen };
        go_on(&mut saga, &mut stage, &Input::TimedOut).await?;
        stage.tx.save_cancellation(&saga).await?;
        stage.tx.save_inventory(&mut stage.inventory).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the next orders that nobody has paid: they are cancelled as soon as payments has ended their payments. What is paid
    /// by then goes back by its purchase.
    async fn end_some(&self, event: EventId, known: &Running<Cancellation>) -> Result<Looked> {
        let after = known.cursor.map(OrderId::from_uuid);
        let orders = self.reads.unpaid_orders(event, after, AT_ONCE).await?;
        for order in &orders {
            self.end_called_off(*order).await?;
        }
        let all_done = (orders.len() as u64) < AT_ONCE;
        Ok(Looked::through(known.progress, orders.last().copied(), all_done))
    }

    /// Begins the refunds of the next orders, as many as there is room for. An order of which nothing can go back any more, as
    /// it was begun before, is passed over.
    async fn refund_some(&self, event: EventId, known: &Running<Cancellation>) -> Result<Looked> {
        let under_way = self.reads.refunds_under_way(known.id).await?;
        let room = MOST_UNDER_WAY.saturating_sub(under_way).min(AT_ONCE);
        let after = known.cursor.map(OrderId::from_uuid);
        let orders = self.reads.orders_with_tickets(event, after, room).await?;
        for order in &orders {
            self.refund_called_off(*order, known).await?;
        }
        let all_done = room > 0 && orders.is_empty() && under_way == 0;
        Ok(Looked::through(known.progress, orders.last().copied(), all_done))
    }

    async fn refund_called_off(&self, order: OrderId, cancellation: &Running<Cancellation>) -> Result<()> {
        let unknown = || Fault::broken_rule(format!("the order {order} is gone"));
        let known = self.reads.order(order).await?.ok_or_else(unknown)?;
        let seats = known.reservation.seats();
        let look = Look { seats: &seats, reservation: Some(known.order.reservation), ..Look::default() };
        let begun = begin_tidied(&*self.store, known.order.event, look).await?;
        let (mut tx, locked) = begun.ok_or_else(unknown)?;
        let mut order = tx.order(order).await?.ok_or_else(unknown)?;
        let going = Going {
            tickets: None,
            given_back: GivenBackBy::Organizer,
            by: None,
            reason: None,
            keep_places_back: false,
            called_off: Some(cancellation.id),
        };
        match begin_refund(&mut *tx, &mut order, locked, going).await {
            Ok(_) => Ok(tx.commit().await?),
            Err(Error::Refused(refusal)) if refusal.is(reasons::NOTHING_TO_REFUND) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

/// What a cancellation acts upon: its event, locked.
struct CancellationStage<'s> {
    tx: &'s mut dyn Tx,
    event: EventId,
    inventory: Inventory,
    /// What was done of the step at which it was read.
    looked: Looked,
}

impl CancellationStage<'_> {
    /// Nobody has places set aside any more. True when that is so of all.
    async fn release_holds(&mut self) -> Result<bool> {
        let mut held = self.tx.active_holds(self.event).await?;
        let seats: Vec<u32> = held.iter().flat_map(crate::domain::entities::Reservation::seats).collect();
        if !seats.is_empty() {
            self.tx.more_seats(&mut self.inventory, &seats).await?;
        }
        let now = self.tx.now();
        for reservation in &mut held {
            if reservation.release(now)? {
                self.inventory.give_back(reservation)?;
            }
        }
        self.tx.save_lapsed(&mut held).await?;
        Ok(held.len() < LAPSED_AT_ONCE)
    }
}

#[async_trait]
impl Stage<Cancellation> for CancellationStage<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.tx.now()
    }

    fn given(&self) {}

    async fn does(
        &mut self,
        saga: &mut Running<Cancellation>,
        ask: Ask<CancellationStep>,
    ) -> Result<Option<Outcome>> {
        let is_done = match ask.step() {
            CancellationStep::ReleaseHolds => self.release_holds().await?,
            step => self.looked.note(saga, step),
        };
        Ok(is_done.then_some(Outcome::Done))
    }

    async fn asks(&mut self, _: Asked, ask: Ask<CancellationStep>) -> Result<()> {
        Err(Fault::broken_rule(format!("{ask:?} is asked of nobody else")).into())
    }

    fn moved(&mut self, _: &Input<CancellationStep>, _: Progress<CancellationStep>) {}

    fn ended(&mut self, _: Option<Why>) {}

    fn counts(&mut self, counter: Counter) {
        self.tx.count(counter);
    }
}
