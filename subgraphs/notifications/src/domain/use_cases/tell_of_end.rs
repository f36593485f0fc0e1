use contracts::tickets::{OrderEnd, OrderEnded};
use kernel::{Fault, Result};
use uuid::Uuid;

use super::Notifications;
use crate::domain::{
    entities::{Kind, Notification, Recipient, Told},
    letter::Letter,
    ports::Tx,
};

impl Notifications {
    /// Tells the buyer of an order that ended without tickets. Who cancelled knows it.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_end(&self, message: Uuid, ended: &OrderEnded) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !tx.first_time(message).await? {
            return Ok(());
        }
        let title = tx.event_title(ended.event_id).await?;
        let cause = format!("order:{}", ended.order_id);
        match ended.how {
            OrderEnd::Cancelled => {}
            OrderEnd::Expired => {
                let title = title.as_deref().unwrap_or("your order");
                let told = Told {
                    kind: Kind::OrderExpired,
                    cause,
                    subject: format!("Time ran out: {title}"),
                    body: format!(
                        "The order for {title} was not paid in time and has ended. Nothing was charged. You \
                         can order again while there are tickets."
                    ),
                };
                self.list(tx.as_mut(), ended.buyer_id, told).await?;
            }
            OrderEnd::Refunded => self.tell_of_refund(tx.as_mut(), ended, title, cause).await?,
        }
        tx.commit().await
    }

    async fn tell_of_refund(
        &self,
        tx: &mut dyn Tx,
        ended: &OrderEnded,
        event_title: Option<String>,
        cause: String,
    ) -> Result<()> {
        let buyer = tx.account(ended.buyer_id).await?.ok_or_else(|| {
            Fault::passing("telling of a refund", format!("buyer {} is not known yet", ended.buyer_id))
        })?;
        if buyer.erased {
            return Ok(());
        }
        let letter =
            Letter::OrderRefunded { name: buyer.name.clone(), order_id: ended.order_id, event_title };
        let told = Told {
            kind: Kind::OrderRefunded,
            cause: cause.clone(),
            subject: letter.subject(),
            body: letter.opening().split_off(1).join(" "),
        };
        self.text(tx, &buyer, letter.clone(), cause.clone()).await?;
        let mail = Notification::mail(
            Recipient::Person(buyer.user_id),
            buyer.email,
            buyer.name,
            letter.told(cause, &self.public_url),
            letter,
            tx.now(),
        );
        tx.add(&mail).await?;
        self.list(tx, ended.buyer_id, told).await
    }
}
