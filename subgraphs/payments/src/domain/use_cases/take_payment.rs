use contracts::{
    Announcement,
    purchase::{Outcome, PurchaseReply, PurchaseStep, TakePayment, Way},
};
use kernel::{PaymentId, Result};
use uuid::Uuid;

use super::Payments;
use crate::domain::{entities::Payment, ports::Known};

impl Payments {
    /// Lets the buyer pay an order. Asked again, it tells what stands; after the order was ended it
    /// refuses, whichever of the two asks came first.
    #[tracing::instrument(skip_all)]
    pub async fn take_payment(&self, message: Uuid, ask: &TakePayment) -> Result<()> {
        let account = match (&self.payouts, ask.organization_id) {
            (Some(payouts), Some(seller)) => payouts.active_account(seller).await?,
            _ => None,
        };
        let Some((mut tx, known)) = self.store.begin_handling(message, ask.order_id).await? else {
            return Ok(());
        };
        let refused = |reason: String| {
            Announcement::of(&PurchaseReply {
                order_id: ask.order_id,
                step: PurchaseStep::TakePayment,
                way: Way::Do,
                outcome: Outcome::Refused { reason },
            })
        };
        match known {
            Known::Ended(reason) => {
                // Whose it is, its end did not say.
                tx.note_buyer(ask.order_id, ask.buyer_id).await?;
                tx.answer(refused(reason)).await?;
            }
            Known::Payment(mut payment) => {
                payment.asked_again();
                tx.save_payment(&mut payment).await?;
            }
            Known::Nothing | Known::Free => match Payment::request(PaymentId::new(), ask, tx.now()) {
                Ok(mut payment) => {
                    if let Some(account) = &account {
                        payment.goes_to(account);
                    }
                    tx.save_payment(&mut payment).await?;
                }
                Err(reason) => tx.answer(refused(reason)).await?,
            },
        }
        Ok(tx.commit().await?)
    }
}
