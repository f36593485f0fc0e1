//! The end of a payment: asked for by the purchase, told by the provider.

use chrono::{DateTime, Utc};
use contracts::purchase::{IfPaid, Outcome, Way};

use super::{AttemptState, Payment, State};

impl Payment {
    /// The purchase asks again for the money: it hears what stands, or waits on.
    pub fn asked_again(&mut self) {
        let outcome = match &self.is.state {
            State::Captured { .. } if !self.goes_back() => Outcome::Done,
            State::Captured { .. } => Outcome::Refused { reason: "the money was given back".to_owned() },
            State::Cancelling { reason, .. } | State::Cancelled { reason } => {
                Outcome::Refused { reason: reason.clone() }
            }
            State::Pending | State::RequiresAction { .. } | State::Failed { .. } => return,
        };
        self.reply(Way::Do, outcome);
    }

    /// Nothing is to be paid any more. Where the provider cannot know of the payment, it ends at once; otherwise the provider is asked, and what turns out to be paid is kept or given back.
    pub fn end(&mut self, if_paid: IfPaid, reason: &str, now: DateTime<Utc>) {
        match &mut self.is.state {
            State::Cancelled { .. } => self.reply(Way::Undo, Outcome::Done),
            State::Cancelling { if_paid: known, .. } => {
                // Of two asks the one that gives the money back wins.
                if if_paid == IfPaid::Refund {
                    *known = IfPaid::Refund;
                }
                self.look_soon(now);
            }
            State::Captured { .. } => self.end_captured(if_paid, reason, now),
            State::Pending | State::RequiresAction { .. } | State::Failed { .. } => {
                let reason = reason.to_owned();
                if self.is_open_anywhere() {
                    self.is.state = State::Cancelling { if_paid, reason };
                    self.due(now);
                } else {
                    self.is.state = State::Cancelled { reason };
                    self.rest();
                    self.reply(Way::Undo, Outcome::Done);
                }
            }
        }
    }

    /// The provider says that the payment has ended without money.
    pub fn cancelled(&mut self) {
        let (reason, way, outcome) = match &self.is.state {
            State::Captured { .. } | State::Cancelled { .. } => return,
            State::Cancelling { reason, .. } => (reason.clone(), Way::Undo, Outcome::Done),
            State::Pending | State::RequiresAction { .. } | State::Failed { .. } => {
                let reason = "the payment was cancelled at the payment provider".to_owned();
                (reason.clone(), Way::Do, Outcome::Refused { reason })
            }
        };
        tracing::info!(payment = %self.is.id, order = %self.is.order_id, reason, "a payment was cancelled");
        self.finish_live(&AttemptState::Ended);
        self.is.state = State::Cancelled { reason };
        self.rest();
        self.reply(way, outcome);
    }

    fn end_captured(&mut self, if_paid: IfPaid, reason: &str, now: DateTime<Utc>) {
        if self.is_free() {
            if if_paid == IfPaid::Keep {
                return self.reply(Way::Undo, Outcome::Stands);
            }
            self.is.state = State::Cancelled { reason: reason.to_owned() };
            return self.reply(Way::Undo, Outcome::Done);
        }
        if if_paid == IfPaid::Keep && !self.goes_back() {
            return self.reply(Way::Undo, Outcome::Stands);
        }
        self.is.undo_asked = true;
        if self.is_given_back() {
            self.reply(Way::Undo, Outcome::Done);
        } else {
            self.owe_rest(reason, now);
        }
    }
}
