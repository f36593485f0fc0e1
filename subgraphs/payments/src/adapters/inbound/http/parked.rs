use stripe_webhook::Webhook;

use super::stripe_webhook as arriving;
use crate::domain::ports::{ProviderEvent, Understands};

/// Understands webhooks of Stripe's that were kept. Their signatures were verified when they came.
pub(crate) struct StripesWords;

impl Understands for StripesWords {
    fn understood(&self, body: &str) -> ProviderEvent {
        match Webhook::insecure(body) {
            Ok(event) => arriving::understood(event, body),
            Err(_) => arriving::unreadable(body),
        }
    }
}
