use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, Header};
use kernel::{Fault, SessionId, UserId};
use service::tokens::{AUDIENCE, Claims, ISSUER};

use super::SigningKeys;
use crate::domain::ports::{AccessToken, AccessTokens};

/// Access tokens as JWT, signed with Ed25519.
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
impl AccessTokens for SignedTokens {
    async fn issue(
        &self,
        user: UserId,
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
        };
        let header = Header { kid: Some(keys.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &claims, &keys.key)
            .map_err(|cause| Fault::new("signing an access token", cause))?;
        let expires_at = DateTime::from_timestamp(exp, 0).unwrap_or(now);
        Ok(AccessToken { token, expires_at })
    }
}
