use contracts::{Announcement, payments::RefundPayment, saga::Outcome};
use kernel::{Money, Result};
use uuid::Uuid;

use super::Payments;
use crate::domain::ports::Known;

impl Payments {
    /// Gives money of an order back, once the provider was asked; the answer follows. However often it is asked, it is
    /// given back once, and answered with what stands; and what was refused once is refused always.
    #[tracing::instrument(skip_all)]
    pub async fn refund_payment(&self, message: Uuid, ask: &RefundPayment) -> Result<()> {
        let begun = self.store.begin_refunding(message, ask).await?;
        let Some((mut tx, known, before)) = begun else { return Ok(()) };
        let refused = if let Known::Payment(mut payment) = known {
            let refused = payment.give_back(ask, before.as_deref(), tx.now());
            tx.save_payment(&mut payment).await?;
            refused
        } else {
            let refused = before.or_else(|| why_nothing_goes_back(&known, ask.amount).map(str::to_owned));
            let outcome = refused.clone().map_or(Outcome::Done, |reason| Outcome::Refused { reason });
            tx.answer(Announcement::of(&ask.asked.answer(outcome))).await?;
            refused
        };
        if let Some(reason) = refused {
            tx.note_refused(ask.refund_id, &reason).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Why an order without a payment gives nothing back; none where nothing is asked for.
fn why_nothing_goes_back(known: &Known, amount: Option<Money>) -> Option<&'static str> {
    match known {
        _ if amount.is_some_and(Money::is_zero) => None,
        Known::Free if amount.is_none() => None,
        Known::Free => Some("the order was free: nothing was paid that could be given back"),
        Known::Ended(_) => Some("the order ended before it was paid"),
        Known::Nothing | Known::Payment(_) => Some("the order has no payment"),
    }
}
