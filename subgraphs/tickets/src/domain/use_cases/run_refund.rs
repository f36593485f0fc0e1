use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    invoices::Invoice,
    payments::{RefundFailed, RefundPayment},
    saga::{Asked, Outcome, SagaReply, Way},
    tickets::{OrderRefunded, RefundedTicket},
};
use kernel::{Fault, RefundId, Result};
use metrics::Counter;
use saga::{Ask, Input, Progress, Running, Saga as _, Stage, Why, go_on};
use uuid::Uuid;

use super::{
    Tickets,
    issue_invoice::{issue_credit_note, of_tickets},
    read::{Spot, spot},
    run_purchase::on_ticket,
    tidy,
};
use crate::domain::{
    entities::{Inventory, Order, Refund, Reservation, Ticket},
    ports::{Locked, Look, Tx},
    sagas::refund::{self, Free, RefundStep, Refunding},
};

impl Tickets {
    /// Whoever a refund has asked has answered.
    #[tracing::instrument(skip_all)]
    pub async fn refund_answered(&self, message: Uuid, reply: SagaReply) -> Result<()> {
        if reply.kind != Refunding::KIND {
            return Ok(()); // of another saga
        }
        let step = refund::step(&reply.step);
        let step = step.ok_or_else(|| Fault::broken_rule(format!("a refund has no step {}", reply.step)))?;
        let input = Input::Reply(step, reply.way, reply.outcome);
        self.move_refund(refund::refund_of(reply.saga_id), &input, Some(message)).await
    }

    /// Nobody has answered in time, if that is still so.
    #[tracing::instrument(skip_all)]
    pub async fn refund_timed_out(&self, id: RefundId) -> Result<()> {
        self.move_refund(id, &Input::TimedOut, None).await
    }

    /// The provider could not give money back that was on its way. It is owed still, and tried again.
    #[tracing::instrument(skip_all)]
    pub async fn refund_failed(&self, message: Uuid, told: RefundFailed) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        if let Some(mut order) = tx.order(told.order_id).await? {
            order.note(told.at, "REFUND_FAILED", Some(told.amount.to_string()));
            tx.save_order(&mut order).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn move_refund(
        &self,
        id: RefundId,
        input: &Input<RefundStep>,
        message: Option<Uuid>,
    ) -> Result<()> {
        let unknown = || Fault::broken_rule(format!("the refund {id} is unknown"));
        // Which order and which places it is of never changes; how far it is, is looked at again.
        let known = self.reads.refunded_order(id).await?.ok_or_else(unknown)?;
        let (event, seats) = (known.order.event, known.reservation.seats());
        let look = Look { seats: &seats, reservation: Some(known.order.reservation), ..Look::default() };
        let begun = match message {
            Some(message) => self.store.begin_handling_on(message, event, look).await?,
            None => self.store.begin_on(event, look).await?,
        };
        let Some((mut tx, mut locked)) = begun else { return Ok(()) };
        tidy(&mut *tx, &mut locked).await?;
        let mut order = tx.order(known.order.id).await?.ok_or_else(unknown)?;
        let Locked { mut inventory, reservation, .. } = locked;
        // A saga of which nothing is kept any more was over long ago: it is an answer that comes again.
        if let Some((mut refund, mut saga)) = tx.refund(id).await?
            && (*input != Input::TimedOut || saga.deadline.is_some_and(|deadline| deadline <= tx.now()))
        {
            let tickets = tx.tickets_to_change(&refund.tickets).await?;
            let reservation = reservation.ok_or_else(unknown)?;
            let (order, refund) = (&mut order, &mut refund);
            let mut stage = RefundStage { tx: &mut *tx, order, refund, tickets, inventory, reservation };
            if go_on(&mut saga, &mut stage, input).await? {
                stage.save(&saga).await?;
            }
            inventory = stage.inventory;
        }
        // What had run out was given back, whatever came of the input.
        tx.save_inventory(&mut inventory).await?;
        Ok(tx.commit().await?)
    }
}

/// What a refund acts upon, all of it locked.
pub(super) struct RefundStage<'s> {
    pub(super) tx: &'s mut dyn Tx,
    pub(super) order: &'s mut Order,
    pub(super) refund: &'s mut Refund,
    /// Those that go back.
    pub(super) tickets: Vec<Ticket>,
    pub(super) inventory: Inventory,
    pub(super) reservation: Reservation,
}

