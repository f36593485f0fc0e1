//! What is to be asked of the provider, asked: by the buyer's own call, and by a worker for everything
//! that a crash, a time-out or a lost webhook left open. Each call has a key that is the same however
//! often it is made, and no transaction is open while it runs.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{Fault, PaymentId, RefundId, Result};
use rand::RngExt;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{LOOK, Payments};
use crate::domain::{
    entities::{Attempt, Duty, Payment, ProviderAmount, State},
    ports::{
        Confirmed, GivenBack, Intent, IntentStatus, NewIntent, NewPage, NewRefund, Offered, Opened, PageSeen,
        PageStatus, ProviderRefund, Which,
    },
};

/// The most questions in one go.
const MOST_STEPS: usize = 6;
/// How long somebody who took a payment to settle has for it. Who takes longer is not alone with it any more, which
/// the provider's keys make harmless.
const CLAIM: Duration = Duration::from_secs(12);
/// How long until is looked whether a provider that is left alone is asked again.
const RESTING: Duration = Duration::from_millis(300);
/// How many payments are settled at once.
const AT_ONCE: u64 = 16;
/// The longest pause between two questions of which the provider answered none.
const LONGEST_OUTAGE: Duration = Duration::from_secs(30);
/// The longest pause between two questions.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// After so many questions in vain a person should look.
const WORRYING: u32 = 5;

/// What the provider answered.
#[derive(Clone, Debug)]
enum Answer {
    Opened(Intent),
    Confirmed(u32, Confirmed),
    Seen(Intent),
    Retired(Intent),
    Page(u32, PageSeen),
    /// It makes no page for what the buyer sent.
    PageRejected {
        attempt: u32,
        message: String,
        field: String,
    },
    /// It sends nothing to the account to which the money was to go.
    AccountRefused(String),
    /// It takes nothing for this try of a refund from the account to which the money came.
    AccountGivesNothing {
        id: RefundId,
        tried: u32,
        message: String,
    },
    Refund(ProviderRefund),
    /// It gives nothing back by this try; what stands there instead.
    RefundRefused {
        id: RefundId,
        tried: u32,
        message: String,
        stands: Vec<ProviderRefund>,
    },
}

impl Payments {
    /// To be called when a process starts, before it asks anything: what the process before it had begun is due at once,
    /// where there can be no other.
    pub async fn hasten(&self) -> Result<()> {
        Ok(self.store.hasten().await?)
    }

    /// Waits until the provider is to be asked something, as far as is known, and no longer than `at_most`.
    pub async fn rung(&self, at_most: Duration) {
        self.store.something_due(at_most).await;
    }

    /// Settles what is due. How long until there is more.
    pub async fn settle_due(&self) -> Result<Duration> {
        if self.gateway.rests() {
            return Ok(RESTING); // it all stays due
        }
        let due = self.store.claim_due(AT_ONCE, CLAIM).await?;
        let next = due.next.unwrap_or(LOOK).min(LOOK);
        let settled = due.payments.into_iter().map(|payment| {
            let span = self.store.span_of(&payment);
            async { drop(self.settle_or_log(payment, due.now).await) }.instrument(span)
        });
        futures::future::join_all(settled).await;
        Ok(next)
    }

    /// Settles a payment that stands so at `now`, and tells how it stands then; what goes wrong is logged and comes again.
    pub(super) async fn settle_or_log(&self, payment: Payment, now: DateTime<Utc>) -> Option<Payment> {
        let id = payment.snapshot().id;
        match self.settle(payment, now).await {
            Ok(settled) => settled,
            Err(fault) => {
                tracing::error!(payment = %id, error = fault.chain(), "a payment could not be settled and will be tried again");
                None
            }
        }
    }

