//! `Stripe-Signature`: an HMAC over the time and the raw body.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header for a body sent at this time (in seconds).
pub(super) fn sign(body: &str, secret: &str, at_seconds: i64) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{at_seconds}.{body}").as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    format!("t={at_seconds},v1={signature}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_stripe_would_send() {
        let ours = sign("{}", "whsec_x", 1_700_000_000);
        let theirs = stripe_webhook::Webhook::generate_test_header("{}", "whsec_x", Some(1_700_000_000));
        assert_eq!(ours, theirs);
    }
}
