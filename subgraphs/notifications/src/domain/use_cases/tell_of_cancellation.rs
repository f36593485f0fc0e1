use contracts::tickets::{OrderCalledOff, TicketHolder};
use kernel::{Fault, Result};
use uuid::Uuid;

use super::{Notifications, Occasion, mail_holders::ToHolder, of_order, of_others};
use crate::domain::letter::{CalledOff, Letter, PaidOrder};

impl Notifications {
    /// Tells whoever has tickets of an order that the event is off: a mail to the buyer and to everybody else who
    /// would have gone in, an SMS to a buyer who wants one, and a line in the buyer's list. Who was sent a ticket is told in
    /// any case; others only as long as the buyer may have mails sent to others.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_cancellation(&self, message: Uuid, off: &OrderCalledOff) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let (reader, organizer) = tx.buyer_of(off.order_id, off.buyer_id, off.event.event_id).await?;
        let buyer = reader.account.clone().ok_or_else(|| {
            Fault::passing("telling of a cancellation", format!("buyer {} is not known yet", off.buyer_id))
        })?;
        let cause = of_order(off.order_id);
        let on =
            Occasion { cause: &cause, organizer: organizer.as_ref(), words: buyer.language, now: tx.now() };
        let sequence = tx.end_moves(off.order_id).await? + 1;
        tx.end_reminders_of(off.order_id).await?;
        let letter = |name: &str, order: Option<PaidOrder>| {
            Letter::EventCalledOff(CalledOff {
                name: name.to_owned(),
                order_id: off.order_id,
                sequence,
                event: Box::new(off.event.clone()),
                reason: off.reason.clone(),
                order,
            })
        };
        if !buyer.erased {
            let paid = PaidOrder { number: off.number.clone(), total: off.total, returned: None };
            let to_buyer = letter(&buyer.name, Some(paid));
            let told = to_buyer.listed(buyer.language, cause.clone());
            self.text(tx.as_mut(), &reader, to_buyer.clone(), cause.clone()).await?;
            tx.add(&self.mail_to(&buyer, to_buyer, &on)).await?;
            self.list(tx.as_mut(), &reader, told).await?;
        }
        let others = of_others(&buyer, &off.holders, |holder| holder.email.as_str());
        let letter = |holds: Vec<&TicketHolder>| {
            let (email, name) = (holds[0].email.clone(), holds[0].name.clone());
            ToHolder { letter: letter(&name, None), email, name }
        };
        self.mail_holders(tx.as_mut(), (&buyer, off.order_id), &on, others, letter).await?;
        tx.commit().await
    }
}
