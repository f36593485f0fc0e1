use contracts::{
    payments::PaymentRefunded,
    tickets::{OrderEnd, OrderEnded},
};
use kernel::{EventId, Fault, OrderId, Result, UserId};
use uuid::Uuid;

use super::{Notifications, Occasion, forget_the_decline, of_order};
use crate::domain::{
    entities::{Event, Kind, Told},
    letter::{Letter, Refund, Why, titled},
    ports::Tx,
};

impl Notifications {
    /// Tells the buyer of an order that ended without tickets. Who gave it up knows it.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_end(&self, message: Uuid, ended: &OrderEnded) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let OrderEnded { order_id, event_id, buyer_id, how, called_off, .. } = *ended;
        forget_the_decline(tx.as_mut(), order_id, buyer_id).await?;
        match how {
            OrderEnd::Cancelled | OrderEnd::Expired => {
                let event = tx.event(event_id).await?;
                // The news of the event may still be on their way here.
                let is_off = called_off || event.as_ref().is_some_and(|event| event.called_off);
                let told = unpaid(event, is_off, order_id, how == OrderEnd::Expired);
                if let Some(told) = told {
                    let reader = tx.reader(buyer_id).await?;
                    self.list(tx.as_mut(), &reader, told).await?;
                }
            }
            OrderEnd::Refunded => {
                let why = if called_off { Why::CalledOff } else { Why::TooLate };
                let mut refund = refund_of(tx.as_mut(), order_id, event_id, why).await?;
                refund.amount = tx.order(order_id).await?.map(|order| order.total);
                self.tell_buyer(tx.as_mut(), (buyer_id, event_id), refund, of_order(order_id)).await?;
            }
        }
        tx.commit().await
    }

    /// Tells the buyer that money went back. All that was paid for an order that ends without tickets is told once,
    /// whether the order's end is heard of first or this. What was asked for is told by who asked, and knows for which tickets.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_refund(&self, message: Uuid, refunded: &PaymentRefunded) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        if refunded.asked_for {
            return tx.commit().await;
        }
        let PaymentRefunded { order_id, event_id, buyer_id, refund_id, amount, .. } = *refunded;
        let all_at_once = refunded.whole && !refunded.made_at_provider && amount == refunded.refunded_in_all;
        let (why, cause) = if all_at_once {
            (Why::Whole(refunded.reason.clone()), of_order(order_id))
        } else {
            (Why::Returned, format!("refund:{refund_id}"))
        };
        let mut refund = refund_of(tx.as_mut(), order_id, event_id, why).await?;
        refund.amount = Some(amount);
        refund.part = refunded.made_at_provider && !refunded.whole;
        refund.void = refunded.made_at_provider && refunded.whole;
        self.tell_buyer(tx.as_mut(), (buyer_id, event_id), refund, cause).await?;
        tx.commit().await
    }

    async fn tell_buyer(
        &self,
        tx: &mut dyn Tx,
        (buyer_id, event_id): (UserId, EventId),
        mut refund: Refund,
        cause: String,
    ) -> Result<()> {
        let (reader, organizer) = tx.reader_of(buyer_id, event_id).await?;
        let buyer = reader.account.clone().ok_or_else(|| {
            Fault::passing("telling of a refund", format!("buyer {buyer_id} is not known yet"))
        })?;
        if buyer.erased {
            return Ok(());
        }
        buyer.name.clone_into(&mut refund.name);
        let letter = Letter::OrderRefunded(refund);
        let told = Told {
            kind: Kind::OrderRefunded,
            cause: cause.clone(),
            subject: letter.subject(),
            body: letter.opening().split_off(1).join(" "),
        };
        self.text(tx, &reader, letter.clone(), cause.clone()).await?;
        let on = Occasion { cause: &cause, organizer: organizer.as_ref(), now: tx.now() };
        tx.add(&self.mail_to(&buyer, letter, &on)).await?;
        self.list(tx, &reader, told).await
    }
}

/// What there is to say of an order that nobody paid: that there is no such event any more goes before anything else.
fn unpaid(event: Option<Event>, called_off: bool, order: OrderId, expired: bool) -> Option<Told> {
    let title = event.map_or_else(|| "your order".to_owned(), |event| titled(&event.title));
    let (kind, subject, body) = if called_off {
        let body = format!("{title} is called off, and your order for it has ended. Nothing was charged.");
        (Kind::EventCancelled, format!("Called off: {title}"), body)
    } else if expired {
        let body = format!(
            "The order for {title} was not paid in time and has ended. Nothing was charged. You can order again while \
             there are tickets."
        );
        (Kind::OrderExpired, format!("Time ran out: {title}"), body)
    } else {
        return None;
    };
    Some(Told { kind, cause: of_order(order), subject, body })
}

/// What is known of a refund: that the event was called off goes before any other reason.
async fn refund_of(tx: &mut dyn Tx, order_id: OrderId, event_id: EventId, why: Why) -> Result<Refund> {
    let event = tx.event(event_id).await?;
    let called_off = event.as_ref().is_some_and(|event| event.called_off) && why != Why::Returned;
    Ok(Refund {
        name: String::new(),
        order_id,
        number: tx.order(order_id).await?.map(|order| order.number),
        event_title: event.map(|event| event.title),
        amount: None,
        part: false,
        void: false,
        why: if called_off { Why::CalledOff } else { why },
    })
}
