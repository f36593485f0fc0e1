//! What is owed to the buyer: several refunds at once, together never more than what is left.

use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    payments::RefundPayment,
    saga::{Asked, Outcome},
};
use kernel::{Money, RefundId};

use super::{Payment, State};
use crate::domain::entities::{ProviderAmount, Refund, RefundState};

/// In how many parts money goes back at most: they are read and kept together.
const MOST_PARTS: usize = 100;

impl Payment {
    /// Somebody asks for money to go back. It is owed from now on, and answered once the provider has accepted it; or it
    /// is answered at once that it cannot be. Asked again, what stands is answered, if anything is decided.
    ///
    /// What is refused is refused for good, whatever comes later: whoever heard so may have gone another way. Returns why it
    /// is, to be kept, and to be brought along (`refused`) when the same refund is asked for again.
    #[must_use]
    pub fn give_back(
        &mut self,
        ask: &RefundPayment,
        refused: Option<&str>,
        now: DateTime<Utc>,
    ) -> Option<String> {
        if let Some(known) = self.is.refunds.iter().find(|refund| refund.id == ask.refund_id) {
            match known.state {
                RefundState::Owed => self.look_soon(now),
                _ => self.say(&ask.asked, Outcome::Done),
            }
            return None;
        }
        match refused.map_or_else(|| self.refundable(ask.amount), |before| Err(before.to_owned())) {
            Ok(Some(amount)) => self.owe_as_asked(ask, amount, now),
            Ok(None) => self.say(&ask.asked, Outcome::Done),
            Err(reason) => {
                tracing::warn!(payment = %self.is.id, order = %self.is.order_id, refund = %ask.refund_id, reason,
                    "a refund was refused");
                self.say(&ask.asked, Outcome::Refused { reason: reason.clone() });
                return Some(reason);
            }
        }
        None
    }

    /// An amount that is left is to go back. What nobody would hear of as this refund is one of its own.
    fn owe_as_asked(&mut self, ask: &RefundPayment, amount: Money, now: DateTime<Utc>) {
        let told = ask.told.filter(|told| ask.amount.is_none() && told.currency == amount.currency);
        let told = told.map_or(amount.minor, |told| told.minor.min(amount.minor));
        if told <= 0 {
            self.say(&ask.asked, Outcome::Done);
        } else {
            let amount = Money::new(told, amount.currency);
            self.owe(ask.refund_id, Some(&ask.asked), amount, &ask.reason, now);
        }
        if told < amount.minor {
            self.owe_rest(&ask.reason, now);
        }
    }

    /// True when the order is not paid any more: all of its money went back, or is to. While only a part does, it is
    /// paid: whoever asked for that knows which of its tickets are meant, and of what somebody gives back in the provider's
    /// dashboard nobody does.
    pub(super) fn goes_back(&self) -> bool {
        let paid = matches!(&self.is.state, State::Captured { received, .. } if received.minor > 0);
        self.is.undo_asked || paid && self.left() <= 0
    }

    /// All that is left is to go back, beside what is owed already.
    pub(super) fn owe_rest(&mut self, reason: &str, now: DateTime<Utc>) {
        let State::Captured { received, .. } = self.is.state else { return };
        let left = Money::new(self.left(), received.currency);
        if left.minor <= 0 {
            return self.look_soon(now);
        }
        self.owe(RefundId::new(), None, left, reason, now);
    }

    /// When more is owed than is left, because some of it was given back or lost another way, less is owed: the newest
    /// refunds are lowered first, and those of which nothing is left are answered. True when anything was lowered.
    pub(super) fn owe_less(&mut self) -> bool {
        let too_much = (-self.left()).max(0);
        let mut over = too_much;
        for place in (0..self.is.refunds.len()).rev() {
            let refund = &mut self.is.refunds[place];
            if over == 0 || refund.state != RefundState::Owed {
                continue;
            }
            if refund.amount.minor > over {
                refund.amount.minor -= over;
                break;
            }
            over -= refund.amount.minor;
            refund.state = RefundState::Covered;
            self.answer(place);
        }
        too_much > 0
    }

