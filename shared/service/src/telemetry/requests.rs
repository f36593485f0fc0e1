//! Requests as they come in: their span, their id, how long they took.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use opentelemetry::{Context, global};
use opentelemetry_http::HeaderExtractor;
use tracing::{Instrument as _, Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The id of a request, made by whoever sees it first, and told in the answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a client.
const LONGEST_ID: usize = 128;

/// Where a caller's headers say that its trace stands.
pub fn parent_of(headers: &HeaderMap) -> Context {
    global::get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&Context::new(), &HeaderExtractor(headers))
    })
}

/// Answers a request of a service within a span that continues its caller's trace.
pub async fn observed(State(service): State<&'static str>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("(none)", MatchedPath::as_str).to_owned();
    let method = known(request.method());
    let id = id_of(request.headers());
    let span = info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        service,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        request.id = id.to_str().unwrap_or_default(),
        user.id = Empty,
    );
    // Refused only where nobody's subscriber is.
    let _ = span.set_parent(parent_of(request.headers()));
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let took = begun.elapsed();
    note(&span, status.as_u16());
    span.in_scope(|| tracing::debug!(method, route, status = status.as_u16(), ?took, "answered"));
    metrics::histogram!(
        "http_request_duration_seconds",
        "service" => service, "method" => method, "route" => route, "status" => class(status.as_u16())
    )
    .record(took);
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

fn note(span: &Span, status: u16) {
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The caller's id where it has one that may be written anywhere, else a new one.
fn id_of(headers: &HeaderMap) -> HeaderValue {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    let theirs = headers
        .get(REQUEST_ID)
        .filter(|id| (1..=LONGEST_ID).contains(&id.len()) && id.as_bytes().iter().all(plain));
    theirs.cloned().unwrap_or_else(|| {
        let id = kernel::Id::<()>::new().uuid().simple().to_string();
        HeaderValue::try_from(id).expect("digits and letters make a header")
    })
}

/// Whatever a client may call its method, there are few labels.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

fn class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
