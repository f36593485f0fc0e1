use contracts::payments::{DisputeState, PaymentDisputed};
use kernel::{Fault, Result};
use uuid::Uuid;

use super::{Notifications, Occasion};
use crate::domain::{
    entities::{Kind, Reader, Recipient},
    letter::{Disputed, Letter},
};

impl Notifications {
    /// Tells who manages the event's organization that a payment is disputed, or that this is decided: by a line in each one's
    /// list, and by a mail to the organization, where it has given an address. That there is a dispute is told to nobody who
    /// knows how it has ended.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_dispute(&self, message: Uuid, disputed: &PaymentDisputed) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let event = tx.event(disputed.event_id).await?.ok_or_else(|| {
            Fault::passing("telling of a dispute", format!("event {} is not known yet", disputed.event_id))
        })?;
        let Some(organization) = event.organization else {
            tracing::error!(event = %disputed.event_id, order = %disputed.order_id, "nobody is told of a dispute: whose event it is was not kept when it was last heard of");
            return tx.commit().await;
        };
        let contact = tx.organizers(&[organization]).await?.remove(&organization);
        let contact = contact.as_ref().and_then(|organizer| Some((organizer.support()?, organizer)));
        let managers = tx.managers(organization).await?;
        if disputed.state == DisputeState::Open {
            let decided = [DisputeState::Won, DisputeState::Lost].map(|state| cause_of(disputed, state));
            let people = managers.iter().map(|manager| Recipient::Person(manager.user_id));
            let address = contact.map(|(address, _)| Recipient::Address(address.to_owned()));
            let all: Vec<String> = people.chain(address).map(|one| one.key()).collect();
            if tx.is_told(Kind::PaymentDisputed, &decided, &all).await? {
                return tx.commit().await;
            }
        }
        let number = tx.order(disputed.order_id).await?.map(|order| order.number);
        let letter = Disputed::told(disputed, event.title, number);
        let (cause, letter) = (cause_of(disputed, disputed.state), Letter::PaymentDisputed(letter));
        for manager in &managers {
            let told = letter.listed(manager.language(), cause.clone());
            self.list(tx.as_mut(), manager, told).await?;
        }
        if let Some((address, organizer)) = contact {
            let words = managers.first().map(Reader::language).unwrap_or_default();
            let on = Occasion { cause: &cause, organizer: None, words, now: tx.now() };
            let name = organizer.name.clone().unwrap_or_default();
            tx.add(&self.mail_to_address(address, &name, letter, &on)).await?;
        }
        tx.commit().await
    }
}

/// Nobody is told twice that a dispute is as it is.
fn cause_of(disputed: &PaymentDisputed, state: DisputeState) -> String {
    let state = match state {
        DisputeState::Open => "open",
        DisputeState::Won => "won",
        DisputeState::Lost => "lost",
    };
    format!("dispute:{}:{}:{state}", disputed.payment_id, disputed.dispute)
}