    /// What was given back elsewhere has come back: what it had covered is owed again.
    pub(super) fn owe_more(&mut self, now: DateTime<Utc>) {
        for place in 0..self.is.refunds.len() {
            let left = self.left();
            let refund = &mut self.is.refunds[place];
            let owed = match refund.state {
                RefundState::Owed => refund.amount.minor,
                RefundState::Covered => 0,
                _ => continue,
            };
            let more = left.min(refund.tried.minor - owed);
            if more > 0 {
                refund.state = RefundState::Owed;
                refund.amount.minor = owed + more;
                self.due(now);
            }
        }
    }

    /// The refund to be asked for now. One that the provider does not answer holds up no other: each is asked in turn.
    pub(super) fn next_owed(&self) -> Option<&Refund> {
        let turn = usize::try_from(self.is.looks).unwrap_or_default();
        self.owed().nth(turn % self.owed().count().max(1))
    }

    /// One thing is done: what else is owed is next.
    pub(super) fn go_on(&mut self, now: DateTime<Utc>) {
        if self.next_owed().is_some() {
            self.due(now);
        } else {
            self.rest();
        }
    }

    /// Whoever asked for this refund hears that it is done.
    pub(super) fn answer(&mut self, place: usize) {
        if let Some(asked) = self.is.refunds[place].asked.clone() {
            self.say(&asked, Outcome::Done);
        }
    }

    pub(super) fn has_refund(&self, id: RefundId) -> bool {
        self.is.refunds.iter().any(|refund| refund.id == id)
    }

    pub(super) fn next_refund_number(&self) -> u32 {
        self.is.refunds.iter().map(|refund| refund.number).max().unwrap_or(0) + 1
    }

    /// How much of what came is neither given back nor owed, in minor units. Less than nothing when more is owed than is left.
    pub(super) fn left(&self) -> i64 {
        let State::Captured { received, .. } = self.is.state else { return 0 };
        let owed: i64 = self.owed().map(|refund| refund.amount.minor).sum();
        received.minor - self.refunded().minor - owed
    }

    fn owed(&self) -> impl Iterator<Item = &Refund> {
        self.is.refunds.iter().filter(|refund| refund.state == RefundState::Owed)
    }

    /// How much is to go back of what is asked for; none when that is nothing. Or why it cannot, in plain words.
    fn refundable(&self, asked: Option<Money>) -> Result<Option<Money>, String> {
        if asked.map_or(self.is_free(), Money::is_zero) {
            return Ok(None);
        }
        let State::Captured { received, .. } = self.is.state else {
            return Err(match self.is.state {
                State::Cancelling { .. } | State::Cancelled { .. } => {
                    "the order's payment has ended without money"
                }
                _ => "the order is not paid yet",
            }
            .to_owned());
        };
        let left = Money::new(self.left().max(0), received.currency);
        let Some(amount) = asked else { return Ok(Some(left).filter(|left| left.minor > 0)) };
        if amount.currency != received.currency {
            return Err(format!("the order was paid in {}, not in {}", received.currency, amount.currency));
        }
        if amount.minor < 0 {
            return Err(format!("{amount} is less than nothing"));
        }
        if amount.minor > left.minor {
            return Err(format!("{amount} cannot be given back: {left} is left of what was paid"));
        }
        if amount != left && self.is.refunds.len() >= MOST_PARTS {
            return Err(format!("money goes back in {MOST_PARTS} parts at most; all that is left still can"));
        }
        ProviderAmount::of(amount)?;
        Ok(Some(amount))
    }

    fn owe(&mut self, id: RefundId, asked: Option<&Asked>, amount: Money, reason: &str, now: DateTime<Utc>) {
        let number = self.next_refund_number();
        self.is.refunds.push(Refund {
            id,
            number,
            tried: amount,
            asked: asked.cloned(),
            amount,
            reason: reason.to_owned(),
            state: RefundState::Owed,
            provider_id: None,
            announced: false,
            created_at: now,
            reverses: self.destination().is_some(),
        });
        self.due(now);
    }

    fn say(&mut self, asked: &Asked, outcome: Outcome) {
        self.announcements.push(Announcement::of(&asked.answer(outcome)));
    }
}
