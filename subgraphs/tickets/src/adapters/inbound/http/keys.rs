use axum::extract::State;
use serde::Serialize;
use service::rest::Json;
use utoipa::ToSchema;

use super::Rest;

/// Keys as RFC 7517 writes them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Keys {
    /// All that tickets may be signed with.
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
    /// What the key is for.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    purpose: &'static str,
    /// The key itself, 32 bytes in base64 for addresses.
    x: String,
}

/// The keys that tickets are signed with, so that a scanner verifies them without a network.
#[utoipa::path(get, path = "/keys", tag = "check-in", responses((status = 200, description = "The keys.", body = Keys)))]
pub(super) async fn keys(State(rest): State<Rest>) -> Json<Keys> {
    let key = Key { kty: "OKP", crv: "Ed25519", purpose: "sig", x: rest.tickets.public_key() };
    Json(Keys { keys: vec![key] })
}
