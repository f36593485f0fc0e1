use kernel::{Fault, Result};

use super::{
    Payments,
    settle::{countable_page, pause},
};
use crate::domain::{
    entities::{Payment, State},
    ports::{Decline, Intent, IntentStatus, News, Origin, PageSeen, PageStatus, ProviderEvent, Tx, Which},
};

/// Why an event is put aside.
type Parked = &'static str;

const ANOTHER: Parked = "it is of another payment at the provider than the one opened for this order";
const UNCOUNTABLE: Parked = "the amount cannot be counted in our money";

impl Payments {
    /// Takes note of what the provider tells. Events come late, twice, in any order and before the
    /// answers of our own calls; what they lead to is the same.
    #[tracing::instrument(skip_all)]
    pub async fn hear(&self, event: &ProviderEvent) -> Result<()> {
        let heard = self.take_note(event).await?;
        metrics::counter!("payments_webhooks_total", "outcome" => heard.name()).increment(1);
        Ok(())
    }

    /// The same, and says what came of it.
    pub(super) async fn take_note(&self, event: &ProviderEvent) -> Result<Heard> {
        let seen = match &event.news {
            News::Nothing => return Ok(Heard::Unheeded),
            News::Account(_) | News::Payout(_) => return self.take_note_of_payouts(event).await,
            News::Payment(intent) if intent.status == IntentStatus::Succeeded => {
                match self.read_from_provider(intent).await? {
                    Reading::Old => return Ok(Heard::Before),
                    Reading::Unknown => None,
                    Reading::Seen(seen) => Some(*seen),
                }
            }
            _ => None,
        };
        let page = match &event.news {
            News::Page(told) => self.read_page(told).await?,
            _ => None,
        };
        let Some((mut tx, payment)) = self.begin_hearing(event).await? else { return Ok(Heard::Before) };
        let parked = match (payment, &event.news) {
            (_, News::Nothing | News::Account(_) | News::Payout(_)) => None,
            (_, News::Unreadable) => Some("its signature is right, but it cannot be read"),
            (_, News::Payment(told)) if told.status == IntentStatus::Succeeded && seen.is_none() => {
                Some("the provider knows no such payment")
            }
            (_, News::Page(told)) if told.status == PageStatus::Complete && page.is_none() => {
                Some("the provider knows no such page")
            }
            (None, News::Payment(_) | News::Declined(..) | News::Page(_)) => {
                Some("there is no such payment here")
            }
            (Some(payment), News::Page(told)) => {
                let seen = page.as_ref().unwrap_or(told);
                self.hear_of_page(&mut *tx, payment, seen).await?
            }
            (None, News::Refund(_)) => Some("it is a refund of a payment that is not here"),
            (None, News::Dispute(_)) => Some("it is a dispute about a payment that is not here"),
            (Some(payment), News::Payment(told)) => {
                let intent = seen.as_ref().unwrap_or(told);
                self.hear_of_payment(&mut *tx, payment, event, intent, None).await?
            }
            (Some(payment), News::Declined(intent, decline)) => {
                self.hear_of_payment(&mut *tx, payment, event, intent, Some(decline)).await?
            }
            (Some(payment), News::Refund(refund)) => {
                let (mut payment, now) = (paid(payment)?, tx.now());
                payment.refund_told(refund, now, pause(payment.snapshot().looks));
                tx.save_payment(&mut payment).await?;
                None
            }
            (Some(payment), News::Dispute(dispute)) => {
                let mut payment = paid(payment)?;
                payment.dispute_told(dispute, tx.now());
                tx.save_payment(&mut payment).await?;
                None
            }
        };
        if let Some(reason) = parked {
            tracing::error!(event = event.id, kind = event.kind, reason, "a webhook was put aside");
            tx.park(event, reason).await?;
        }
        tx.commit().await?;
        if let (News::Declined(intent, decline), None) = (&event.news, parked)
            && let (Origin::Page(attempt), Some(payment)) = (intent.origin, intent.payment_id)
        {
            self.shut_page_of_suspect(payment, attempt, decline).await?;
        }
        Ok(if parked.is_some() { Heard::Parked } else { Heard::Now })
    }

