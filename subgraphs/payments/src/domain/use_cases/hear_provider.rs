use kernel::{Fault, Result};

use super::{Payments, settle::pause};
use crate::domain::{
    entities::{Payment, State},
    ports::{Decline, Intent, IntentStatus, ProviderDispute, ProviderRefund, Tx},
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
    /// The buyer's bank wants money back, or has decided.
    Dispute(ProviderDispute),
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
        let outcome = self.take_note(event).await?;
        metrics::counter!("payments_webhooks_total", "outcome" => outcome).increment(1);
        Ok(())
    }

    /// What came of it, as the metric says.
    async fn take_note(&self, event: &ProviderEvent) -> Result<&'static str> {
        if matches!(event.news, News::Nothing) {
            return Ok("heard");
        }
        let seen = match &event.news {
            News::Payment(intent) if intent.status == IntentStatus::Succeeded => {
                match self.read_from_provider(intent).await? {
                    Reading::Old => return Ok("repeated"),
                    Reading::Unknown => None,
                    Reading::Seen(seen) => Some(seen),
                }
            }
            _ => None,
        };
        let mut tx = self.store.begin().await?;
        if !tx.first_time_told(&event.id, &event.kind).await? {
            return Ok("repeated");
        }
        let parked = match &event.news {
            News::Nothing => None,
            News::Unreadable => Some("its signature is right, but it cannot be read"),
            News::Payment(told) => match (seen, &told.status) {
                (Some(seen), _) => self.hear_of_payment(&mut *tx, event, &seen, None).await?,
                (None, IntentStatus::Succeeded) => Some("the provider knows no such payment"),
                (None, _) => self.hear_of_payment(&mut *tx, event, told, None).await?,
            },
            News::Declined(intent, decline) => {
                self.hear_of_payment(&mut *tx, event, intent, Some(decline)).await?
            }
            News::Refund(refund) => self.hear_of_refund(&mut *tx, refund).await?,
            News::Dispute(dispute) => self.hear_of_dispute(&mut *tx, dispute).await?,
        };
        if let Some(reason) = parked {
            tracing::error!(event = event.id, kind = event.kind, reason, "a webhook was put aside");
            tx.park(&event.id, &event.kind, &event.body, reason).await?;
        }
        tx.commit().await?;
        Ok(if parked.is_some() { "parked" } else { "heard" })
    }

    /// What a webhook says of money is believed of nobody: the provider is asked, unless the money is noted already.
    async fn read_from_provider(&self, told: &Intent) -> Result<Reading, Fault> {
        if self.store.is_captured(&told.id).await? {
            return Ok(Reading::Old);
        }
        let seen = self.gateway.look(&told.id).await?;
        Ok(seen.filter(|seen| seen.id == told.id).map_or(Reading::Unknown, Reading::Seen))
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
        let now = tx.now().await?;
        if intent.status == IntentStatus::Succeeded && intent.order_id != Some(payment.snapshot().order_id) {
            return Ok(Some(
                "the provider took money for another order than the one that this payment is of",
            ));
        }
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
        let Some(mut payment) = paid(tx, told.intent.as_deref()).await? else {
            return Ok(Some("it is a refund of a payment that is not here"));
        };
        let now = tx.now().await?;
        payment.refund_told(told, now, pause(payment.snapshot().looks));
        tx.save_payment(&mut payment).await?;
        Ok(None)
    }

    async fn hear_of_dispute(
        &self,
        tx: &mut dyn Tx,
        told: &ProviderDispute,
    ) -> Result<Option<Parked>, Fault> {
        let Some(mut payment) = paid(tx, told.intent.as_deref()).await? else {
            return Ok(Some("it is a dispute about a payment that is not here"));
        };
        let now = tx.now().await?;
        payment.dispute_told(told, now);
        tx.save_payment(&mut payment).await?;
        Ok(None)
    }
}

/// What the provider says when asked.
enum Reading {
    /// Nothing that is not noted already.
    Old,
    /// That it knows no such payment.
    Unknown,
    /// How the payment stands.
    Seen(Intent),
}

/// The payment that the provider knows by this name, whose success has been heard of.
async fn paid(tx: &mut dyn Tx, intent: Option<&str>) -> Result<Option<Payment>, Fault> {
    let Some(intent) = intent else { return Ok(None) };
    let payment = tx.payment_of_intent(intent).await?;
    match &payment {
        Some(payment) if !matches!(payment.snapshot().state, State::Captured { .. }) => {
            // It is still on the way; the provider sends this again.
            Err(Fault::passing(
                "noting what became of money",
                "the payment's success has not been heard of yet",
            ))
        }
        _ => Ok(payment),
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
