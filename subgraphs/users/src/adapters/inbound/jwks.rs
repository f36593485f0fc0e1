//! The public keys of access tokens, for whoever verifies.

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::adapters::outbound::SigningKeys;

/// `GET /.well-known/jwks.json`.
pub(crate) fn routes(keys: SigningKeys) -> Router {
    Router::new().route("/.well-known/jwks.json", get(jwks)).with_state(keys)
}

async fn jwks(State(keys): State<SigningKeys>) -> Response {
    match keys.jwks().await {
        Ok(jwks) => ([(CACHE_CONTROL, "public, max-age=300")], Json(jwks)).into_response(),
        Err(fault) => {
            tracing::error!(error = fault.chain(), "the public keys cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
