use axum::extract::State;
use serde::Serialize;
use service::rest::{Caching, Json};
use utoipa::ToSchema;

use super::Rest;
use crate::domain::entities::PublicKey;

/// For how many seconds the keys are kept by whoever has asked for them.
const FRESH: u32 = 300;

/// Keys as RFC 7517 writes them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Keys {
    /// All that tickets may be signed with, the one that signs them now first.
    keys: Vec<Key>,
}

/// A public key of Ed25519.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Key {
    /// The family of keys.
    #[schema(example = "OKP")]
    kty: &'static str,
    /// The curve.
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// The algorithm of its signatures.
    #[schema(example = "EdDSA")]
    alg: &'static str,
    /// What the key is for.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    purpose: &'static str,
    /// The key's name, its thumbprint by RFC 7638.
    kid: String,
    /// The key itself, 32 bytes in base64 for addresses.
    x: String,
}

impl From<PublicKey> for Key {
    fn from(PublicKey { kid, x }: PublicKey) -> Self {
        Self { kty: "OKP", crv: "Ed25519", alg: "EdDSA", purpose: "sig", kid, x }
    }
}

/// The keys that tickets are signed with, so that a scanner verifies them without a network.
///
/// Tickets do not say which of them has signed: a scanner tries all. A key that is going to sign is here some time before,
/// and one that has signed for as long as its tickets are good. Keys may be kept for five minutes.
#[utoipa::path(get, path = "/keys", operation_id = "listTicketKeys", tag = "check-in",
    extensions(("x-access" = json!({"who": ["PUBLIC"]}))),
    responses((status = 200, description = "The keys.", body = Keys),
        (status = 304, description = "They are what the client has.")))]
pub(super) async fn keys(State(rest): State<Rest>) -> (Caching, Json<Keys>) {
    let keys = rest.tickets.public_keys().into_iter().map(Key::from).collect();
    (Caching::same_for_all(FRESH), Json(Keys { keys }))
}
