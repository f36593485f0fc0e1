use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Duration;
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::JwkSet};
use kernel::{Clock, SessionId, UserId};
use service::{
    TokenVerifier,
    tokens::{AUDIENCE, Claims, ISSUER},
};

const KEY_ID: &str = "testbed";

/// Signs access tokens as `users` does, for services that are tested without it.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    clock: Arc<dyn Clock>,
}

impl Signer {
    /// A signer with a key of its own.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { key: SigningKey::from_bytes(&rand::random()), clock }
    }

    /// Takes the tokens of this signer and no others.
    pub fn verifier(&self) -> TokenVerifier {
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes());
        let key = serde_json::json!({
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID, "x": x
        });
        let keys: JwkSet =
            serde_json::from_value(serde_json::json!({ "keys": [key] })).expect("this is a set of keys");
        TokenVerifier::with_keys(keys, self.clock.clone())
    }

    /// An access token of this person, for a quarter of an hour.
    pub fn token(&self, user: UserId) -> String {
        let now = self.clock.now();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: SessionId::new(),
            iat: now.timestamp(),
            exp: (now + Duration::minutes(15)).timestamp(),
            operator: false,
        };
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::EdDSA) };
        let der = self.key.to_pkcs8_der().expect("every key can be written");
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(der.as_bytes()))
            .expect("the key fits the algorithm")
    }
}
