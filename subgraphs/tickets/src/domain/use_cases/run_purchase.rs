use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    payments::PaymentDeclined,
    purchase::{
        EventOnTicket, IfPaid, IssueTickets, Outcome, PurchaseReply, PurchaseStep, ReleaseSeats,
        ReturnPayment, SecureSeats, SendConfirmation, TakePayment, Way,
    },
};
use kernel::{Fault, OrderId, Refusal, Result, UserId};
use uuid::Uuid;

use super::{Tickets, follow_the_money::follow, read::in_hand};
use crate::domain::{
    entities::{KnownEvent, Order, Standing},
    ports::{SoldEvent, Tx},
    purchase_saga::{Ask, Ending, Input, Patience, Progress, advance},
};

impl Tickets {
    /// A service has answered an ask.
    #[tracing::instrument(skip_all)]
    pub async fn purchase_answered(&self, message: Uuid, reply: PurchaseReply) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let order = tx.order(reply.order_id).await?;
        let mut order = order.ok_or_else(|| Fault::broken_rule("a reply about an unknown order"))?;
        let input = Input::Reply(reply.step, reply.way, reply.outcome);
        let had_tickets = order.has_tickets();
        self.go_on(&mut *tx, &mut order, &input).await?;
        // Something may have been heard of their money before they were issued.
        if order.has_tickets() && !had_tickets && order.state().money.standing() != Standing::Good {
            follow(&mut *tx, &mut order).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Nobody has answered in time, if that is still so. False when something else happened meanwhile.
    #[tracing::instrument(skip_all)]
    pub async fn purchase_timed_out(&self, id: OrderId) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let Some(mut order) = tx.order(id).await? else { return Ok(false) };
        if order.state().deadline.is_none_or(|deadline| tx.now() < deadline) {
            return Ok(false);
        }
        self.go_on(&mut *tx, &mut order, &Input::TimedOut).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The buyer gives up before paying. Giving up twice is once.
    #[tracing::instrument(skip_all)]
    pub async fn cancel_order(&self, id: OrderId, by: UserId) -> Result<Order> {
        let mut tx = self.store.begin().await?;
        let order = tx.order(id).await?.filter(|order| order.state().buyer == by);
        let mut order = order.ok_or_else(|| Refusal::not_found("order"))?;
        order.may_cancel()?;
        let before = order.state().progress;
        self.go_on(&mut *tx, &mut order, &Input::Cancel).await?;
        if matches!(before, Progress::Forward { .. }) && order.state().progress == before {
            return Err(Refusal::conflict(
                "This order is just being completed and cannot be cancelled any more.",
            )
            .into());
        }
        tx.commit().await?;
        Ok(order)
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

    async fn go_on(&self, tx: &mut dyn Tx, order: &mut Order, input: &Input) -> Result<()> {
        let at = order.state().progress;
        let (next, ask) = advance(at, input, order.state().total.is_zero());
        if next == at && ask.is_none() {
            return Ok(());
        }
        let now = tx.now();
        let (step, detail) = story(input);
        order.note(now, step, detail);
        if let Progress::Forward { step } = next
            && step > PurchaseStep::TakePayment
        {
            order.paid();
        }
        order.move_to(next, deadline(next, order, now));
        tracing::debug!(order = %order.state().id, ?at, ?next, "a purchase moved on");
        if let Some(ask) = ask {
            let announcement = self.announcement(tx, order, ask).await?;
            order.tell(announcement);
        } else if let Progress::Undone { why } = next {
            order.ended(why, now);
        }
        tx.save_order(order).await?;
        Ok(())
    }

    async fn announcement(&self, tx: &mut dyn Tx, order: &Order, ask: Ask) -> Result<Announcement> {
        let of = order.state();
        let order_id = of.id;
        Ok(match ask {
            Ask::Do(PurchaseStep::SecureSeats) => Announcement::of(&SecureSeats { order_id }),
            Ask::Undo(PurchaseStep::SecureSeats, _) => Announcement::of(&ReleaseSeats { order_id }),
            Ask::Do(PurchaseStep::TakePayment) => {
                let sold = sold_event(tx, order).await?;
                Announcement::of(&TakePayment {
                    order_id,
                    number: of.number.clone(),
                    event_id: of.event,
                    buyer_id: of.buyer,
                    amount: of.total,
                    description: format!("{} for {}", of.number, sold.event.facts.title),
                    expires_at: of.expires_at,
                })
            }
            Ask::Undo(PurchaseStep::TakePayment, why) => Announcement::of(&ReturnPayment {
                order_id,
                if_paid: if why == Ending::Expired { IfPaid::Keep } else { IfPaid::Refund },
                reason: reason(why).to_owned(),
            }),
            Ask::Do(PurchaseStep::IssueTickets) => Announcement::of(&IssueTickets { order_id }),
            Ask::Do(PurchaseStep::SendConfirmation) => {
                let sold = sold_event(tx, order).await?;
                let tickets = tx.tickets_of(order_id).await?;
                Announcement::of(&SendConfirmation {
                    order_id,
                    number: of.number.clone(),
                    buyer_id: of.buyer,
                    total: of.total,
                    event: on_ticket(&sold.event),
                    tickets: tickets
                        .iter()
                        .map(|ticket| in_hand(&self.keys, ticket.state(), &sold.types, sold.house.as_deref()))
                        .collect(),
                })
            }
            Ask::Undo(step @ (PurchaseStep::IssueTickets | PurchaseStep::SendConfirmation), _) => {
                return Err(Fault::broken_rule(format!("{step:?} has no undo")).into());
            }
        })
    }
}

/// Asks for the first step of a new order's purchase.
pub(super) fn begin_purchase(order: &mut Order, now: DateTime<Utc>) {
    let progress = Progress::start();
    order.move_to(progress, deadline(progress, order, now));
    order.tell(Announcement::of(&SecureSeats { order_id: order.state().id }));
}

async fn sold_event(tx: &mut dyn Tx, order: &Order) -> Result<SoldEvent> {
    let sold = tx.sold_event(order.state().event).await?;
    Ok(sold.ok_or_else(|| Fault::broken_rule("an order of an unknown event"))?)
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
