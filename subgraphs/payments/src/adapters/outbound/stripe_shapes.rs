//! What Stripe says, in our words. The API's answers and the webhooks hold the same objects.

use chrono::DateTime;
use contracts::payments::DisputeState;
use kernel::{Currency, Money, OrderId, PaymentId, RefundId};
use stripe_shared::{
    ApiErrors, Charge, CheckoutSession, CheckoutSessionStatus, DisputeStatus, PaymentIntent,
    PaymentIntentStatus,
};
use stripe_types::Expandable;

use crate::domain::{
    entities::{MethodKind, PaidBy, ProviderAmount},
    ports::{
        Decline, Intent, IntentStatus, Origin, PageSeen, PageStatus, ProviderDispute, ProviderRefund,
        RefundStatus,
    },
};

/// The name under which Stripe keeps our payment's id for us.
pub(crate) const PAYMENT_ID: &str = "payment_id";
/// The same for an order's id.
pub(crate) const ORDER_ID: &str = "order_id";
/// The same for an order's number.
pub(crate) const ORDER_NUMBER: &str = "order_number";
/// The same for which one of our payment's it is, where it is not the first.
pub(crate) const OPENING: &str = "opening";
/// The same for the try on whose page it was made.
pub(crate) const PAGE: &str = "page";
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
    let said = |name: &str| intent.metadata.get(name);
    let origin = match said(PAGE).and_then(|page| page.parse().ok()) {
        Some(page) => Origin::Page(page),
        None => Origin::Opening(said(OPENING).and_then(|opening| opening.parse().ok()).unwrap_or_default()),
    };
    Intent {
        id: intent.id.as_str().to_owned(),
        client_secret: intent.client_secret.clone(),
        status,
        received: money_of(intent.amount_received, &intent.currency),
        paid_by: intent.latest_charge.as_ref().and_then(Expandable::as_object).and_then(paid_by),
        payment_id: said(PAYMENT_ID).and_then(|id| id.parse::<PaymentId>().ok()),
        order_id: said(ORDER_ID).and_then(|id| id.parse::<OrderId>().ok()),
        origin,
    }
}

/// How a charge was paid, as Stripe says; none for one that was declined.
fn paid_by(charge: &Charge) -> Option<PaidBy> {
    if !charge.paid {
        return None;
    }
    let details = charge.payment_method_details.as_ref()?;
    let card = details.card.as_ref();
    let kind = match details.type_.as_str() {
        "card" if card.is_some_and(|card| card.wallet.is_some()) => MethodKind::Wallet,
        "card" | "card_present" | "interac_present" | "kr_card" => MethodKind::Card,
        "alipay" | "amazon_pay" | "cashapp" | "grabpay" | "kakao_pay" | "link" | "mb_way" | "mobilepay"
        | "naver_pay" | "payco" | "paypal" | "paypay" | "revolut_pay" | "samsung_pay" | "satispay"
        | "twint" | "wechat" | "wechat_pay" => MethodKind::Wallet,
        "ach_credit_transfer"
        | "ach_debit"
        | "acss_debit"
        | "au_becs_debit"
        | "bacs_debit"
        | "bancontact"
        | "bizum"
        | "blik"
        | "customer_balance"
        | "eps"
        | "fpx"
        | "giropay"
        | "ideal"
        | "multibanco"
        | "nz_bank_account"
        | "p24"
        | "pay_by_bank"
        | "paynow"
        | "payto"
        | "pix"
        | "promptpay"
        | "sepa_credit_transfer"
        | "sepa_debit"
        | "sofort"
        | "swish"
        | "upi"
        | "us_bank_account" => MethodKind::BankTransfer,
        "boleto" | "konbini" | "oxxo" => MethodKind::Cash,
        _ => MethodKind::Other,
    };
    Some(PaidBy {
        kind,
        brand: card.and_then(|card| card.brand.clone()),
        last4: card.and_then(|card| card.last4.clone()),
        receipt_url: charge.receipt_url.clone(),
    })
}

/// Why a bank said no: its own code if there is one.
pub(crate) fn decline_of(error: &ApiErrors) -> Decline {
    let code = error.decline_code.clone().or_else(|| error.code.as_ref().map(ToString::to_string));
    let card = error.payment_method.as_ref().and_then(|method| method.card.as_ref());
    Decline {
        code: code.unwrap_or_else(|| "generic_decline".to_owned()),
        charge: error.charge.clone(),
        card: card.and_then(|card| card.fingerprint.clone()),
    }
}

