//! Stripe's webhooks: verified over the raw body, then heard once each.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use kernel::{Clock, Error};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use stripe_shared::PaymentIntent;
use stripe_webhook::{Event, EventObject, Webhook, WebhookError};

use crate::{
    adapters::outbound::{decline_of, intent_of, refund_of},
    domain::use_cases::{News, Payments, ProviderEvent},
};

/// Where Stripe sends its webhooks to.
pub const WEBHOOK_PATH: &str = "/api/payments/v1/stripe/webhook";
/// The largest webhook that is read, in bytes.
const LARGEST: usize = 512 * 1024;

struct Ear {
    payments: Payments,
    secrets: Vec<String>,
    clock: Arc<dyn Clock>,
}

/// The endpoint of Stripe's webhooks. Each may be signed with any of the secrets.
pub fn routes(payments: Payments, secrets: Vec<String>, clock: Arc<dyn Clock>) -> Router {
    Router::new()
        .route(WEBHOOK_PATH, post(hear))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(Arc::new(Ear { payments, secrets, clock }))
}

async fn hear(State(ear): State<Arc<Ear>>, headers: HeaderMap, body: Bytes) -> Response {
    let signature = headers.get("stripe-signature").and_then(|signature| signature.to_str().ok());
    let (Some(signature), Ok(body)) = (signature, str::from_utf8(&body)) else {
        return refused("it has no signature, or is no text");
    };
    let event = match verified(&ear, body, signature) {
        Ok(event) => event,
        Err(error) => return refused(&error.to_string()),
    };
    match ear.payments.hear(&event).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(Error::Broken(fault)) if fault.passing => {
            tracing::warn!(
                event = event.id,
                error = fault.chain(),
                "a webhook could not be heard and will come again"
            );
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(Error::Broken(fault)) => {
            tracing::error!(event = event.id, error = fault.chain(), "a webhook could not be heard");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(Error::Refused(refusal)) => {
            tracing::error!(event = event.id, %refusal, "a webhook was refused");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn refused(reason: &str) -> Response {
    metrics::counter!("payments_webhooks_total", "outcome" => "refused").increment(1);
    tracing::warn!(reason, "a webhook was refused");
    (StatusCode::BAD_REQUEST, "The signature does not fit.").into_response()
}

/// The event, if one of the secrets signed it within the last five minutes.
fn verified(ear: &Ear, body: &str, signature: &str) -> Result<ProviderEvent, WebhookError> {
    let now = ear.clock.now().timestamp();
    let mut refusal = WebhookError::BadSignature;
    for secret in &ear.secrets {
        match Webhook::construct_event_with_timestamp(body, signature, secret, now) {
            Ok(event) => return Ok(understood(event, body)),
            // The signature is looked at before the body, so it was right.
            Err(WebhookError::BadParse(_)) => return Ok(unreadable(body)),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

fn understood(event: Event, body: &str) -> ProviderEvent {
    let news = match event.data.object {
        EventObject::PaymentIntentSucceeded(intent)
        | EventObject::PaymentIntentCanceled(intent)
        | EventObject::PaymentIntentRequiresAction(intent) => News::Payment(intent_of(&intent)),
        EventObject::PaymentIntentPaymentFailed(intent) => declined(&intent),
        EventObject::RefundCreated(refund)
        | EventObject::RefundUpdated(refund)
        | EventObject::RefundFailed(refund)
        | EventObject::ChargeRefundUpdated(refund) => News::Refund(refund_of(&refund)),
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

fn unreadable(body: &str) -> ProviderEvent {
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
