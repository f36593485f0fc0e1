//! Who is calling: access tokens, signed by `users` with Ed25519, verified by everybody.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::http::{HeaderMap, header::AUTHORIZATION};
use breaker::Breaker;
use chrono::{DateTime, Utc};
use futures::FutureExt as _;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header, errors::ErrorKind, jwk::JwkSet,
};
use kernel::{Clock, Fault, Refusal, SessionId, UserId, Viewer, reasons};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::{sync::Mutex, time::Instant};

use crate::ended_sessions::EndedSessions;

/// Who signs access tokens.
pub const ISSUER: &str = "odysseus";
/// For whom.
pub const AUDIENCE: &str = "odysseus";
/// How far clocks may differ, in seconds.
pub const LEEWAY: u64 = 30;

/// How rarely keys are asked for, however many unknown ones are shown.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long, and how many, tokens are remembered whose signature was right: a page asks several times with the same.
const REMEMBERED: (Duration, u64) = (Duration::from_mins(1), 50_000);

/// When they are not asked for.
const BREAKER: breaker::Settings =
    breaker::Settings { failures: 5, pause_millis: 500, longest_pause_millis: 5_000 };

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// [`ISSUER`].
    pub iss: String,
    /// [`AUDIENCE`].
    pub aud: String,
    /// Whose.
    pub sub: UserId,
    /// Of which login.
    pub sid: SessionId,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// Whether they were an operator when it was made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub operator: bool,
}

/// A person with a valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// By which login.
    pub session: SessionId,
    /// Until when the token holds.
    pub until: DateTime<Utc>,
    /// Whether they give support for the platform.
    pub operator: bool,
}

impl From<Caller> for Viewer {
    fn from(caller: Caller) -> Self {
        if caller.operator { Self::operator(caller.user) } else { caller.user.into() }
    }
}

/// Verifies access tokens against the keys that `users` publishes.
#[derive(Clone)]
pub struct TokenVerifier(Arc<Keys>);

/// Where keys are published.
struct Source {
    url: String,
    client: reqwest::Client,
    breaker: Breaker,
}

struct Keys {
    known: RwLock<JwkSet>,
    source: Option<Source>,
    asked: Mutex<Option<Instant>>,
    clock: Arc<dyn Clock>,
    ended: EndedSessions,
    /// By their digests.
    remembered: Cache<[u8; 32], Caller>,
}

impl TokenVerifier {
    /// With these keys and no others.
    pub fn with_keys(keys: JwkSet, clock: Arc<dyn Clock>) -> Self {
        Self::new(keys, None, clock)
    }

    /// With the keys published at `url`, asked for when a token names one that is not known.
    pub fn from_url(url: String, clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().timeout(PATIENCE).connect_timeout(PATIENCE).build()?;
        let source = Source { url, client, breaker: Breaker::new("keys of users", BREAKER) };
        Ok(Self::new(JwkSet { keys: Vec::new() }, Some(source), clock))
    }

    fn new(keys: JwkSet, source: Option<Source>, clock: Arc<dyn Clock>) -> Self {
        let (known, asked, ended) = (RwLock::new(keys), Mutex::default(), EndedSessions::default());
        let remembered = Cache::builder().time_to_live(REMEMBERED.0).max_capacity(REMEMBERED.1).build();
        Self(Arc::new(Keys { known, source, asked, clock, ended, remembered }))
    }

    /// Believes no more tokens of this session, of which the last ends at `until`. All clones of this verifier know.
    pub fn end_session(&self, session: SessionId, until: DateTime<Utc>) {
        let leeway = Duration::from_secs(LEEWAY);
        self.0.ended.add(session, until + leeway, self.0.clock.now());
    }

    /// True when the session was [ended](Self::end_session), as far as this process was told.
    pub fn has_ended(&self, session: SessionId) -> bool {
        self.0.ended.has(session)
    }