    /// What is told of accounts and payouts of organizations, where there are any.
    async fn take_note_of_payouts(&self, event: &ProviderEvent) -> Result<Heard> {
        let Some(payouts) = &self.payouts else { return Ok(Heard::Unheeded) };
        let is_new = match &event.news {
            News::Account(account) => payouts.hear_of_account(event, account).await?,
            News::Payout(told) => payouts.hear_of_payout(event, told).await?,
            _ => return Ok(Heard::Unheeded),
        };
        Ok(if is_new { Heard::Now } else { Heard::Before })
    }

    /// Begins to hear an event, with the payment it is about locked, if there is one.
    async fn begin_hearing(
        &self,
        event: &ProviderEvent,
    ) -> Result<Option<(Box<dyn Tx>, Option<Payment>)>, Fault> {
        let begun = self.store.begin_hearing(event, about(&event.news)).await?;
        let after_money = match &event.news {
            News::Refund(refund) => refund.intent.as_deref(),
            News::Dispute(dispute) => dispute.intent.as_deref(),
            _ => None,
        };
        let (Some((_, None)), Some(intent)) = (&begun, after_money) else { return Ok(begun) };
        // Its name may be one that nobody here has noted yet. No transaction is open while the provider is asked.
        drop(begun);
        let ours = self.gateway.look(intent).await?.and_then(|seen| seen.payment_id);
        match ours {
            Some(ours) if !self.store.payments(&[ours]).await?.is_empty() => Err(on_its_way()),
            _ => self.store.begin_hearing(event, None).await,
        }
    }

    /// What a webhook says of money is believed of nobody: it counts what the provider itself says when it is asked; unless
    /// the money is noted already, mostly because the provider has said so when the card was tried.
    async fn read_from_provider(&self, told: &Intent) -> Result<Reading, Fault> {
        if let Some(payment) = told.payment_id
            && self.said.is_noted(payment, &told.id).await
        {
            return Ok(Reading::Old);
        }
        if self.store.is_captured(&told.id).await? {
            return Ok(Reading::Old);
        }
        let seen = self.gateway.look(&told.id).await?;
        let seen = seen.filter(|seen| seen.id == told.id);
        Ok(seen.map_or(Reading::Unknown, |seen| Reading::Seen(Box::new(seen))))
    }

    /// The same for what was paid on a page: the provider is asked how that stands. That nobody can pay on it any more is
    /// believed.
    async fn read_page(&self, told: &PageSeen) -> Result<Option<PageSeen>, Fault> {
        if told.status != PageStatus::Complete {
            return Ok(None);
        }
        let seen = self.gateway.look_at_page(&told.id).await?;
        seen.filter(|seen| seen.id == told.id).map(countable_page).transpose()
    }

    async fn hear_of_page(
        &self,
        tx: &mut dyn Tx,
        mut payment: Payment,
        seen: &PageSeen,
    ) -> Result<Option<Parked>, Fault> {
        let is = payment.snapshot();
        let ours = seen.attempt.filter(|_| seen.payment_id == Some(is.id));
        let Some(attempt) = ours else {
            return Ok(Some("it is of a page that was made for no attempt of this payment"));
        };
        if let (State::Captured { .. }, Some(paid), Some(known)) = (&is.state, &seen.intent, &is.intent)
            && paid.status == IntentStatus::Succeeded
            && paid.id != known.id
        {
            return Ok(Some(ANOTHER));
        }
        payment.page_seen(attempt, seen, tx.now(), self.undecided());
        tx.save_payment(&mut payment).await?;
        Ok(None)
    }

