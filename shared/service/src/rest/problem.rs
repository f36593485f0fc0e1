use std::{borrow::Cow, collections::BTreeMap};

use axum::{
    extract::MatchedPath,
    http::{
        HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use kernel::{Error, ErrorCode, Fault, InputProblem, Refusal};
use serde::{Serialize, Serializer};
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};

use crate::faults;

/// The media type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What a handler returns.
pub type Answer<T> = Result<T, Problem>;

/// Why a request was not answered as asked (RFC 9457), with the codes of the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// A URI for the kind of problem: `urn:odysseus:problem:` and the code in small letters.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "urn:odysseus:problem:bad-user-input")]
    kind: Kind,
    /// The status in words.
    #[schema(example = "Bad Request")]
    title: &'static str,
    /// The status of the response.
    #[schema(minimum = 400, maximum = 599, example = 400)]
    status: u16,
    /// What is wrong and what would be right, for a person.
    #[schema(value_type = String, example = "first: must be from 1 to 100")]
    detail: Box<str>,
    /// Which error of the closed list.
    #[schema(schema_with = codes)]
    code: ErrorCode,
    /// Why, more exactly than by the code. The list is open: it grows without notice.
    #[schema(example = "OUT_OF_RANGE")]
    reason: Cow<'static, str>,
    /// Which part of the input is wrong: a field, a parameter or a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "first")]
    field: Option<Box<str>>,
    /// All that is wrong with the input, with the code `BAD_USER_INPUT`; the first is what `detail` and `field` tell.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(inline, value_type = Vec<WrongPart>, required = false)]
    errors: Box<[WrongPart]>,
    /// What a program needs besides: `seatIds`, `declineCode`, `retryAfterSeconds`.
    #[serde(flatten)]
    #[schema(ignore)]
    details: BTreeMap<Cow<'static, str>, serde_json::Value>,
}

/// The kind of a problem, which is told by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind(ErrorCode);

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.urn())
    }
}

/// A part of the input that is wrong: one of the body, a parameter or a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
struct WrongPart {
    /// Where in the body: a JSON pointer (RFC 6901) as a fragment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "#/tiers/1/name")]
    pointer: Option<String>,
    /// Which parameter, of the path or of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "first")]
    parameter: Option<String>,
    /// Which header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Idempotency-Key")]
    header: Option<String>,
    /// What would be right, for a person.
    #[schema(example = "must be from 1 to 100")]
    detail: String,
    /// Why, as the problem's own reason.
    #[schema(example = "OUT_OF_RANGE")]
    reason: Cow<'static, str>,
}

tokio::task_local! {
    static INPUT: Input;
}

/// Where the input of a request comes from.
pub(super) struct Input {
    has_body: bool,
    /// As its route writes it: `/events/{id}`.
    route: Option<String>,
}

impl Input {
    /// That of a request with this method, to this route.
    pub(super) fn of(method: &Method, route: Option<&MatchedPath>) -> Self {
        let has_body = [Method::POST, Method::PUT, Method::PATCH].contains(method);
        Self { has_body, route: route.map(|route| route.as_str().to_owned()) }
    }

    /// Answers the request. Problems that are met meanwhile tell in which part of it they are.
    pub(super) async fn within<F: Future>(self, answering: F) -> F::Output {
        INPUT.scope(self, answering).await
    }

    fn has_parameter(&self, name: &str) -> bool {
        !self.has_body || self.route.as_ref().is_some_and(|route| route.contains(&format!("{{{name}}}")))
    }
}

impl From<InputProblem> for WrongPart {
    fn from(problem: InputProblem) -> Self {
        let mut part = Self {
            pointer: None,
            parameter: None,
            header: None,
            detail: problem.message.clone(),
            reason: problem.reason.clone(),
        };
        let path = problem.path();
        let is_parameter = path
            .first()
            .is_some_and(|first| INPUT.try_with(|input| input.has_parameter(first)).unwrap_or_default());
        // Of names that clients write only those of headers begin with a capital letter.
        if problem.field.starts_with(|first: char| first.is_ascii_uppercase()) {
            part.header = Some(problem.field);
        } else if problem.field == WHOLE_BODY {
            part.pointer = Some("#".to_owned());
        } else if is_parameter {
            part.parameter = Some(problem.field);
        } else {
            let steps = path.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")));
            part.pointer = Some(format!("#{}", steps.collect::<String>()));
        }
        part
    }
}

/// How the body is called where nothing of it can be read.
pub(super) const WHOLE_BODY: &str = "body";

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
    pub fn with_status(status: StatusCode, refusal: Refusal) -> Self {
        let Refusal { code, reason, message, mut details, problems } = refusal;
        let field = details.remove("field");
        Self {
            kind: Kind(code),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: message.into(),
            code,
            reason,
            errors: problems.into_iter().map(WrongPart::from).collect(),
            field: field.and_then(|field| field.as_str().map(Box::from)),
            details,
        }
    }

    /// Something of ours broke; what, is in the log.
    pub(super) fn internal() -> Self {
        faults::internal().into()
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
        faults::noted(&fault).into()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        faults::told(error).into()
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
