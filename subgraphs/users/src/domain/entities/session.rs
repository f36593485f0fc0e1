use chrono::{DateTime, Duration, Utc};
use kernel::{Fault, Refusal, SessionId, UserId};

use super::{Device, Secret, SecretHash};
use crate::domain::reasons;

/// How long a used refresh token still gets the one that followed it: two tabs of one browser may refresh at once, and
/// an answer may be lost on its way.
const SHOWN_TWICE: Duration = Duration::seconds(10);

/// For so long after the login nobody is asked for the password again.
pub(crate) const FRESH: Duration = Duration::minutes(10);

/// Why a session was ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The person said so.
    LoggedOut,
    /// A refresh token was shown twice: somebody else may have it.
    TokenReused,
}

impl EndReason {
    /// As columns keep it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "LOGGED_OUT",
            Self::TokenReused => "TOKEN_REUSED",
        }
    }

    /// What a column says.
    pub fn from_name(name: &str) -> Result<Self, Fault> {
        [Self::LoggedOut, Self::TokenReused]
            .into_iter()
            .find(|reason| reason.as_str() == name)
            .ok_or_else(|| Fault::broken_rule(format!("unknown end of a session {name}")))
    }
}

/// The token of a session's chain that a client showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedToken {
    /// Which.
    pub hash: SecretHash,
    /// Until when it may be used.
    pub expires_at: DateTime<Utc>,
    /// When it was, if it was.
    pub used_at: Option<DateTime<Utc>>,
}

/// What came of showing a refresh token that is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The next one has been issued.
    Issued,
    /// That had happened a moment ago: the one that was issued then goes on.
    Repeated,
}

/// A session as it is saved.
#[derive(Clone, Debug)]
pub struct SessionSnapshot {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub account: UserId,
    /// When the person logged in.
    pub created_at: DateTime<Utc>,
    /// On what.
    pub device: Option<Device>,
    /// When the person was there last, as far as tokens tell: they are refreshed every few minutes.
    pub last_seen_at: DateTime<Utc>,
    /// When its last token expires.
    pub expires_at: DateTime<Utc>,
    /// When and why it was ended, if it was.
    pub ended: Option<(DateTime<Utc>, EndReason)>,
    /// The token that was shown.
    pub presented: Option<PresentedToken>,
}

/// A login on one device: a chain of refresh tokens, of which only the last may be used.
#[derive(Debug)]
pub struct Session {
    state: SessionSnapshot,
    issued: Option<SecretHash>,
}

impl Session {
    /// Begins a session with its first token.
    pub fn open(account: UserId, first: &Secret, now: DateTime<Utc>, lifetime: Duration) -> Self {
        let state = SessionSnapshot {
            id: SessionId::new(),
            account,
            created_at: now,
            device: None,
            last_seen_at: now,
            expires_at: now + lifetime,
            ended: None,
            presented: None,
        };
        Self { state, issued: Some(first.hash()) }
    }

    /// The same session, on this device.
    #[must_use]
    pub fn on(mut self, device: Option<Device>) -> Self {
        self.state.device = device;
        self
    }

    /// A session as it was saved; for the store.
    pub fn restore(state: SessionSnapshot) -> Self {
        Self { state, issued: None }
    }

    /// As it is to be saved.
    pub fn state(&self) -> &SessionSnapshot {
        &self.state
    }

    /// A token that was issued since the session was loaded.
    pub fn issued(&self) -> Option<&SecretHash> {
        self.issued.as_ref()
    }

