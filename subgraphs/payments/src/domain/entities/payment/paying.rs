//! The buyer's tries and what the provider says of them.

use chrono::{DateTime, Duration, Utc};
use contracts::{Announcement, payments::PaymentDeclined, purchase::IfPaid};
use kernel::{Money, PaymentId, Refusal};

use super::{Attempt, AttemptState, Begun, IntentRef, Payment, State, account::PLATFORM};
use crate::domain::{
    entities::{Means, fingerprint},
    errors,
    ports::{Confirmed, Decline, Intent, IntentStatus},
};

/// How a buyer wants to pay.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The same for the same wish, however often it is sent.
    pub client_key: String,
    /// With what.
    pub means: Means,
    /// From which address, as far as that is known.
    pub client: Option<String>,
}

impl Payment {
    /// Begins a try, if it is not one too many: there are `most` for an order. The provider is asked right
    /// after, and, if nothing is heard of that, again after `patience`. Of the provider's page there is one at a time.
    pub fn begin_attempt(
        &mut self,
        wish: Wish,
        now: DateTime<Utc>,
        patience: Duration,
        most: u32,
    ) -> Result<Begun, Refusal> {
        match &self.is.state {
            State::Captured { .. } if !self.goes_back() => return Ok(Begun::AlreadyPaid),
            State::Captured { .. } => return Err(errors::given_back()),
            State::Cancelling { .. } | State::Cancelled { .. } if now < self.is.expires_at => {
                return Err(errors::ended());
            }
            State::Cancelling { .. } | State::Cancelled { .. } => return Err(errors::ran_out()),
            State::Pending | State::RequiresAction { .. } | State::Failed { .. } => {}
        }
        if now >= self.is.expires_at {
            return Err(errors::ran_out());
        }
        if let (Some(live), Means::Checkout(_)) = (self.live(), &wish.means)
            && (live.is_unnamed() || live.open_session().is_some())
        {
            return Ok(Begun::Stands(live.number));
        }
        // The bank is at it, after the buyer was on the provider's page.
        let is_left =
            |attempt: &Attempt| attempt.state == AttemptState::Offered && attempt.open_session().is_none();
        if self.is.attempts.iter().any(|attempt| attempt.is_undecided() || is_left(attempt)) {
            return Err(errors::under_way());
        }
        if self.attempts_left(most) == 0 {
            return Err(errors::too_many_attempts(most));
        }
        self.finish_live(&AttemptState::Superseded);
        let number = self.is.attempts.last().map_or(1, |last| last.number + 1);
        self.is.attempts.push(Attempt {
            number,
            client_key: wish.client_key,
            fingerprint: fingerprint(self.is.order_id, &wish.means),
            means: wish.means,
            client: wish.client,
            card: None,
            state: AttemptState::Open,
            started_at: now,
        });
        self.is.state = State::Pending;
        self.due(now + patience);
        Ok(Begun::Attempt(number))
    }

    /// The key by which the provider knows the payment's opening; another one after that was ended for another way.
    pub fn opening_key(&self) -> String {
        match self.is.openings {
            0 => format!("{}{}", self.base_key(), self.way()),
            ended => format!("{}-open-{ended}{}", self.base_key(), self.way()),
        }
    }

    fn base_key(&self) -> String {
        format!("order-{}", self.is.order_id)
    }

    /// The key by which the provider knows an attempt: the same however often it is asked, another for
    /// each attempt.
    pub fn attempt_key(&self, number: u32) -> String {
        format!("{}-{number}{}", self.base_key(), self.way())
    }

    /// The attempt that the buyer made with this key, and what they sent with it.
    pub fn attempt_with_key(&self, client_key: &str) -> Option<(PaymentId, u32, String)> {
        let attempt = self.is.attempts.iter().find(|attempt| attempt.client_key == client_key)?;
        Some((self.is.id, attempt.number, attempt.fingerprint.clone()))
    }

