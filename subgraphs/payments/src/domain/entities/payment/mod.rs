//! A payment: the money of one order, from the ask to tickets or back to the buyer.

mod account;
mod checkout;
mod disputing;
mod duty;
mod ending;
mod owing;
mod paying;
mod refunding;
mod snapshot;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Duration, Utc};
use contracts::{
    Announcement,
    payments::DisputeState,
    purchase::{Outcome, PurchaseReply, PurchaseStep, TakePayment, Way},
};
use kernel::{Money, PaymentId};

use super::{Attempt, AttemptState, Dispute, Posting, ProviderAmount, Seller};

pub use duty::Duty;
pub use paying::Wish;
pub use snapshot::{IntentRef, PaymentSnapshot, State};

/// The money of one order. What the provider is asked is decided here ([`Payment::duty`]) and what it
/// answers is told here; the calls themselves are made between two transactions.
#[derive(Clone, Debug)]
pub struct Payment {
    is: PaymentSnapshot,
    announcements: Vec<Announcement>,
    postings: Vec<Posting>,
}

/// How far a payment is, as buyers see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Nothing is decided yet.
    Pending,
    /// The buyer has to confirm at the bank.
    RequiresAction,
    /// The money is there.
    Succeeded,
    /// The card was declined; another may be tried.
    Failed,
    /// It has ended without money.
    Cancelled,
    /// A part went back.
    PartiallyRefunded,
    /// All of it went back.
    Refunded,
    /// The buyer disputes it at the bank.
    Disputed,
}

/// What a buyer's try begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The order is paid already.
    AlreadyPaid,
    /// This attempt.
    Attempt(u32),
    /// Nothing: the provider's page of this attempt is there already, or is being asked for.
    Stands(u32),
}

impl Payment {
    /// Lets an order be paid, or says why it cannot be. A free one is paid at once.
    pub fn request(id: PaymentId, ask: &TakePayment, now: DateTime<Utc>) -> Result<Self, String> {
        let mut payment = Self::restore(PaymentSnapshot {
            id,
            order_id: ask.order_id,
            number: ask.number.clone(),
            event_id: ask.event_id,
            buyer_id: ask.buyer_id,
            amount: ask.amount,
            description: ask.description.clone(),
            expires_at: ask.expires_at,
            created_at: now,
            state: State::Pending,
            intent: None,
            openings: 0,
            paid_by: None,
            undo_asked: false,
            due_at: None,
            looks: 0,
            attempts: Vec::new(),
            refunds: Vec::new(),
            disputes: Vec::new(),
            trace: None,
            seller: ask
                .organization_id
                .zip(ask.fees)
                .map(|(organization, fees)| Seller { organization, fees }),
            destination: None,
        });
        if payment.is_free() {
            payment.capture(ask.amount, now);
        } else {
            ProviderAmount::chargeable(ask.amount)?;
        }
        Ok(payment)
    }

    /// A payment from where it is kept; for the store only.
    pub fn restore(snapshot: PaymentSnapshot) -> Self {
        Self { is: snapshot, announcements: Vec::new(), postings: Vec::new() }
    }

    /// The payment as it is to be kept, and to be read.
    pub fn snapshot(&self) -> &PaymentSnapshot {
        &self.is
    }

