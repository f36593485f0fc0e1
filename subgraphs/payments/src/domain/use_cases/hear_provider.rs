use kernel::{Fault, Result};

use super::{Payments, settle::pause};
use crate::domain::{
    entities::{Payment, State},
    ports::{Decline, Intent, IntentStatus, ProviderRefund, Tx},
};

/// What the provider tells by a webhook whose signature was right.
#[derive(Clone, Debug)]
pub struct ProviderEvent {
    /// The provider's name for it; it may come many times.
    pub id: String,
    /// Of which kind, in the provider's words.
    pub kind: String,
    /// The idempotency key of the call that made it happen, if one did.
    pub key: Option<String>,
    /// What happened.
    pub news: News,
    /// The whole message, to be kept where it is not understood.
    pub body: String,
}

/// What the provider tells.
#[derive(Clone, Debug)]
pub enum News {
    /// A payment was decided, or the buyer has to do something.
    Payment(Intent),
    /// A try was declined.
    Declined(Intent, Decline),
    /// Something became of a refund.
    Refund(ProviderRefund),
    /// Something that changes nothing here.
    Nothing,
    /// A message that cannot be read.
    Unreadable,
}

/// Why an event is put aside.
type Parked = &'static str;

impl Payments {
    /// Takes note of what the provider tells. Events come late, twice, in any order and before the
    /// answers of our own calls; what they lead to is the same.
    #[tracing::instrument(skip_all)]
    pub async fn hear(&self, event: &ProviderEvent) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !tx.first_time_told(&event.id, &event.kind).await? {
            metrics::counter!("payments_webhooks_total", "outcome" => "repeated").increment(1);
            return Ok(());
        }
        let parked = match &event.news {
            News::Nothing => None,
            News::Unreadable => Some("its signature is right, but it cannot be read"),
            News::Payment(intent) => self.hear_of_payment(&mut *tx, event, intent, None).await?,
            News::Declined(intent, decline) => {
                self.hear_of_payment(&mut *tx, event, intent, Some(decline)).await?
            }
            News::Refund(refund) => self.hear_of_refund(&mut *tx, refund).await?,
        };
        if let Some(reason) = parked {
            tracing::error!(event = event.id, kind = event.kind, reason, "a webhook was put aside");
            tx.park(&event.id, &event.kind, &event.body, reason).await?;
        }
        tx.commit().await?;
        let outcome = if parked.is_some() { "parked" } else { "heard" };
        metrics::counter!("payments_webhooks_total", "outcome" => outcome).increment(1);
        self.bell.notify_one();
        Ok(())
    }

    async fn hear_of_payment(
        &self,
        tx: &mut dyn Tx,
        event: &ProviderEvent,
        intent: &Intent,
        decline: Option<&Decline>,
    ) -> Result<Option<Parked>, Fault> {
        let Some(mut payment) = find(tx, intent).await? else {
            return Ok(Some("there is no such payment here"));
        };
        let now = tx.now();
        payment.opened(intent, now);
        if payment.snapshot().intent.as_ref().is_none_or(|known| known.id != intent.id) {
            return Ok(Some("it is of another payment at the provider than the one opened for this order"));
        }
        // The attempt that the event is about; without a key it is the bank or a person that acted.
        let attempt = event.key.as_deref().and_then(|key| payment.attempt_of_key(key));
        match (&intent.status, decline, attempt) {
            (_, Some(decline), Some(attempt)) => payment.declined(attempt, decline, now),
            (IntentStatus::RequiresAction { url }, None, Some(attempt)) => {
                payment.needs_action(attempt, url.clone(), now, self.undecided());
            }
            // Which attempt it is about cannot be told from the event: the provider is asked.
            (_, Some(_), None) | (IntentStatus::RequiresAction { .. }, None, None) => payment.look_soon(now),
            (IntentStatus::Succeeded, None, _) if intent.received.is_none() => {
                return Ok(Some("the amount cannot be counted in our money"));
            }
            (IntentStatus::Succeeded | IntentStatus::Cancelled, None, _) => {
                payment.seen(intent, now, self.undecided());
            }
            (IntentStatus::Open(_) | IntentStatus::Processing, None, _) => {}
        }
        tx.save_payment(&mut payment).await?;
        Ok(None)
    }

    async fn hear_of_refund(&self, tx: &mut dyn Tx, told: &ProviderRefund) -> Result<Option<Parked>, Fault> {
        let payment = match told.intent.as_deref() {
            Some(intent) => tx.payment_of_intent(intent).await?,
            None => None,
        };
        let Some(mut payment) = payment else {
            return Ok(Some("it is a refund of a payment that is not here"));
        };
        if !matches!(payment.snapshot().state, State::Captured { .. }) {
            // Its success is still on the way; the provider sends this again.
            return Err(Fault::passing("noting a refund", "the payment's success has not been heard of yet"));
        }
        payment.refund_told(told, tx.now(), pause(payment.snapshot().looks));
        tx.save_payment(&mut payment).await?;
        Ok(None)
    }
}

async fn find(tx: &mut dyn Tx, intent: &Intent) -> Result<Option<Payment>, Fault> {
    if let Some(payment) = tx.payment_of_intent(&intent.id).await? {
        return Ok(Some(payment));
    }
    match intent.payment_id {
        Some(id) => tx.payment(id).await,
        None => Ok(None),
    }
}