impl RefundStage<'_> {
    /// Saves what became of it, but for the inventory, which whoever has locked the event saves in any case.
    pub(super) async fn save(&mut self, saga: &Running<Refunding>) -> Result<(), Fault> {
        self.tx.save_order(self.order).await?;
        self.tx.save_refund(self.refund, saga).await?;
        if let (true, Some(parent)) = (saga.progress.is_over(), saga.parent) {
            self.tx.wake(parent).await?;
        }
        for ticket in &mut self.tickets {
            self.tx.save_ticket(ticket).await?;
        }
        Ok(())
    }

    fn set_aside(&mut self) -> Outcome {
        if self.tickets.iter().any(Ticket::has_gone_back) {
            return Outcome::Refused { reason: "a ticket of it went back before".to_owned() };
        }
        for ticket in &mut self.tickets {
            ticket.set_aside(self.refund.id);
        }
        Outcome::Done
    }

    fn restore(&mut self) {
        let standing = self.order.state().money.standing();
        for ticket in &mut self.tickets {
            ticket.restore_from(self.refund.id, standing);
        }
    }

    /// The tickets are void, and their places free.
    async fn take_back(&mut self) -> Result<()> {
        let places = self.reservation.places_at(self.tickets.iter().map(|ticket| ticket.state().position))?;
        self.inventory.take_back(&places, self.reservation.state().id, self.refund.keep_places_back)?;
        for ticket in &mut self.tickets {
            ticket.take_back();
        }
        let all = self.tx.tickets_of(self.order.state().id).await?;
        let here = |id| self.refund.tickets.contains(&id);
        let whole = all.iter().all(|ticket| here(ticket.state().id) || ticket.is_refunded());
        self.order.refunded(whole);
        let credit_note = issue_credit_note(
            &mut *self.tx,
            self.refund.id,
            self.refund.order,
            self.inventory.event().facts.organization_id,
            of_tickets(&self.refund.price, &self.inventory)?,
        )
        .await?;
        let told = self.told(whole, credit_note)?;
        self.order.tell(Announcement::of(&told));
        Ok(())
    }

    /// What others are told of it.
    fn told(&self, whole: bool, credit_note: Option<Invoice>) -> Result<OrderRefunded, Fault> {
        let (types, house) = (self.inventory.types(), self.inventory.house());
        let name =
            |id| types.iter().find(|known| known.state().id == id).map(|known| known.state().name.clone());
        let ticket = |ticket: &Ticket| {
            let is = ticket.state();
            let Spot { section, row, seat } = spot(is, Some(house));
            RefundedTicket {
                ticket_id: is.id,
                ticket_type: name(is.ticket_type).unwrap_or_default(),
                section,
                row,
                seat,
                holder_name: is.holder.name.clone(),
                holder_email: is.holder.email.clone(),
                passed_on: !is.was_never_passed_on(),
            }
        };
        let (of, event) = (self.order.state(), self.inventory.event());
        let price = self.refund.price.price()?;
        Ok(OrderRefunded {
            refund_id: self.refund.id,
            order_id: of.id,
            number: of.number.clone(),
            event_id: of.event,
            organization_id: Some(event.facts.organization_id),
            buyer_id: of.buyer,
            amount: self.refund.amount()?,
            fees: price.fees,
            tax: Some(price.all_taxes()?),
            absorbed: Some(self.refund.price.absorbed_fees()?),
            lines: self.refund.lines(|id| name(id).unwrap_or_default())?,
            tickets: self.tickets.iter().map(ticket).collect(),
            whole,
            event: on_ticket(event),
            // What buyers say for themselves is no news to them.
            reason: self.refund.reason.clone().filter(|_| self.refund.by != Some(of.buyer)),
            called_off: self.refund.called_off,
            invoice: credit_note.map(Box::new),
            at: self.tx.now(),
        })
    }
}

#[async_trait]
impl Stage<Refunding> for RefundStage<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.tx.now()
    }

    fn given(&self) -> Free {
        self.refund.price.is_free()
    }

    async fn does(&mut self, _: &mut Running<Refunding>, ask: Ask<RefundStep>) -> Result<Option<Outcome>> {
        Ok(Some(match ask {
            Ask::Do(RefundStep::SetAside) => self.set_aside(),
            Ask::Undo(RefundStep::SetAside, _) => {
                self.restore();
                Outcome::Done
            }
            Ask::Do(RefundStep::TakeBack) => {
                self.take_back().await?;
                Outcome::Done
            }
            _ => return Err(Fault::broken_rule(format!("{ask:?} is asked of another service")).into()),
        }))
    }

    async fn asks(&mut self, asked: Asked, ask: Ask<RefundStep>) -> Result<()> {
        let Ask::Do(RefundStep::GiveBack) = ask else {
            return Err(Fault::broken_rule(format!("{ask:?} is asked of nobody else")).into());
        };
        let (whole, told) = (self.refund.whole, self.refund.amount()?);
        let amount = (!whole).then_some(told);
        let why = match self.refund.by {
            _ if self.refund.called_off => "the event was called off",
            Some(by) if by == self.order.state().buyer => "given back by the buyer",
            _ => "given back by the organizer",
        };
        let reason = self.refund.reason.clone().unwrap_or_else(|| why.to_owned());
        let (refund_id, order_id) = (self.refund.id, self.refund.order);
        self.order.tell(Announcement::of(&RefundPayment {
            asked,
            refund_id,
            order_id,
            amount,
            told: whole.then_some(told),
            reason,
        }));
        Ok(())
    }

    fn moved(&mut self, input: &Input<RefundStep>, _: Progress<RefundStep>) {
        let amount = || self.refund.amount().map(|amount| amount.to_string()).ok();
        let (step, detail) = match input {
            Input::Reply(RefundStep::SetAside, Way::Do, Outcome::Done) => ("REFUND_STARTED", amount()),
            Input::Reply(RefundStep::TakeBack, _, Outcome::Done) => ("REFUND_DONE", amount()),
            Input::Reply(_, _, Outcome::Refused { reason }) => ("REFUND_REFUSED", Some(reason.clone())),
            _ => return,
        };
        self.order.note(self.tx.now(), step, detail);
    }

    fn ended(&mut self, undone: Option<Why>) {
        self.refund.ended(undone, self.tx.now());
    }

    fn counts(&mut self, counter: Counter) {
        self.tx.count(counter);
    }
}
