use contracts::tickets::{OrderRefunded, RefundedTicket};
use kernel::{Fault, Result};
use uuid::Uuid;

use super::{Notifications, Occasion, of_order, of_others};
use crate::domain::{
    entities::{Account, Kind, Recipient},
    letter::{Letter, RefundedTickets, Returned},
    ports::Tx,
};

impl Notifications {
    /// Tells the buyer how much money goes back for which tickets: by a mail, an SMS if they want one, and a line in their
    /// list. Who was sent one of these tickets is told by a mail that it admits nobody any more. When the event is off,
    /// all of them know that already: there is the line, and a mail only for a credit note, to the buyer.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_refunded_tickets(&self, message: Uuid, refund: &OrderRefunded) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let (reader, organizer) =
            tx.buyer_of(refund.order_id, refund.buyer_id, refund.event.event_id).await?;
        let buyer = reader.account.clone().ok_or_else(|| {
            let unknown = format!("buyer {} is not known yet", refund.buyer_id);
            Fault::passing("telling of refunded tickets", unknown)
        })?;
        for ticket in &refund.tickets {
            tx.end_reminder(ticket.ticket_id).await?;
        }
        let cause = format!("refund:{}", refund.refund_id);
        let on =
            Occasion { cause: &cause, organizer: organizer.as_ref(), words: buyer.language, now: tx.now() };
        let sequence =
            if refund.whole && !refund.called_off { tx.end_moves(refund.order_id).await? + 1 } else { 0 };
        if !buyer.erased {
            let to_buyer = RefundedTickets::to_the_buyer(&buyer.name, refund).taking_back(sequence);
            let letter = Letter::TicketsRefunded(to_buyer);
            let told = letter.listed(buyer.language, cause.clone());
            if !refund.called_off {
                self.text(tx.as_mut(), &reader, letter.clone(), cause.clone()).await?;
                tx.add(&self.mail_to(&buyer, letter, &on)).await?;
            } else if refund.invoice.is_some() && !self.is_added(tx.as_mut(), &buyer, refund, &on).await? {
                tx.add(&self.mail_to(&buyer, letter, &on)).await?;
            }
            self.list(tx.as_mut(), &reader, told).await?;
        }
        if !refund.called_off {
            let others = of_others(&buyer, &refund.tickets, |ticket| ticket.holder_email.as_str());
            let keys: Vec<String> = others.keys().cloned().collect();
            let order = of_order(refund.order_id);
            let have_tickets = tx.mailed(Kind::TicketsReceived, &order, &keys).await?;
            // Who was passed a ticket on has it from a mail about that.
            let has_one = |(key, theirs): &(String, Vec<&RefundedTicket>)| {
                have_tickets.contains(key) || theirs.iter().any(|ticket| ticket.passed_on)
            };
            for theirs in others.into_iter().filter(has_one).map(|(_, own)| own) {
                let (address, name) = (&theirs[0].holder_email, &theirs[0].holder_name);
                let theirs = theirs.iter().copied().cloned().collect();
                let to_holder = RefundedTickets::to_a_holder(name, refund, theirs).taking_back(sequence);
                let letter = Letter::TicketsRefunded(to_holder);
                tx.add(&self.mail_to_address(address, name, letter, &on)).await?;
            }
        }
        tx.commit().await
    }

    /// Adds what went back, with its credit note, to the mail that the event is off, if that was not sent: then one mail says
    /// both. False when there is none to add it to.
    async fn is_added(
        &self,
        tx: &mut dyn Tx,
        buyer: &Account,
        refund: &OrderRefunded,
        on: &Occasion<'_>,
    ) -> Result<bool> {
        let (cause, recipient) = (of_order(refund.order_id), Recipient::Person(buyer.user_id).key());
        let Some(mut mail) = tx.waiting_mail(Kind::EventCancelled, &cause, &recipient).await? else {
            return Ok(false);
        };
        let letter = mail.delivery().outgoing().and_then(|outgoing| outgoing.letter.clone());
        let Some(Letter::EventCalledOff(mut off)) = letter else { return Ok(false) };
        let Some(order) = off.order.as_mut().filter(|order| order.returned.is_none()) else {
            return Ok(false); // another refund of the order has its credit note there
        };
        order.returned = Some(Returned { amount: refund.amount, invoice: refund.invoice.clone() });
        let letter = Letter::EventCalledOff(off);
        mail.rewrite(letter.mailed(buyer.language, cause, &self.public_url, on.organizer), letter);
        tx.rewrite(&mail).await?;
        Ok(true)
    }
}
