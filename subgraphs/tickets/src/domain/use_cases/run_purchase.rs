use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    invoices::{Invoice, InvoiceKind},
    payments::{PaymentDeclined, ReturnReason},
    purchase::{
        EventOnTicket, IfPaid, Outcome, PurchaseReply, PurchaseStep, ReturnPayment, SendConfirmation,
        TakePayment,
    },
    saga::Asked,
};
use kernel::{Fault, OrderId, Refusal, Result, UserId};
use metrics::Counter;
use saga::{Ask, Input, Progress, Running, Stage, Why, go_on};
use uuid::Uuid;

use super::{
    Tickets, follow_the_money::follow, issue_invoice::issue_invoice, own_steps::Hall, read::in_hand, tidy,
};
use crate::domain::{
    entities::{ClaimToken, House, KnownEvent, Order, Standing, Ticket, TicketType},
    ports::{Look, Tx},
    reasons,
    sagas::purchase::{self, Free, Purchase, needs_the_event},
};

/// A purchase that is being moved on. Its event's row was locked before its order's, if a step of our own is next.
struct Moving {
    tx: Box<dyn Tx>,
    order: Order,
    saga: Running<Purchase>,
    hall: Option<Hall>,
    /// True when that its event was called off is why it moves.
    called_off: bool,
}

