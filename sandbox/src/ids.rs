//! Identifiers in the shapes that Stripe, Twilio and the mail pages use.

use rand::distr::{Alphanumeric, SampleString};

/// A new identifier of Stripe's shape: `pi_3Q…`, `evt_3Q…`.
pub(crate) fn fresh(prefix: &str) -> String {
    format!("{prefix}_{}", letters(24))
}

/// Random letters and digits, unguessable from 20 on.
pub(crate) fn letters(count: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), count)
}

/// A new identifier of Twilio's shape: two letters and 32 hexadecimal digits.
pub(crate) fn twilio(prefix: &str) -> String {
    format!("{prefix}{}", hex::encode(rand::random::<[u8; 16]>()))
}
