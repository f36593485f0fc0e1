use chrono::{DateTime, Utc};
use contracts::{Announcement, tickets::OrderClaimed};
use kernel::{OrderId, Refusal, UserId};

use super::Order;
use crate::domain::{
    entities::{TicketKeys, signed_address},
    reasons,
};

/// Begins each text that is signed for a claim, and nothing else that these keys sign: see the addresses of tickets' files.
const PURPOSE: &str = "odysseus: claim of an order";

/// Shows that whoever has it reads the mail in which an order was confirmed. It is good for one order, and for as long as the
/// keys that made it verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimToken(pub String);

impl ClaimToken {
    /// That of an order.
    pub fn give_out(order: OrderId, keys: &TicketKeys) -> Self {
        Self(signed_address::signature(&signed_text(order), keys))
    }

    /// True when we gave it out for this order.
    pub fn is_of(&self, order: OrderId, keys: &TicketKeys) -> bool {
        signed_address::is_ours(&self.0, &signed_text(order), keys)
    }
}

fn signed_text(order: OrderId) -> String {
    format!("{PURPOSE}\n{order}")
}

/// What a claim has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// The order has changed hands: this is who it was of.
    Now(UserId),
    /// It was this account's already.
    Before,
}

impl Order {
    /// Takes what a guest bought into an account. Doing it twice is once; what is in an account stays there.
    pub fn claim(&mut self, by: UserId, buyer_is_guest: bool, at: DateTime<Utc>) -> Result<Claimed, Refusal> {
        if self.state.buyer == by {
            return Ok(Claimed::Before);
        }
        if !buyer_is_guest || self.state.claimed_from.is_some() {
            let message = "This order is in an account already. Sign in with that account to see it; \
                           tickets of it can be passed on from there.";
            return Err(Refusal::new(reasons::ORDER_HAS_ACCOUNT, message));
        }
        if !self.state.status.has_tickets() {
            let message = "This order is not paid yet. Claim it when its tickets are there.";
            return Err(Refusal::new(reasons::ORDER_NOT_PAID, message));
        }
        let from = std::mem::replace(&mut self.state.buyer, by);
        self.state.claimed_from = Some(from);
        self.state.version += 1;
        self.note(at, "CLAIMED", None);
        self.tell(Announcement::of(&OrderClaimed {
            order_id: self.state.id,
            number: self.state.number.clone(),
            event_id: self.state.event,
            from,
            to: by,
            at,
        }));
        Ok(Claimed::Now(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_claims_its_own_order_and_none_other() {
        let (keys, others) =
            (TicketKeys::from_secrets(&[7; 32], &[]), TicketKeys::from_secrets(&[8; 32], &[]));
        let order = OrderId::new();
        let token = ClaimToken::give_out(order, &keys);
        assert!(token.is_of(order, &keys));
        assert!(!token.is_of(OrderId::new(), &keys));
        assert!(!token.is_of(order, &others));
        assert!(!ClaimToken("x".to_owned()).is_of(order, &keys));
        let changed = TicketKeys::from_secrets(&[8; 32], &[[7; 32]]);
        assert!(token.is_of(order, &changed), "a new key signs, and the one before verifies");
    }
}
