use contracts::payments::PaymentDeclined;
use kernel::{Fault, Result, TimeZone};
use uuid::Uuid;

use super::{Notifications, Occasion, of_order};
use crate::domain::{
    entities::Kind,
    letter::{Declined, Letter},
};

impl Notifications {
    /// Tells the buyer that the card was declined, and what to do: by a line in the list for each try, and by a mail for the
    /// first, since whoever goes on trying sees what comes of it. When there is no time left there is nothing to do, and no mail.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_decline(&self, message: Uuid, declined: &PaymentDeclined) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let (reader, organizer) =
            tx.buyer_of(declined.order_id, declined.buyer_id, declined.event_id).await?;
        let (event, order) = (tx.event(declined.event_id).await?, tx.order(declined.order_id).await?);
        let payable_until = order.as_ref().and_then(|order| order.payable_until);
        let buyer = reader.account.clone().ok_or_else(|| {
            Fault::passing(
                "telling of a declined card",
                format!("buyer {} is not known yet", declined.buyer_id),
            )
        })?;
        let letter = Declined {
            name: buyer.name.clone(),
            order_id: declined.order_id,
            number: order.as_ref().map(|order| order.number.clone()),
            timezone: event.as_ref().and_then(|event| event.timezone).unwrap_or(TimeZone::UTC),
            event_title: event.map(|event| event.title),
            amount: order.map(|order| order.total),
            code: declined.decline_code.clone(),
            payable_until,
            link: format!("{}/orders/{}", self.public_url, declined.order_id.public()),
        };
        let letter = Letter::PaymentDeclined(letter);
        let once = format!("payment:{}:{}", declined.payment_id, declined.attempt);
        let told = letter.listed(buyer.language, once);
        let in_time = payable_until.is_none_or(|until| until > tx.now());
        if !buyer.erased && in_time && self.may_mail(tx.as_mut(), &reader, Kind::PaymentDeclined).await? {
            let cause = of_order(declined.order_id);
            let on = Occasion {
                cause: &cause,
                organizer: organizer.as_ref(),
                words: buyer.language,
                now: tx.now(),
            };
            tx.add(&self.mail_to(&buyer, letter, &on)).await?;
        }
        self.list(tx.as_mut(), &reader, told).await?;
        tx.commit().await
    }
}
