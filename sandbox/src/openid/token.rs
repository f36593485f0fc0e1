//! Where the client exchanges a code for a token that says who somebody is.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::grants::Grant;
use super::{CLIENT_ID, CLIENT_SECRET, issuer};
use crate::auth::basic_auth;
use crate::world::World;
use crate::{clock, ids};

/// `POST /sandbox/openid/token`
pub(super) async fn exchange(Shared(world): Shared<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    let said: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    match granted(&world, &headers, &said) {
        Ok(grant) => answer(&world, &grant),
        Err((status, error, why)) => {
            tracing::info!(error, why, "the sandbox's provider refuses to exchange a code");
            let body = Json(json!({ "error": error, "error_description": why }));
            (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
        }
    }
}

type Refused = (StatusCode, &'static str, &'static str);

fn granted(world: &World, headers: &HeaderMap, said: &HashMap<String, String>) -> Result<Grant, Refused> {
    let said = |name: &str| said.get(name).map(String::as_str).unwrap_or_default();
    let client = basic_auth(headers)
        .unwrap_or_else(|| (said("client_id").to_owned(), said("client_secret").to_owned()));
    if client != (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned()) {
        return Err((StatusCode::UNAUTHORIZED, "invalid_client", "the client or its secret is unknown"));
    }
    if said("grant_type") != "authorization_code" {
        let why = "grant_type must be authorization_code";
        return Err((StatusCode::BAD_REQUEST, "unsupported_grant_type", why));
    }
    let invalid = |why| (StatusCode::BAD_REQUEST, "invalid_grant", why);
    // Whatever comes of it: nobody tries twice with one code.
    let grant = world.openid.grants.take(said("code"));
    let grant = grant.ok_or_else(|| invalid("the code is unknown, was used before, or its time is over"))?;
    if said("redirect_uri") != grant.redirect_uri {
        return Err(invalid("redirect_uri is not the one that the code was sent to"));
    }
    let shown = URL_SAFE_NO_PAD.encode(Sha256::digest(said("code_verifier").as_bytes()));
    if shown != grant.code_challenge {
        return Err(invalid("code_verifier does not fit the challenge"));
    }
    Ok(grant)
}

fn answer(world: &World, grant: &Grant) -> Response {
    let now = clock::now_ms() / 1_000;
    let claims = json!({
        "iss": issuer(&world.public_url()),
        "sub": subject(&grant.email),
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 300,
        "nonce": grant.nonce,
        "email": grant.email,
        "email_verified": grant.email_verified,
        "name": grant.name,
        "locale": "en",
    });
    match world.openid.signed(&claims) {
        Ok(token) => {
            let body = Json(json!({
                "access_token": ids::letters(32), "token_type": "Bearer", "expires_in": 300, "id_token": token,
            }));
            ([(header::CACHE_CONTROL, "no-store")], body).into_response()
        }
        Err(failed) => {
            tracing::error!(failed, "the sandbox's provider cannot sign");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// How the provider calls a person: the same for the same address, and nobody reads the address from it.
fn subject(email: &str) -> String {
    hex::encode(&Sha256::digest(format!("sandbox {}", email.to_lowercase()).as_bytes())[..16])
}
