use std::time::Duration;

use chrono::TimeDelta;
use kernel::{Error, OrderId, PaymentId, Refusal, Result, UserId, line};
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use super::Payments;
use crate::domain::{
    entities::{AttemptState, Begun, Payment, State, fingerprint},
    errors,
};

/// How often is looked for what is waited for.
const LOOK: Duration = Duration::from_millis(25);
/// How long an order may take to come here, whatever is down in between; no order can be paid for longer.
const ON_ITS_WAY: TimeDelta = TimeDelta::hours(1);
/// The longest idempotency key, and the longest name of a payment method.
const LONGEST: usize = 100;

/// A buyer's wish to pay.
#[derive(Clone, Debug)]
pub struct Pay {
    /// Who pays.
    pub buyer: UserId,
    /// What.
    pub order: OrderId,
    /// With what, as the provider names it.
    pub method: String,
    /// The same for the same wish, however often it is sent.
    pub key: String,
}

/// An attempt whose outcome is waited for, and the work on it if it was begun here.
struct Waiting {
    payment: PaymentId,
    attempt: u32,
    work: Option<tokio::task::JoinHandle<()>>,
}

impl Payments {
    /// Pays an order with a card, and tells how far that went. The same key with the same input tells
    /// the outcome of the first time.
    #[tracing::instrument(skip_all)]
    pub async fn pay(&self, ask: Pay) -> Result<Payment> {
        let ask = ask.checked()?;
        let payment = self.prepared(&ask).await?;
        let begun = match self.begin(&ask, payment).await {
            // The key was taken for another order in the same moment: now it is found.
            Err(Error::Broken(fault)) if !fault.passing => self.begin(&ask, payment).await,
            begun => begun,
        };
        match begun? {
            None => self.known(payment).await,
            Some(waiting) => self.outcome(waiting).await,
        }
    }

    /// Waits for the order's payment, which may still be on its way here.
    async fn prepared(&self, ask: &Pay) -> Result<PaymentId> {
        let patience = Instant::now() + self.patience.preparing;
        loop {
            if let Some(payment) = self.store.payment_of_order(ask.order).await? {
                let is_theirs = payment.snapshot().buyer_id == ask.buyer;
                return if is_theirs {
                    Ok(payment.snapshot().id)
                } else {
                    Err(errors::no_such_order().into())
                };
            }
            if self.store.returned_before(ask.order).await?.is_some() {
                return Err(errors::ended().into());
            }
            if Instant::now() >= patience {
                let now = self.now().await?;
                return Err(match ask.order.made_at() {
                    Some(made) if now - made < ON_ITS_WAY => errors::still_prepared().into(),
                    _ => errors::no_such_order().into(),
                });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Writes the attempt down before the provider hears of it; or finds the one that the key stands
    /// for. Nothing is to be waited for when the order is paid already.
    async fn begin(&self, ask: &Pay, payment: PaymentId) -> Result<Option<Waiting>> {
        let mut tx = self.store.begin().await?;
        // The payment is locked first, so that of two calls with one key the second finds the first's.
        let mut payment = tx.payment(payment).await?.ok_or_else(errors::no_such_order)?;
        if let Some((payment, attempt, before)) = tx.attempt_with_key(ask.buyer, &ask.key).await? {
            if before != fingerprint(ask.order, &ask.method) {
                return Err(errors::key_reused().into());
            }
            return Ok(Some(Waiting { payment, attempt, work: None }));
        }
        if self.gateway.rests() && !payment.is_free() {
            return Err(errors::provider_away().into());
        }
        match payment.begin_attempt(&ask.key, &ask.method, tx.now(), self.undecided())? {
            Begun::AlreadyPaid => Ok(None),
            Begun::Attempt(attempt) => {
                tx.save_payment(&mut payment).await?;
                tx.commit().await?;
                let (payments, payment) = (self.clone(), payment.snapshot().id);
                // In a task of its own: it goes on when the buyer hangs up.
                let work = async move {
                    let span = payments.store.span_of(payment).await.unwrap_or_else(|_| Span::current());
                    payments.settle_or_log(payment).instrument(span).await;
                };
                let work = tokio::spawn(work.in_current_span());
                Ok(Some(Waiting { payment, attempt, work: Some(work) }))
            }
        }
    }

    /// Waits, within limits, until the attempt is decided.
    async fn outcome(&self, mut waiting: Waiting) -> Result<Payment> {
        let answer_by = Instant::now() + self.patience.answer;
        let mut webhook_by = None;
        loop {
            let worked = waiting.work.as_ref().is_some_and(tokio::task::JoinHandle::is_finished);
            let payment = self.known(waiting.payment).await?;
            match payment.attempt(waiting.attempt).map(|attempt| &attempt.state) {
                Some(AttemptState::Open) if worked || Instant::now() >= answer_by => {
                    return Err(errors::not_known().into());
                }
                Some(AttemptState::Open) => {}
                Some(AttemptState::Confirmed) => {
                    let webhook_by =
                        *webhook_by.get_or_insert_with(|| Instant::now() + self.patience.webhook);
                    if Instant::now() >= webhook_by {
                        return Ok(payment);
                    }
                }
                Some(AttemptState::Action | AttemptState::Succeeded | AttemptState::Superseded) => {
                    return Ok(payment);
                }
                Some(AttemptState::Declined { code, .. }) => return Err(errors::declined(code).into()),
                Some(AttemptState::Rejected { .. }) => {
                    return Err(Refusal::bad_input(
                        "paymentMethod",
                        "is not known to the payment provider; in the sandbox take pm_card_visa",
                    )
                    .into());
                }
                Some(AttemptState::Lost) => return Err(errors::lost().into()),
                Some(AttemptState::Ended) | None => {
                    if let State::Captured { .. } = payment.snapshot().state {
                        return Ok(payment);
                    }
                    let ran_out = self.now().await? >= payment.snapshot().expires_at;
                    return Err(if ran_out { errors::ran_out() } else { errors::ended() }.into());
                }
            }
            match &mut waiting.work {
                Some(work) if !worked => {
                    tokio::select! {
                        _ = work => {}
                        () = tokio::time::sleep(LOOK) => {}
                    }
                }
                _ => tokio::time::sleep(LOOK).await,
            }
        }
    }

    async fn known(&self, payment: PaymentId) -> Result<Payment> {
        Ok(self.store.payment(payment).await?.ok_or_else(errors::no_such_order)?)
    }
}

impl Pay {
    fn checked(mut self) -> Result<Self, Refusal> {
        self.key = line("idempotencyKey", &self.key, LONGEST)?;
        self.method = line("paymentMethod", &self.method, LONGEST)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !self.method.bytes().all(plain) {
            return Err(Refusal::bad_input(
                "paymentMethod",
                "must be a payment method of the provider, such as pm_card_visa",
            ));
        }
        Ok(self)
    }
}
