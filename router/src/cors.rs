//! Lets a shop on another origin ask the graph and REST from its visitors' browsers. Pages, and what else the router
//! serves, stay with its own origin.

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

use crate::proxy::lies_under;

/// What a page may read of an answer, beside what every page may.
const EXPOSED: &str = "X-Cost-Estimated, X-Cost-Max, Retry-After, Link, ETag, X-Request-Id, Date";
const ALLOWED_HEADERS: &str = "authorization, content-type, accept, accept-language, idempotency-key, if-match, \
                               if-none-match, last-event-id, x-request-id, x-client-name, x-client-version, \
                               traceparent";
const ALLOWED_METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// Seconds for which a browser need not ask again.
const REMEMBERED: &str = "600";

/// What stands for every origin.
const ANY: &str = "*";
/// Where REST is.
const REST: &str = "/api";

/// Which origins may ask. Tokens travel in a header, so credentials of the browser's own are never allowed.
#[derive(Clone, Debug, Default)]
pub(crate) enum Origins {
    /// No other origin at all.
    #[default]
    None,
    /// These.
    Named(Vec<String>),
    /// Every one.
    Any,
}

/// Who may read the answer to one request.
#[derive(Clone, Debug)]
pub(crate) enum Allowed {
    /// Every origin, so that the answer is the same for all.
    Any,
    /// The origin that asks, or nobody where it may not.
    One(Option<HeaderValue>),
}

impl Origins {
    pub(crate) fn new(origins: Vec<String>) -> Self {
        if origins.is_empty() {
            Self::None
        } else if origins.iter().any(|origin| origin == ANY) {
            Self::Any
        } else {
            Self::Named(origins)
        }
    }

    /// Nothing where no other origin may ask at all, and of what is neither the graph, which is at `graphql`, nor REST.
    pub(crate) fn look(&self, request: &WebRequest<DefaultError>, graphql: &str) -> Option<Allowed> {
        let path = request.path();
        if path != graphql && !lies_under(path, REST) {
            return None;
        }
        match self {
            Self::None => None,
            Self::Any => Some(Allowed::Any),
            Self::Named(all) => {
                let origin = request.headers().get(ORIGIN);
                let known =
                    origin.filter(|origin| all.iter().any(|known| origin.as_bytes() == known.as_bytes()));
                Some(Allowed::One(known.map(|origin| origin.clone().into())))
            }
        }
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
        if self.origin().is_some() {
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
        if let Self::One(_) = self {
            headers.append(VARY, HeaderValue::from_static("Origin").into());
        }
        if let Some(origin) = self.origin() {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.into());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED).into());
        }
    }

    fn origin(&self) -> Option<HeaderValue> {
        match self {
            Self::Any => Some(HeaderValue::from_static(ANY)),
            Self::One(origin) => origin.clone(),
        }
    }
}
