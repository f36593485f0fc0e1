use contracts::tickets::{HeldTicket, OrderRescheduled};
use kernel::{Fault, OrderId, Result};
use uuid::Uuid;

use super::{Notifications, Occasion, mail_holders::ToHolder, of_others};
use crate::domain::{
    entities::{Kind, Recipient, reminds_at},
    letter::{Letter, Rescheduled},
};

impl Notifications {
    /// Tells whoever has tickets of an order that the event has another time: a mail to the buyer and to everybody else who goes
    /// in, an SMS to a buyer who wants one, and a line in the buyer's list. Of an earlier move nobody is told any more: what was
    /// not sent of it is taken back. Nor of any once no ticket of the order is left.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_move(&self, message: Uuid, moved: &OrderRescheduled) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let (reader, organizer) = tx.buyer_of(moved.order_id, moved.buyer_id, moved.event.event_id).await?;
        let buyer = reader.account.clone().ok_or_else(|| {
            Fault::passing("telling of a move", format!("buyer {} is not known yet", moved.buyer_id))
        })?;
        let Some(told_before) = tx.note_move(moved.order_id, moved.sequence).await? else {
            return tx.commit().await;
        };
        let due = reminds_at(moved.event.starts_at, moved.event.timezone);
        tx.move_reminders_of(moved.order_id, Some(due)).await?;
        let others = of_others(&buyer, &moved.tickets, |ticket| ticket.holder_email.as_str());
        if told_before > 0 {
            let mut readers: Vec<String> = others.keys().cloned().collect();
            readers.push(Recipient::Person(buyer.user_id).key());
            tx.withdraw(Kind::EventRescheduled, &cause_of(moved.order_id, told_before), &readers).await?;
        }
        let cause = cause_of(moved.order_id, moved.sequence);
        let on =
            Occasion { cause: &cause, organizer: organizer.as_ref(), words: buyer.language, now: tx.now() };
        if !buyer.erased {
            let letter = Letter::EventRescheduled(Rescheduled::to_the_buyer(&buyer.name, moved));
            let told = letter.listed(buyer.language, cause.clone());
            self.text(tx.as_mut(), &reader, letter.clone(), cause.clone()).await?;
            tx.add(&self.mail_to(&buyer, letter, &on)).await?;
            self.list(tx.as_mut(), &reader, told).await?;
        }
        let letter = |theirs: Vec<&HeldTicket>| {
            let theirs: Vec<HeldTicket> = theirs.into_iter().cloned().collect();
            let (email, name) = (theirs[0].holder_email.clone(), theirs[0].holder_name.clone());
            let letter = Letter::EventRescheduled(Rescheduled::to_a_holder(&name, moved, theirs));
            ToHolder { email, name, letter }
        };
        self.mail_holders(tx.as_mut(), (&buyer, moved.order_id), &on, others, letter).await?;
        tx.commit().await
    }
}

/// Nobody is told twice of one move.
fn cause_of(order: OrderId, sequence: i64) -> String {
    format!("order:{order}:move:{sequence}")
}
