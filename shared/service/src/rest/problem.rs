use std::{borrow::Cow, collections::BTreeMap};

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use kernel::{Error, ErrorCode, Fault, Refusal};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};

/// The media type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What a handler returns.
pub type Answer<T> = Result<T, Problem>;

/// Why a request was not answered as asked (RFC 9457), with the codes of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// A URI for the kind of problem. Always `about:blank`: `code` tells the kinds apart.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    #[schema(example = "Bad Request")]
    title: &'static str,
    /// The status of the response.
    #[schema(minimum = 400, maximum = 599, example = 400)]
    status: u16,
    /// What is wrong and what would be right, for a person.
    #[schema(example = "first: must be from 1 to 100")]
    detail: String,
    /// Which error of the closed list.
    #[schema(schema_with = codes)]
    code: ErrorCode,
    /// Which part of the input is wrong, with the code `BAD_USER_INPUT`: a field, a parameter or a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "first")]
    field: Option<String>,
    /// What a program needs besides: `seatIds`, `declineCode`, `retryAfterSeconds`.
    #[serde(flatten)]
    #[schema(ignore)]
    details: BTreeMap<Cow<'static, str>, serde_json::Value>,
}

fn codes() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("Which error of the closed list."))
        .enum_values(Some(ErrorCode::ALL.map(ErrorCode::as_str)))
        .build()
}

/// The status of each code.
fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::BadUserInput => StatusCode::BAD_REQUEST,
        ErrorCode::Conflict
        | ErrorCode::SeatsUnavailable
        | ErrorCode::NotEnoughAvailable
        | ErrorCode::ReservationExpired
        | ErrorCode::SalesClosed
        | ErrorCode::LimitExceeded => StatusCode::CONFLICT,
        ErrorCode::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::PaymentDeclined => StatusCode::PAYMENT_REQUIRED,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Problem {
    /// A problem with another status than its code's: those of HTTP itself.
    pub(super) fn with_status(status: StatusCode, refusal: Refusal) -> Self {
        let Refusal { code, message, mut details } = refusal;
        let field = details.remove("field");
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: message,
            code,
            field: field.and_then(|field| field.as_str().map(str::to_owned)),
            details,
        }
    }

    /// Something of ours broke; what, is in the log.
    pub(super) fn internal() -> Self {
        let message = "Something went wrong on our side. It has been noted; try again later.";
        Refusal::new(ErrorCode::Internal, message).into()
    }

    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).expect("it was made of a status")
    }

    /// Which error of the closed list.
    pub fn code(&self) -> ErrorCode {
        self.code
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::with_status(status_of(refusal.code), refusal)
    }
}

impl From<Fault> for Problem {
    /// Logs the fault with its cause, of which the client sees nothing.
    fn from(fault: Fault) -> Self {
        if fault.passing {
            tracing::warn!(error = fault.chain(), "a passing fault");
            let message = "This part of the system is not available just now. Try again in a moment.";
            Refusal::unavailable(message).with("retryAfterSeconds", 1).into()
        } else {
            tracing::error!(error = fault.chain(), "a fault");
            Self::internal()
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Broken(fault) => fault.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).expect("a problem is plain data, which JSON can hold");
        let headers =
            [(CONTENT_TYPE, PROBLEM_JSON), (CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
        let mut response = (self.status(), headers, body).into_response();
        // For whoever counts it, who also knows the route.
        response.extensions_mut().insert(self.code);
        let headers = response.headers_mut();
        if self.code == ErrorCode::Unauthenticated {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"odysseus\""));
        }
        if let Some(seconds) = self.details.get("retryAfterSeconds").and_then(serde_json::Value::as_u64) {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}
