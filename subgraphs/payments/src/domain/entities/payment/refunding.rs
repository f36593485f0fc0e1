//! Money that came, and money that goes back.

use chrono::{DateTime, Duration, Utc};
use contracts::{
    Announcement,
    payments::{PaymentRefunded, PaymentSucceeded},
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
                self.owe_refund(&reason, at);
            }
            State::Cancelling { if_paid: IfPaid::Keep, .. } if as_asked => {
                self.reply(Way::Undo, Outcome::Stands);
            }
            State::Cancelling { reason, .. } => {
                self.is.undo_asked = true;
                self.owe_refund(&reason, at);
            }
            _ if as_asked => self.reply(Way::Do, Outcome::Done),
            _ => {
                let reason = "the payment provider took another amount than was asked for";
                self.owe_refund(reason, at);
                self.reply(Way::Do, Outcome::Refused { reason: reason.to_owned() });
            }
        }
    }

    /// The provider gives back what was owed, or something that was decided at the provider itself; or
    /// tells how that ended.
    pub fn refund_told(&mut self, told: &ProviderRefund, now: DateTime<Utc>, pause: Duration) {
        let known = self
            .is
            .refunds
            .iter()
            .position(|refund| refund.provider_id.as_deref() == Some(told.id.as_str()))
            .or_else(|| {
                let ours = |refund: &Refund| {
                    Some(refund.id) == told.refund_id
                        && Some(refund.number) == told.refund_number
                        && refund.provider_id.is_none()
                };
                self.is.refunds.iter().position(ours)
            });
        match (known, told.status) {
            (Some(place), RefundStatus::Failed) => self.refund_failed(place, told, now, pause),
            (Some(place), status) => self.refund_accepted(place, told, status, now),
            // An earlier try of a refund of ours, or one that never moved money: nothing to book.
            (None, RefundStatus::Failed) => {}
            (None, _) if told.refund_id.is_some_and(|ours| self.has_refund(ours)) => {}
            (None, status) => self.refunded_elsewhere(told, status, now),
        }
    }

    /// True when all that came went back.
    pub(super) fn is_given_back(&self) -> bool {
        matches!(&self.is.state, State::Captured { received, .. }
            if received.minor > 0 && self.refunded().minor >= received.minor)
    }

    /// True when the order is not paid any more: all of its money went back, or is to. A part that somebody gives back in
    /// the provider's dashboard leaves it paid, for nobody knows which of its tickets would be meant.
    pub(super) fn goes_back(&self) -> bool {
        self.is.undo_asked || self.owed_refund().is_some() || self.is_given_back()
    }

    /// All that is left is to go back.
    pub(super) fn owe_refund(&mut self, reason: &str, now: DateTime<Utc>) {
        let State::Captured { received, .. } = self.is.state else { return };
        let left = Money::new(received.minor - self.refunded().minor, received.currency);
        if self.owed_refund().is_some() || left.minor <= 0 {
            return self.look_soon(now);
        }
        self.is.refunds.push(Refund {
            id: RefundId::new(),
            number: self.next_refund_number(),
            amount: left,
            reason: reason.to_owned(),
            state: RefundState::Owed,
            provider_id: None,
            announced: false,
            created_at: now,
        });
        self.due(now);
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
        refund.provider_id = Some(told.id.clone());
        refund.state = match (was, status) {
            (RefundState::Failed, _) => RefundState::Failed, // a late message
            (RefundState::Succeeded, _) | (_, RefundStatus::Succeeded) => RefundState::Succeeded,
            _ => RefundState::Accepted,
        };
        if was != RefundState::Owed {
            return;
        }
        let (id, number, amount) = (refund.id, refund.number, refund.amount);
        self.postings.push(Posting { cause: Cause::Refund(id, number), amount });
        self.rest();
        self.tell_refunded(place, false, now);
    }

    /// What had gone back has come back: it is owed again, with another key.
    fn refund_failed(&mut self, place: usize, told: &ProviderRefund, now: DateTime<Utc>, pause: Duration) {
        let number = self.next_refund_number();
        let refund = &mut self.is.refunds[place];
        if refund.state == RefundState::Failed {
            return;
        }
        tracing::error!(payment = %self.is.id, order = %self.is.order_id, refund = %refund.id,
            provider_refund = told.id, "a refund failed at the payment provider");
        let (id, tried, amount) = (refund.id, refund.number, refund.amount);
        let moved = refund.is_given_back();
        if told.refund_id == Some(id) {
            refund.state = RefundState::Owed;
            refund.number = number;
            refund.provider_id = None;
        } else {
            refund.state = RefundState::Failed;
        }
        if moved {
            self.postings.push(Posting { cause: Cause::RefundFailed(id, tried), amount });
        }
        if self.owed_refund().is_some() {
            self.put_off(now, pause);
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
            amount,
            reason: "made at the payment provider".to_owned(),
            state: match status {
                RefundStatus::Succeeded => RefundState::Succeeded,
                _ => RefundState::Accepted,
            },
            provider_id: Some(told.id.clone()),
            announced: false,
            created_at: now,
        });
        self.postings.push(Posting { cause: Cause::Refund(id, number), amount });
        if !self.is_given_back() {
            tracing::warn!(payment = %self.is.id, order = %self.is.order_id, number = self.is.number, %amount,
                refunded_in_all = %self.refunded(), "a part of a payment was given back at the provider; its tickets stay valid");
        }
        self.tell_refunded(place, true, now);
        self.owe_less(now);
    }

    /// After a refund made elsewhere less, or nothing, is owed.
    pub(super) fn owe_less(&mut self, now: DateTime<Utc>) {
        let State::Captured { received, .. } = self.is.state else { return };
        let left = received.minor - self.refunded().minor;
        let number = self.next_refund_number();
        if let Some(owed) = self.is.refunds.iter_mut().find(|refund| refund.state == RefundState::Owed)
            && owed.amount.minor > left
        {
            if left <= 0 {
                owed.state = RefundState::Failed;
                self.rest();
            } else {
                owed.amount.minor = left;
                owed.number = number;
                self.look_soon(now);
            }
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
                reason: refund.reason.clone(),
                at: now,
            };
            self.announcements.push(Announcement::of(&fact));
        }
        if self.is.undo_asked && self.is_given_back() {
            self.reply(Way::Undo, Outcome::Done);
        }
    }

    fn has_refund(&self, id: RefundId) -> bool {
        self.is.refunds.iter().any(|refund| refund.id == id)
    }

    fn next_refund_number(&self) -> u32 {
        self.is.refunds.iter().map(|refund| refund.number).max().unwrap_or(0) + 1
    }
}
