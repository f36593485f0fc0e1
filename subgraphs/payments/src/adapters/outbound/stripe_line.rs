//! The way to Stripe: connections that are kept, over which async-stripe's calls go.
//!
//! async-stripe's own client makes a new connection for every call, with its handshakes, while a buyer waits.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderValue, Method, Request, Uri, header},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use stripe::{CustomizedStripeRequest, IdempotencyKey, StripeError};
use stripe_client_core::{AccountId, RequestBuilder, StripeClient, StripeMethod, VERSION};

/// How long a connection is kept that nobody uses. Stripe keeps it longer, so that none is used in the moment in which
/// it is closed.
const KEPT: Duration = Duration::from_secs(20);
/// How many of these.
const KEPT_AT_ONCE: usize = 64;
/// The longest answer that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// Connections to Stripe's API, and what to say on them.
#[derive(Clone, Debug)]
pub(super) struct StripeLine {
    client: Client<HttpsConnector<HttpConnector>, Body>,
    base: String,
    secret: HeaderValue,
    timeout: Duration,
}

impl StripeLine {
    /// To the API at `url`, with this account's secret key. It connects when it is first used; a call that takes longer
    /// than `timeout` is given up.
    pub(super) fn new(url: &str, secret_key: &str, timeout: Duration) -> Result<Self, StripeError> {
        let base = format!("{}/v1", url.trim_end_matches('/'));
        base.parse::<Uri>().map_err(|error| StripeError::ConfigError(error.to_string()))?;
        let mut secret = HeaderValue::try_from(format!("Bearer {secret_key}"))
            .map_err(|_| StripeError::ConfigError("the secret key is no header's value".to_owned()))?;
        secret.set_sensitive(true);
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(timeout));
        let tls = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEPT)
            .pool_max_idle_per_host(KEPT_AT_ONCE)
            .build(tls.enable_http1().enable_http2().wrap_connector(tcp));
        Ok(Self { client, base, secret, timeout })
    }

    fn request(
        &self,
        request: RequestBuilder,
        key: Option<&str>,
        account: Option<&str>,
    ) -> Result<Request<Body>, StripeError> {
        let mut uri = format!("{}{}", self.base, request.path);
        if let Some(query) = request.query {
            uri = format!("{uri}?{query}");
        }
        let method = match request.method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let mut built = Request::builder()
            .method(method)
            .uri(uri)
            .header(header::AUTHORIZATION, self.secret.clone())
            .header(header::USER_AGENT, concat!("odysseus/", env!("CARGO_PKG_VERSION")))
            .header("stripe-version", VERSION.as_str());
        if let Some(key) = key {
            built = built.header("idempotency-key", key);
        }
        if let Some(account) = account {
            built = built.header("stripe-account", account);
        }
        let built = match request.body {
            Some(body) => {
                built.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body))
            }
            None => built.body(Body::empty()),
        };
        built.map_err(|error| StripeError::ClientError(error.to_string()))
    }

    async fn answer(&self, request: Request<Body>) -> Result<Bytes, StripeError> {
        let broken = |error: &dyn std::error::Error| {
            StripeError::ClientError(
                error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}")),
            )
        };
        let response = self.client.request(request).await.map_err(|error| broken(&error))?;
        let status = response.status();
        let body = to_bytes(Body::new(response.into_body()), LONGEST).await;
        let body = body.map_err(|error| broken(&error))?;
        if status.is_success() {
            return Ok(body);
        }
        let unreadable = || StripeError::JSONDeserialize(format!("status {status} without a readable error"));
        let text = str::from_utf8(&body).map_err(|_| unreadable())?;
        let error: stripe_shared::Error = miniserde::json::from_str(text).map_err(|_| unreadable())?;
        Err(StripeError::Stripe(error.error, status.as_u16()))
    }
}

impl StripeClient for StripeLine {
    type Err = StripeError;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, StripeError> {
        let (request, custom) = request.into_pieces();
        let key = custom.request_strategy.and_then(|strategy| strategy.get_key());
        let account = custom.account_id.as_ref().map(AccountId::as_str);
        let request = self.request(request, key.as_ref().map(IdempotencyKey::as_str), account)?;
        let answer = tokio::time::timeout(self.timeout, self.answer(request)).await;
        answer.unwrap_or(Err(StripeError::Timeout))
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, extract::ConnectInfo, routing::get};
    use std::{
        collections::BTreeSet,
        net::SocketAddr,
        sync::{Arc, Mutex},
    };
    use stripe::StripeRequest as _;
    use stripe_core::payment_intent::RetrievePaymentIntent;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn calls_that_follow_each_other_go_over_one_connection() {
        rustls_ready();
        let callers: Arc<Mutex<BTreeSet<SocketAddr>>> = Arc::default();
        let seen = callers.clone();
        let no = r#"{"error":{"type":"invalid_request_error","message":"No such payment_intent"}}"#;
        let routes = Router::new().route(
            "/v1/payment_intents/{id}",
            get(async move |ConnectInfo(caller): ConnectInfo<SocketAddr>| {
                seen.lock().unwrap().insert(caller);
                (axum::http::StatusCode::NOT_FOUND, no)
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            axum::serve(listener, routes.into_make_service_with_connect_info::<SocketAddr>()).await
        });
        let line = StripeLine::new(&url, "sk_test_1", Duration::from_secs(5)).unwrap();
        for _ in 0..5 {
            let answer = RetrievePaymentIntent::new("pi_1").customize().send(&line).await;
            assert!(matches!(answer, Err(StripeError::Stripe(_, 404))), "{answer:?}");
        }
        assert_eq!(callers.lock().unwrap().len(), 1);
    }

    fn rustls_ready() {
        rustls::crypto::ring::default_provider().install_default().ok();
    }
}
