use axum::extract::State;
use chrono::{DateTime, Utc};
use kernel::{OrderId, Public, Refusal, kinds};
use serde::{Deserialize, Serialize};
use service::{
    Caller,
    rest::{Answer, Json, Money, NotFound, Path},
};
use utoipa::ToSchema;

use super::told::{Dispute, PaymentMethod};
use crate::domain::{
    entities::{self, PaymentStatus as Status, RefundState},
    use_cases::Payments,
};

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct Which {
    /// The order's id.
    #[param(value_type = String, pattern = "^(ord_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "ord_0190163d-8694-739b-aea5-966c26f8ad90")]
    order_id: OrderId,
}

/// The money of an order.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    /// Its id.
    #[schema(value_type = String, example = "pay_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Payment>,
    /// Of which order.
    #[schema(value_type = String, example = "ord_0190163d-8694-739b-aea5-966c26f8ad90")]
    order_id: Public<kinds::Order>,
    /// How far it is.
    status: PaymentStatus,
    /// How much is to be paid.
    amount: Money,
    /// How much went back to the buyer so far.
    refunded: Money,
    /// Who takes the money: `stripe`, or `none` for a free order.
    #[schema(example = "stripe")]
    provider: &'static str,
    /// With this Stripe's library in a browser goes on with the payment; there while the status is
    /// `REQUIRES_ACTION`.
    client_secret: Option<String>,
    /// Where the buyer confirms the payment at the bank; there while the status is `REQUIRES_ACTION`, if
    /// the bank has a page for it.
    next_action_url: Option<String>,
    /// Why the last card was declined, such as `insufficient_funds`; there while the status is `FAILED`.
    decline_code: Option<String>,
    /// What goes back to the buyer, oldest first.
    refunds: Vec<Refund>,
    /// When the order became payable.
    #[serde(serialize_with = "service::rest::instant")]
    created_at: DateTime<Utc>,
    /// With what the buyer paid, as the payment provider says; null until the money is there, for a free order, and for what
    /// was paid before this was kept.
    method: Option<PaymentMethod>,
    /// Where the payment provider shows its receipt; there with `method`, if the provider has one.
    #[schema(format = "uri")]
    receipt_url: Option<String>,
    /// What the buyer disputes at the bank. Of several it is the newest that is not decided, or else the newest.
    dispute: Option<Dispute>,
    /// How often it was tried to pay: each card counts, and each page of the payment provider's.
    attempts: u32,
    /// How many more tries there are; 0 once there is nothing to pay any more.
    attempts_left: u32,
}

/// Money that goes back to the buyer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Refund {
    /// Its id.
    #[schema(value_type = String, example = "rfd_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Refund>,
    /// How much.
    amount: Money,
    /// How far it is.
    status: RefundStatus,
    /// Why.
    reason: String,
    /// When it was decided.
    #[serde(serialize_with = "service::rest::instant")]
    created_at: DateTime<Utc>,
}

/// How far a payment is. `PENDING`: nothing is decided yet. `REQUIRES_ACTION`: the buyer has to confirm it
/// at the bank. `SUCCEEDED`: the money is there. `FAILED`: the card was declined; another may be tried.
/// `CANCELLED`: it has ended; nothing was charged. `PARTIALLY_REFUNDED`, `REFUNDED`: a part of the money,
/// or all of it, went back. `DISPUTED`: the buyer disputes it at the bank.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PaymentStatus {
    Pending,
    RequiresAction,
    Succeeded,
    Failed,
    Cancelled,
    PartiallyRefunded,
    Refunded,
    Disputed,
}

/// How far a refund is. `PENDING`: the money is on its way. `SUCCEEDED`: the bank has taken it. `FAILED`:
/// it did not arrive.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum RefundStatus {
    Pending,
    Succeeded,
    Failed,
}

/// The payment of an order, for its buyer; there as soon as the order can be paid.
#[utoipa::path(get, path = "/orders/{orderId}/payment", operation_id = "getPayment", tag = "payments",
    params(Which), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["BUYER"]}))),
    responses((status = 200, description = "The payment.", body = Payment), NotFound))]
pub(super) async fn payment_of_order(
    State(payments): State<Payments>,
    caller: Caller,
    Path(which): Path<Which>,
) -> Answer<Json<Payment>> {
    let payment = payments.payment_of_order(which.order_id, Some(caller.user)).await?;
    let payment = payment.ok_or_else(|| Refusal::not_found("payment"))?;
    Ok(Json(Payment::of(&payment, payments.attempts_left(&payment))))
}

impl Payment {
    pub(super) fn of(payment: &entities::Payment, attempts_left: u32) -> Self {
        let (is, next) = (payment.snapshot(), payment.next_action());
        Self {
            id: is.id.public(),
            order_id: is.order_id.public(),
            status: payment.status().into(),
            amount: is.amount.into(),
            refunded: payment.refunded().into(),
            provider: if payment.is_free() { "none" } else { "stripe" },
            client_secret: next.and_then(|(_, secret)| secret).map(str::to_owned),
            next_action_url: next.and_then(|(url, _)| url).map(str::to_owned),
            decline_code: payment.decline_code().map(str::to_owned),
            refunds: is.refunds.iter().map(Refund::of).collect(),
            created_at: is.created_at,
            method: is.paid_by.as_ref().map(PaymentMethod::from),
            receipt_url: is.paid_by.as_ref().and_then(|paid_by| paid_by.receipt_url.clone()),
            dispute: payment.dispute().map(Dispute::from),
            attempts: payment.attempts(),
            attempts_left,
        }
    }
}

impl Refund {
    fn of(refund: &entities::Refund) -> Self {
        Self {
            id: refund.id.public(),
            amount: refund.amount.into(),
            status: match refund.state {
                RefundState::Owed | RefundState::Accepted => RefundStatus::Pending,
                RefundState::Succeeded => RefundStatus::Succeeded,
                RefundState::Failed | RefundState::Covered => RefundStatus::Failed,
            },
            reason: refund.reason.clone(),
            created_at: refund.created_at,
        }
    }
}

impl From<Status> for PaymentStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::RequiresAction => Self::RequiresAction,
            Status::Succeeded => Self::Succeeded,
            Status::Failed => Self::Failed,
            Status::Cancelled => Self::Cancelled,
            Status::PartiallyRefunded => Self::PartiallyRefunded,
            Status::Refunded => Self::Refunded,
            Status::Disputed => Self::Disputed,
        }
    }
}
