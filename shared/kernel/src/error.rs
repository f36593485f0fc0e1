use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// The closed list of error codes that clients may meet; part of the public API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// No valid token came with the request.
    Unauthenticated,
    /// The caller is known, and may not do this.
    Forbidden,
    /// There is no such thing, or it is none of the caller's business.
    NotFound,
    /// An argument is wrong; `field` names it.
    BadUserInput,
    /// The thing is in a state that does not allow this.
    Conflict,
    /// Some seats are taken; `seatIds` names them.
    SeatsUnavailable,
    /// Fewer places are left than were asked for.
    NotEnoughAvailable,
    /// The reservation ran out.
    ReservationExpired,
    /// Sales are not open, or no longer.
    SalesClosed,
    /// A limit per order, per person or of the system.
    LimitExceeded,
    /// The idempotency key was used before with another input.
    IdempotencyKeyReused,
    /// The card was declined; `declineCode` says why.
    PaymentDeclined,
    /// Too many requests.
    RateLimited,
    /// A part of the system is down for now; trying again later is right.
    ServiceUnavailable,
    /// Our own fault. The cause is in the log, never in the answer.
    Internal,
}

impl ErrorCode {
    /// The whole list.
    pub const ALL: [Self; 15] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::BadUserInput,
        Self::Conflict,
        Self::SeatsUnavailable,
        Self::NotEnoughAvailable,
        Self::ReservationExpired,
        Self::SalesClosed,
        Self::LimitExceeded,
        Self::IdempotencyKeyReused,
        Self::PaymentDeclined,
        Self::RateLimited,
        Self::ServiceUnavailable,
        Self::Internal,
    ];

    /// As clients read it: `SEATS_UNAVAILABLE`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Conflict => "CONFLICT",
            Self::SeatsUnavailable => "SEATS_UNAVAILABLE",
            Self::NotEnoughAvailable => "NOT_ENOUGH_AVAILABLE",
            Self::ReservationExpired => "RESERVATION_EXPIRED",
            Self::SalesClosed => "SALES_CLOSED",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::PaymentDeclined => "PAYMENT_DECLINED",
            Self::RateLimited => "RATE_LIMITED",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The business says no. It is part of the normal course of things, and a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// Which refusal of the closed list.
    pub code: ErrorCode,
    /// What is wrong and what would be right, for a person.
    pub message: String,
    /// What a program needs besides the code: `field`, `seatIds`, `declineCode`.
    pub details: BTreeMap<Cow<'static, str>, serde_json::Value>,
}

impl Refusal {
    /// A refusal with a code and a message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: BTreeMap::new() }
    }

    /// An argument is wrong. `field` is its path as the client wrote it, such as `input.startsAt`'s
    /// last part; the message says what would be right.
    pub fn bad_input(field: &str, message: impl fmt::Display) -> Self {
        Self::new(ErrorCode::BadUserInput, format!("{field}: {message}")).with("field", field)
    }

    /// There is no such thing, or the caller must not know that there is.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no such {what}."))
    }

    /// Nobody is logged in.
    pub fn unauthenticated() -> Self {
        Self::new(ErrorCode::Unauthenticated, "Log in first: this needs a valid access token.")
    }

    /// The caller may not do this; `message` says who may.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// The state of the thing does not allow this.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, message)
    }

    /// A part of the system is not there for now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ServiceUnavailable, message)
    }

    /// Adds something a program needs to know.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.details.insert(Cow::Borrowed(key), value.into());
        self
    }
}

/// The world broke: a database, a bus, a provider. It is logged with its cause and never shown.
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
pub struct Fault {
    /// What was being done.
    pub doing: Cow<'static, str>,
    /// What went wrong underneath.
    #[source]
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// True when the same call may succeed a moment later: a time-out, a lost connection.
    pub passing: bool,
}

impl Fault {
    /// A fault met while `doing` something.
    pub fn new(
        doing: impl Into<Cow<'static, str>>,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { doing: doing.into(), cause: Some(cause.into()), passing: false }
    }

    /// A fault that trying again may heal.
    pub fn passing(
        doing: impl Into<Cow<'static, str>>,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { passing: true, ..Self::new(doing, cause) }
    }

    /// What must never be was found: a row that breaks a rule, a counter below zero.
    pub fn broken_rule(what: impl Into<Cow<'static, str>>) -> Self {
        Self { doing: what.into(), cause: None, passing: false }
    }

    /// The fault with all its causes, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.doing.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The business said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The world broke.
    #[error(transparent)]
    Broken(#[from] Fault),
}

impl Error {
    /// The refusal, if the business said no.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Broken(_) => None,
        }
    }
}

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;