    /// Which attempt of this payment a key of the provider's stands for.
    pub fn attempt_of_key(&self, key: &str) -> Option<u32> {
        let of_attempt = key.strip_prefix(&self.base_key())?.strip_prefix('-')?;
        let number = of_attempt.strip_suffix(PLATFORM).unwrap_or(of_attempt).parse().ok()?;
        self.attempt(number).map(|attempt| attempt.number)
    }

    /// The provider knows the payment from now on. If it has ended meanwhile, it ends there too.
    pub fn opened(&mut self, intent: &Intent, now: DateTime<Utc>) {
        if self.is.intent.is_some() {
            return;
        }
        self.is.intent =
            Some(IntentRef { id: intent.id.clone(), client_secret: intent.client_secret.clone() });
        self.is.looks = 0;
        if let State::Cancelled { reason } = &self.is.state {
            self.is.state = State::Cancelling { if_paid: IfPaid::Refund, reason: reason.clone() };
            self.due(now);
        }
    }

    /// The provider's own answer to an attempt: money that is there is taken note of at once, whatever became of the
    /// attempt meanwhile. The webhook says the same once more.
    pub fn confirmed(&mut self, number: u32, answer: &Confirmed, now: DateTime<Utc>, patience: Duration) {
        if let Confirmed::Answer(intent) = answer
            && let (IntentStatus::Succeeded, Some(received)) = (&intent.status, intent.received)
        {
            return self.taken(intent, received, now);
        }
        if !self.attempt(number).is_some_and(|attempt| attempt.is_undecided() && attempt.is_by_card()) {
            return; // the webhook was faster
        }
        match answer {
            Confirmed::Declined(decline) => self.declined(number, decline, now),
            Confirmed::Rejected { message, field } => self.rejected(number, message, field.as_deref()),
            Confirmed::AccountRefused { .. } => drop(self.account_refused()),
            Confirmed::Answer(intent) => match &intent.status {
                // What was taken and cannot be counted in our money is asked for again, until a person mends it.
                IntentStatus::Succeeded | IntentStatus::Processing => {
                    self.set_attempt(number, AttemptState::Confirmed);
                    if !self.is_ending() {
                        self.due(now + patience);
                    }
                }
                IntentStatus::RequiresAction { url } => self.needs_action(number, url.clone(), now, patience),
                IntentStatus::Cancelled => self.cancelled(),
                IntentStatus::Open(Some(decline)) => self.declined(number, decline, now),
                IntentStatus::Open(None) => self.lost(number),
            },
        }
    }

    /// The bank declined an attempt. What is decided stays decided.
    pub fn declined(&mut self, number: u32, decline: &Decline, now: DateTime<Utc>) {
        if !self.attempt(number).is_some_and(|attempt| attempt.is_live() && attempt.is_by_card()) {
            return;
        }
        let (code, charge) = (decline.code.clone(), decline.charge.clone());
        self.set_attempt(number, AttemptState::Declined { code, charge });
        if let Some(attempt) = self.is.attempts.iter_mut().find(|attempt| attempt.number == number) {
            attempt.card.clone_from(&decline.card);
        }
        self.payable_again();
        self.announcements.push(Announcement::of(&PaymentDeclined {
            payment_id: self.is.id,
            order_id: self.is.order_id,
            event_id: self.is.event_id,
            buyer_id: self.is.buyer_id,
            attempt: number,
            decline_code: decline.code.clone(),
            at: now,
        }));
    }

    /// The buyer has to confirm an attempt at the bank.
    pub fn needs_action(&mut self, number: u32, url: Option<String>, now: DateTime<Utc>, patience: Duration) {
        if !self.attempt(number).is_some_and(|attempt| attempt.is_undecided() && attempt.is_by_card()) {
            return;
        }
        self.set_attempt(number, AttemptState::Action);
        if !self.is_ending() {
            self.is.state = State::RequiresAction { url };
            self.due(now + patience);
        }
    }

