use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    payments::PaymentDeclined,
    purchase::{
        EventOnTicket, IfPaid, Outcome, PurchaseReply, PurchaseStep, ReturnPayment, SendConfirmation,
        TakePayment, Way,
    },
};
use kernel::{Fault, OrderId, Refusal, Result, UserId};
use uuid::Uuid;

use super::{Tickets, follow_the_money::follow, own_steps::Hall, read::in_hand, tidy};
use crate::domain::{
    entities::{House, KnownEvent, Order, Standing, Ticket, TicketType},
    ports::{Look, Tx},
    purchase_saga::{Ask, Ending, Input, Patience, Progress, advance, needs_the_event},
    reasons,
};

/// A purchase that is being moved on. Its event's row was locked before its order's, if a step of our own is next.
struct Moving {
    tx: Box<dyn Tx>,
    order: Order,
    hall: Option<Hall>,
}

impl Tickets {
    /// A service has answered an ask.
    #[tracing::instrument(skip_all)]
    pub async fn purchase_answered(&self, message: Uuid, reply: PurchaseReply) -> Result<()> {
        let input = Input::Reply(reply.step, reply.way, reply.outcome);
        let taken_up = self.take_up(reply.order_id, &input, Some(message)).await?;
        let Some(mut moving) = taken_up else { return Ok(()) };
        let had_tickets = moving.order.has_tickets();
        self.go_on(&mut moving, input).await?;
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
        if moving.order.state().deadline.is_none_or(|deadline| moving.tx.now() < deadline) {
            return Ok(false);
        }
        self.go_on(&mut moving, input).await?;
        moving.tx.commit().await?;
        Ok(true)
    }