    /// Uses up the token that was shown and issues `next`. A token that was used a moment ago is
    /// [`Rotation::Repeated`]. One that was used before that ends the whole session: whether a thief or the owner shows
    /// it cannot be told. The session is to be saved also when this refuses.
    pub fn rotate(
        &mut self,
        next: &SecretHash,
        now: DateTime<Utc>,
        lifetime: Duration,
    ) -> Result<Rotation, Refusal> {
        let Some(presented) = &mut self.state.presented else { return Err(unknown_token()) };
        if self.state.ended.is_none() && presented.used_at.is_some_and(|used| now < used + SHOWN_TWICE) {
            return Ok(Rotation::Repeated);
        }
        if presented.used_at.is_some() {
            self.state.ended.get_or_insert((now, EndReason::TokenReused));
            return Err(Refusal::new(
                reasons::REFRESH_TOKEN_REUSED,
                "This refresh token was used before. For safety its session has been ended; log in again.",
            ));
        }
        if self.state.ended.is_some() {
            return Err(Refusal::new(
                kernel::reasons::SESSION_ENDED,
                "This session has ended. Log in again.",
            ));
        }
        if presented.expires_at <= now {
            return Err(Refusal::new(
                reasons::REFRESH_TOKEN_EXPIRED,
                "This refresh token has expired. Log in again.",
            ));
        }
        presented.used_at = Some(now);
        self.state.last_seen_at = now;
        self.state.expires_at = now + lifetime;
        self.issued = Some(next.clone());
        Ok(Rotation::Issued)
    }

    /// Ends the session, by any token of its chain. A session that has ended stays as it is.
    pub fn log_out(&mut self, now: DateTime<Utc>) {
        self.state.ended.get_or_insert((now, EndReason::LoggedOut));
    }
}

/// The refusal of a token that is none.
pub(crate) fn unknown_token() -> Refusal {
    Refusal::new(reasons::REFRESH_TOKEN_INVALID, "This refresh token is not valid. Log in again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: Duration = Duration::days(30);

    fn token(byte: u8) -> SecretHash {
        Secret::new([byte; 32]).hash()
    }

    fn session(used_at: Option<DateTime<Utc>>) -> Session {
        let mut state = Session::open(UserId::new(), &Secret::new([1; 32]), at(0), LIFETIME).state;
        state.presented = Some(PresentedToken { hash: token(1), expires_at: at(0) + LIFETIME, used_at });
        Session::restore(state)
    }

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(minutes)
    }

    #[test]
    fn the_last_token_gets_the_next_and_a_new_term() {
        let mut session = session(None);
        session.rotate(&token(2), at(10), LIFETIME).unwrap();
        assert_eq!(session.issued(), Some(&token(2)));
        assert_eq!(session.state().expires_at, at(10) + LIFETIME);
        assert_eq!((session.state().created_at, session.state().last_seen_at), (at(0), at(10)));
    }

    #[test]
    fn a_used_token_ends_the_session() {
        let mut session = session(Some(at(5)));
        session.rotate(&token(3), at(10), LIFETIME).unwrap_err();
        assert_eq!(session.state().ended, Some((at(10), EndReason::TokenReused)));
        assert_eq!(session.issued(), None);
    }

    #[test]
    fn an_ended_session_and_an_expired_token_get_nothing() {
        let mut ended = session(None);
        ended.log_out(at(5));
        ended.log_out(at(6));
        assert_eq!(ended.state().ended, Some((at(5), EndReason::LoggedOut)));
        ended.rotate(&token(2), at(10), LIFETIME).unwrap_err();
        let mut late = session(None);
        late.rotate(&token(2), at(0) + LIFETIME, LIFETIME).unwrap_err();
        assert_eq!((late.issued(), late.state().ended), (None, None));
    }

    #[test]
    fn a_token_that_was_used_a_moment_ago_harms_nothing() {
        let mut session = session(Some(at(5)));
        let soon = at(5) + SHOWN_TWICE - Duration::milliseconds(1);
        assert_eq!(session.rotate(&token(3), soon, LIFETIME), Ok(Rotation::Repeated));
        assert_eq!((session.issued(), session.state().ended), (None, None));
        session.log_out(soon);
        session.rotate(&token(3), soon, LIFETIME).unwrap_err();
    }
}