    /// Verifies a token: EdDSA only, our issuer and audience, in its time.
    pub async fn verify(&self, token: &str) -> Result<Caller, Refusal> {
        let digest: [u8; 32] = Sha256::digest(token).into();
        let caller = if let Some(caller) = self.0.remembered.get(&digest) {
            caller
        } else {
            let caller = self.signed(token).await?;
            self.0.remembered.insert(digest, caller);
            caller
        };
        if caller.until + Duration::from_secs(LEEWAY) < self.0.clock.now() {
            return Err(Refusal::new(
                reasons::TOKEN_EXPIRED,
                "This access token has expired. Get a new one with refreshSession, or log in again.",
            ));
        }
        if self.has_ended(caller.session) {
            return Err(Refusal::new(
                reasons::SESSION_ENDED,
                "This access token's session has ended. Log in again.",
            ));
        }
        // So that lines of the log say whose request they are about.
        tracing::Span::current().record("user.id", tracing::field::display(caller.user));
        Ok(caller)
    }

    /// Whose token this is, when one of our keys has signed it.
    async fn signed(&self, token: &str) -> Result<Caller, Refusal> {
        let wrong = |_| Refusal::new(reasons::TOKEN_INVALID, "This access token is not valid. Log in again.");
        let header = decode_header(token).map_err(wrong)?;
        let kid = header
            .kid
            .filter(|_| header.alg == Algorithm::EdDSA)
            .ok_or(())
            .map_err(|()| wrong(ErrorKind::InvalidAlgorithm.into()))?;
        let key = if let Some(key) = self.key(&kid) {
            key
        } else {
            self.ask_for_keys().await?;
            self.key(&kid).ok_or(()).map_err(|()| wrong(ErrorKind::InvalidToken.into()))?
        };
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.validate_exp = false; // by our own clock, each time
        let claims = decode::<Claims>(token, &key, &rules).map_err(wrong)?.claims;
        let until = DateTime::from_timestamp(claims.exp, 0).unwrap_or(DateTime::<Utc>::MIN_UTC);
        Ok(Caller { user: claims.sub, session: claims.sid, until, operator: claims.operator })
    }

    fn key(&self, kid: &str) -> Option<DecodingKey> {
        let keys = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        keys.find(kid).and_then(|key| DecodingKey::from_jwk(key).ok())
    }

    async fn ask_for_keys(&self) -> Result<(), Refusal> {
        let Some(Source { url, client, breaker }) = &self.0.source else { return Ok(()) };
        let mut asked = self.0.asked.lock().await;
        let empty = self.0.known.read().unwrap_or_else(PoisonError::into_inner).keys.is_empty();
        let pause = if empty { ASK_AGAIN / 10 } else { ASK_AGAIN };
        if asked.is_some_and(|asked| asked.elapsed() < pause) {
            // Without any key nothing is known of a token, not even that it is wrong.
            return if empty { Err(unchecked()) } else { Ok(()) };
        }
        *asked = Some(Instant::now());
        let answer = async {
            let answer = async { client.get(url).send().await?.error_for_status()?.json::<JwkSet>().await };
            answer.await.map_err(|cause| Fault::passing("asking for keys", cause))
        };
        let answer = breaker.call(PATIENCE, answer.boxed());
        match answer.await {
            Ok(keys) => *self.0.known.write().unwrap_or_else(PoisonError::into_inner) = keys,
            Err(fault) => {
                tracing::warn!(error = fault.chain(), "the keys of access tokens cannot be read");
                return Err(unchecked());
            }
        }
        Ok(())
    }
}

/// The bearer token of a request, if it has one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    // What is no text is a wrong token as well.
    strip_scheme(headers.get(AUTHORIZATION)?.to_str().unwrap_or("Bearer"))
}

/// The token of the scheme `Bearer`, however it is written; an empty one is a wrong one, not none.
pub(crate) fn strip_scheme(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unchecked() -> Refusal {
    Refusal::new(reasons::TEMPORARILY_DOWN, "Logins cannot be checked just now. Try again in a moment.")
}
