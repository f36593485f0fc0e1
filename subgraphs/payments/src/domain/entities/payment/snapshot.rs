//! A payment as it is kept.

use chrono::{DateTime, Utc};
use contracts::purchase::IfPaid;
use kernel::{EventId, Money, OrderId, PaymentId, UserId};

use crate::domain::entities::{Attempt, Destination, Dispute, PaidBy, Refund, Seller};

/// A payment as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentSnapshot {
    /// Which.
    pub id: PaymentId,
    /// Of which order; each has one.
    pub order_id: OrderId,
    /// The order's number, as people say it.
    pub number: String,
    /// For which event.
    pub event_id: EventId,
    /// Who pays.
    pub buyer_id: UserId,
    /// How much is to be paid.
    pub amount: Money,
    /// What the buyer's statement says.
    pub description: String,
    /// After that instant nothing may be paid any more.
    pub expires_at: DateTime<Utc>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// How far it is.
    pub state: State,
    /// What the provider knows it by, once it does.
    pub intent: Option<IntentRef>,
    /// How many of what was opened at the provider were ended, as the buyer went another way.
    pub openings: u32,
    /// How the buyer paid, once the provider has said so with the money.
    pub paid_by: Option<PaidBy>,
    /// True when the purchase waits to hear that the money is back.
    pub undo_asked: bool,
    /// When the provider is to be asked next, if at all.
    pub due_at: Option<DateTime<Utc>>,
    /// How often it was asked in vain since something was last learnt.
    pub looks: u32,
    /// The buyer's tries, in order.
    pub attempts: Vec<Attempt>,
    /// What goes back, in order.
    pub refunds: Vec<Refund>,
    /// What the buyer's bank wants back, in order.
    pub disputes: Vec<Dispute>,
    /// The trace of its purchase, in W3C's form, once it is kept.
    pub trace: Option<String>,
    /// Whose sale it is, where that was told.
    pub seller: Option<Seller>,
    /// To whose account the money goes, if not to the platform's.
    pub destination: Option<Destination>,
}

/// How far a payment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is decided.
    Pending,
    /// The buyer has to confirm at the bank.
    RequiresAction {
        /// Where.
        url: Option<String>,
    },
    /// The last card was declined; another may be tried.
    Failed {
        /// Why, in the provider's words.
        code: String,
    },
    /// It is to end; the provider still has to say so.
    Cancelling {
        /// What to do if it turns out to be paid.
        if_paid: IfPaid,
        /// Why it ends.
        reason: String,
    },
    /// It has ended without money.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// The provider took the money. What goes back, the refunds say.
    Captured {
        /// How much it took.
        received: Money,
        /// When we learnt of it.
        at: DateTime<Utc>,
    },
}

/// What the provider knows a payment by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentRef {
    /// Its name for it.
    pub id: String,
    /// With this a buyer's browser may go on with it.
    pub client_secret: Option<String>,
}
