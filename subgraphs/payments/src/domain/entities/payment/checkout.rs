//! A buyer's way over the provider's own page. At any time there is one way to pay at most: what was opened for cards is ended
//! before the page is asked for, and the page before a card is tried.

use chrono::{DateTime, Duration, Utc};
use contracts::purchase::IfPaid;

use super::{Attempt, AttemptState, IntentRef, Payment, State};
use crate::domain::{
    entities::{Means, Session},
    ports::{Intent, IntentStatus, PageSeen, PageStatus},
};

/// How long the provider keeps a page at least, beyond the time to pay: it keeps none for less than half an hour. It is closed
/// with the order.
const KEPT: Duration = Duration::hours(1);
/// How long it keeps one at most.
const KEPT_AT_MOST: Duration = Duration::hours(23);

impl Payment {
    /// Until when the provider is to keep the page of an attempt that began then, however often it is asked.
    pub fn page_is_kept_until(&self, began: DateTime<Utc>) -> DateTime<Utc> {
        (self.is.expires_at.max(began) + KEPT).min(began + KEPT_AT_MOST)
    }

    /// Where the buyer pays by this attempt, while that can be done.
    pub fn page_of(&self, number: u32) -> Option<&str> {
        let attempt = self.attempt(number).filter(|attempt| attempt.is_live())?;
        attempt.open_session()?.url.as_deref()
    }

    /// What was opened for cards is ended, as the buyer goes on to the provider's page; unless it turns out to be paid.
    pub fn retired(&mut self, seen: &Intent, now: DateTime<Utc>) {
        let is_known = self.is.intent.as_ref().is_some_and(|known| known.id == seen.id);
        match (&seen.status, seen.received) {
            (IntentStatus::Succeeded, Some(received)) => self.taken(seen, received, now),
            // Another process was faster.
            _ if !is_known => {}
            (IntentStatus::Cancelled, _) => {
                self.is.intent = None;
                self.is.openings += 1;
                self.account_left();
                self.is.looks = 0;
            }
            // The bank is at it: until that is decided, there is no other way.
            _ => {
                if let Some(number) = self.live().map(|live| live.number) {
                    self.lost(number);
                }
            }
        }
    }

    /// What the provider says of the page of an attempt, when asked or by itself.
    pub fn page_seen(&mut self, number: u32, seen: &PageSeen, now: DateTime<Utc>, patience: Duration) {
        match (seen.status, &seen.intent) {
            (PageStatus::Open, _) => self.offered(number, seen, now, patience),
            (PageStatus::Expired, _) => self.page_closed(number),
            (PageStatus::Complete, Some(intent)) => match (&intent.status, intent.received) {
                (IntentStatus::Succeeded, Some(_)) => self.paid_on_page(number, intent, now),
                (IntentStatus::Open(_) | IntentStatus::Cancelled, _) => self.page_closed(number),
                _ => self.page_left(number, now, patience),
            },
            (PageStatus::Complete, None) => self.page_left(number, now, patience),
        }
    }

    /// Nobody is to pay on the page of an attempt any more; the provider is asked to close it. What was paid on it before counts.
    pub fn shut_page(&mut self, number: u32, now: DateTime<Utc>) {
        let is_open = |attempt: &Attempt| attempt.is_live() && attempt.open_session().is_some();
        if self.attempt(number).is_some_and(is_open) && !self.is_ending() {
            self.set_attempt(number, AttemptState::Superseded);
            self.due(now);
        }
    }

    /// The provider took the money of this attempt on its page, whatever became of the attempt meanwhile.
    pub fn paid_on_page(&mut self, number: u32, intent: &Intent, now: DateTime<Utc>) {
        let Some(received) = intent.received else { return };
        if matches!(self.is.state, State::Captured { .. }) {
            return;
        }
        self.finish_live(&AttemptState::Superseded);
        self.change_page(number, |session| session.is_open = false);
        self.set_attempt(number, AttemptState::Succeeded);
        self.is.intent = Some(IntentRef { id: intent.id.clone(), client_secret: None });
        self.taken(intent, received, now);
    }

    /// There is the page. If the payment has ended meanwhile, it is closed.
    fn offered(&mut self, number: u32, seen: &PageSeen, now: DateTime<Utc>, patience: Duration) {
        let Some(attempt) = self.is.attempts.iter_mut().find(|attempt| attempt.number == number) else {
            return;
        };
        let Means::Checkout(checkout) = &mut attempt.means else { return };
        if checkout.session.is_some() {
            return;
        }
        checkout.session = Some(Session { id: seen.id.clone(), url: seen.url.clone(), is_open: true });
        if attempt.state == AttemptState::Open {
            attempt.state = AttemptState::Offered;
        }
        match &self.is.state {
            State::Captured { .. } => {}
            State::Cancelling { .. } => self.due(now),
            State::Cancelled { reason } => self.end_again(reason.clone(), now),
            State::Pending | State::RequiresAction { .. } | State::Failed { .. } => self.due(now + patience),
        }
    }

    /// Nobody can pay on the page any more, and nobody has.
    fn page_closed(&mut self, number: u32) {
        self.change_page(number, |session| session.is_open = false);
        if self.is.intent.is_none() {
            self.account_left();
        }
        let ends = matches!(self.is.state, State::Cancelling { .. });
        if self.attempt(number).is_some_and(|attempt| attempt.is_live() && !attempt.is_by_card()) {
            self.lost(number);
        }
        if ends && !self.is_open_anywhere() {
            self.cancelled();
        } else if self.live().is_none() {
            self.payable_again();
        }
    }

    /// The buyer was there, and the bank takes its time. Nothing else is tried meanwhile.
    fn page_left(&mut self, number: u32, now: DateTime<Utc>, patience: Duration) {
        let waits = self.attempt(number).is_some_and(|attempt| {
            attempt.state == AttemptState::Offered && attempt.open_session().is_none()
        });
        if waits || matches!(self.is.state, State::Captured { .. }) {
            return;
        }
        self.change_page(number, |session| session.is_open = false);
        self.finish_live(&AttemptState::Superseded);
        self.set_attempt(number, AttemptState::Offered);
        match &self.is.state {
            State::Cancelling { .. } => {}
            State::Cancelled { reason } => self.end_again(reason.clone(), now),
            _ => self.due(now + patience),
        }
    }

    /// It has ended, and there may be money all the same: that would go back.
    fn end_again(&mut self, reason: String, now: DateTime<Utc>) {
        self.is.state = State::Cancelling { if_paid: IfPaid::Refund, reason };
        self.due(now);
    }

    /// True while there may be something at the provider by which the buyer could pay.
    pub(super) fn is_open_anywhere(&self) -> bool {
        self.is.intent.is_some() || self.live().is_some() || self.open_page().is_some()
    }

    fn change_page(&mut self, number: u32, change: impl FnOnce(&mut Session)) {
        let attempt = self.is.attempts.iter_mut().find(|attempt| attempt.number == number);
        if let Some(Means::Checkout(checkout)) = attempt.map(|attempt| &mut attempt.means)
            && let Some(session) = &mut checkout.session
        {
            change(session);
        }
    }
}