    /// The provider does not take what the buyer sent with an attempt; `field` says what, if it is not that with which is paid.
    pub fn rejected(&mut self, number: u32, message: &str, field: Option<&str>) {
        if self.attempt(number).is_some_and(Attempt::is_undecided) {
            let (message, field) = (message.to_owned(), field.map(str::to_owned));
            self.set_attempt(number, AttemptState::Rejected { message, field });
            self.payable_again();
            if matches!(self.is.state, State::Cancelling { .. }) && !self.is_open_anywhere() {
                self.cancelled();
            }
        }
    }

    /// The provider never carried an attempt out: another may be made.
    pub fn lost(&mut self, number: u32) {
        if self.attempt(number).is_some_and(Attempt::is_live) {
            self.set_attempt(number, AttemptState::Lost);
            self.payable_again();
        }
    }

    /// What the provider says when asked how the payment stands.
    pub fn seen(&mut self, intent: &Intent, now: DateTime<Utc>, patience: Duration) {
        let last = self.live().cloned();
        match (&intent.status, last) {
            (IntentStatus::Succeeded, _) => {
                // Who asked has made sure that the amount can be counted.
                self.taken(intent, intent.received.unwrap_or(self.is.amount), now);
            }
            // It was ended for the provider's page, and tells so before whoever asked for that could note it.
            (IntentStatus::Cancelled, Some(last))
                if !self.is_ending() && (!last.is_by_card() || self.open_page().is_some()) =>
            {
                self.retired(intent, now);
            }
            (IntentStatus::Cancelled, _) => self.cancelled(),
            (_, Some(last)) if !last.is_by_card() => {}
            (IntentStatus::RequiresAction { url }, Some(last)) => {
                self.needs_action(last.number, url.clone(), now, patience);
            }
            (IntentStatus::Open(decline), Some(last)) => match decline {
                Some(decline) if self.is_news(&last, decline) => self.declined(last.number, decline, now),
                _ => self.lost(last.number),
            },
            (IntentStatus::Processing, _)
            | (IntentStatus::RequiresAction { .. } | IntentStatus::Open(_), None) => {}
        }
    }

    /// The provider took so much, and says how the buyer paid.
    pub(super) fn taken(&mut self, intent: &Intent, received: Money, now: DateTime<Utc>) {
        if self.is.paid_by.is_none() {
            self.is.paid_by.clone_from(&intent.paid_by);
        }
        self.capture(received, now);
    }

    /// True when the provider's last decline is that of this attempt and not of an earlier one.
    fn is_news(&self, last: &Attempt, decline: &Decline) -> bool {
        if last.state != AttemptState::Open {
            return true; // the provider had carried it out
        }
        decline.charge.is_some()
            && !self.is.attempts.iter().any(|attempt| {
                matches!(&attempt.state, AttemptState::Declined { charge, .. } if *charge == decline.charge)
            })
    }

    /// The state between attempts: failed after a decline, otherwise pending.
    pub(super) fn payable_again(&mut self) {
        if self.is_ending() {
            return;
        }
        let declined = self.is.attempts.iter().rev().find_map(|attempt| match &attempt.state {
            AttemptState::Declined { code, .. } => Some(code.clone()),
            _ => None,
        });
        self.is.state = declined.map_or(State::Pending, |code| State::Failed { code });
        self.rest();
    }

    pub(super) fn is_ending(&self) -> bool {
        matches!(self.is.state, State::Cancelling { .. } | State::Cancelled { .. } | State::Captured { .. })
    }

    pub(super) fn set_attempt(&mut self, number: u32, state: AttemptState) {
        if let Some(attempt) = self.is.attempts.iter_mut().find(|attempt| attempt.number == number) {
            attempt.state = state;
        }
    }

    /// Ends whatever attempt is still live.
    pub(super) fn finish_live(&mut self, state: &AttemptState) {
        for attempt in self.is.attempts.iter_mut().filter(|attempt| attempt.is_live()) {
            attempt.state = state.clone();
        }
    }
}
