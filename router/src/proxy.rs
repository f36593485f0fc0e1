use std::{sync::Arc, time::Duration};

use futures::TryStreamExt as _;
use hive_router::{
    http::{HeaderName, StatusCode, header},
    ntex::{
        http::{HeaderMap, body::Body},
        util::Bytes,
        web::{self, HttpRequest, HttpResponse},
    },
    telemetry::HeaderExtractor,
};
use kernel::reasons;
use opentelemetry::{Context, global, trace::TraceContextExt as _};
use opentelemetry_http::HeaderInjector;
use tokio::time::timeout;
use tracing::{Instrument as _, Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::{Proxied, bodies::announced_body, pages, problem::problem};

/// Webhooks and what is sent to our services stay far below.
const LARGEST_BODY: u64 = 2 * 1024 * 1024;
/// But for pictures.
const LARGEST_PICTURE: u64 = 11 * 1024 * 1024;
const LONGEST_CONNECT: Duration = Duration::from_secs(2);
/// Until the answer begins.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Between two pieces of the answer.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_UPLOAD: Duration = Duration::from_secs(30);

/// These belong to one connection, not to the message (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HeaderName::from_static("keep-alive"),
];

/// Passes requests on to the services; one for each worker.
#[derive(Clone)]
pub(crate) struct Proxy {
    client: reqwest::Client,
    routes: Arc<Vec<Proxied>>,
}

impl Proxy {
    pub(crate) fn new(routes: Arc<Vec<Proxied>>) -> Self {
        let client = reqwest::Client::builder()
            .connect_timeout(LONGEST_CONNECT)
            .read_timeout(LONGEST_PAUSE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("these settings need nothing from outside");
        Self { client, routes }
    }

    fn target(&self, path: &str) -> Option<&str> {
        self.routes
            .iter()
            .filter(|route| lies_under(path, &route.prefix))
            .max_by_key(|route| route.prefix.len())
            .map(|route| route.target.trim_end_matches('/'))
    }
}

/// Everything that no other route took.
pub(crate) async fn forward_or_not_found(
    request: HttpRequest,
    body: web::types::Payload,
    proxy: web::types::State<Proxy>,
    neighbours: web::types::State<pages::Neighbours>,
) -> HttpResponse {
    match proxy.target(request.path()) {
        Some(target) => {
            let url = match request.uri().query() {
                Some(query) => format!("{target}{}?{query}", request.path()),
                None => format!("{target}{}", request.path()),
            };
            let span = span_of(&request);
            let forwarded = forward(&proxy.client, &url, &request, body).instrument(span.clone()).await;
            let response = forwarded.unwrap_or_else(|refused| refused);
            span.record("http.response.status_code", i64::from(response.status().as_u16()));
            response
        }
        None if lies_under(request.path(), "/api") => problem(
            StatusCode::NOT_FOUND,
            reasons::NO_SUCH_THING,
            "Nothing is at this address. What there is has /api/<service>/openapi.json.",
        ),
        None => pages::or_not_found(&request, &neighbours).await,
    }
}

/// A part of the caller's trace. Its name is the prefix alone: paths have no end.
fn span_of(request: &HttpRequest) -> Span {
    let mut parts = request.path().splitn(4, '/').skip(1);
    let place = format!("/{}/{}", parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let method = request.method().as_str();
    let span = info_span!(
        "proxy",
        otel.name = format!("{method} {place}"),
        otel.kind = "server",
        service = "router",
        http.request.method = method,
        http.response.status_code = Empty,
    );
    let parent = global::get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&Context::new(), &HeaderExtractor(request.headers()))
    });
    // Refused only where nobody's subscriber is.
    let _ = span.set_parent(parent);
    span
}

