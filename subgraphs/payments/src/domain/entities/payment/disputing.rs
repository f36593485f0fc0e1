//! Money that the buyer's bank wants back, or has decided about.

use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    payments::{DisputeState, PaymentDisputed},
    purchase::{Outcome, Way},
};
use kernel::Money;

use super::{Payment, State};
use crate::domain::{
    entities::{Cause, Dispute, Posting},
    ports::ProviderDispute,
};

impl Payment {
    /// The provider tells of a dispute: that there is one, or how it was decided. It may tell the end first.
    pub fn dispute_told(&mut self, told: &ProviderDispute, now: DateTime<Utc>) {
        let State::Captured { received, .. } = self.is.state else { return };
        let known = self.is.disputes.iter().position(|dispute| dispute.id == told.id);
        let place = match known {
            // It is decided, or goes on.
            Some(place) if self.is.disputes[place].state != DisputeState::Open => return,
            Some(place) => {
                let dispute = &mut self.is.disputes[place];
                dispute.respond_by = dispute.respond_by.or(told.respond_by);
                if told.state == DisputeState::Open {
                    return;
                }
                dispute.state = told.state;
                place
            }
            None => {
                // The bank may count in another currency than the buyer paid in.
                let disputed = told.amount.filter(|amount| amount.currency == received.currency);
                let minor = disputed.map_or(received.minor, |amount| amount.minor.clamp(0, received.minor));
                self.is.disputes.push(Dispute {
                    id: told.id.clone(),
                    amount: Money::new(minor, received.currency),
                    reason: told.reason.clone(),
                    respond_by: told.respond_by,
                    state: told.state,
                    created_at: now,
                });
                self.is.disputes.len() - 1
            }
        };
        if told.state == DisputeState::Lost {
            self.lose(place, received);
        }
        self.tell_disputed(place, received, now);
        if told.state == DisputeState::Lost {
            if self.owe_less() {
                self.go_on(now);
            }
            if self.is.undo_asked && self.is_given_back() {
                self.reply(Way::Undo, Outcome::Done);
            }
        }
    }

    /// What the buyers' bank keeps, and what was given back, is together never more than was paid.
    fn lose(&mut self, place: usize, received: Money) {
        let before = self.refunded().minor - self.is.disputes[place].amount.minor;
        let dispute = &mut self.is.disputes[place];
        dispute.amount.minor = dispute.amount.minor.min(received.minor - before).max(0);
        tracing::warn!(payment = %self.is.id, order = %self.is.order_id, dispute = dispute.id, amount = %dispute.amount,
            "a dispute was lost");
        self.postings.push(Posting { cause: Cause::DisputeLost(dispute.id.clone()), amount: dispute.amount });
    }

    /// How many facts were told of its disputes so far; the last told has this as its version.
    pub fn told_of_disputes(&self) -> i64 {
        self.is.disputes.iter().map(Dispute::facts).sum()
    }

    fn tell_disputed(&mut self, place: usize, received: Money, now: DateTime<Utc>) {
        let dispute = &self.is.disputes[place];
        self.announcements.push(Announcement::of(&PaymentDisputed {
            payment_id: self.is.id,
            dispute: dispute.id.clone(),
            order_id: self.is.order_id,
            event_id: self.is.event_id,
            buyer_id: self.is.buyer_id,
            amount: dispute.amount,
            whole: dispute.amount == received,
            state: dispute.state,
            withheld: self.is.disputes.iter().any(Dispute::withholds),
            version: self.told_of_disputes(),
            reason: dispute.reason.clone(),
            at: now,
        }));
    }
}