    /// Asks the provider what is to be asked about a payment, until nothing is left or it does not
    /// answer.
    async fn settle(&self, payment: Payment, now: DateTime<Utc>) -> Result<Option<Payment>, Fault> {
        let (id, mut stands, mut now) = (payment.snapshot().id, payment, now);
        let said = self.said.asking(id);
        let (mut since, mut answers) = (Instant::now(), Vec::new());
        for _ in 0..MOST_STEPS {
            let at = now + since.elapsed();
            let duty = stands.duty(at);
            if duty == Duty::Rest {
                break;
            }
            let answer = match self.ask(&stands, &duty).await {
                Ok(answer) => answer,
                Err(fault) => return self.in_vain(id, &answers, &duty, &fault).await,
            };
            answers.push(answer);
            // Its name is noted with what comes of it: whoever opens it again hears the same name.
            if let Some(Answer::Opened(intent)) = answers.last() {
                stands.opened(intent, at);
                continue;
            }
            let Some(learnt) = self.learn(id, &answers).await? else { return Ok(None) };
            (stands, now) = learnt;
            since = Instant::now();
            answers.clear();
        }
        if !answers.is_empty() {
            let Some(learnt) = self.learn(id, &answers).await? else { return Ok(None) };
            stands = learnt.0;
        }
        if let (State::Captured { .. }, Some(intent)) = (&stands.snapshot().state, &stands.snapshot().intent)
        {
            said.noted(&intent.id);
        }
        Ok(Some(stands))
    }

    async fn ask(&self, payment: &Payment, duty: &Duty) -> Result<Answer, Fault> {
        let is = payment.snapshot();
        let amount = |money| ProviderAmount::of(money).map_err(Fault::broken_rule);
        let intent = || {
            let intent = is.intent.as_ref().map(|intent| intent.id.clone());
            intent.ok_or_else(|| Fault::broken_rule("a payment unknown to the provider cannot be asked for"))
        };
        Ok(match duty {
            Duty::Open => {
                let ask = NewIntent {
                    key: payment.opening_key(),
                    amount: amount(is.amount)?,
                    description: is.description.clone(),
                    payment_id: is.id,
                    order_id: is.order_id,
                    number: is.number.clone(),
                    opening: is.openings,
                    to: payment.to_account(),
                };
                match self.gateway.open(&ask).await? {
                    Opened::Intent(intent) => Answer::Opened(*intent),
                    Opened::AccountRefused { message } => Answer::AccountRefused(message),
                }
            }
            Duty::Confirm(number) => {
                let means = &attempt(payment, *number)?.means;
                let key = payment.attempt_key(*number);
                match self.gateway.confirm(&intent()?, means, &key).await? {
                    Confirmed::AccountRefused { message } => Answer::AccountRefused(message),
                    answer => Answer::Confirmed(*number, answer),
                }
            }
            Duty::Look => {
                let seen = self.gateway.look(&intent()?).await?;
                let unknown = || Fault::broken_rule("the provider does not know a payment that it opened");
                Answer::Seen(countable(seen.ok_or_else(unknown)?)?)
            }
            Duty::Cancel => Answer::Seen(countable(self.gateway.cancel(&intent()?).await?)?),
            Duty::Retire => Answer::Retired(countable(self.gateway.cancel(&intent()?).await?)?),
            Duty::Offer(number) => self.offer(payment, *number).await?,
            Duty::Close(number) => {
                let seen = self.gateway.close(page(payment, *number)?).await?;
                Answer::Page(*number, countable_page(seen)?)
            }
            Duty::LookAtPage(number) => {
                let seen = self.gateway.look_at_page(page(payment, *number)?).await?;
                let unknown = || Fault::broken_rule("the provider does not know a page that it made");
                Answer::Page(*number, countable_page(seen.ok_or_else(unknown)?)?)
            }
            Duty::Refund(id) => {
                let refund = is.refunds.iter().find(|refund| refund.id == *id);
                let refund = refund.ok_or_else(|| Fault::broken_rule("an owed refund is not there"))?;
                let ask = NewRefund {
                    key: refund.key(is.id),
                    intent: intent()?,
                    amount: amount(refund.tried)?,
                    payment_id: is.id,
                    refund_id: refund.id,
                    refund_number: refund.number,
                    from: payment.given_by_account(refund),
                };
                match self.gateway.refund(&ask).await? {
                    GivenBack::Answer(given) => Answer::Refund(given),
                    GivenBack::AccountRefused { message } => {
                        Answer::AccountGivesNothing { id: refund.id, tried: refund.number, message }
                    }
                    GivenBack::Refused { message } => {
                        let stands = self.gateway.refunds(&ask.intent).await?;
                        Answer::RefundRefused { id: refund.id, tried: refund.number, message, stands }
                    }
                }
            }
            Duty::Rest => return Err(Fault::broken_rule("there is nothing to ask")),
        })
    }

