//! What `payments` tells.

use chrono::{DateTime, Utc};
use kernel::{EventId, Money, OrderId, PaymentId, RefundId, UserId};
use serde::{Deserialize, Serialize};

use crate::contract;

/// The provider has the buyer's money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentSucceeded {
    /// Which payment.
    pub payment_id: PaymentId,
    /// For which order.
    pub order_id: OrderId,
    /// For which event.
    pub event_id: EventId,
    /// Who paid.
    pub buyer_id: UserId,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(PaymentSucceeded, "odysseus.payments.payment.succeeded.v1", payment_id);

/// The card was declined. Another try with another card may follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDeclined {
    /// Which payment.
    pub payment_id: PaymentId,
    /// For which order.
    pub order_id: OrderId,
    /// For which event.
    pub event_id: EventId,
    /// Who tried.
    pub buyer_id: UserId,
    /// Which try, from 1.
    pub attempt: u32,
    /// The provider's reason, such as `insufficient_funds`.
    pub decline_code: String,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(PaymentDeclined, "odysseus.payments.payment.declined.v1", payment_id);

/// Money went back to the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRefunded {
    /// Which payment.
    pub payment_id: PaymentId,
    /// Which refund of it.
    pub refund_id: RefundId,
    /// For which order.
    pub order_id: OrderId,
    /// For which event.
    pub event_id: EventId,
    /// To whom.
    pub buyer_id: UserId,
    /// How much this time.
    pub amount: Money,
    /// How much in all so far.
    pub refunded_in_all: Money,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(PaymentRefunded, "odysseus.payments.payment.refunded.v1", refund_id);