impl Tickets {
    /// A service has answered an ask.
    #[tracing::instrument(skip_all)]
    pub async fn purchase_answered(&self, message: Uuid, reply: PurchaseReply) -> Result<()> {
        let input = Input::Reply(reply.step, reply.way, reply.outcome);
        let taken_up = self.take_up(reply.order_id, &input, Some(message)).await?;
        let Some(mut moving) = taken_up else { return Ok(()) };
        let had_tickets = moving.order.has_tickets();
        self.go_on(&mut moving, &input).await?;
        let Moving { mut tx, mut order, .. } = moving;
        // Something may have been heard of their money before they were issued.
        if order.has_tickets() && !had_tickets && order.state().money.standing() != Standing::Good {
            follow(&mut *tx, &mut order).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Nobody has answered in time, if that is still so. False when something else happened meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn purchase_timed_out(&self, id: OrderId) -> Result<bool> {
        let input = Input::TimedOut;
        let Some(mut moving) = self.take_up(id, &input, None).await? else { return Ok(false) };
        if moving.saga.deadline.is_none_or(|deadline| moving.tx.now() < deadline) {
            return Ok(false);
        }
        self.go_on(&mut moving, &input).await?;
        moving.tx.commit().await?;
        Ok(true)
    }

    /// The event of an order that waits for its money was called off: it ends at once, unless it has moved on. What turns out to
    /// be paid goes back when its tickets cannot be issued.
    pub(super) async fn end_called_off(&self, id: OrderId) -> Result<()> {
        let input = Input::TimedOut;
        let Some(mut moving) = self.take_up(id, &input, None).await? else { return Ok(()) };
        if moving.saga.progress == (Progress::Forward { step: PurchaseStep::TakePayment }) {
            moving.called_off = true;
            self.go_on(&mut moving, &input).await?;
            moving.tx.commit().await?;
        }
        Ok(())
    }

    /// The buyer gives up before paying. Giving up twice is once.
    #[tracing::instrument(skip_all)]
    pub async fn cancel_order(&self, id: OrderId, by: UserId) -> Result<Order> {
        let input = Input::Cancel;
        let moving = self.take_up(id, &input, None).await?;
        let moving = moving.filter(|moving| moving.order.state().buyer == by);
        let mut moving = moving.ok_or_else(|| Refusal::not_found("order"))?;
        moving.order.may_cancel()?;
        let before = moving.saga.progress;
        self.go_on(&mut moving, &input).await?;
        if matches!(before, Progress::Forward { .. }) && moving.saga.progress == before {
            return Err(Refusal::new(
                reasons::ORDER_COMPLETING,
                "This order is just being completed and cannot be cancelled any more.",
            )
            .into());
        }
        moving.tx.commit().await?;
        Ok(moving.order)
    }

    /// A card was declined: the order waits for another.
    #[tracing::instrument(skip_all)]
    pub async fn payment_declined(&self, message: Uuid, told: PaymentDeclined) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        if let Some(mut order) = tx.order(told.order_id).await? {
            order.payment_declined(told.at, &told.decline_code);
            tx.save_order(&mut order).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Locks a purchase, with what the input needs. None when there is no such order, or the message was handled before.
    async fn take_up(
        &self,
        id: OrderId,
        input: &Input<PurchaseStep>,
        message: Option<Uuid>,
    ) -> Result<Option<Moving>> {
        // Which event it is of, and which places it has, never changes; how far it is, is looked at again.
        let known = if matches!(input, Input::Reply(PurchaseStep::SendConfirmation, ..)) {
            None // the end of it: there is nothing left to do
        } else {
            self.reads.purchase(id).await?
        };
        let known = known.filter(|(known, at)| needs_the_event(*at, input, known.order.total.is_zero()));
        let (mut tx, locked) = match (known, message) {
            (Some((known, _)), _) => {
                let seats = known.reservation.seats();
                let look =
                    Look { seats: &seats, reservation: Some(known.order.reservation), ..Look::default() };
                let event = known.order.event;
                let begun = match message {
                    Some(message) => self.store.begin_handling_on(message, event, look).await?,
                    None => self.store.begin_on(event, look).await?,
                };
                let Some((mut tx, mut locked)) = begun else { return Ok(None) };
                tidy(&mut *tx, &mut locked).await?;
                (tx, Some(locked))
            }
            (None, Some(message)) => {
                let Some(tx) = self.store.begin_handling(message).await? else { return Ok(None) };
                (tx, None)
            }
            (None, None) => (self.store.begin().await?, None),
        };
        let Some((order, saga)) = tx.purchase(id).await? else {
            return match message {
                Some(_) => {
                    Err(Fault::broken_rule(format!("a reply about order {id}, which is unknown")).into())
                }
                None => Ok(None),
            };
        };
        let hall = match locked {
            Some(locked) => {
                let reservation = locked.reservation;
                let reservation = reservation
                    .ok_or_else(|| Fault::broken_rule(format!("order {id} lacks its reservation")))?;
                Some(Hall::new(locked.inventory, reservation))
            }
            None => None,
        };
        Ok(Some(Moving { tx, order, saga, hall, called_off: false }))
    }

    /// Moves a purchase on, and does what is asked of `tickets` itself on the way.
    async fn go_on(&self, moving: &mut Moving, input: &Input<PurchaseStep>) -> Result<()> {
        let Moving { tx, order, saga, hall, called_off } = moving;
        let mut stage = PurchaseStage::of(self, &mut **tx, order, hall.as_mut());
        stage.called_off = *called_off;
        if go_on(saga, &mut stage, input).await? {
            tx.save_purchase(order, saga).await?;
        }
        if let Some(hall) = hall {
            hall.save(&mut **tx).await?; // what had run out was given back, whatever came of the input
        }
        Ok(())
    }

    /// Begins the purchase of a new order, up to what is asked of another service, and saves both.
    pub(super) async fn begin_purchase(
        &self,
        tx: &mut dyn Tx,
        order: &mut Order,
        hall: &mut Hall,
    ) -> Result<()> {
        let mut saga = purchase::of(order.state().id, tx.now());
        saga.begin(&mut PurchaseStage::of(self, &mut *tx, order, Some(hall))).await?;
        Ok(tx.save_purchase(order, &saga).await?)
    }
}

/// What a purchase acts upon.
struct PurchaseStage<'s> {
    tickets: &'s Tickets,
    tx: &'s mut dyn Tx,
    order: &'s mut Order,
    /// None where nothing is asked of `tickets` itself.
    hall: Option<&'s mut Hall>,
    /// The invoice that was issued here.
    invoice: Option<Invoice>,
    /// True when that its event was called off is why it moves.
    called_off: bool,
}

impl<'s> PurchaseStage<'s> {
    fn of(
        tickets: &'s Tickets,
        tx: &'s mut dyn Tx,
        order: &'s mut Order,
        hall: Option<&'s mut Hall>,
    ) -> Self {
        Self { tickets, tx, order, hall, invoice: None, called_off: false }
    }
}

#[async_trait]
impl Stage<Purchase> for PurchaseStage<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.tx.now()
    }

    fn given(&self) -> Free {
        self.order.state().total.is_zero()
    }

    fn expires_at(&self) -> DateTime<Utc> {
        self.order.state().expires_at
    }

    async fn does(&mut self, _: &mut Running<Purchase>, ask: Ask<PurchaseStep>) -> Result<Option<Outcome>> {
        let now = self.tx.now();
        let hall = self.hall.as_deref_mut().ok_or_else(not_locked)?;
        let outcome = hall.does(ask, self.order, now)?;
        if ask == Ask::Do(PurchaseStep::IssueTickets) && !hall.tickets().is_empty() {
            let price = hall.price_of(self.order)?;
            let order = self.order.state();
            self.invoice = issue_invoice(&mut *self.tx, order, &price, hall.inventory()).await?;
        }
        Ok(Some(outcome))
    }

    async fn asks(&mut self, _: Asked, ask: Ask<PurchaseStep>) -> Result<()> {
        let announcement = self.announcement(ask).await?;
        self.order.tell(announcement);
        Ok(())
    }

