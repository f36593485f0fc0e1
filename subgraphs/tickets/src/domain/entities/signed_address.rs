//! Addresses that open a file for a while, for whoever has them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use ed25519_dalek::Signature;

use super::TicketKeys;

/// For how many seconds an address is good.
const GOOD_FOR: i64 = 24 * 60 * 60;

/// When an address ends that is given out now, in seconds since 1970.
pub(super) fn end(now: DateTime<Utc>) -> i64 {
    now.timestamp() + GOOD_FOR
}

/// True when the time is over of an address that ends then.
pub(super) fn has_ended(until: i64, now: DateTime<Utc>) -> bool {
    until <= now.timestamp()
}

/// What an address has at its end: it shows that we gave it out for what the text says.
pub(super) fn signature(text: &str, keys: &TicketKeys) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(keys.signature_of(text.as_bytes()).to_bytes())
}

/// True when that was given out by us for what the text says.
pub(super) fn is_ours(signature: &str, text: &str, keys: &TicketKeys) -> bool {
    let Ok(signature) = BASE64_URL_SAFE_NO_PAD.decode(signature) else { return false };
    let Ok(signature) = Signature::from_slice(&signature) else { return false };
    keys.have_signed(text.as_bytes(), &signature)
}
