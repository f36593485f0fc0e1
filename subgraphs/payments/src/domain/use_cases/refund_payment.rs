use contracts::{Announcement, payments::RefundPayment, saga::Outcome};
use kernel::{Money, Result};
use uuid::Uuid;

use super::Payments;
use crate::domain::ports::Known;

impl Payments {
    /// Gives money of an order back, once the provider was asked; the answer follows. However often it is asked, it is
    /// given back once, and answered with what stands.
    #[tracing::instrument(skip_all)]
    pub async fn refund_payment(&self, message: Uuid, ask: &RefundPayment) -> Result<()> {
        let Some((mut tx, known)) = self.store.begin_handling(message, ask.order_id).await? else {
            return Ok(());
        };
        let refused = |reason: &str| Outcome::Refused { reason: reason.to_owned() };
        let outcome = match known {
            Known::Payment(mut payment) => {
                payment.give_back(ask, tx.now());
                tx.save_payment(&mut payment).await?;
                return Ok(tx.commit().await?);
            }
            _ if ask.amount.is_some_and(Money::is_zero) => Outcome::Done,
            Known::Free if ask.amount.is_none() => Outcome::Done,
            Known::Free => refused("the order was free: nothing was paid that could be given back"),
            Known::Ended(_) => refused("the order ended before it was paid"),
            Known::Nothing => refused("the order has no payment"),
        };
        tx.answer(Announcement::of(&ask.asked.answer(outcome))).await?;
        Ok(tx.commit().await?)
    }
}
