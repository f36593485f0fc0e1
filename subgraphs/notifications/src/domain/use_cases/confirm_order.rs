use contracts::{
    Announcement,
    purchase::{Outcome, PurchaseReply, PurchaseStep, SendConfirmation, TicketInHand, Way},
};
use kernel::{Fault, Result};
use uuid::Uuid;

use super::{Notifications, Occasion, forget_the_decline, of_order, of_others};
use crate::domain::{
    entities::{Account, Holder, Notification, Recipient, RemindedTicket, reminds_at},
    letter::Letter,
    ports::Tx,
};

impl Notifications {
    /// Hands the tickets over: a mail to the buyer, and an SMS if they want one, a mail to everybody else who
    /// goes in, and a line in the buyer's list. The answer is given when all that is kept: from then on it will be sent, whatever
    /// happens to this process or to the mail server.
    #[tracing::instrument(skip_all)]
    pub async fn confirm_order(&self, message: Uuid, order: &SendConfirmation) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        if let Some(contact) = &order.contact {
            tx.note_contact(order.order_id, order.buyer_id, contact).await?;
        }
        let (reader, organizer) = tx.buyer_of(order.order_id, order.buyer_id, order.event.event_id).await?;
        let buyer = reader.account.clone().ok_or_else(|| {
            // It is on its way from users; the ask comes again.
            Fault::passing("confirming an order", format!("buyer {} is not known yet", order.buyer_id))
        })?;
        if !buyer.erased {
            let (order_id, cause) = (order.order_id, of_order(order.order_id));
            let on = Occasion {
                cause: &cause,
                organizer: organizer.as_ref(),
                words: buyer.language,
                now: tx.now(),
            };
            let mut to_others = self.mails_to_others(&buyer, order, &on);
            let left = self.mails_left(tx.as_mut(), buyer.user_id, to_others.len()).await?;
            let unmailed: Vec<_> = to_others.drain(left..).map(|(name, _)| name).collect();
            let mailed: Vec<_> = to_others.iter().map(|(_, mail)| mail.recipient().key()).collect();
            self.remind_later(tx.as_mut(), &buyer, order, &mailed).await?;
            if !unmailed.is_empty() {
                tracing::warn!(order = %order.order_id, left_out = unmailed.len(), "a buyer had too many mails sent to others today");
            }
            for (_, mail) in to_others {
                tx.add(&mail).await?;
            }
            let mut bought = order.clone();
            // Who has an account has the order in it.
            let token = bought.claim_token.take().filter(|_| buyer.guest);
            let claim = token.map(|token| self.claim_link(&order.number, &buyer.email, &token));
            let (name, order) = (buyer.name.clone(), Box::new(bought));
            let letter = Letter::OrderConfirmed { name, order, unmailed, claim };
            forget_the_decline(tx.as_mut(), order_id, buyer.user_id).await?;
            tx.add(&self.mail_to(&buyer, letter.clone(), &on)).await?;
            let told = letter.listed(buyer.language, cause.clone());
            self.text(tx.as_mut(), &reader, letter, cause.clone()).await?;
            self.list(tx.as_mut(), &reader, told).await?;
        }
        tx.tell(Announcement::of(&PurchaseReply {
            order_id: order.order_id,
            step: PurchaseStep::SendConfirmation,
            way: Way::Do,
            outcome: Outcome::Done,
        }))
        .await?;
        tx.commit().await
    }

    /// Where whoever reads the mail of a guest's order takes it into an account.
    fn claim_link(&self, number: &str, email: &str, token: &str) -> String {
        let said = [("number", number), ("email", email), ("token", token)];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish();
        format!("{}/claim?{query}", self.public_url)
    }

    /// Keeps when whoever goes in is to be reminded: the buyer, and who was sent a ticket.
    async fn remind_later(
        &self,
        tx: &mut dyn Tx,
        buyer: &Account,
        order: &SendConfirmation,
        mailed: &[String],
    ) -> Result<()> {
        let due = reminds_at(order.event.starts_at, order.event.timezone);
        let buyers = Recipient::Address(buyer.email.clone()).key();
        for ticket in &order.tickets {
            let address = Recipient::Address(ticket.holder_email.clone());
            let key = address.key();
            let recipient = if key.is_empty() || key == buyers {
                Recipient::Person(buyer.user_id)
            } else if mailed.contains(&key) {
                address
            } else {
                continue;
            };
            let (email, name) = (ticket.holder_email.clone(), ticket.holder_name.clone());
            let holder = Holder { recipient, email, name, language: buyer.language };
            let (ticket_id, event_id) = (ticket.ticket_id, order.event.event_id);
            let reminded = RemindedTicket { ticket_id, event_id, order_id: order.order_id, holder };
            tx.keep_reminder(&reminded, Some(due)).await?;
        }
        Ok(())
    }

    /// A mail to everybody else who goes in, with their name.
    fn mails_to_others(
        &self,
        buyer: &Account,
        order: &SendConfirmation,
        on: &Occasion<'_>,
    ) -> Vec<(String, Notification)> {
        let others = of_others(buyer, order.tickets.iter().cloned(), |ticket| ticket.holder_email.as_str());
        let mail = |theirs: Vec<TicketInHand>| {
            let (address, name) = (theirs[0].holder_email.clone(), theirs[0].holder_name.clone());
            let letter = Letter::TicketsReceived {
                name: name.clone(),
                from: buyer.name.clone(),
                order_id: order.order_id,
                order_number: order.number.clone(),
                event: Box::new(order.event.clone()),
                tickets: theirs,
            };
            let mail = self.mail_to_address(&address, &name, letter, on);
            (name, mail.on_behalf_of(buyer.user_id))
        };
        others.into_values().map(mail).collect()
    }
}
