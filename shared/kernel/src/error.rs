use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::Refusal;

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

    /// As problem details name it (RFC 9457): `urn:odysseus:problem:seats-unavailable`.
    pub fn urn(self) -> String {
        format!("urn:odysseus:problem:{}", self.as_str().to_lowercase().replace('_', "-"))
    }

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

    /// The same fault, for one more who meets it: its causes are told in words.
    #[must_use]
    pub fn alike(&self) -> Self {
        Self { passing: self.passing, ..Self::new(self.doing.clone(), self.chain()) }
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