    async fn hear_of_payment(
        &self,
        tx: &mut dyn Tx,
        mut payment: Payment,
        event: &ProviderEvent,
        intent: &Intent,
        decline: Option<&Decline>,
    ) -> Result<Option<Parked>, Fault> {
        let now = tx.now();
        if intent.status == IntentStatus::Succeeded && intent.order_id != Some(payment.snapshot().order_id) {
            return Ok(Some(
                "the provider took money for another order than the one that this payment is of",
            ));
        }
        match intent.origin {
            Origin::Page(attempt) => {
                // What is heard after the page was closed is of long ago.
                if let Some(decline) = decline
                    && payment.page_of(attempt).is_some()
                {
                    tx.note_page_decline(event, &payment, attempt, decline.card.as_deref()).await?;
                }
                return paid_on_page(tx, payment, attempt, intent).await;
            }
            // It was ended when the buyer went another way.
            Origin::Opening(opening) if opening != payment.snapshot().openings => {
                let is_paid = intent.status == IntentStatus::Succeeded;
                return Ok(is_paid.then_some(ANOTHER));
            }
            Origin::Opening(_) => payment.opened(intent, now),
        }
        if payment.snapshot().intent.as_ref().is_none_or(|known| known.id != intent.id) {
            return Ok(Some(ANOTHER));
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
                return Ok(Some(UNCOUNTABLE));
            }
            (IntentStatus::Succeeded | IntentStatus::Cancelled, None, _) => {
                payment.seen(intent, now, self.undecided());
            }
            (IntentStatus::Open(_) | IntentStatus::Processing, None, _) => {}
        }
        tx.save_payment(&mut payment).await?;
        Ok(None)
    }
}

/// Of what happens on a page only the money counts here; the rest the page tells itself.
async fn paid_on_page(
    tx: &mut dyn Tx,
    mut payment: Payment,
    attempt: u32,
    intent: &Intent,
) -> Result<Option<Parked>, Fault> {
    if intent.status != IntentStatus::Succeeded {
        return Ok(None);
    }
    if intent.received.is_none() {
        return Ok(Some(UNCOUNTABLE));
    }
    let is = payment.snapshot();
    let other = is.intent.as_ref().is_some_and(|known| known.id != intent.id);
    if other && matches!(is.state, State::Captured { .. }) {
        return Ok(Some(ANOTHER));
    }
    payment.paid_on_page(attempt, intent, tx.now());
    tx.save_payment(&mut payment).await?;
    Ok(None)
}

/// Which payment an event is about.
fn about(news: &News) -> Option<Which<'_>> {
    match news {
        News::Payment(intent) | News::Declined(intent, _) => {
            Some(Which::Intent(&intent.id, intent.payment_id))
        }
        News::Refund(refund) => refund.intent.as_deref().map(|intent| Which::Intent(intent, None)),
        News::Dispute(dispute) => dispute.intent.as_deref().map(|intent| Which::Intent(intent, None)),
        News::Page(page) => page.payment_id.map(Which::Payment),
        News::Nothing | News::Unreadable | News::Account(_) | News::Payout(_) => None,
    }
}

/// What came of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It was heard, for the first time.
    Now,
    /// It was heard before, or what it tells was known.
    Before,
    /// It tells nothing that matters here, and is not remembered.
    Unheeded,
    /// It was put aside.
    Parked,
}

impl Heard {
    /// Its name in the metric.
    fn name(self) -> &'static str {
        match self {
            Self::Now | Self::Unheeded => "heard",
            Self::Before => "repeated",
            Self::Parked => "parked",
        }
    }
}

/// What the provider says when asked.
enum Reading {
    /// Nothing that is not noted already.
    Old,
    /// That it knows no such payment.
    Unknown,
    /// How the payment stands.
    Seen(Box<Intent>),
}

/// The payment, whose success has been heard of.
fn paid(payment: Payment) -> Result<Payment, Fault> {
    if matches!(payment.snapshot().state, State::Captured { .. }) {
        return Ok(payment);
    }
    Err(on_its_way())
}

/// The provider sends again what is told too early.
fn on_its_way() -> Fault {
    Fault::passing("noting what became of money", "the payment's success has not been heard of yet")
}
