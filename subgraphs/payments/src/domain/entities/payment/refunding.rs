//! Money that came, and money that goes back.

use chrono::{DateTime, Duration, Utc};
use contracts::{
    Announcement,
    payments::{PaymentRefunded, PaymentSucceeded, RefundFailed, RefundReturned, ReturnReason},
    purchase::{IfPaid, Outcome, Way},
};
use kernel::{Money, RefundId};

use super::{AttemptState, Payment, State};
use crate::domain::{
    entities::{Cause, Posting, Refund, RefundState},
    ports::{ProviderRefund, RefundStatus},
};

impl Payment {
    /// The provider took the money. What came too late, or is not what was asked for, goes back.
    pub fn capture(&mut self, received: Money, at: DateTime<Utc>) {
        if matches!(self.is.state, State::Captured { .. }) {
            return;
        }
        let before = std::mem::replace(&mut self.is.state, State::Captured { received, at });
        self.finish_live(&AttemptState::Succeeded);
        self.rest();
        self.postings.push(Posting { cause: Cause::Capture, amount: received });
        self.announcements.push(Announcement::of(&PaymentSucceeded {
            payment_id: self.is.id,
            order_id: self.is.order_id,
            event_id: self.is.event_id,
            buyer_id: self.is.buyer_id,
            amount: received,
            at,
        }));
        let as_asked = received == self.is.amount;
        if !as_asked {
            tracing::error!(payment = %self.is.id, order = %self.is.order_id, asked = %self.is.amount, %received,
                "the provider took another amount than was asked for; it goes back");
        }
        match before {
            State::Cancelled { reason } => {
                tracing::warn!(payment = %self.is.id, order = %self.is.order_id,
                    "money came after the payment had ended; it goes back");
                self.owe_rest(&reason, at);
            }
            State::Cancelling { if_paid: IfPaid::Keep, .. } if as_asked => {
                self.reply(Way::Undo, Outcome::Stands);
            }
            State::Cancelling { reason, .. } => {
                self.is.undo_asked = true;
                self.owe_rest(&reason, at);
            }
            _ if as_asked => self.reply(Way::Do, Outcome::Done),
            _ => {
                let reason = ReturnReason::AnotherAmount.sentence();
                self.owe_rest(reason, at);
                self.reply(Way::Do, Outcome::Refused { reason: reason.to_owned() });
            }
        }
    }

    /// The provider gives back what was owed, or something that was decided at the provider itself; or
    /// tells how that ended. It may tell so late, twice and in any order.
    pub fn refund_told(&mut self, told: &ProviderRefund, now: DateTime<Utc>, pause: Duration) {
        let known = self.is.refunds.iter().position(|refund| refund.is(told));
        match (known, told.status) {
            (Some(place), RefundStatus::Failed) => self.refund_failed(place, told, now, pause),
            (Some(place), status) => self.refund_accepted(place, told, status, now),
            // A try of a refund of ours that has failed before.
            (None, _) if told.refund_id.is_some_and(|ours| self.has_refund(ours)) => {}
            (None, status) => self.refunded_elsewhere(told, status, now),
        }
    }

    /// The provider refused this try of a refund for good: its key stands for that from now on. What stands at the
    /// provider (`stands`, oldest first) is taken note of. If less is owed than was tried, that is tried next; if it is owed as
    /// it was, which is true then, it is tried again after `pause`. Both by another key.
    pub fn refund_refused(
        &mut self,
        (id, tried): (RefundId, u32),
        stands: &[ProviderRefund],
        now: DateTime<Utc>,
        pause: Duration,
    ) -> bool {
        for told in stands {
            self.refund_told(told, now, pause);
        }
        let number = self.next_refund_number();
        let is_refused =
            |refund: &&mut Refund| refund.id == id && refund.number == tried && !refund.is_given_back();
        let Some(refund) = self.is.refunds.iter_mut().find(is_refused) else { return false };
        let is_owed = refund.state == RefundState::Owed && refund.amount == refund.tried;
        refund.number = number;
        refund.tried = refund.amount;
        if is_owed {
            self.put_off(now, pause);
        }
        is_owed
    }

    /// The provider takes nothing for this try of a refund from the seller's account. The buyer does not wait for that: the
    /// platform gives the money, by another key, and what the account owes is taken when the organization is paid out.
    pub fn account_gives_nothing(&mut self, (id, tried): (RefundId, u32), now: DateTime<Utc>) -> bool {
        let number = self.next_refund_number();
        let is_tried = |refund: &&mut Refund| {
            refund.id == id && refund.number == tried && refund.reverses && refund.state == RefundState::Owed
        };
        let Some(refund) = self.is.refunds.iter_mut().find(is_tried) else { return false };
        refund.number = number;
        refund.reverses = false;
        self.due(now);
        true
    }

    /// True when all that came went back.
    pub(super) fn is_given_back(&self) -> bool {
        matches!(&self.is.state, State::Captured { received, .. }
            if received.minor > 0 && self.refunded().minor >= received.minor)
    }

