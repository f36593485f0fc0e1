//! What Stripe says, in our words. The API's answers and the webhooks hold the same objects.

use contracts::payments::DisputeState;
use kernel::{Currency, Money, OrderId, PaymentId, RefundId};
use stripe_shared::{ApiErrors, DisputeStatus, PaymentIntent, PaymentIntentStatus};

use crate::domain::{
    entities::ProviderAmount,
    ports::{Decline, Intent, IntentStatus, ProviderDispute, ProviderRefund, RefundStatus},
};

/// The name under which Stripe keeps our payment's id for us.
pub(crate) const PAYMENT_ID: &str = "payment_id";
/// The same for an order's id.
pub(crate) const ORDER_ID: &str = "order_id";
/// The same for an order's number.
pub(crate) const ORDER_NUMBER: &str = "order_number";
/// The same for a refund's id.
pub(crate) const REFUND_ID: &str = "refund_id";
/// The same for the number of a try to refund.
pub(crate) const REFUND_NUMBER: &str = "refund_number";

/// A payment as Stripe sees it.
pub(crate) fn intent_of(intent: &PaymentIntent) -> Intent {
    let status = match &intent.status {
        PaymentIntentStatus::Succeeded => IntentStatus::Succeeded,
        PaymentIntentStatus::Canceled => IntentStatus::Cancelled,
        PaymentIntentStatus::RequiresAction => IntentStatus::RequiresAction {
            url: intent
                .next_action
                .as_ref()
                .and_then(|action| action.redirect_to_url.as_ref())
                .and_then(|redirect| redirect.url.clone()),
        },
        PaymentIntentStatus::RequiresPaymentMethod | PaymentIntentStatus::RequiresConfirmation => {
            IntentStatus::Open(intent.last_payment_error.as_deref().map(decline_of))
        }
        // Nothing is decided in `processing`; others do not come, as money is captured at once.
        _ => IntentStatus::Processing,
    };
    Intent {
        id: intent.id.as_str().to_owned(),
        client_secret: intent.client_secret.clone(),
        status,
        received: money_of(intent.amount_received, &intent.currency),
        payment_id: intent.metadata.get(PAYMENT_ID).and_then(|id| id.parse::<PaymentId>().ok()),
        order_id: intent.metadata.get(ORDER_ID).and_then(|id| id.parse::<OrderId>().ok()),
    }
}

/// Why a bank said no: its own code if there is one.
pub(crate) fn decline_of(error: &ApiErrors) -> Decline {
    let code = error.decline_code.clone().or_else(|| error.code.as_ref().map(ToString::to_string));
    Decline { code: code.unwrap_or_else(|| "generic_decline".to_owned()), charge: error.charge.clone() }
}

/// A refund as Stripe sees it.
pub(crate) fn refund_of(refund: &stripe_shared::Refund) -> ProviderRefund {
    let said = |name: &str| refund.metadata.as_ref().and_then(|metadata| metadata.get(name));
    ProviderRefund {
        id: refund.id.as_str().to_owned(),
        intent: refund.payment_intent.as_ref().map(|intent| intent.id().as_str().to_owned()),
        refund_id: said(REFUND_ID).and_then(|id| id.parse::<RefundId>().ok()),
        refund_number: said(REFUND_NUMBER).and_then(|number| number.parse().ok()),
        amount: money_of(refund.amount, &refund.currency),
        status: match refund.status.as_deref() {
            Some("succeeded") => RefundStatus::Succeeded,
            Some("failed" | "canceled") => RefundStatus::Failed,
            _ => RefundStatus::Pending,
        },
    }
}

/// A dispute as Stripe sees it; none for a question that the bank asks before it disputes anything.
pub(crate) fn dispute_of(dispute: &stripe_shared::Dispute) -> Option<ProviderDispute> {
    let state = match &dispute.status {
        DisputeStatus::WarningClosed
        | DisputeStatus::WarningNeedsResponse
        | DisputeStatus::WarningUnderReview
        | DisputeStatus::Prevented => return None,
        DisputeStatus::Won => DisputeState::Won,
        DisputeStatus::Lost => DisputeState::Lost,
        // The bank has the money for now, whatever it is doing with it.
        _ => DisputeState::Open,
    };
    Some(ProviderDispute {
        id: dispute.id.as_str().to_owned(),
        intent: dispute.payment_intent.as_ref().map(|intent| intent.id().as_str().to_owned()),
        amount: money_of(dispute.amount, &dispute.currency),
        reason: dispute.reason.clone(),
        state,
    })
}

fn money_of(units: i64, currency: &stripe_types::Currency) -> Option<Money> {
    let currency = currency.to_string().to_ascii_uppercase().parse::<Currency>().ok()?;
    ProviderAmount { units, currency }.money()
}
