use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{Error, OrderId, PaymentId, Refusal, Result, UserId};
use tokio::{task::JoinHandle, time::Instant};
use tracing::Instrument as _;

use super::{LOOK, Payments, wishes};
use crate::domain::{
    entities::{Attempt, AttemptState, Begun, Declines, Means, Payment, State, Suspicion, Wish, fingerprint},
    errors,
    ports::{Payable, Tx, Watch},
};

/// How long an order may take to come here when the bus is away; none can be paid for longer.
const ON_ITS_WAY: Duration = Duration::from_mins(15);

/// A buyer's wish to pay.
#[derive(Clone, Debug)]
pub struct Pay {
    /// Who pays.
    pub buyer: UserId,
    /// What.
    pub order: OrderId,
    /// With what.
    pub means: Means,
    /// The same for the same wish, however often it is sent.
    pub key: String,
    /// From which address, as far as that is known.
    pub client: Option<String>,
}

/// Where a buyer can pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The provider's page.
    pub url: String,
    /// Until when it can be paid there.
    pub until: DateTime<Utc>,
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

/// Whether the provider was asked which card it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Card {
    Unseen,
    Seen,
}

impl Payments {
    /// Pays an order with a card, and tells how far that went. The same key with the same input tells
    /// the outcome of the first time.
    #[tracing::instrument(skip_all)]
    pub async fn pay(&self, ask: Pay) -> Result<Payment> {
        Ok(self.go(ask).await?.0)
    }

    /// Makes a page of the provider's on which an order can be paid. There is one at a time: asked again, it is the same. What
    /// the buyer had begun with a card is ended before.
    #[tracing::instrument(skip_all)]
    pub async fn open_page(&self, ask: Pay) -> Result<Page> {
        let (payment, attempt) = self.go(ask).await?;
        let url = attempt.and_then(|attempt| payment.page_of(attempt));
        let until = payment.snapshot().expires_at;
        match (url, &payment.snapshot().state) {
            (Some(_), _) if self.now().await? >= until => Err(errors::ran_out().into()),
            (Some(url), _) => Ok(Page { url: url.to_owned(), until }),
            (None, State::Captured { .. }) if payment.is_free() => Err(errors::needs_no_payment().into()),
            (None, State::Captured { .. }) => Err(errors::paid_already().into()),
            (None, _) => Err(errors::lost().into()),
        }
    }

