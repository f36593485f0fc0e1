//! What the provider is to be asked next.

use chrono::{DateTime, Utc};
use kernel::RefundId;

use super::{Attempt, AttemptState, Payment, State};
use crate::domain::entities::Means;

/// After so many questions without an answer an attempt is looked up instead of repeated.
pub(super) const ASKED_OFTEN: u32 = 3;

/// What the provider is to be asked now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Nothing.
    Rest,
    /// To open the payment.
    Open,
    /// To take the money by this attempt.
    Confirm(u32),
    /// What became of it.
    Look,
    /// To end what was opened, because the buyer goes on to the provider's page, or the seller's account is refused.
    Retire,
    /// For the page of this attempt.
    Offer(u32),
    /// To let nobody pay on the page of this attempt any more.
    Close(u32),
    /// What became of the page of this attempt.
    LookAtPage(u32),
    /// To end it.
    Cancel,
    /// To give money back.
    Refund(RefundId),
}

impl Payment {
    /// What the provider is to be asked now.
    pub fn duty(&self, now: DateTime<Utc>) -> Duty {
        let due = self.is.due_at.is_some_and(|due| due <= now);
        match &self.is.state {
            State::Captured { .. } => match self.next_owed() {
                Some(refund) if due => Duty::Refund(refund.id),
                _ => Duty::Rest,
            },
            State::Cancelling { .. } if due => self.duty_to_end(),
            State::Cancelling { .. } | State::Cancelled { .. } => Duty::Rest,
            State::Pending | State::RequiresAction { .. } | State::Failed { .. } => {
                self.duty_to_pay(now, due)
            }
        }
    }

    /// Nothing may be left at the provider by which anybody could pay.
    fn duty_to_end(&self) -> Duty {
        // A process may have asked for a page, and died before it could note its name: asked once more, the provider tells it.
        if let Some(unnamed) = self.is.attempts.iter().find(|attempt| attempt.is_unnamed()) {
            return Duty::Offer(unnamed.number);
        }
        if let Some(open) = self.open_page() {
            return Duty::Close(open.number);
        }
        match self.live() {
            Some(live) if !live.is_by_card() => Duty::LookAtPage(live.number),
            // The same for what was to be opened for a card.
            _ if self.is.intent.is_none() => Duty::Open,
            _ => Duty::Cancel,
        }
    }

    fn duty_to_pay(&self, now: DateTime<Utc>, due: bool) -> Duty {
        let in_time = now < self.is.expires_at;
        let Some(live) = self.live() else {
            return match self.open_page() {
                Some(open) if due => Duty::Close(open.number),
                _ => Duty::Rest,
            };
        };
        if let Means::Checkout(_) = live.means {
            return match (&live.state, self.open_page()) {
                // At any time there is one way to pay at most.
                (AttemptState::Open, _) if self.is.intent.is_some() => Duty::Retire,
                (AttemptState::Open, Some(other)) if other.number != live.number => Duty::Close(other.number),
                (AttemptState::Open, _) => Duty::Offer(live.number),
                _ if due => Duty::LookAtPage(live.number),
                _ => Duty::Rest,
            };
        }
        if let Some(open) = self.open_page() {
            return Duty::Close(open.number);
        }
        match (&live.state, &self.is.intent) {
            (AttemptState::Open, None) => Duty::Open,
            (AttemptState::Open, Some(_)) if self.is_to_be_retired() => Duty::Retire,
            (AttemptState::Open, Some(_)) if in_time && self.is.looks < ASKED_OFTEN => {
                Duty::Confirm(live.number)
            }
            _ if due => Duty::Look,
            _ => Duty::Rest,
        }
    }

    /// The attempt that may still end well: there is one at most.
    pub(super) fn live(&self) -> Option<&Attempt> {
        self.is.attempts.iter().rfind(|attempt| attempt.is_live())
    }

    /// The attempt on whose page the buyer can pay.
    pub(super) fn open_page(&self) -> Option<&Attempt> {
        self.is.attempts.iter().rfind(|attempt| attempt.open_session().is_some())
    }
}
