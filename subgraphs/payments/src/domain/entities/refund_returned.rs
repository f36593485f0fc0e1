use contracts::Contract;
use kernel::{EventId, Money, OrderId, RefundId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A refund that was made at the payment provider has failed there: its money is back, and nobody owes it by that. Payments
/// tells it to itself, for the books.
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
}

impl Contract for RefundReturned {
    const SUBJECT: &'static str = "odysseus.payments.payment.refund_returned.v1";

    fn about(&self) -> Uuid {
        self.refund_id.uuid()
    }
}
