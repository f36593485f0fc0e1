use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, Header};
use kernel::{Fault, SessionId, UserId};
use service::tokens::{AUDIENCE, Claims, ISSUER};
use sha2::Sha256;

use super::SigningKeys;
use crate::domain::{
    entities::Secret,
    ports::{AccessToken, Tokens},
};

/// Access tokens as JWT, signed with Ed25519; refresh tokens made one of the other with the same secret.
pub struct SignedTokens {
    keys: SigningKeys,
    lifetime: Duration,
}

impl SignedTokens {
    /// Tokens signed with these keys, which hold for this long.
    pub fn new(keys: SigningKeys, lifetime: Duration) -> Self {
        Self { keys, lifetime }
    }
}

#[async_trait]
impl Tokens for SignedTokens {
    async fn following(&self, token: &Secret) -> Result<Secret, Fault> {
        let keys = self.keys.loaded().await?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&keys.following)
            .map_err(|cause| Fault::new("making a refresh token", cause))?;
        mac.update(token.reveal().as_bytes());
        Ok(Secret::new(mac.finalize().into_bytes().into()))
    }

    async fn issue(
        &self,
        user: UserId,
        operator: bool,
        session: SessionId,
        now: DateTime<Utc>,
    ) -> Result<AccessToken, Fault> {
        let keys = self.keys.loaded().await?;
        let exp = (now + self.lifetime).timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            iat: now.timestamp(),
            exp,
            operator,
        };
        let header = Header { kid: Some(keys.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &claims, &keys.key)
            .map_err(|cause| Fault::new("signing an access token", cause))?;
        let expires_at = DateTime::from_timestamp(exp, 0).unwrap_or(now);
        Ok(AccessToken { token, expires_at })
    }
}
