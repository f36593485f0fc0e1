//! What `payments` tells.

use chrono::{DateTime, Utc};
use kernel::{EventId, Money, OrderId, PaymentId, RefundId, UserId};
use serde::{Deserialize, Serialize};

use crate::{contract, saga::Asked};

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

/// Asked of `payments`: give money of an order back. Several may be asked of one order at once; together they never give
/// back more than came. It is answered when the provider has taken the money from what it holds for us; refused when the
/// order has no payment, or less than the amount is left of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPayment {
    /// By whom it is asked.
    pub asked: Asked,
    /// Which refund: the same however often it is asked.
    pub refund_id: RefundId,
    /// Of which order.
    pub order_id: OrderId,
    /// How much; all that is left when it is left out.
    pub amount: Option<Money>,
    /// Of all that is left, as much as whoever asks will tell of. What is left beyond it, because a refund made elsewhere
    /// came back in the meantime, goes back as well, by a refund of which `payments` alone tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Money>,
    /// For the buyer and the books.
    pub reason: String,
}
contract!(RefundPayment, "odysseus.ask.payments.refund_payment.v1", refund_id);

/// Why a purchase gives its money back, where nobody asked for that. It travels as its English sentence, which the books keep;
/// who writes to people in other languages finds it by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnReason {
    /// Its time was over before it was paid.
    Expired,
    /// It was cancelled before it was paid.
    Cancelled,
    /// It could not be fulfilled.
    NotFulfilled,
    /// It was paid when its places were gone.
    PlacesGone,
    /// The event was called off.
    CalledOff,
    /// Another amount was paid than was asked for.
    AnotherAmount,
}

impl ReturnReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::Expired,
        Self::Cancelled,
        Self::NotFulfilled,
        Self::PlacesGone,
        Self::CalledOff,
        Self::AnotherAmount,
    ];

    /// As it travels, and as the books keep it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Expired => "The order's time was over before it was paid.",
            Self::Cancelled => "The order was cancelled before it was paid.",
            Self::NotFulfilled => "The order could not be fulfilled.",
            Self::PlacesGone => "The payment came when its places could no longer be had.",
            Self::CalledOff => "The event was called off.",
            Self::AnotherAmount => "the payment provider took another amount than was asked for",
        }
    }

    /// The one that a sentence tells; none where it was written by somebody.
    pub fn of(sentence: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.sentence() == sentence)
    }
}

/// A refund that was under way has failed at the provider. It is owed still, and tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundFailed {
    /// Of which payment.
    pub payment_id: PaymentId,
    /// Which refund.
    pub refund_id: RefundId,
    /// Of which order.
    pub order_id: OrderId,
    /// For which event.
    pub event_id: EventId,
    /// To whom.
    pub buyer_id: UserId,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(RefundFailed, "odysseus.payments.payment.refund_failed.v1", refund_id);

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
    /// True when with it nothing of what was paid is left: what was bought with it is void.
    #[serde(default)]
    pub whole: bool,
    /// True when it was made in the payment provider's dashboard, and not asked for by the purchase.
    #[serde(default)]
    pub made_at_provider: bool,
    /// True when somebody asked for it by [`RefundPayment`], who knows what it means and tells it.
    #[serde(default)]
    pub asked_for: bool,
    /// Why.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(PaymentRefunded, "odysseus.payments.payment.refunded.v1", refund_id);

/// A refund that was made at the payment provider has failed there: its money is back, and nobody owes it by that. Told
/// to whoever counts it as gone until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundReturned {
    /// Which refund.
    pub refund_id: RefundId,
    /// Of which order.
    pub order_id: OrderId,
    /// For which event.
    pub event_id: EventId,
    /// How much.
    pub amount: Money,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(RefundReturned, "odysseus.payments.payment.refund_returned.v1", refund_id);

/// The buyer disputes a payment at the bank, or the bank has decided. What was bought with it is worth nothing from
/// [`DisputeState::Open`] on, until it is [`DisputeState::Won`]. A payment may be disputed more than once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDisputed {
    /// Which payment.
    pub payment_id: PaymentId,
    /// What the payment provider calls the dispute.
    pub dispute: String,
    /// For which order.
    pub order_id: OrderId,
    /// For which event.
    pub event_id: EventId,
    /// Who paid.
    pub buyer_id: UserId,
    /// How much of it is disputed.
    pub amount: Money,
    /// True when that is all that was paid.
    pub whole: bool,
    /// How far it is.
    pub state: DisputeState,
    /// True while any dispute of this payment is open or lost: then what was bought with it does not admit.
    pub withheld: bool,
    /// Rises with each fact about a dispute of this payment: one with a lower version is out of date.
    pub version: i64,
    /// Why, in the provider's words, such as `fraudulent`.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}
contract!(PaymentDisputed, "odysseus.payments.payment.disputed.v1", payment_id, version);

/// How far a dispute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DisputeState {
    /// The bank has taken the money back and looks into it.
    Open,
    /// The money is ours again.
    Won,
    /// The buyer keeps the money.
    Lost,
}
