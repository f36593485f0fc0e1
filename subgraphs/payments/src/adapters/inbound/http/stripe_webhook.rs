//! Stripe's webhooks: verified over the raw body, then heard once each.

use std::sync::Arc;

use axum::{body::Bytes, extract::State, http::HeaderMap};
use chrono::{DateTime, Utc};
use kernel::{Clock, Error, Fault, Refusal};
use serde::Deserialize;
use service::rest::{Answer, Problem};
use sha2::{Digest, Sha256};
use stripe_shared::PaymentIntent;
use stripe_webhook::{Event, EventObject, Webhook, WebhookError};

use crate::{
    adapters::outbound::{decline_of, dispute_of, intent_of, page_of, payout_of, refund_of},
    domain::{
        ports::{News, ProviderEvent},
        use_cases::Payments,
    },
};

/// Where Stripe sends its webhooks to.
pub const WEBHOOK_PATH: &str = "/api/payments/v1/stripe/webhook";
/// The largest webhook that is read, in bytes.
pub(super) const LARGEST: usize = 512 * 1024;

/// What webhooks are verified with, and told to.
pub(crate) struct Ear {
    pub(super) payments: Payments,
    pub(super) secrets: Vec<String>,
    pub(super) clock: Arc<dyn Clock>,
}

/// Takes an event of Stripe's, signed as Stripe signs it.
///
/// For Stripe alone: an event that it did not sign
/// within the last five minutes is refused and changes nothing. The same event may come often.
#[utoipa::path(post, path = "/stripe/webhook", operation_id = "receiveStripeWebhook", tag = "webhooks",
    params(("Stripe-Signature" = String, Header, description = "When the event was sent, and its HMAC-SHA256.",
        example = "t=1700000000,v1=5257a869e7ec")),
    request_body(content = String, content_type = "application/json", description = "The event, as Stripe writes it."),
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses((status = 200, description = "The event was heard, now or before.")))]
pub(super) async fn hear(State(ear): State<Arc<Ear>>, headers: HeaderMap, body: Bytes) -> Answer<()> {
    let signature = headers.get("stripe-signature").and_then(|signature| signature.to_str().ok());
    let (Some(signature), Ok(body)) = (signature, str::from_utf8(&body)) else {
        return Err(refused("it has no signature, or is no text"));
    };
    let mut event = verified(&ear.secrets, body, signature, ear.clock.now());
    if let Err(WebhookError::BadTimestamp(_)) = event {
        // Signed by one who knows the secret: perhaps it is our clock that is off. The database's decides.
        let now = ear.payments.now().await.map_err(Error::from)?;
        event = verified(&ear.secrets, body, signature, now);
    }
    let event = event.map_err(|error| refused(&error.to_string()))?;
    ear.payments.hear(&event).await.map_err(|error| match error {
        Error::Broken(fault) => {
            // What is passing comes again by itself.
            tracing::warn!(event = event.id, passing = fault.passing, "a webhook could not be heard");
            fault.into()
        }
        Error::Refused(refusal) => {
            let refused = Fault::new(format!("hearing the webhook {}", event.id), refusal.to_string());
            refused.into()
        }
    })
}

fn refused(reason: &str) -> Problem {
    metrics::counter!("payments_webhooks_total", "outcome" => "refused").increment(1);
    tracing::warn!(reason, "a webhook was refused");
    Refusal::bad_input("Stripe-Signature", "does not fit the event, or is too old")
        .because(kernel::reasons::MALFORMED)
        .into()
}

/// The event, if one of the secrets signed it within the last five minutes.
fn verified(
    secrets: &[String],
    body: &str,
    signature: &str,
    now: DateTime<Utc>,
) -> Result<ProviderEvent, WebhookError> {
    let mut refusal = WebhookError::BadSignature;
    for secret in secrets {
        match Webhook::construct_event_with_timestamp(body, signature, secret, now.timestamp()) {
            Ok(event) => return Ok(understood(event, body)),
            // The signature is looked at before the body, so it was right.
            Err(WebhookError::BadParse(_)) => return Ok(unreadable(body)),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

pub(super) fn understood(event: Event, body: &str) -> ProviderEvent {
    let is_of_account = event.account.is_some();
    let news = match event.data.object {
        EventObject::AccountUpdated(account) => News::Account(account.id.as_str().to_owned()),
        EventObject::PayoutPaid(payout)
        | EventObject::PayoutFailed(payout)
        | EventObject::PayoutCanceled(payout)
        | EventObject::PayoutUpdated(payout)
            if is_of_account =>
        {
            News::Payout(payout_of(&payout))
        }
        // What else happens in an account is no payment of ours: those are the platform's.
        _ if is_of_account => News::Nothing,
        EventObject::PaymentIntentSucceeded(intent)
        | EventObject::PaymentIntentCanceled(intent)
        | EventObject::PaymentIntentRequiresAction(intent) => News::Payment(intent_of(&intent)),
        EventObject::PaymentIntentPaymentFailed(intent) => declined(&intent),
        EventObject::CheckoutSessionCompleted(session)
        | EventObject::CheckoutSessionAsyncPaymentSucceeded(session)
        | EventObject::CheckoutSessionAsyncPaymentFailed(session)
        | EventObject::CheckoutSessionExpired(session) => News::Page(page_of(&session)),
        EventObject::RefundCreated(refund)
        | EventObject::RefundUpdated(refund)
        | EventObject::RefundFailed(refund)
        | EventObject::ChargeRefundUpdated(refund) => News::Refund(refund_of(&refund)),
        EventObject::ChargeDisputeCreated(dispute)
        | EventObject::ChargeDisputeUpdated(dispute)
        | EventObject::ChargeDisputeFundsWithdrawn(dispute)
        | EventObject::ChargeDisputeFundsReinstated(dispute)
        | EventObject::ChargeDisputeClosed(dispute) => {
            dispute_of(&dispute).map_or(News::Nothing, News::Dispute)
        }
        // `charge.refunded` says less than `refund.created`, which comes with it.
        _ => News::Nothing,
    };
    ProviderEvent {
        id: event.id.as_str().to_owned(),
        kind: event.type_.to_string(),
        key: event.request.and_then(|request| request.idempotency_key),
        news,
        body: body.to_owned(),
    }
}

fn declined(intent: &PaymentIntent) -> News {
    match intent.last_payment_error.as_deref() {
        Some(error) => News::Declined(intent_of(intent), decline_of(error)),
        None => News::Nothing,
    }
}

pub(super) fn unreadable(body: &str) -> ProviderEvent {
    #[derive(Deserialize)]
    struct Named {
        id: String,
        #[serde(rename = "type")]
        kind: Option<String>,
    }
    let (id, kind) = match serde_json::from_str::<Named>(body) {
        Ok(named) => (named.id, named.kind),
        // Without a name of its own it is known by what it says.
        Err(_) => (format!("unnamed-{:x?}", Sha256::digest(body)).replace([' ', ',', '[', ']'], ""), None),
    };
    ProviderEvent {
        id,
        kind: kind.unwrap_or_else(|| "unknown".to_owned()),
        key: None,
        news: News::Unreadable,
        body: body.to_owned(),
    }
}