    fn moved(&mut self, input: &Input<PurchaseStep>, to: Progress<PurchaseStep>) {
        let (step, why) = input.told::<Purchase>();
        let stands = matches!(input, Input::Reply(_, _, Outcome::Stands));
        let why = why.or_else(|| stands.then(|| "It was paid in time.".to_owned()));
        self.order.note(self.tx.now(), step, why);
        self.order.purchase_moved(to);
    }

    fn ended(&mut self, undone: Option<Why>) {
        let hall = self.hall.as_deref();
        let event_is_off = hall.is_some_and(|hall| hall.inventory().event().is_called_off());
        self.order.purchase_ended(undone, event_is_off, self.tx.now());
    }

    fn counts(&mut self, counter: Counter) {
        self.tx.count(counter);
    }
}

impl PurchaseStage<'_> {
    /// What is asked of another service.
    async fn announcement(&mut self, ask: Ask<PurchaseStep>) -> Result<Announcement> {
        let of = self.order.state();
        let order_id = of.id;
        Ok(match ask {
            Ask::Do(PurchaseStep::TakePayment) => {
                let hall = self.hall.as_deref().ok_or_else(not_locked)?;
                let (event, price) = (hall.inventory().event(), hall.price_of(self.order)?);
                Announcement::of(&TakePayment {
                    order_id,
                    number: of.number.clone(),
                    event_id: of.event,
                    buyer_id: of.buyer,
                    amount: of.total,
                    description: format!("{} for {}", of.number, event.facts.title),
                    expires_at: of.expires_at,
                    organization_id: Some(event.facts.organization_id),
                    fees: Some(price.price()?.fees.plus(price.absorbed_fees()?)?),
                    contact: of.given.told(),
                })
            }
            Ask::Undo(PurchaseStep::TakePayment, why) => Announcement::of(&ReturnPayment {
                order_id,
                if_paid: if why == Why::Expired { IfPaid::Keep } else { IfPaid::Refund },
                reason: if self.called_off { ReturnReason::CalledOff } else { purchase::reason(why) }
                    .sentence()
                    .to_owned(),
            }),
            Ask::Do(PurchaseStep::SendConfirmation) => {
                let tickets = self.tickets;
                if let Some(hall) = self.hall.as_deref().filter(|hall| !hall.tickets().is_empty()) {
                    let of = hall.inventory();
                    let house = Some(of.house().as_ref());
                    return Ok(tickets.confirmation(
                        self.order,
                        of.event(),
                        of.types(),
                        house,
                        hall.tickets(),
                        self.invoice.take(),
                    ));
                }
                let sold = self.tx.sold_event(of.event).await?;
                let sold = sold.ok_or_else(|| Fault::broken_rule("an order of an unknown event"))?;
                let issued = self.tx.tickets_of(order_id).await?;
                let invoices = self.tx.invoices_of(order_id).await?;
                let invoice = invoices.into_iter().find(|one| one.kind == InvoiceKind::Invoice);
                let house = sold.house.as_deref();
                tickets.confirmation(self.order, &sold.event, &sold.types, house, &issued, invoice)
            }
            Ask::Do(step) | Ask::Undo(step, _) => {
                return Err(Fault::broken_rule(format!("{step:?} is asked of nobody else so")).into());
            }
        })
    }
}

impl Tickets {
    fn confirmation(
        &self,
        order: &Order,
        event: &KnownEvent,
        types: &[TicketType],
        house: Option<&House>,
        tickets: &[Ticket],
        invoice: Option<Invoice>,
    ) -> Announcement {
        let of = order.state();
        // Asked again, it may come behind a transfer: what is somebody else's by now is not sent to the buyer.
        let theirs = tickets.iter().map(Ticket::state).filter(|ticket| ticket.was_never_passed_on());
        Announcement::of(&SendConfirmation {
            order_id: of.id,
            number: of.number.clone(),
            buyer_id: of.buyer,
            total: of.total,
            event: on_ticket(event),
            tickets: theirs.map(|ticket| in_hand(&self.keys, ticket, types, house)).collect(),
            invoice: invoice.map(Box::new),
            contact: of.given.told(),
            claim_token: Some(ClaimToken::give_out(of.id, &self.keys).0),
        })
    }
}

/// It needs its event, and is tried again with it.
fn not_locked() -> Fault {
    Fault::passing("moving a purchase on", "it moved while its event was not locked")
}

/// What a ticket says of its event.
pub(super) fn on_ticket(event: &KnownEvent) -> EventOnTicket {
    let facts = &event.facts;
    EventOnTicket {
        event_id: event.id,
        title: facts.title.clone(),
        slug: facts.slug.clone(),
        venue_name: facts.venue_name.clone(),
        venue_address: facts.venue_address.clone(),
        starts_at: facts.starts_at,
        ends_at: facts.ends_at,
        doors_at: facts.doors_at,
        timezone: facts.timezone,
        currency: facts.currency,
    }
}