    /// The payment once this is decided, and which attempt of it this is; none when it was paid before.
    async fn go(&self, ask: Pay) -> Result<(Payment, Option<u32>)> {
        let ask = wishes::checked(ask)?;
        let start = match self.begin(&ask, false).await {
            // The key was taken before, or in the same moment, for another order: now it is looked for.
            Err(Error::Broken(fault)) if !fault.passing => self.begin(&ask, true).await,
            begun => begun,
        };
        let waiting = match start? {
            Start::Paid(payment) => return Ok((payment, None)),
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
        let attempt = waiting.attempt;
        Ok((self.outcome(waiting, &mut *watch).await?, Some(attempt)))
    }

    /// Writes the attempt down before the provider hears of it; or finds the one that the key stands
    /// for, among the order's own or everywhere. A card that may be one that was declined too often is asked about first, while
    /// no transaction is open.
    async fn begin(&self, ask: &Pay, everywhere: bool) -> Result<Start> {
        if let Some(start) = self.begin_with(ask, everywhere, Card::Unseen).await? {
            return Ok(start);
        }
        if let Some(card) = self.gateway.card_of(&ask.means).await? {
            let since = self.store.card_declined(&card, self.terms.declines.by_card).await?;
            Declines::check(since, self.now().await?)?;
        }
        let begun = self.begin_with(ask, everywhere, Card::Seen).await?;
        Ok(begun.ok_or_else(errors::not_known)?)
    }

    /// None when the card is to be seen first.
    async fn begin_with(&self, ask: &Pay, everywhere: bool, card: Card) -> Result<Option<Start>> {
        // The payment is locked first, so that of two calls with one key the second finds the first's.
        let (mut tx, mut payment, suspicion) = self.locked(ask).await?;
        let of_order = payment.attempt_with_key(&ask.key);
        let known = match of_order {
            None if everywhere => tx.attempt_with_key(ask.buyer, &ask.key).await?,
            known => known,
        };
        if let Some((payment, attempt, before)) = known {
            if before != fingerprint(ask.order, &ask.means) {
                return Err(errors::key_reused().into());
            }
            return Ok(Some(Start::Before(payment, attempt)));
        }
        if self.gateway.rests() && !payment.is_free() {
            return Err(errors::provider_away().into());
        }
        let now = tx.now();
        let most = self.terms.attempts_per_order;
        let wish = Wish { client_key: ask.key.clone(), means: ask.means.clone(), client: ask.client.clone() };
        let begun = match payment.begin_attempt(wish.clone(), now, self.undecided(), most)? {
            Begun::Stands(page) if self.is_page_in_vain(&payment, page).await? => {
                payment.account_lost(page, now);
                payment.begin_attempt(wish, now, self.undecided(), most)?
            }
            begun => begun,
        };
        Ok(Some(match begun {
            Begun::AlreadyPaid => Start::Paid(payment),
            Begun::Stands(attempt) => Start::Before(payment.snapshot().id, attempt),
            Begun::Attempt(attempt) => {
                suspicion.check(now)?;
                let is_page = matches!(ask.means, Means::Checkout(_));
                if suspicion.of_some_card && card == Card::Unseen && !is_page {
                    return Ok(None);
                }
                tx.save_payment(&mut payment).await?;
                tx.commit().await?;
                Start::Begun(attempt, payment, now)
            }
        }))
    }

    /// True when nobody can pay on a page, as the seller's account to which its money was to go is not active any more.
    async fn is_page_in_vain(&self, payment: &Payment, page: u32) -> Result<bool> {
        let (Some(payouts), Some(seller)) = (&self.payouts, payment.snapshot().seller) else {
            return Ok(false);
        };
        let goes_to_account = payment.to_account().is_some() && payment.page_of(page).is_some();
        Ok(goes_to_account && payouts.active_account(seller.organization).await?.is_none())
    }

    /// The order's payment, locked; it may still be on its way here. Somebody else's order is the same as none.
    async fn locked(&self, ask: &Pay) -> Result<(Box<dyn Tx>, Payment, Suspicion)> {
        let begin =
            || self.store.begin_paying((ask.order, ask.buyer), ask.client.as_deref(), self.terms.declines);
        if let Some(locked) = begin().await? {
            return Ok(locked);
        }
        match self.store.payable(ask.order, ask.buyer).await? {
            Some(Payable::Payment(_)) => Ok(begin().await?.ok_or_else(errors::no_such_order)?),
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
            let attempt = payment.attempt(waiting.attempt);
            let until = match attempt.map(|attempt| &attempt.state) {
                Some(AttemptState::Open) if waiting.work.is_some() && Instant::now() < answer_by => continue,
                // What another call began is worked on there.
                Some(AttemptState::Open) if waiting.is_of_another && Instant::now() < answer_by => answer_by,
                Some(AttemptState::Open) => return Err(errors::not_known().into()),
                Some(
                    AttemptState::Confirmed
                    | AttemptState::Action
                    | AttemptState::Offered
                    | AttemptState::Succeeded
                    | AttemptState::Superseded,
                ) => return Ok(payment),
                Some(AttemptState::Declined { code, .. }) => return Err(errors::declined(code).into()),
                Some(AttemptState::Rejected { field, .. }) => {
                    return Err(rejected(attempt, field.as_deref()).into());
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

/// The provider does not take what the buyer sent.
fn rejected(attempt: Option<&Attempt>, field: Option<&str>) -> Refusal {
    if let Some(field) = field {
        let message = "is no address that the payment provider sends buyers to";
        return Refusal::bad_input(field, message).because(kernel::reasons::INVALID);
    }
    let field = attempt.map_or("paymentMethod", |attempt| attempt.means.field());
    let message = match field {
        "confirmationToken" => "is not known to the payment provider, or was used before",
        _ => "is not known to the payment provider; in the sandbox take pm_card_visa",
    };
    Refusal::bad_input(field, message).because(kernel::reasons::UNKNOWN)
}