    /// What others are to be told, once.
    pub fn take_announcements(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.announcements)
    }

    /// What is to be booked, once.
    pub fn take_postings(&mut self) -> Vec<Posting> {
        std::mem::take(&mut self.postings)
    }

    /// How far it is, as buyers see it. One that is to end is undecided until the provider says so.
    pub fn status(&self) -> PaymentStatus {
        match &self.is.state {
            State::Pending | State::Cancelling { .. } => PaymentStatus::Pending,
            State::RequiresAction { .. } => PaymentStatus::RequiresAction,
            State::Failed { .. } => PaymentStatus::Failed,
            State::Cancelled { .. } => PaymentStatus::Cancelled,
            State::Captured { .. } if self.is_disputed() => PaymentStatus::Disputed,
            State::Captured { received, .. } => match self.refunded().minor {
                0 => PaymentStatus::Succeeded,
                minor if minor < received.minor => PaymentStatus::PartiallyRefunded,
                _ => PaymentStatus::Refunded,
            },
        }
    }

    /// What went back so far, by our refunds or because the buyer's bank kept it.
    pub fn refunded(&self) -> Money {
        let currency = match &self.is.state {
            State::Captured { received, .. } => received.currency,
            _ => self.is.amount.currency,
        };
        let given_back = self.is.refunds.iter().filter(|refund| refund.is_given_back());
        let lost = self.is.disputes.iter().filter(|dispute| dispute.state == DisputeState::Lost);
        let minor =
            given_back.map(|refund| refund.amount.minor).chain(lost.map(|dispute| dispute.amount.minor));
        Money::new(minor.sum(), currency)
    }

    /// True for a free order, which no provider hears of.
    pub fn is_free(&self) -> bool {
        self.is.amount.is_zero()
    }

    /// The provider's reason for the last decline, while it is the last thing that happened.
    pub fn decline_code(&self) -> Option<&str> {
        match &self.is.state {
            State::Failed { code } => Some(code),
            _ => None,
        }
    }

    /// Where the buyer has to go to confirm at the bank, and with what a browser may go on.
    pub fn next_action(&self) -> Option<(Option<&str>, Option<&str>)> {
        match &self.is.state {
            State::RequiresAction { url } => {
                let secret = self.is.intent.as_ref().and_then(|intent| intent.client_secret.as_deref());
                Some((url.as_deref(), secret))
            }
            _ => None,
        }
    }

    /// The attempt with this number.
    pub fn attempt(&self, number: u32) -> Option<&Attempt> {
        self.is.attempts.iter().find(|attempt| attempt.number == number)
    }

    /// How many more tries there are when there are `most` tries for an order; none once there is nothing to pay any more.
    pub fn attempts_left(&self, most: u32) -> u32 {
        match &self.is.state {
            State::Pending | State::RequiresAction { .. } | State::Failed { .. } => {
                most.saturating_sub(self.attempts())
            }
            State::Cancelling { .. } | State::Cancelled { .. } | State::Captured { .. } => 0,
        }
    }

    /// How often it was tried to be paid, by cards and on the provider's page.
    pub fn attempts(&self) -> u32 {
        u32::try_from(self.is.attempts.len()).unwrap_or(u32::MAX)
    }

    /// The dispute that people are to know of: the newest that is not decided, or else the newest.
    pub fn dispute(&self) -> Option<&Dispute> {
        let disputes = &self.is.disputes;
        let open = disputes.iter().rfind(|dispute| dispute.state == DisputeState::Open);
        open.or_else(|| disputes.last())
    }

    /// The provider was asked in vain; it is to be asked again after `pause`.
    pub fn put_off(&mut self, now: DateTime<Utc>, pause: Duration) {
        self.is.looks = self.is.looks.saturating_add(1);
        self.is.due_at = Some(now + pause);
    }

    /// The provider was not asked at all; that counts for nothing.
    pub fn wait(&mut self, until: DateTime<Utc>) {
        self.is.due_at = Some(until);
    }

    /// Something is to be found out at the provider now.
    pub fn look_soon(&mut self, now: DateTime<Utc>) {
        if self.is.due_at.is_some() {
            self.is.due_at = Some(now);
        }
    }

    /// True while a bank has not decided about a dispute of it: until then nothing can be given back.
    pub fn is_disputed(&self) -> bool {
        self.is.disputes.iter().any(|dispute| dispute.state == DisputeState::Open)
    }

    /// Nothing is left to ask the provider.
    fn rest(&mut self) {
        self.is.due_at = None;
        self.is.looks = 0;
    }

    /// The provider is to be asked by `at`.
    fn due(&mut self, at: DateTime<Utc>) {
        self.is.due_at = Some(at);
        self.is.looks = 0;
    }

    fn reply(&mut self, way: Way, outcome: Outcome) {
        self.announcements.push(Announcement::of(&PurchaseReply {
            order_id: self.is.order_id,
            step: PurchaseStep::TakePayment,
            way,
            outcome,
        }));
    }
}
