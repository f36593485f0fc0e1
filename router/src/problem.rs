//! Refusals outside the graph, as the services' own REST interfaces word them (RFC 9457).

use hive_router::{http::StatusCode, ntex::web::HttpResponse};
use serde_json::json;

/// A problem with one of the codes of the API's list.
pub(crate) fn problem(status: StatusCode, code: &str, detail: &str) -> HttpResponse {
    answer(
        status,
        &json!({
            "type": "about:blank", "title": status.canonical_reason(), "status": status.as_u16(),
            "detail": detail, "code": code,
        }),
    )
}

/// The client's input is wrong, here.
pub(crate) fn bad_input(field: &str, detail: &str) -> HttpResponse {
    let status = StatusCode::BAD_REQUEST;
    answer(
        status,
        &json!({
            "type": "about:blank", "title": status.canonical_reason(), "status": status.as_u16(),
            "detail": detail, "code": "BAD_USER_INPUT", "field": field,
        }),
    )
}

fn answer(status: StatusCode, problem: &serde_json::Value) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("application/problem+json")
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff")
        .body(problem.to_string())
}
