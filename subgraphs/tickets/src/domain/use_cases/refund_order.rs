use kernel::{Error, Fault, OrderId, Rate, RefundId, Refusal, Result, SagaId, TicketId, UserId};
use saga::Running;

use super::{Tickets, begin_tidied, made_before, run_refund::RefundStage};
use crate::domain::{
    entities::{Order, Refund, RefundState, Reservation, Ticket},
    ports::{Answered, Key, Locked, Look, OrderView, Tx},
    pricing::{RefundTerms, TicketUnit},
    reasons,
    sagas::refund::{self, Refunding},
};

/// Tickets of an order whose money an organizer gives back.
#[derive(Clone, Debug)]
pub struct RefundOrder {
    /// Who decides it.
    pub by: UserId,
    /// Of which order.
    pub order: OrderId,
    /// Which tickets; all that have not gone back when left out.
    pub tickets: Option<Vec<TicketId>>,
    /// Why, for the buyer.
    pub reason: Option<String>,
    /// True: their seats are kept back from sale.
    pub keep_places_back: bool,
    /// The same key gives the same answer.
    pub idempotency_key: String,
}

/// All of what was paid for a ticket, fees included.
const ALL_OF_IT: RefundTerms = RefundTerms { percent: Rate::WHOLE, fees_kept: false };

impl Tickets {
    /// Gives the money of tickets back. They do not admit from now on; when the money is on its way, they are void and their
    /// places can be had. The order as it is then.
    #[tracing::instrument(skip_all)]
    pub async fn refund_order(&self, ask: RefundOrder) -> Result<OrderView> {
        let missing = || Refusal::not_found("order");
        let known = self.reads.order(ask.order).await?.ok_or_else(missing)?;
        self.event_to_manage(known.order.event, ask.by).await.map_err(|refused| match refused {
            // What others have bought is theirs: who may not give it back is not told that it is there, unless it is their own.
            Error::Refused(refusal) if known.order.buyer == ask.by => refusal.into(),
            Error::Refused(_) => missing().into(),
            broken @ Error::Broken(_) => broken,
        })?;
        let fingerprint = kernel::fingerprint(&(ask.order, &ask.tickets, &ask.reason, ask.keep_places_back));
        let seats = known.reservation.seats();
        let key = Key { by: ask.by, operation: "refundOrder", key: &ask.idempotency_key };
        let reservation = Some(known.order.reservation);
        let look = Look { seats: &seats, reservation, key: Some(key), buyer: None };
        let begun = begin_tidied(&*self.store, known.order.event, look).await?;
        let (mut tx, mut locked) = begun.ok_or_else(missing)?;
        if made_before(locked.answered.take(), &fingerprint)?.is_some() {
            drop(tx);
            return Ok(self.reads.order(ask.order).await?.ok_or_else(missing)?);
        }
        let mut order = tx.order(ask.order).await?.ok_or_else(missing)?;
        let going = Going {
            tickets: ask.tickets,
            by: Some(ask.by),
            reason: ask.reason,
            keep_places_back: ask.keep_places_back,
            called_off: None,
        };
        let begun = begin_refund(&mut *tx, &mut order, locked, going).await?;
        let refund = begun.ok_or_else(|| {
            let message = "This order has no tickets that could go back.";
            Refusal::new(reasons::NOTHING_TO_REFUND, message)
        })?;
        tx.remember(key, Answered { fingerprint, made: refund.uuid() }).await?;
        tx.commit().await?;
        Ok(self.reads.order(ask.order).await?.ok_or_else(missing)?)
    }
}

/// What goes back.
pub(super) struct Going {
    /// Which tickets; all that have not gone back when left out.
    pub(super) tickets: Option<Vec<TicketId>>,
    pub(super) by: Option<UserId>,
    pub(super) reason: Option<String>,
    pub(super) keep_places_back: bool,
    /// The cancellation of its event that began it.
    pub(super) called_off: Option<SagaId>,
}

/// Begins a refund of an order, which is locked with its event, and saves all of it. None when there is nothing left to give
/// back.
pub(super) async fn begin_refund(
    tx: &mut dyn Tx,
    order: &mut Order,
    locked: Locked,
    going: Going,
) -> Result<Option<RefundId>> {
    let Locked { inventory, reservation, .. } = locked;
    let reservation = reservation.ok_or_else(|| Fault::broken_rule("an order without its reservation"))?;
    let called_off = going.called_off;
    let Some(mut refund) = decide(tx, order, &reservation, going).await? else { return Ok(None) };
    let id = refund.id;
    let about = order.state().id.uuid();
    let mut saga = Running::<Refunding>::new(refund::saga_of(id), about, called_off, tx.now());
    let tickets = tx.tickets_to_change(&refund.tickets).await?;
    let mut stage = RefundStage { tx, order, refund: &mut refund, tickets, inventory, reservation };
    saga.begin(&mut stage).await?;
    stage.save(&saga).await?;
    let mut inventory = stage.inventory;
    tx.save_inventory(&mut inventory).await?;
    Ok(Some(id))
}

/// Which tickets go back, and how much with them; nothing when none is left.
async fn decide(
    tx: &mut dyn Tx,
    order: &Order,
    reservation: &Reservation,
    ask: Going,
) -> Result<Option<Refund>> {
    if !order.has_tickets() {
        return Ok(None);
    }
    let tickets = tx.tickets_of(order.state().id).await?;
    let (gone, left): (Vec<Ticket>, Vec<Ticket>) = tickets.into_iter().partition(Ticket::has_gone_back);
    if left.is_empty() {
        return Ok(None);
    }
    let going: Vec<Ticket> = match &ask.tickets {
        None => left.clone(),
        Some(named) => {
            let of = |id: &TicketId| left.iter().find(|ticket| ticket.state().id == *id).cloned();
            let going: Option<Vec<Ticket>> = named.iter().map(of).collect();
            going.ok_or_else(|| {
                let message = "must be tickets of the order that have not gone back";
                Refusal::bad_input("ticketIds", message).because(kernel::reasons::UNKNOWN)
            })?
        }
    };
    let view = OrderView { order: order.state().clone(), reservation: reservation.clone() };
    let units = |tickets: &[Ticket]| -> Result<Vec<TicketUnit>, Fault> {
        tickets.iter().map(|ticket| view.unit_of(ticket.state())).collect()
    };
    let price = view.price()?.refund(&units(&going)?, &units(&gone)?, ALL_OF_IT)?;
    Ok(Some(Refund {
        id: RefundId::new(),
        order: order.state().id,
        event: order.state().event,
        by: ask.by,
        whole: going.len() == left.len(),
        called_off: ask.called_off.is_some(),
        tickets: going.iter().map(|ticket| ticket.state().id).collect(),
        price,
        reason: ask.reason,
        keep_places_back: ask.keep_places_back,
        state: RefundState::UnderWay,
        created_at: tx.now(),
        ended_at: None,
    }))
}