/// A page as Stripe sees it, with what was paid on it, if Stripe was asked for that.
pub(crate) fn page_of(session: &CheckoutSession) -> PageSeen {
    let said = |name: &str| session.metadata.as_ref().and_then(|metadata| metadata.get(name));
    PageSeen {
        id: session.id.as_str().to_owned(),
        url: session.url.clone(),
        status: match session.status {
            Some(CheckoutSessionStatus::Complete) => PageStatus::Complete,
            Some(CheckoutSessionStatus::Expired) => PageStatus::Expired,
            _ => PageStatus::Open,
        },
        intent: session.payment_intent.as_ref().and_then(Expandable::as_object).map(intent_of),
        payment_id: said(PAYMENT_ID).and_then(|id| id.parse::<PaymentId>().ok()),
        attempt: said(PAGE).and_then(|number| number.parse().ok()),
    }
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
        // Zero says that the bank takes no answer.
        respond_by: dispute
            .evidence_details
            .due_by
            .filter(|due| *due > 0)
            .and_then(|due| DateTime::from_timestamp(due, 0)),
        state,
    })
}

pub(super) fn money_of(units: i64, currency: &stripe_types::Currency) -> Option<Money> {
    let currency = currency.to_string().to_ascii_uppercase().parse::<Currency>().ok()?;
    ProviderAmount { units, currency }.money()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn charge(status: &str, details: &Value) -> Charge {
        let charge = json!({
            "id": "ch_1", "object": "charge", "amount": 4200, "amount_captured": 4200, "amount_refunded": 0,
            "billing_details": {}, "captured": true, "created": 1, "currency": "eur", "disputed": false,
            "livemode": false, "metadata": {}, "paid": status == "succeeded", "refunded": false, "status": status,
            "payment_method_details": details, "receipt_url": "https://pay.stripe.com/receipts/1",
        });
        miniserde::json::from_str(&charge.to_string()).unwrap()
    }

    #[test]
    fn what_stripe_says_of_a_charge_is_how_it_was_paid() {
        let card = json!({"brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2030});
        let mut in_a_wallet = card.clone();
        in_a_wallet["wallet"] = json!({"type": "apple_pay", "apple_pay": {}, "dynamic_last4": "0492"});
        for (details, kind, last4) in [
            (json!({"type": "card", "card": card}), MethodKind::Card, Some("4242")),
            (json!({"type": "card", "card": in_a_wallet}), MethodKind::Wallet, Some("4242")),
            (json!({"type": "link"}), MethodKind::Wallet, None),
            (json!({"type": "sepa_debit"}), MethodKind::BankTransfer, None),
            (json!({"type": "konbini"}), MethodKind::Cash, None),
            (json!({"type": "klarna"}), MethodKind::Other, None),
            (json!({"type": "what_comes_next"}), MethodKind::Other, None),
        ] {
            let told = paid_by(&charge("succeeded", &details)).unwrap();
            assert_eq!((told.kind, told.last4.as_deref()), (kind, last4), "{details}");
            assert_eq!(told.brand.as_deref(), last4.map(|_| "visa"), "{details}");
            assert_eq!(told.receipt_url.as_deref(), Some("https://pay.stripe.com/receipts/1"));
        }
    }

    #[test]
    fn a_charge_that_was_declined_paid_nothing() {
        assert_eq!(paid_by(&charge("failed", &json!({"type": "link"}))), None);
        assert_eq!(paid_by(&charge("succeeded", &Value::Null)), None);
    }

    #[test]
    fn a_bank_that_takes_no_answer_has_no_time_for_one() {
        for (due, expected) in
            [(json!(1_800_000_000), Some(1_800_000_000)), (json!(0), None), (Value::Null, None)]
        {
            let dispute = json!({
                "id": "dp_1", "object": "dispute", "amount": 4200, "balance_transactions": [], "charge": "ch_1",
                "created": 1, "currency": "eur", "enhanced_eligibility_types": [],
                "evidence": {"enhanced_evidence": {}}, "is_charge_refundable": false, "livemode": false,
                "evidence_details": {
                    "due_by": due, "enhanced_eligibility": {}, "has_evidence": false, "past_due": false,
                    "submission_count": 0,
                },
                "metadata": {}, "payment_intent": "pi_1", "reason": "fraudulent", "status": "needs_response",
            });
            let dispute: stripe_shared::Dispute = miniserde::json::from_str(&dispute.to_string()).unwrap();
            let told = dispute_of(&dispute).unwrap();
            assert_eq!(told.respond_by.map(|at| at.timestamp()), expected);
        }
    }
}