    /// Asks for the provider's page.
    async fn offer(&self, payment: &Payment, number: u32) -> Result<Answer, Fault> {
        let (is, attempt) = (payment.snapshot(), attempt(payment, number)?);
        let checkout = attempt.checkout().ok_or_else(|| Fault::broken_rule("a card needs no page"))?;
        let ask = NewPage {
            key: payment.attempt_key(number),
            amount: ProviderAmount::of(is.amount).map_err(Fault::broken_rule)?,
            description: is.description.clone(),
            payment_id: is.id,
            order_id: is.order_id,
            number: is.number.clone(),
            attempt: number,
            success_url: checkout.success_url.clone(),
            cancel_url: checkout.cancel_url.clone(),
            kept_until: payment.page_is_kept_until(attempt.started_at),
            to: payment.to_account(),
        };
        Ok(match self.gateway.offer(&ask).await? {
            Offered::Page(seen) => Answer::Page(number, *seen),
            Offered::Rejected { message, field } => Answer::PageRejected { attempt: number, message, field },
            Offered::AccountRefused { message } => Answer::AccountRefused(message),
        })
    }

    /// Notes what the provider answered; the payment as it stands then, and when that was.
    async fn learn(
        &self,
        id: PaymentId,
        answers: &[Answer],
    ) -> Result<Option<(Payment, DateTime<Utc>)>, Fault> {
        let Some((mut tx, mut payment)) = self.store.begin_on(Which::Payment(id)).await? else {
            return Ok(None);
        };
        let (now, before) = (tx.now(), payment.snapshot().clone());
        for answer in answers {
            match answer {
                Answer::Opened(intent) => payment.opened(intent, now),
                Answer::Confirmed(number, answer) => {
                    payment.confirmed(*number, answer, now, self.undecided());
                }
                Answer::Seen(intent) => payment.seen(intent, now, self.undecided()),
                Answer::Retired(intent) => payment.retired(intent, now),
                Answer::Page(number, seen) => payment.page_seen(*number, seen, now, self.undecided()),
                Answer::PageRejected { attempt, message, field } => {
                    payment.rejected(*attempt, message, Some(field));
                }
                Answer::AccountRefused(message) => {
                    if payment.account_refused() {
                        metrics::counter!("payments_account_refused_total", "for" => "charge").increment(1);
                        tracing::warn!(payment = %before.id, order = %before.order_id, message,
                            "the seller's account takes no money at the payment provider; the platform takes it instead");
                    }
                }
                Answer::AccountGivesNothing { id, tried, message } => {
                    if payment.account_gives_nothing((*id, *tried), now) {
                        metrics::counter!("payments_account_refused_total", "for" => "refund").increment(1);
                        tracing::warn!(payment = %before.id, order = %before.order_id, refund = %id, message,
                            "the seller's account gives nothing for a refund; the platform gives it instead");
                    }
                }
                Answer::Refund(refund) => payment.refund_told(refund, now, pause(before.looks)),
                Answer::RefundRefused { id, tried, message, stands } => {
                    metrics::counter!("payments_refunds_refused_total").increment(1);
                    if !payment.refund_refused((*id, *tried), stands, now, pause(before.looks)) {
                        continue;
                    }
                    if payment.is_disputed() {
                        tracing::warn!(payment = %before.id, order = %before.order_id, refund = %id, message,
                            "the payment provider refuses a refund while the buyer's bank wants the money; it stays owed");
                    } else {
                        tracing::error!(payment = %before.id, order = %before.order_id, refund = %id, message,
                            "the payment provider refuses a refund; it stays owed, and goes on being asked for");
                    }
                }
            }
        }
        let decides = |answer: &Answer| matches!(answer, Answer::Refund(_) | Answer::RefundRefused { .. });
        let is_due = before.due_at.is_some_and(|due| due <= now);
        if *payment.snapshot() == before && is_due && !answers.iter().any(decides) {
            // Nothing new: the bank, or the buyer at the bank, takes time.
            payment.put_off(now, pause(before.looks));
        }
        tx.save_payment(&mut payment).await?;
        tx.commit().await?;
        Ok(Some((payment, now)))
    }

