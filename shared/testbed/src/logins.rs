use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use ed25519_dalek::{SigningKey, pkcs8::EncodePrivateKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::JwkSet};
use kernel::{Clock, SessionId, SystemClock, UserId};
use serde_json::json;
use service::tokens::{AUDIENCE, Claims, ISSUER};

/// Logins that nobody had to make: access tokens as `users` signs them.
#[derive(Clone)]
pub struct Logins(SigningKey);

impl Default for Logins {
    fn default() -> Self {
        Self::new()
    }
}

impl Logins {
    /// Those of a key that everybody may know.
    pub fn new() -> Self {
        Self(SigningKey::from_bytes(&[7; 32]))
    }

    /// What a `TokenVerifier` needs to know them.
    pub fn keys(&self) -> JwkSet {
        let x = BASE64_URL_SAFE_NO_PAD.encode(self.0.verifying_key().as_bytes());
        let key =
            json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "test", "x": x });
        serde_json::from_value(json!({ "keys": [key] })).expect("it is written as the standard says")
    }

    /// An access token of this person, for a quarter of an hour.
    pub fn token(&self, user: UserId) -> String {
        let now = SystemClock.now();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: SessionId::new(),
            iat: now.timestamp(),
            exp: (now + TimeDelta::minutes(15)).timestamp(),
        };
        let header = Header { kid: Some("test".to_owned()), ..Header::new(Algorithm::EdDSA) };
        let key = self.0.to_pkcs8_der().expect("a key can be written");
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(key.as_bytes()))
            .expect("a token can be signed")
    }
}
