use contracts::{
    Announcement,
    purchase::{Outcome, PurchaseReply, PurchaseStep, ReturnPayment, Way},
};
use kernel::Result;
use uuid::Uuid;

use super::Payments;
use crate::domain::ports::Known;

impl Payments {
    /// Ends the payment of an order, and gives back or keeps what was paid. It wins over the ask that it
    /// undoes, even when it comes first.
    #[tracing::instrument(skip_all)]
    pub async fn return_payment(&self, message: Uuid, ask: &ReturnPayment) -> Result<()> {
        let Some((mut tx, known)) = self.store.begin_handling(message, ask.order_id).await? else {
            return Ok(());
        };
        match known {
            Known::Payment(mut payment) => {
                payment.end(ask.if_paid, &ask.reason, tx.now());
                tx.save_payment(&mut payment).await?;
            }
            Known::Nothing | Known::Free | Known::Ended(_) => {
                tx.note_return(ask.order_id, &ask.reason).await?;
                let done = PurchaseReply {
                    order_id: ask.order_id,
                    step: PurchaseStep::TakePayment,
                    way: Way::Undo,
                    outcome: Outcome::Done,
                };
                tx.answer(Announcement::of(&done)).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
