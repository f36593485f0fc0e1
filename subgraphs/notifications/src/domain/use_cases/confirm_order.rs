use contracts::{
    Announcement,
    purchase::{Outcome, PurchaseReply, PurchaseStep, SendConfirmation, TicketInHand, Way},
};
use kernel::{Fault, Result};
use uuid::Uuid;

use super::{Notifications, Occasion, forget_the_decline, of_order, of_others};
use crate::domain::{
    entities::{Account, Kind, Notification, Told},
    letter::{Letter, titled},
};

impl Notifications {
    /// Hands the tickets over: a mail to the buyer, and an SMS if they want one, a mail to everybody else who
    /// goes in, and a line in the buyer's list. The answer is given when all that is kept: from then on it will be sent, whatever
    /// happens to this process or to the mail server.
    #[tracing::instrument(skip_all)]
    pub async fn confirm_order(&self, message: Uuid, order: &SendConfirmation) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let (reader, organizer) = tx.reader_of(order.buyer_id, order.event.event_id).await?;
        let buyer = reader.account.clone().ok_or_else(|| {
            // It is on its way from users; the ask comes again.
            Fault::passing("confirming an order", format!("buyer {} is not known yet", order.buyer_id))
        })?;
        if !buyer.erased {
            let cause = of_order(order.order_id);
            let on = Occasion { cause: &cause, organizer: organizer.as_ref(), now: tx.now() };
            let mut to_others = self.mails_to_others(&buyer, order, &on);
            let left = self.mails_left(tx.as_mut(), buyer.user_id, to_others.len()).await?;
            let unmailed: Vec<_> = to_others.drain(left..).map(|(name, _)| name).collect();
            if !unmailed.is_empty() {
                tracing::warn!(order = %order.order_id, left_out = unmailed.len(), "a buyer had too many mails sent to others today");
            }
            for (_, mail) in to_others {
                tx.add(&mail).await?;
            }
            let letter =
                Letter::OrderConfirmed { name: buyer.name.clone(), order: Box::new(order.clone()), unmailed };
            forget_the_decline(tx.as_mut(), order.order_id, buyer.user_id).await?;
            tx.add(&self.mail_to(&buyer, letter.clone(), &on)).await?;
            self.text(tx.as_mut(), &reader, letter, cause.clone()).await?;
            let told = Told {
                kind: Kind::OrderConfirmed,
                cause,
                subject: format!("Your tickets for {} are here", titled(&order.event.title)),
                body: format!(
                    "Order {} is complete: {} for {}. They are on their way to {} as well.",
                    order.number,
                    counted(&order.tickets),
                    titled(&order.event.title),
                    buyer.email
                ),
            };
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

fn counted(tickets: &[TicketInHand]) -> String {
    if tickets.len() == 1 { "one ticket".to_owned() } else { format!("{} tickets", tickets.len()) }
}