    /// The provider did not answer, or not in a way that decides anything: the same question comes
    /// again later, and is never given up. What it answered before is noted.
    async fn in_vain(
        &self,
        id: PaymentId,
        answers: &[Answer],
        duty: &Duty,
        fault: &Fault,
    ) -> Result<Option<Payment>, Fault> {
        let Some((mut tx, mut payment)) = self.store.begin_on(Which::Payment(id)).await? else {
            return Ok(None);
        };
        let now = tx.now();
        for answer in answers {
            if let Answer::Opened(intent) = answer {
                payment.opened(intent, now);
            }
        }
        if fault.left_alone().is_some() {
            payment.wait(now + pause(0));
        } else {
            let looks = payment.snapshot().looks;
            metrics::counter!("payments_provider_unanswered_total").increment(1);
            if looks >= WORRYING || !fault.passing {
                tracing::error!(payment = %id, order = %payment.snapshot().order_id, ?duty, looks, error = fault.chain(),
                    "the payment provider cannot be asked about a payment; it goes on being asked");
            } else {
                tracing::warn!(payment = %id, ?duty, looks, error = fault.chain(), "the payment provider did not answer");
            }
            // Who has come back is not kept waiting.
            let longest = if fault.passing { LONGEST_OUTAGE } else { LONGEST_PAUSE };
            payment.put_off(now, pause_up_to(longest, looks));
        }
        tx.save_payment(&mut payment).await?;
        tx.commit().await?;
        Ok(Some(payment))
    }
}

fn attempt(payment: &Payment, number: u32) -> Result<&Attempt, Fault> {
    payment.attempt(number).ok_or_else(|| Fault::broken_rule("an attempt is not there"))
}

/// What the provider calls the page of an attempt.
fn page(payment: &Payment, number: u32) -> Result<&str, Fault> {
    let session = attempt(payment, number)?.checkout().and_then(|checkout| checkout.session.as_ref());
    let session = session.ok_or_else(|| Fault::broken_rule("a page that the provider has not told of"))?;
    Ok(&session.id)
}

/// The same for what was paid on a page.
pub(super) fn countable_page(seen: PageSeen) -> Result<PageSeen, Fault> {
    if let (PageStatus::Complete, Some(intent)) = (seen.status, &seen.intent) {
        countable(intent.clone())?;
    }
    Ok(seen)
}

/// What came must be countable in our money; what is not is a fault of ours that a person has to mend.
fn countable(intent: Intent) -> Result<Intent, Fault> {
    if intent.status == IntentStatus::Succeeded && intent.received.is_none() {
        return Err(Fault::broken_rule("the provider took an amount that cannot be counted in our money"));
    }
    Ok(intent)
}

/// How long to wait after so many questions in vain: from half a second, doubling, shifted at random by
/// up to half.
pub(super) fn pause(looks: u32) -> chrono::Duration {
    pause_up_to(LONGEST_PAUSE, looks)
}

fn pause_up_to(longest: Duration, looks: u32) -> chrono::Duration {
    let base = Duration::from_millis(500 << looks.min(10)).min(longest);
    let pause = base.mul_f64(rand::rng().random_range(0.5..1.5));
    chrono::Duration::from_std(pause).unwrap_or(chrono::Duration::minutes(1))
}