    /// The buyer gives up before paying. Giving up twice is once.
    #[tracing::instrument(skip_all)]
    pub async fn cancel_order(&self, id: OrderId, by: UserId) -> Result<Order> {
        let input = Input::Cancel;
        let moving = self.take_up(id, &input, None).await?;
        let moving = moving.filter(|moving| moving.order.state().buyer == by);
        let mut moving = moving.ok_or_else(|| Refusal::not_found("order"))?;
        moving.order.may_cancel()?;
        let before = moving.order.state().progress;
        self.go_on(&mut moving, input).await?;
        if matches!(before, Progress::Forward { .. }) && moving.order.state().progress == before {
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
    async fn take_up(&self, id: OrderId, input: &Input, message: Option<Uuid>) -> Result<Option<Moving>> {
        // Which event it is of, and which places it has, never changes; how far it is, is looked at again.
        let known = if matches!(input, Input::Reply(PurchaseStep::SendConfirmation, ..)) {
            None // the end of it: there is nothing left to do
        } else {
            self.reads.order(id).await?
        };
        let known =
            known.filter(|known| needs_the_event(known.order.progress, input, known.order.total.is_zero()));
        let (mut tx, locked) = match (known, message) {
            (Some(known), _) => {
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
        let Some(order) = tx.order(id).await? else {
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
        Ok(Some(Moving { tx, order, hall }))
    }

    /// Moves a purchase on, and does what is asked of `tickets` itself on the way.
    async fn go_on(&self, moving: &mut Moving, input: Input) -> Result<()> {
        let Moving { tx, order, hall } = moving;
        if self.advances(&mut **tx, order, hall.as_mut(), input).await? {
            tx.save_order(order).await?;
        }
        if let Some(hall) = hall {
            hall.save(&mut **tx).await?; // what had run out was given back, whatever came of the input
        }
        Ok(())
    }

    /// Begins the purchase of a new order: up to what is asked of another service.
    pub(super) async fn begin_purchase(
        &self,
        tx: &mut dyn Tx,
        order: &mut Order,
        hall: &mut Hall,
    ) -> Result<()> {
        let (now, first) = (tx.now(), Progress::start());
        order.move_to(first, deadline(first, order, now));
        let ask = first.ask().ok_or_else(|| Fault::broken_rule("a purchase begins with an ask"))?;
        let done = answered(ask, hall.does(ask, order, now)?);
        self.advances(tx, order, Some(hall), done).await.map(drop)
    }

    /// Changes the order; false when the input changes nothing.
    async fn advances(
        &self,
        tx: &mut dyn Tx,
        order: &mut Order,
        mut hall: Option<&mut Hall>,
        mut input: Input,
    ) -> Result<bool> {
        let now = tx.now();
        for steps in 0.. {
            let at = order.state().progress;
            let (next, ask) = advance(at, &input, order.state().total.is_zero());
            if next == at && ask.is_none() {
                return Ok(steps > 0);
            }
            let (step, detail) = story(&input);
            order.note(now, step, detail);
            if let Progress::Forward { step } = next
                && step > PurchaseStep::TakePayment
            {
                order.paid();
            }
            order.move_to(next, deadline(next, order, now));
            tracing::debug!(order = %order.state().id, ?at, ?next, "a purchase moved on");
            match ask {
                Some(ask) if ask.is_own() => {
                    let hall = hall.as_deref_mut().ok_or_else(not_locked)?;
                    input = answered(ask, hall.does(ask, order, now)?);
                }
                Some(ask) => {
                    let announcement = self.announcement(tx, order, hall.as_deref(), ask).await?;
                    order.tell(announcement);
                    break;
                }
                None => {
                    if let Progress::Undone { why } = next {
                        order.ended(why, now);
                    }
                    break;
                }
            }
        }
        Ok(true)
    }

    /// What is asked of another service.
    async fn announcement(
        &self,
        tx: &mut dyn Tx,
        order: &Order,
        hall: Option<&Hall>,
        ask: Ask,
    ) -> Result<Announcement> {
        let of = order.state();
        let order_id = of.id;
        Ok(match ask {
            Ask::Do(PurchaseStep::TakePayment) => {
                let event = hall.ok_or_else(not_locked)?.inventory().event();
                Announcement::of(&TakePayment {
                    order_id,
                    number: of.number.clone(),
                    event_id: of.event,
                    buyer_id: of.buyer,
                    amount: of.total,
                    description: format!("{} for {}", of.number, event.facts.title),
                    expires_at: of.expires_at,
                })
            }
            Ask::Undo(PurchaseStep::TakePayment, why) => Announcement::of(&ReturnPayment {
                order_id,
                if_paid: if why == Ending::Expired { IfPaid::Keep } else { IfPaid::Refund },
                reason: reason(why).to_owned(),
            }),
            Ask::Do(PurchaseStep::SendConfirmation) => {
                if let Some(hall) = hall.filter(|hall| !hall.tickets().is_empty()) {
                    let of = hall.inventory();
                    let house = Some(of.house().as_ref());
                    return Ok(self.confirmation(order, of.event(), of.types(), house, hall.tickets()));
                }
                let sold = tx.sold_event(of.event).await?;
                let sold = sold.ok_or_else(|| Fault::broken_rule("an order of an unknown event"))?;
                let tickets = tx.tickets_of(order_id).await?;
                self.confirmation(order, &sold.event, &sold.types, sold.house.as_deref(), &tickets)
            }
            Ask::Do(step) | Ask::Undo(step, _) => {
                return Err(Fault::broken_rule(format!("{step:?} is asked of nobody else so")).into());
            }
        })
    }

    fn confirmation(
        &self,
        order: &Order,
        event: &KnownEvent,
        types: &[TicketType],
        house: Option<&House>,
        tickets: &[Ticket],
    ) -> Announcement {
        let of = order.state();
        Announcement::of(&SendConfirmation {
            order_id: of.id,
            number: of.number.clone(),
            buyer_id: of.buyer,
            total: of.total,
            event: on_ticket(event),
            tickets: tickets.iter().map(|ticket| in_hand(&self.keys, ticket.state(), types, house)).collect(),
        })
    }
}

fn answered(ask: Ask, outcome: Outcome) -> Input {
    match ask {
        Ask::Do(step) => Input::Reply(step, Way::Do, outcome),
        Ask::Undo(step, _) => Input::Reply(step, Way::Undo, outcome),
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

fn deadline(progress: Progress, order: &Order, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    Some(match progress.patience()? {
        Patience::For(time) => now + time,
        Patience::UntilTheOrderExpires => order.state().expires_at.max(now),
    })
}

fn reason(why: Ending) -> &'static str {
    match why {
        Ending::Expired => "The order's time was over before it was paid.",
        Ending::Cancelled => "The order was cancelled before it was paid.",
        Ending::Refused => "The order could not be fulfilled.",
        Ending::SeatsGone => "The payment came when its places could no longer be had.",
    }
}

/// What an input says in the order's history.
fn story(input: &Input) -> (String, Option<String>) {
    match input {
        Input::Cancel => ("CANCEL_REQUESTED".to_owned(), None),
        Input::TimedOut => ("TIMED_OUT".to_owned(), None),
        Input::Reply(step, way, outcome) => {
            let name = match (step, way) {
                (PurchaseStep::SecureSeats, Way::Do) => "SECURE_SEATS",
                (PurchaseStep::SecureSeats, Way::Undo) => "RELEASE_SEATS",
                (PurchaseStep::TakePayment, Way::Do) => "TAKE_PAYMENT",
                (PurchaseStep::TakePayment, Way::Undo) => "RETURN_PAYMENT",
                (PurchaseStep::IssueTickets, _) => "ISSUE_TICKETS",
                (PurchaseStep::SendConfirmation, _) => "SEND_CONFIRMATION",
            };
            match outcome {
                Outcome::Done => (format!("{name}_DONE"), None),
                Outcome::Refused { reason } => (format!("{name}_REFUSED"), Some(reason.clone())),
                Outcome::Stands => (format!("{name}_STANDS"), Some("It was paid in time.".to_owned())),
            }
        }
    }
}
