use async_graphql::{Context, Enum, ID, Object, Result};
use chrono::{DateTime, Utc};
use kernel::OrderId;
use service::graphql::{
    Money, Url,
    Who::{Buyer, Public},
    access, id,
};

use super::{
    loaders,
    told::{DisputeObject, PaymentMethodObject},
};
use crate::domain::{
    entities::{self, Payment, RefundState},
    use_cases::Payments,
};

/// The money of an order.
pub(super) struct PaymentObject(pub(super) Payment);

/// The money of an order.
#[Object(name = "Payment", directive = access::apply([Buyer].into(), None))]
impl PaymentObject {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.snapshot().id.public().into()
    }

    /// How far it is.
    async fn status(&self) -> PaymentStatus {
        self.0.status().into()
    }

    /// How much is to be paid.
    async fn amount(&self) -> Money {
        self.0.snapshot().amount.into()
    }

    /// How much went back to the buyer so far.
    async fn refunded(&self) -> Money {
        self.0.refunded().into()
    }

    /// Who takes the money: "stripe", or "none" for a free order.
    async fn provider(&self) -> &'static str {
        if self.0.is_free() { "none" } else { "stripe" }
    }

    /// With this Stripe's library in a browser goes on with the payment; there while the status is
    /// `REQUIRES_ACTION`.
    async fn client_secret(&self) -> Option<&str> {
        self.0.next_action().and_then(|(_, secret)| secret)
    }

    /// Where the buyer confirms the payment at the bank; there while the status is `REQUIRES_ACTION`, if
    /// the bank has a page for it.
    async fn next_action_url(&self) -> Option<&str> {
        self.0.next_action().and_then(|(url, _)| url)
    }

    /// Why the last card was declined, such as `insufficient_funds`; there while the status is `FAILED`.
    async fn decline_code(&self) -> Option<&str> {
        self.0.decline_code()
    }

    /// What goes back to the buyer, oldest first.
    async fn refunds(&self) -> Vec<RefundObject> {
        self.0.snapshot().refunds.iter().cloned().map(RefundObject).collect()
    }

    /// When the order became payable.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.snapshot().created_at
    }

    /// With what the buyer paid, as the payment provider says; null until the money is there, for a free order, and for what
    /// was paid before this was kept.
    async fn method(&self) -> Option<PaymentMethodObject> {
        self.0.snapshot().paid_by.clone().map(PaymentMethodObject)
    }

    /// Where the payment provider shows its receipt; there with `method`, if the provider has one.
    async fn receipt_url(&self) -> Option<Url> {
        self.0.snapshot().paid_by.as_ref().and_then(|paid_by| paid_by.receipt_url.clone()).map(Url)
    }

    /// What the buyer disputes at the bank. Of several it is the newest that is not decided, or else the newest.
    async fn dispute(&self) -> Option<DisputeObject> {
        self.0.dispute().cloned().map(DisputeObject)
    }

    /// How often it was tried to pay: each card counts, and each page of the payment provider's.
    async fn attempts(&self) -> u32 {
        self.0.attempts()
    }

    /// How many more tries there are; 0 once there is nothing to pay any more. At 0 `pay` is refused with
    /// `TOO_MANY_ATTEMPTS` while the order is not paid.
    async fn attempts_left(&self, context: &Context<'_>) -> Result<u32> {
        Ok(context.data::<Payments>()?.attempts_left(&self.0))
    }
}

/// Money that goes back to the buyer.
pub(super) struct RefundObject(entities::Refund);

/// Money that goes back to the buyer.
#[Object(name = "Refund")]
impl RefundObject {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// How much.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }

    /// How far it is.
    async fn status(&self) -> RefundStatus {
        match self.0.state {
            RefundState::Owed | RefundState::Accepted => RefundStatus::Pending,
            RefundState::Succeeded => RefundStatus::Succeeded,
            RefundState::Failed | RefundState::Covered => RefundStatus::Failed,
        }
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// When it was decided.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// What a buyer is buying.
pub(super) struct OrderObject {
    pub(super) id: ID,
}

/// What a buyer is buying.
#[Object(name = "Order", directive = access::apply([Public].into(), None))]
impl OrderObject {
    /// Its id.
    async fn id(&self) -> &ID {
        &self.id
    }

    /// Its payment, for the buyer; there as soon as the order can be paid.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn payment(&self, context: &Context<'_>) -> Result<Option<PaymentObject>> {
        let Ok(order) = id("id", &self.id) else { return Ok(None) };
        let order: OrderId = order;
        Ok(loaders::load(context, order).await?.map(PaymentObject))
    }
}

/// How far a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PaymentStatus {
    /// Nothing is decided yet.
    Pending,
    /// The buyer has to confirm it at the bank.
    RequiresAction,
    /// The money is there.
    Succeeded,
    /// The card was declined; another may be tried.
    Failed,
    /// It has ended; nothing was charged.
    Cancelled,
    /// A part of the money went back.
    PartiallyRefunded,
    /// All of the money went back.
    Refunded,
    /// The buyer disputes it at the bank.
    Disputed,
}

impl From<entities::PaymentStatus> for PaymentStatus {
    fn from(status: entities::PaymentStatus) -> Self {
        match status {
            entities::PaymentStatus::Pending => Self::Pending,
            entities::PaymentStatus::RequiresAction => Self::RequiresAction,
            entities::PaymentStatus::Succeeded => Self::Succeeded,
            entities::PaymentStatus::Failed => Self::Failed,
            entities::PaymentStatus::Cancelled => Self::Cancelled,
            entities::PaymentStatus::PartiallyRefunded => Self::PartiallyRefunded,
            entities::PaymentStatus::Refunded => Self::Refunded,
            entities::PaymentStatus::Disputed => Self::Disputed,
        }
    }
}

/// How far a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum RefundStatus {
    /// The money is on its way.
    Pending,
    /// The bank has taken it.
    Succeeded,
    /// It did not arrive.
    Failed,
}
