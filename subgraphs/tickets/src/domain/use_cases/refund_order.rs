use kernel::{Error, Fault, OrderId, RefundId, Refusal, Result, SagaId, TicketId, UserId};
use saga::Running;

use super::{
    GivenBackBy, Tickets, begin_tidied, giving_back::giving_back, made_before, run_refund::RefundStage,
};
use crate::domain::{
    entities::{Order, Refund, RefundState, TicketSnapshot},
    ports::{Answered, Key, Locked, Look, OrderView, Tx},
    sagas::refund::{self, Refunding},
};

/// Tickets of an order that go back with their money: the organizer gives it back, or the buyer returns them.
#[derive(Clone, Debug)]
pub struct RefundOrder {
    /// Who decides it.
    pub by: UserId,
    /// Of which order.
    pub order: OrderId,
    /// Which tickets; all that may go back when left out.
    pub tickets: Option<Vec<TicketId>>,
    /// Why, in the words of who gives them back.
    pub reason: Option<String>,
    /// True: their seats are kept back from sale.
    pub keep_places_back: bool,
    /// The same key gives the same answer.
    pub idempotency_key: String,
}

impl Tickets {
    /// Gives the money of tickets back: all of it where an organizer does, and what the order's policy says where its buyer
    /// does. They do not admit from now on; when the money is on its way, they are void and their places can be had. The order
    /// as it is then.
    #[tracing::instrument(skip_all)]
    pub async fn refund_order(&self, ask: RefundOrder) -> Result<OrderView> {
        let missing = || Refusal::not_found("order");
        let known = self.reads.order(ask.order).await?.ok_or_else(missing)?;
        let given_back = match self.event_to_manage(known.order.event, ask.by).await {
            Ok(_) => GivenBackBy::Organizer,
            Err(Error::Refused(_)) if known.order.buyer == ask.by => GivenBackBy::Buyer,
            // What others have bought is theirs: who may not give it back is not told that it is there.
            Err(Error::Refused(_)) => return Err(missing().into()),
            Err(broken @ Error::Broken(_)) => return Err(broken),
        };
        if ask.keep_places_back && given_back == GivenBackBy::Buyer {
            let message = "must be false: only organizers keep places back";
            return Err(Refusal::bad_input("keepPlacesBack", message)
                .because(kernel::reasons::INVALID)
                .into());
        }
        let fingerprint = kernel::fingerprint(&(ask.order, &ask.tickets, &ask.reason, ask.keep_places_back));
        let seats = known.reservation.seats();
        let key = Key { by: ask.by, operation: "refundOrder", key: &ask.idempotency_key };
        let reservation = Some(known.order.reservation);
        let look = Look { seats: &seats, reservation, key: Some(key), ..Look::default() };
        let begun = begin_tidied(&*self.store, known.order.event, look).await?;
        let (mut tx, mut locked) = begun.ok_or_else(missing)?;
        if made_before(locked.answered.take(), &fingerprint)?.is_some() {
            drop(tx);
            return Ok(self.reads.order(ask.order).await?.ok_or_else(missing)?);
        }
        let mut order = tx.order(ask.order).await?.ok_or_else(missing)?;
        let going = Going {
            tickets: ask.tickets,
            given_back,
            by: Some(ask.by),
            reason: ask.reason,
            keep_places_back: ask.keep_places_back,
            called_off: None,
        };
        let refund = begin_refund(&mut *tx, &mut order, locked, going).await?;
        tx.remember(key, Answered { fingerprint, made: refund.uuid() }).await?;
        tx.commit().await?;
        Ok(self.reads.order(ask.order).await?.ok_or_else(missing)?)
    }
}

/// What goes back.
pub(super) struct Going {
    /// Which tickets; all that may go back when left out.
    pub(super) tickets: Option<Vec<TicketId>>,
    /// As whom, and within which terms.
    pub(super) given_back: GivenBackBy,
    pub(super) by: Option<UserId>,
    pub(super) reason: Option<String>,
    pub(super) keep_places_back: bool,
    /// The cancellation of its event that began it.
    pub(super) called_off: Option<SagaId>,
}

/// Begins a refund of an order, which is locked with its event, and saves all of it. Refused when there is nothing left to give
/// back, or it may not go back.
pub(super) async fn begin_refund(
    tx: &mut dyn Tx,
    order: &mut Order,
    locked: Locked,
    ask: Going,
) -> Result<RefundId> {
    let Locked { inventory, reservation, .. } = locked;
    let reservation = reservation.ok_or_else(|| Fault::broken_rule("an order without its reservation"))?;
    // All of them, as they are when they are locked: somebody may just be going in with one.
    let known = tx.tickets_of(order.state().id).await?;
    let ids: Vec<TicketId> = known.iter().map(|ticket| ticket.state().id).collect();
    let mut tickets = tx.tickets_to_change(&ids).await?;
    tickets.sort_unstable_by_key(|ticket| ticket.state().position);
    let all: Vec<TicketSnapshot> = tickets.iter().map(|ticket| ticket.state().clone()).collect();
    let view = OrderView { order: order.state().clone(), reservation };
    let (named, now) = (ask.tickets.as_deref(), tx.now());
    let given_back = tx.given_back(&view.order).await?;
    let going = giving_back(&view, &all, inventory.event(), ask.given_back, named, given_back, now)?;
    let left = view.order.left_of_money(given_back.plus(going.price.total()?)?)?;
    let id = RefundId::new();
    let mut refund = Refund {
        id,
        order: view.order.id,
        event: view.order.event,
        by: ask.by,
        // Not while others are under way: each of them has its own part. Nor where a part of tickets that went back is kept.
        whole: going.last && left.is_zero(),
        called_off: ask.called_off.is_some(),
        tickets: going.tickets,
        price: going.price,
        reason: ask.reason,
        keep_places_back: ask.keep_places_back,
        state: RefundState::UnderWay,
        created_at: now,
        ended_at: None,
    };
    tickets.retain(|ticket| refund.tickets.contains(&ticket.state().id));
    let mut saga = Running::<Refunding>::new(refund::saga_of(id), view.order.id.uuid(), ask.called_off, now);
    let reservation = view.reservation;
    let mut stage = RefundStage { tx, order, refund: &mut refund, tickets, inventory, reservation };
    saga.begin(&mut stage).await?;
    stage.save(&saga).await?;
    let mut inventory = stage.inventory;
    tx.save_inventory(&mut inventory).await?;
    Ok(id)
}
