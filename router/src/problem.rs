//! Refusals outside the graph, as the services' own REST interfaces word them (RFC 9457).

use hive_router::{http::StatusCode, ntex::web::HttpResponse};
use kernel::{Reason, reasons};
use serde_json::{Value, json};

/// A problem with one of the codes of the API's list.
pub(crate) fn problem(status: StatusCode, reason: Reason, detail: &str) -> HttpResponse {
    answer(status, &described(status, reason, detail))
}

/// The address itself is none that is read.
pub(crate) fn bad_path(detail: &str) -> HttpResponse {
    let status = StatusCode::BAD_REQUEST;
    let mut problem = described(status, reasons::MALFORMED, detail);
    problem["field"] = "path".into();
    answer(status, &problem)
}

fn described(status: StatusCode, reason: Reason, detail: &str) -> Value {
    let code = reason.code();
    json!({
        "type": code.urn(),
        "title": status.canonical_reason(), "status": status.as_u16(),
        "detail": detail, "code": code.as_str(), "reason": reason.name(),
    })
}

fn answer(status: StatusCode, problem: &Value) -> HttpResponse {
    HttpResponse::build(status)
        .content_type(PROBLEM_JSON)
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff")
        .body(problem.to_string())
}

/// The media type of problems.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";
