use chrono::{DateTime, Utc};
use contracts::tickets::SoldLine;
use kernel::{EventId, Fault, Money, OrderId, RefundId, TicketId, TicketTypeId, UserId};
use saga::Why;

use super::order::by_ticket_type;
use crate::domain::pricing::PriceBreakdown;

/// Tickets of an order that go back, with their money.
#[derive(Clone, Debug, PartialEq)]
pub struct Refund {
    /// Which.
    pub id: RefundId,
    /// Of which order.
    pub order: OrderId,
    /// For which event.
    pub event: EventId,
    /// Who decided it; nobody where the event was called off.
    pub by: Option<UserId>,
    /// Which tickets.
    pub tickets: Vec<TicketId>,
    /// What of their price goes back, frozen.
    pub price: PriceBreakdown,
    /// True when nothing of the order's money is to be left: then all that is left goes back, whatever was given back at the
    /// provider meanwhile.
    pub whole: bool,
    /// True when its event was called off.
    pub called_off: bool,
    /// Why, in the organizer's words.
    pub reason: Option<String>,
    /// True: their seats are kept back from sale.
    pub keep_places_back: bool,
    /// How far it is.
    pub state: RefundState,
    /// When it was decided.
    pub created_at: DateTime<Utc>,
    /// When it was done, or given up.
    pub ended_at: Option<DateTime<Utc>>,
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Its tickets do not admit, and its money is on its way.
    UnderWay,
    /// The money went back, and the tickets are void.
    Done,
    /// No money could go back: the tickets are as they were.
    Refused,
}

impl RefundState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::UnderWay, Self::Done, Self::Refused];

    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnderWay => "UNDER_WAY",
            Self::Done => "DONE",
            Self::Refused => "REFUSED",
        }
    }
}

impl Refund {
    /// How much goes back.
    pub fn amount(&self) -> Result<Money, Fault> {
        self.price.total()
    }

    /// It has come to its end.
    pub fn ended(&mut self, undone: Option<Why>, at: DateTime<Utc>) {
        self.state = if undone.is_some() { RefundState::Refused } else { RefundState::Done };
        self.ended_at = Some(at);
    }

    /// What went back, by ticket type. `name` gives a type's name.
    pub fn lines(&self, name: impl Fn(TicketTypeId) -> String) -> Result<Vec<SoldLine>, Fault> {
        by_ticket_type(&self.price, name)
    }
}
