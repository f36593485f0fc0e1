//! A sandbox with its clients, and an endpoint that listens to webhooks.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use sandbox::{Sandbox, SandboxOptions, WebhookEndpoint};
use serde_json::Value;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_core::payment_intent::{ConfirmPaymentIntent, CreatePaymentIntent};
use stripe_shared::{ApiErrors, PaymentIntent, PaymentIntentAllowedPaymentMethodTypes};
use stripe_types::Currency;
use stripe_webhook::{Event, Webhook};
use tokio::sync::watch;
use tokio::time::timeout;

pub(crate) const SECRET: &str = "whsec_sandbox_tests";
const PATIENCE: Duration = Duration::from_secs(20);

/// A running sandbox and the clients that talk to it.
pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    pub(crate) stripe: Client,
    pub(crate) http: reqwest::Client,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::open_with(SandboxOptions::default()).await
    }

    pub(crate) async fn open_in(folder: &Path) -> Self {
        Self::open_with(SandboxOptions { data: Some(folder.to_owned()), ..Default::default() }).await
    }

    pub(crate) async fn open_with(options: SandboxOptions) -> Self {
        // Another test of this process may have installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::start(options).await.unwrap();
        let stripe = ClientBuilder::new("sk_test_sandbox")
            .url(sandbox.stripe_url())
            .timeout(Duration::from_secs(5))
            .build()
            .unwrap();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { sandbox, stripe, http }
    }

    /// Tries to pay 42 euros with a test card.
    pub(crate) async fn pay(&self, card: &str) -> Result<PaymentIntent, StripeError> {
        intent().payment_method(card).confirm(true).send(&self.stripe).await
    }

    /// The same, under an idempotency key.
    pub(crate) async fn pay_once(&self, key: &str, card: &str) -> Result<PaymentIntent, StripeError> {
        intent()
            .payment_method(card)
            .confirm(true)
            .customize()
            .request_strategy(once(key))
            .send(&self.stripe)
            .await
    }

    pub(crate) async fn confirm(&self, id: &str, card: &str) -> Result<PaymentIntent, StripeError> {
        ConfirmPaymentIntent::new(id).payment_method(card).send(&self.stripe).await
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.sandbox.http_url());
        let answer = self.http.get(url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    /// Does what a person does on the page; the status of the answer.
    pub(crate) async fn post(&self, path: &str, form: &'static str) -> u16 {
        let url = format!("{}{path}", self.sandbox.http_url());
        let ask = self.http.post(url).header("content-type", "application/x-www-form-urlencoded").body(form);
        ask.send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn switch(&self, switches: Value) {
        let url = format!("{}/sandbox/switches", self.sandbox.http_url());
        let answer = self.http.put(url).json(&switches).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
    }
}

/// A payment intent over 42 euros for order o1.
pub(crate) fn intent() -> CreatePaymentIntent {
    CreatePaymentIntent::new(4200, Currency::EUR)
        .allowed_payment_method_types(vec![PaymentIntentAllowedPaymentMethodTypes::Card])
        .metadata(HashMap::from([("order_id".to_owned(), "o1".to_owned())]))
}

pub(crate) fn once(key: &str) -> RequestStrategy {
    RequestStrategy::Idempotent(IdempotencyKey::new(key).unwrap())
}

/// What Stripe said when it refused.
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, StripeError>) -> (Box<ApiErrors>, u16) {
    match answer {
        Err(StripeError::Stripe(error, status)) => (error, status),
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

/// An endpoint that hears webhooks. It answers with the statuses it was told, then with 200.
pub(crate) struct Endpoint {
    heard: Arc<Heard>,
    at: SocketAddr,
}

struct Heard {
    answers: Mutex<Vec<StatusCode>>,
    /// How long each answer takes; how many are waited for, and how many were at most.
    pause: Duration,
    at_once: Mutex<(usize, usize)>,
    deliveries: watch::Sender<Vec<(String, String)>>,
}

impl Endpoint {
    /// Listens, and tells the sandbox so. `answers` come first, in order.
    pub(crate) async fn listen(desk: &Desk, answers: &[u16]) -> Self {
        let endpoint = Self::listen_quietly(answers).await;
        desk.sandbox.set_webhook_endpoint(endpoint.address()).unwrap();
        endpoint
    }

    /// Listens, and takes its time for each answer.
    pub(crate) async fn listen_slowly(desk: &Desk, pause: Duration) -> Self {
        let endpoint = Self::answering(&[], pause).await;
        desk.sandbox.set_webhook_endpoint(endpoint.address()).unwrap();
        endpoint
    }

    /// How many deliveries were under way at once, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.heard.at_once.lock().unwrap().1
    }

    pub(crate) async fn listen_quietly(answers: &[u16]) -> Self {
        Self::answering(answers, Duration::ZERO).await
    }

    async fn answering(answers: &[u16], pause: Duration) -> Self {
        let answers = answers.iter().rev().map(|status| StatusCode::from_u16(*status).unwrap());
        let heard = Arc::new(Heard {
            answers: Mutex::new(answers.collect()),
            pause,
            at_once: Mutex::default(),
            deliveries: watch::Sender::new(Vec::new()),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let router = Router::new().route("/hooks", post(hear)).with_state(Arc::clone(&heard));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { heard, at }
    }

    pub(crate) fn address(&self) -> WebhookEndpoint {
        WebhookEndpoint { url: format!("http://{}/hooks", self.at), secret: SECRET.to_owned() }
    }

    /// Waits until so many deliveries were heard, and answers them, verified by async-stripe.
    pub(crate) async fn heard(&self, count: usize) -> Vec<Event> {
        let heard = self.deliveries(count).await;
        let verified =
            heard.iter().map(|(body, signature)| Webhook::construct_event(body, signature, SECRET));
        verified.map(|event| event.expect("async-stripe reads and verifies it")).collect()
    }

    /// The same as they came: bodies and signatures.
    pub(crate) async fn deliveries(&self, count: usize) -> Vec<(String, String)> {
        let mut deliveries = self.heard.deliveries.subscribe();
        let waited = timeout(PATIENCE, deliveries.wait_for(|heard| heard.len() >= count)).await;
        let Ok(Ok(heard)) = waited.map(|heard| heard.map(|heard| heard.clone())) else {
            panic!("only {} of {count} webhooks came", self.heard.deliveries.borrow().len());
        };
        heard
    }

    /// The kinds of events heard, in order of delivery.
    pub(crate) async fn kinds(&self, count: usize) -> Vec<String> {
        self.heard(count).await.iter().map(|event| event.type_.to_string()).collect()
    }
}

async fn hear(State(heard): State<Arc<Heard>>, headers: HeaderMap, body: String) -> StatusCode {
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    heard.deliveries.send_modify(|deliveries| deliveries.push((body, signature)));
    {
        let mut at_once = heard.at_once.lock().unwrap();
        at_once.0 += 1;
        at_once.1 = at_once.1.max(at_once.0);
    }
    tokio::time::sleep(heard.pause).await;
    heard.at_once.lock().unwrap().0 -= 1;
    heard.answers.lock().unwrap().pop().unwrap_or(StatusCode::OK)
}
