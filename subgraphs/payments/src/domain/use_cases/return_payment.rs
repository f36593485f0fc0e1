use contracts::purchase::{Outcome, PurchaseReply, PurchaseStep, ReturnPayment, Way};
use kernel::Result;
use uuid::Uuid;

use super::Payments;

impl Payments {
    /// Ends the payment of an order, and gives back or keeps what was paid. It wins over the ask that it
    /// undoes, even when it comes first.
    #[tracing::instrument(skip_all)]
    pub async fn return_payment(&self, message: Uuid, ask: &ReturnPayment) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !tx.first_time(message).await? {
            return Ok(());
        }
        tx.lock_order(ask.order_id).await?;
        if let Some(mut payment) = tx.payment_of_order(ask.order_id).await? {
            payment.end(ask.if_paid, &ask.reason, tx.now().await?);
            tx.save_payment(&mut payment).await?;
        } else {
            tx.note_return(ask.order_id, &ask.reason).await?;
            let done = PurchaseReply {
                order_id: ask.order_id,
                step: PurchaseStep::TakePayment,
                way: Way::Undo,
                outcome: Outcome::Done,
            };
            tx.answer(&done).await?;
        }
        Ok(tx.commit().await?)
    }
}
