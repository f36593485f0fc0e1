//! Lets a shop on another origin ask from its visitors' browsers.

use hive_router::{
    http::{
        HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
            VARY,
        },
    },
    ntex::{
        http::{HeaderMap, Response},
        web::{DefaultError, WebRequest},
    },
};

/// What a page may read of an answer, beside what every page may.
const EXPOSED: &str = "X-Cost-Estimated, X-Cost-Max, Retry-After, Link, ETag, X-Request-Id, Date";
const ALLOWED_HEADERS: &str = "authorization, content-type, accept, accept-language, idempotency-key, if-match, \
                               if-none-match, last-event-id, x-request-id, traceparent";
const ALLOWED_METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// Seconds for which a browser need not ask again.
const REMEMBERED: &str = "600";

/// Which origins may ask. Tokens travel in a header, so credentials of the browser's own are never allowed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(Vec<String>);

/// The origin of one request, when it may ask.
#[derive(Clone, Debug)]
pub(crate) struct Allowed(Option<HeaderValue>);

impl Origins {
    pub(crate) fn new(origins: Vec<String>) -> Self {
        Self(origins)
    }

    /// Nothing where no other origin may ask at all.
    pub(crate) fn look(&self, request: &WebRequest<DefaultError>) -> Option<Allowed> {
        if self.0.is_empty() {
            return None;
        }
        let origin = request.headers().get(ORIGIN);
        let known = origin.filter(|origin| self.0.iter().any(|known| origin.as_bytes() == known.as_bytes()));
        Some(Allowed(known.map(|origin| origin.clone().into())))
    }
}

impl Allowed {
    /// The answer to a browser that asks whether it may.
    pub(crate) fn preflight(&self, request: &WebRequest<DefaultError>) -> Option<Response> {
        let asks = request.method() == Method::OPTIONS
            && request.headers().contains_key(ORIGIN)
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !asks {
            return None;
        }
        let mut response = Response::new(StatusCode::NO_CONTENT);
        let headers = response.headers_mut();
        if self.0.is_some() {
            for (name, value) in [
                (ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS),
                (ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS),
                (ACCESS_CONTROL_MAX_AGE, REMEMBERED),
            ] {
                headers.insert(name, HeaderValue::from_static(value).into());
            }
        }
        self.mark(headers);
        Some(response)
    }

    /// Says on an answer who may read it.
    pub(crate) fn mark(&self, headers: &mut HeaderMap) {
        headers.append(VARY, HeaderValue::from_static("Origin").into());
        if let Some(origin) = &self.0 {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone().into());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED).into());
        }
    }
}
