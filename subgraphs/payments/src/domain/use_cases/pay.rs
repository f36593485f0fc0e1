use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{Error, OrderId, PaymentId, Refusal, Result, UserId, line, together};
use tokio::{task::JoinHandle, time::Instant};
use tracing::Instrument as _;

use super::{LOOK, Payments};
use crate::domain::{
    entities::{AttemptState, Begun, Payment, State, fingerprint},
    errors,
    ports::{Payable, Tx, Watch, Which},
};

/// How long an order may take to come here when the bus is away; none can be paid for longer.
const ON_ITS_WAY: Duration = Duration::from_mins(15);
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
    /// None when another call began it, or it is done.
    work: Option<JoinHandle<Option<Payment>>>,
    is_of_another: bool,
}

/// What a wish to pay led to.
enum Start {
    /// Nothing is to be waited for.
    Paid(Payment),
    /// This attempt was begun, of a payment that stands so at this instant.
    Begun(u32, Payment, DateTime<Utc>),
    /// The key stands for this attempt of this payment, which another call began.
    Before(PaymentId, u32),
}

impl Payments {
    /// Pays an order with a card, and tells how far that went. The same key with the same input tells
    /// the outcome of the first time.
    #[tracing::instrument(skip_all)]
    pub async fn pay(&self, ask: Pay) -> Result<Payment> {
        let ask = ask.checked()?;
        let start = match self.begin(&ask, false).await {
            // The key was taken before, or in the same moment, for another order: now it is looked for.
            Err(Error::Broken(fault)) if !fault.passing => self.begin(&ask, true).await,
            begun => begun,
        };
        let waiting = match start? {
            Start::Paid(payment) => return Ok(payment),
            Start::Before(payment, attempt) => (
                self.store.watch(ask.order).await,
                Waiting { payment, attempt, work: None, is_of_another: true },
            ),
            Start::Begun(attempt, payment, now) => {
                // From before the provider is asked on, so that nothing is missed.
                let watch = self.store.watch(ask.order).await;
                let (payments, id) = (self.clone(), payment.snapshot().id);
                let span = self.store.span_of(&payment);
                // In a task of its own: it goes on when the buyer hangs up.
                let work = async move { payments.settle_or_log(payment, now).await }.instrument(span);
                let work = Some(tokio::spawn(work));
                (watch, Waiting { payment: id, attempt, work, is_of_another: false })
            }
        };
        let (mut watch, waiting) = waiting;
        self.outcome(waiting, &mut *watch).await
    }

    /// Writes the attempt down before the provider hears of it; or finds the one that the key stands
    /// for, among the order's own or everywhere.
    async fn begin(&self, ask: &Pay, everywhere: bool) -> Result<Start> {
        // The payment is locked first, so that of two calls with one key the second finds the first's.
        let (mut tx, mut payment) = self.locked(ask).await?;
        let of_order = payment.attempt_with_key(&ask.key);
        let known = match of_order {
            None if everywhere => tx.attempt_with_key(ask.buyer, &ask.key).await?,
            known => known,
        };
        if let Some((payment, attempt, before)) = known {
            if before != fingerprint(ask.order, &ask.method) {
                return Err(errors::key_reused().into());
            }
            return Ok(Start::Before(payment, attempt));
        }
        if self.gateway.rests() && !payment.is_free() {
            return Err(errors::provider_away().into());
        }
        let now = tx.now();
        let most = self.terms.attempts_per_order;
        match payment.begin_attempt(&ask.key, &ask.method, now, self.undecided(), most)? {
            Begun::AlreadyPaid => Ok(Start::Paid(payment)),
            Begun::Attempt(attempt) => {
                tx.save_payment(&mut payment).await?;
                tx.commit().await?;
                Ok(Start::Begun(attempt, payment, now))
            }
        }
    }

    /// The order's payment, locked; it may still be on its way here. Somebody else's order is the same as none.
    async fn locked(&self, ask: &Pay) -> Result<(Box<dyn Tx>, Payment)> {
        let which = Which::Order(ask.order, Some(ask.buyer));
        if let Some(locked) = self.store.begin_on(which).await? {
            return Ok(locked);
        }
        match self.store.payable(ask.order, ask.buyer).await? {
            Some(Payable::Payment(_)) => {
                Ok(self.store.begin_on(which).await?.ok_or_else(errors::no_such_order)?)
            }
            Some(Payable::Never(why)) => Err(why.refusal().into()),
            None if ask.order.was_made_within(ON_ITS_WAY) => Err(errors::still_prepared().into()),
            None => Err(errors::no_such_order().into()),
        }
    }

    /// Waits, within limits, until the attempt is decided.
    async fn outcome(&self, mut waiting: Waiting, watch: &mut dyn Watch) -> Result<Payment> {
        let answer_by = Instant::now() + self.terms.patience.answer;
        loop {
            let mut seen = None;
            if let Some(work) = &mut waiting.work {
                let until = answer_by.saturating_duration_since(Instant::now());
                tokio::select! {
                    biased;
                    settled = work => {
                        waiting.work = None;
                        seen = settled.ok().flatten();
                    }
                    () = watch.changed(until.min(LOOK)) => {}
                }
            }
            let payment = match seen {
                Some(payment) => payment,
                None => self.known(waiting.payment).await?,
            };
            let until = match payment.attempt(waiting.attempt).map(|attempt| &attempt.state) {
                Some(AttemptState::Open) if waiting.work.is_some() && Instant::now() < answer_by => continue,
                // What another call began is worked on there.
                Some(AttemptState::Open) if waiting.is_of_another && Instant::now() < answer_by => answer_by,
                Some(AttemptState::Open) => return Err(errors::not_known().into()),
                Some(
                    AttemptState::Confirmed
                    | AttemptState::Action
                    | AttemptState::Succeeded
                    | AttemptState::Superseded,
                ) => return Ok(payment),
                Some(AttemptState::Declined { code, .. }) => return Err(errors::declined(code).into()),
                Some(AttemptState::Rejected { .. }) => {
                    return Err(Refusal::bad_input(
                        "paymentMethod",
                        "is not known to the payment provider; in the sandbox take pm_card_visa",
                    )
                    .because(kernel::reasons::UNKNOWN)
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
            };
            watch.changed(until.saturating_duration_since(Instant::now()).min(LOOK)).await;
        }
    }

    async fn known(&self, payment: PaymentId) -> Result<Payment> {
        let found = self.store.payments(&[payment]).await?.into_iter().next();
        Ok(found.ok_or_else(errors::no_such_order)?)
    }
}

impl Pay {
    fn checked(mut self) -> Result<Self, Refusal> {
        let (key, method) =
            together((line("idempotencyKey", &self.key, LONGEST), payment_method(&self.method)))?;
        (self.key, self.method) = (key, method);
        Ok(self)
    }
}

fn payment_method(text: &str) -> Result<String, Refusal> {
    let method = line("paymentMethod", text, LONGEST)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if method.bytes().all(plain) {
        return Ok(method);
    }
    let message = "must be a payment method of the provider, such as pm_card_visa";
    Err(Refusal::bad_input("paymentMethod", message).because(kernel::reasons::MALFORMED))
}