    fn refund_accepted(
        &mut self,
        place: usize,
        told: &ProviderRefund,
        status: RefundStatus,
        now: DateTime<Utc>,
    ) {
        let refund = &mut self.is.refunds[place];
        let was = refund.state;
        if was == RefundState::Failed {
            return; // a late message
        }
        refund.provider_id = Some(told.id.clone());
        refund.state = match (was, status) {
            (RefundState::Succeeded, _) | (_, RefundStatus::Succeeded) => RefundState::Succeeded,
            _ => RefundState::Accepted,
        };
        if !matches!(was, RefundState::Owed | RefundState::Covered) {
            return;
        }
        // It may be a try of more than was still owed by it.
        let counted = |given: &Money| given.currency == refund.amount.currency && given.minor > 0;
        refund.amount = told.amount.filter(counted).unwrap_or(refund.amount);
        let (id, number, amount) = (refund.id, refund.number, refund.amount);
        self.postings.push(Posting { cause: Cause::Refund(id, number), amount });
        self.tell_refunded(place, false, now);
        self.answer(place);
        self.owe_less();
        self.go_on(now);
    }

    /// What had gone back has come back: it is owed again, with another key. So is what somebody gave back in the provider's
    /// dashboard, where nothing that admits is left for it.
    fn refund_failed(&mut self, place: usize, told: &ProviderRefund, now: DateTime<Utc>, pause: Duration) {
        let (number, goes_back) = (self.next_refund_number(), self.goes_back());
        let refund = &mut self.is.refunds[place];
        if refund.state == RefundState::Failed {
            return;
        }
        if refund.state == RefundState::Covered {
            refund.number = number; // nobody waits for it
            return;
        }
        tracing::error!(payment = %self.is.id, order = %self.is.order_id, refund = %refund.id,
            provider_refund = told.id, "a refund failed at the payment provider");
        if refund.is_given_back() {
            let cause = Cause::RefundFailed(refund.id, refund.number);
            self.postings.push(Posting { cause, amount: refund.amount });
        }
        if told.refund_id != Some(refund.id) {
            refund.state = RefundState::Failed;
            let fact = RefundReturned {
                refund_id: refund.id,
                order_id: self.is.order_id,
                event_id: self.is.event_id,
                amount: refund.amount,
                at: now,
            };
            self.announcements.push(Announcement::of(&fact));
            self.owe_more(now);
            if goes_back {
                self.owe_rest("a refund made at the payment provider failed", now);
            }
            return;
        }
        refund.state = RefundState::Owed;
        refund.number = number;
        refund.tried = refund.amount;
        refund.provider_id = None;
        // What the account gave stays with the platform.
        refund.reverses = false;
        let fact = RefundFailed {
            payment_id: self.is.id,
            refund_id: refund.id,
            order_id: self.is.order_id,
            event_id: self.is.event_id,
            buyer_id: self.is.buyer_id,
            amount: refund.amount,
            at: now,
        };
        self.announcements.push(Announcement::of(&fact));
        // What it gave back may have been given back another way, before its failure was heard of.
        self.owe_less();
        if self.next_owed().is_some() {
            self.put_off(now, pause);
        } else {
            self.rest();
        }
    }

    fn refunded_elsewhere(&mut self, told: &ProviderRefund, status: RefundStatus, now: DateTime<Utc>) {
        let (State::Captured { received, .. }, Some(amount)) = (&self.is.state, told.amount) else {
            tracing::error!(payment = %self.is.id, refund = told.id, "a refund that cannot be booked");
            return;
        };
        if amount.currency != received.currency || amount.minor <= 0 {
            tracing::error!(payment = %self.is.id, refund = told.id, "a refund in another currency");
            return;
        }
        let place = self.is.refunds.len();
        let (id, number) = (RefundId::new(), self.next_refund_number());
        self.is.refunds.push(Refund {
            id,
            number,
            tried: amount,
            asked: None,
            amount,
            reason: Refund::MADE_ELSEWHERE.to_owned(),
            state: match status {
                RefundStatus::Succeeded => RefundState::Succeeded,
                RefundStatus::Pending => RefundState::Accepted,
                RefundStatus::Failed => RefundState::Failed,
            },
            provider_id: Some(told.id.clone()),
            announced: false,
            created_at: now,
            reverses: false,
        });
        if status == RefundStatus::Failed {
            return; // nothing moved; and what is told late of it, that it is under way, is not believed any more
        }
        self.postings.push(Posting { cause: Cause::Refund(id, number), amount });
        if !self.is_given_back() {
            tracing::warn!(payment = %self.is.id, order = %self.is.order_id, number = self.is.number, %amount,
                refunded_in_all = %self.refunded(), "a part of a payment was given back at the provider; its tickets stay valid");
        }
        self.tell_refunded(place, true, now);
        if self.owe_less() {
            self.go_on(now);
        }
    }

    fn tell_refunded(&mut self, place: usize, made_at_provider: bool, now: DateTime<Utc>) {
        let (refunded_in_all, whole) = (self.refunded(), self.is_given_back());
        let refund = &mut self.is.refunds[place];
        if !std::mem::replace(&mut refund.announced, true) {
            let fact = PaymentRefunded {
                payment_id: self.is.id,
                refund_id: refund.id,
                order_id: self.is.order_id,
                event_id: self.is.event_id,
                buyer_id: self.is.buyer_id,
                amount: refund.amount,
                refunded_in_all,
                whole,
                made_at_provider,
                asked_for: refund.asked.is_some(),
                reason: refund.reason.clone(),
                at: now,
            };
            self.announcements.push(Announcement::of(&fact));
        }
        if self.is.undo_asked && self.is_given_back() {
            self.reply(Way::Undo, Outcome::Done);
        }
    }
}
