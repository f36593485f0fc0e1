//! A provider of OpenID Connect, by whose accounts people sign in: the code flow with PKCE. It vouches for whatever address is
//! typed on its page, and refuses what a real one refuses.

mod grants;
mod page;
mod token;

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use serde_json::json;

pub(crate) use self::grants::Grants;

use crate::world::World;

/// How the one client of the sandbox is called.
pub const CLIENT_ID: &str = "odysseus";
/// By what the provider knows it.
pub const CLIENT_SECRET: &str = "sandbox-client-secret";

/// Below what everything is.
const ROOT: &str = "/sandbox/openid";
/// The name of the one key.
const KEY: &str = "sandbox";

/// What the provider has: a key, which lives as long as the process, and what it has granted.
pub(crate) struct OpenId {
    key: SigningKey,
    grants: Grants,
    /// The only address that it sends people back to; without it, any.
    back: Option<String>,
}

impl OpenId {
    pub(crate) fn new(back: Option<String>) -> Self {
        Self { key: SigningKey::from_bytes(&rand::random()), grants: Grants::default(), back }
    }

    fn signed(&self, claims: &serde_json::Value) -> Result<String, String> {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
        header.kid = Some(KEY.to_owned());
        let der = self.key.to_pkcs8_der().map_err(|error| error.to_string())?;
        let key = jsonwebtoken::EncodingKey::from_ed_der(der.as_bytes());
        jsonwebtoken::encode(&header, claims, &key).map_err(|error| error.to_string())
    }
}

/// Everything of the provider.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/sandbox/openid/.well-known/openid-configuration", get(description))
        .route("/sandbox/openid/keys", get(keys))
        .route("/sandbox/openid/authorize", get(page::ask))
        .route("/sandbox/openid/decide", post(page::decide))
        .route("/sandbox/openid/token", post(token::exchange))
}

/// How the provider calls itself, where people reach the sandbox under this address.
pub fn issuer(public_url: &str) -> String {
    format!("{public_url}{ROOT}")
}

async fn description(Shared(world): Shared<Arc<World>>) -> Response {
    let issuer = issuer(&world.public_url());
    let description = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "scopes_supported": ["openid", "email", "profile"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "email", "email_verified", "name", "locale"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    });
    Json(description).into_response()
}

async fn keys(Shared(world): Shared<Arc<World>>) -> Response {
    let public = URL_SAFE_NO_PAD.encode(world.openid.key.verifying_key().as_bytes());
    let key =
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY, "x": public });
    ([(header::CACHE_CONTROL, "no-cache")], Json(json!({ "keys": [key] }))).into_response()
}