async fn forward(
    client: &reqwest::Client,
    url: &str,
    request: &HttpRequest,
    body: web::types::Payload,
) -> Result<HttpResponse, HttpResponse> {
    let largest = largest(request.path());
    if announced_body(request.headers()) > largest {
        // It was drained, so that the client reads this.
        return Err(too_large(largest));
    }
    let body = timeout(LONGEST_UPLOAD, read(body, largest)).await.map_err(|_| {
        let message = "The request's body took too long to arrive.";
        problem(StatusCode::REQUEST_TIMEOUT, reasons::UNREADABLE_REQUEST, message)
    })??;
    let sent = client.request(request.method().clone(), url).headers(onward(request)).body(body).send();
    let answer = match timeout(LONGEST_WAIT, sent).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) if !error.is_timeout() => {
            tracing::warn!(url, %error, "proxied service does not answer");
            return Err(problem(StatusCode::SERVICE_UNAVAILABLE, reasons::TEMPORARILY_DOWN, UNAVAILABLE));
        }
        _ => {
            tracing::warn!(url, "proxied service is too slow");
            return Err(problem(StatusCode::GATEWAY_TIMEOUT, reasons::TOOK_TOO_LONG, UNAVAILABLE));
        }
    };
    let mut response = HttpResponse::build(answer.status());
    for (name, value) in answer.headers() {
        if !HOP_BY_HOP.contains(name) && name != header::CONTENT_LENGTH {
            response.header(name, value);
        }
    }
    // They have the length of the body they do not have, or none: it is not that of nothing.
    if answer.status() == StatusCode::NOT_MODIFIED || request.method() == "HEAD" {
        return Ok(response.body(Body::None));
    }
    if answer.content_length() == Some(0) {
        return Ok(response.finish());
    }
    if let Some(length) = answer.content_length() {
        response.content_length(length);
    }
    Ok(response.streaming(answer.bytes_stream().map_ok(|piece| Bytes::copy_from_slice(&piece))))
}

const UNAVAILABLE: &str = "This part of Odysseus does not answer just now. Try again in a few seconds.";

/// How many bytes may be sent there.
pub(crate) fn largest(path: &str) -> u64 {
    let is_picture = path.starts_with("/api/events/") && path.ends_with("/image");
    if is_picture { LARGEST_PICTURE } else { LARGEST_BODY }
}

fn too_large(largest: u64) -> HttpResponse {
    let message = format!("The request's body is larger than {largest} bytes, which is the limit here.");
    problem(StatusCode::PAYLOAD_TOO_LARGE, reasons::BODY_TOO_LARGE, &message)
}

async fn read(mut body: web::types::Payload, largest: u64) -> Result<Vec<u8>, HttpResponse> {
    let mut whole = Vec::new();
    while let Some(piece) = body.try_next().await.map_err(|_| {
        let message = "The request's body did not arrive whole.";
        problem(StatusCode::BAD_REQUEST, reasons::UNREADABLE_REQUEST, message)
    })? {
        if (whole.len() + piece.len()) as u64 > largest {
            return Err(too_large(largest));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

/// The client's headers, with what the service cannot see by itself any more: who asked, and by which name.
fn onward(request: &HttpRequest) -> header::HeaderMap {
    let mut headers = header::HeaderMap::new();
    for (name, value) in request.headers() {
        if !HOP_BY_HOP.contains(name) && name != header::HOST && name != header::CONTENT_LENGTH {
            headers.append(name.clone(), value.clone().into());
        }
    }
    if let Some(host) = request.headers().get(header::HOST) {
        headers.insert("x-forwarded-host", host.clone().into());
    }
    if let Some(client) = request.peer_addr() {
        let before = earlier_hops(request.headers());
        if let Ok(chain) = format!("{before}{}", client.ip()).parse() {
            headers.insert("x-forwarded-for", chain);
        }
    }
    let traced = Span::current().context();
    if traced.span().span_context().is_valid() {
        global::get_text_map_propagator(|propagator| {
            propagator.inject_context(&traced, &mut HeaderInjector(&mut headers));
        });
    }
    headers.entry("x-forwarded-proto").or_insert(header::HeaderValue::from_static("http"));
    headers
}

fn earlier_hops(headers: &HeaderMap) -> String {
    let known = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    known.map(|chain| format!("{chain}, ")).unwrap_or_default()
}

/// True for the prefix itself and for whatever has it as its first segments.
pub(crate) fn lies_under(path: &str, prefix: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::lies_under;

    #[test]
    fn a_prefix_matches_whole_segments() {
        assert!(lies_under("/api/users", "/api/users"));
        assert!(lies_under("/api/users/me", "/api/users/"));
        assert!(!lies_under("/api/usersettings", "/api/users"));
        assert!(!lies_under("/api", "/api/users"));
    }
}
