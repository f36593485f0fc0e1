use contracts::{
    payments::{PaymentRefunded, ReturnReason},
    tickets::{OrderEnd, OrderEnded},
};
use kernel::{EventId, Fault, OrderId, Result, UserId};
use uuid::Uuid;

use super::{Notifications, Occasion, forget_the_decline, of_order};
use crate::domain::{
    entities::{About, Event, Kind, Told},
    letter::{Letter, Refund, Why, title_or_order},
    ports::Tx,
    words::{Language, say},
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
                let reader = tx.reader(buyer_id).await?;
                let about = About { order: Some(order_id), event: Some(event_id), ticket: None };
                let (words, expired) = (reader.language(), how == OrderEnd::Expired);
                if let Some(told) = unpaid(words, event, is_off, about, expired) {
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
            let called_off = ReturnReason::of(&refunded.reason) == Some(ReturnReason::CalledOff);
            let why = if called_off { Why::CalledOff } else { Why::Whole(refunded.reason.clone()) };
            (why, of_order(order_id))
        } else {
            (Why::Returned, format!("refund:{refund_id}"))
        };
        let mut refund = refund_of(tx.as_mut(), order_id, event_id, why).await?;
        refund.amount = Some(amount);
        refund.part = refunded.made_at_provider && !refunded.whole;
        refund.void = refunded.made_at_provider && refunded.whole;
        if refund.void {
            tx.end_reminders_of(order_id).await?;
        }
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
        let (reader, organizer) = tx.buyer_of(refund.order_id, buyer_id, event_id).await?;
        let buyer = reader.account.clone().ok_or_else(|| {
            Fault::passing("telling of a refund", format!("buyer {buyer_id} is not known yet"))
        })?;
        if buyer.erased {
            return Ok(());
        }
        buyer.name.clone_into(&mut refund.name);
        let letter = Letter::OrderRefunded(refund);
        let told = letter.listed(buyer.language, cause.clone());
        self.text(tx, &reader, letter.clone(), cause.clone()).await?;
        let on =
            Occasion { cause: &cause, organizer: organizer.as_ref(), words: buyer.language, now: tx.now() };
        tx.add(&self.mail_to(&buyer, letter, &on)).await?;
        self.list(tx, &reader, told).await
    }
}

/// What there is to say of an order that nobody paid: that there is no such event any more goes before anything else.
fn unpaid(
    words: Language,
    event: Option<Event>,
    called_off: bool,
    about: About,
    expired: bool,
) -> Option<Told> {
    let title = title_or_order(words, event.map(|event| event.title).as_deref());
    let (kind, subject, body) = if called_off {
        (Kind::EventCancelled, "off-subject", "unpaid-called-off")
    } else if expired {
        (Kind::OrderExpired, "expired-subject", "expired")
    } else {
        return None;
    };
    let (subject, body) = (say!(words, subject, title = &title), say!(words, body, title = &title));
    Some(Told { kind, cause: of_order(about.order?), subject, body, about })
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
