//! What the storefront's page says before a script has run.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{Platform, within};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// A service that answers the router's own questions.
#[derive(Clone)]
struct Service {
    url: String,
    /// None: it does not answer.
    answer: Arc<Mutex<Option<Value>>>,
    asked: Arc<AtomicUsize>,
    /// Of the last question.
    variables: Arc<Mutex<Value>>,
}

impl Service {
    async fn start(answer: Option<Value>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            answer: Arc::new(Mutex::new(answer)),
            asked: Arc::default(),
            variables: Arc::default(),
        };
        let routes = Router::new().route("/graphql", post(tell)).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        service
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn tell(State(service): State<Service>, Json(asked): Json<Value>) -> (StatusCode, Json<Value>) {
    service.asked.fetch_add(1, Ordering::SeqCst);
    *service.variables.lock().unwrap() = asked["variables"].clone();
    match &*service.answer.lock().unwrap() {
        Some(answer) => (StatusCode::OK, Json(json!({ "data": answer }))),
        None => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({}))),
    }
}

fn an_event() -> Value {
    json!({ "event": {
        "url": "https://tickets.example/events/open-mic",
        "title": "Open <Mic>",
        "description": "Fifteen names in a hat.",
        "startsAt": "2027-03-05T19:30:00Z",
        "timezone": "America/New_York",
        "venue": { "name": "The Agave", "address": { "city": "Marfa" } },
        "image": { "url": "https://tickets.example/api/events/v1/images/i/1280.jpg", "altText": "A hat" },
    } })
}

fn a_key(key: Option<&str>) -> Value {
    json!({ "paymentSettings": { "publishableKey": key } })
}

async fn with(events: &Service, payments: &Service) -> Option<Platform> {
    let platform = Platform::start_with(|options, _| {
        options.subgraphs.insert("events".into(), events.url.clone());
        options.subgraphs.insert("payments".into(), payments.url.clone());
    })
    .await;
    router::pages_are_built().then_some(platform)
}

async fn page(platform: &Platform, path: &str, language: &str) -> reqwest::Response {
    let request = platform.client.get(platform.url(path));
    let request = request.header("accept", BROWSER).header("accept-language", language);
    within(request.send()).await.unwrap()
}

#[tokio::test]
async fn a_shared_link_says_what_the_event_is_and_events_are_asked_once() {
    let (events, payments) =
        (Service::start(Some(an_event())).await, Service::start(Some(a_key(None))).await);
    let Some(platform) = with(&events, &payments).await else { return };
    let first = page(&platform, "/events/open-mic", "de-AT").await;
    assert_eq!(first.status(), 200);
    assert!(first.headers()["vary"].to_str().unwrap().to_lowercase().contains("accept-language"));
    let tag = first.headers()["etag"].clone();
    let shown = within(first.text()).await.unwrap();
    for told in [
        "<html lang=\"de\">",
        "<title>Open &lt;Mic&gt; – Odysseus</title>",
        "property=\"og:title\" content=\"Open &lt;Mic&gt;\"",
        "content=\"5. März 2027, 14:30 Uhr · The Agave, Marfa · Fifteen names in a hat.\"",
        "property=\"og:image\" content=\"https://tickets.example/api/events/v1/images/i/1280.jpg\"",
        "name=\"twitter:card\" content=\"summary_large_image\"",
        "rel=\"canonical\" href=\"https://tickets.example/events/open-mic\"",
    ] {
        assert!(shown.contains(told), "{told} is not in {shown}");
    }
    assert_eq!(*events.variables.lock().unwrap(), json!({ "slug": "open-mic" }));

    let again = page(&platform, "/events/open-mic", "en-US").await;
    assert_ne!(again.headers()["etag"], tag);
    assert!(within(again.text()).await.unwrap().contains("5 March 2027, 14:30"));
    let known = platform.client.get(platform.url("/events/open-mic")).header("accept", BROWSER);
    let known = known.header("accept-language", "de").header("if-none-match", tag);
    assert_eq!(within(known.send()).await.unwrap().status(), 304);
    assert_eq!(events.asked(), 1);

    let by_id = page(&platform, "/events/evt_0190163d-8694-739b-aea5-966c26f8ad90", "").await;
    assert!(within(by_id.text()).await.unwrap().contains("og:title"));
    assert_eq!(
        *events.variables.lock().unwrap(),
        json!({ "id": "evt_0190163d-8694-739b-aea5-966c26f8ad90" })
    );
}

#[tokio::test]
async fn where_events_does_not_answer_or_knows_no_such_event_the_page_is_there_all_the_same() {
    let (events, payments) = (Service::start(None).await, Service::start(None).await);
    let Some(platform) = with(&events, &payments).await else { return };
    let plain = within(page(&platform, "/", "").await.text()).await.unwrap();
    let response = page(&platform, "/events/open-mic", "").await;
    assert_eq!(response.status(), 200);
    assert_eq!(within(response.text()).await.unwrap(), plain);

    *events.answer.lock().unwrap() = Some(json!({ "event": null }));
    let response = page(&platform, "/events/no-such-event", "").await;
    assert_eq!(response.status(), 200);
    let nothing = within(response.text()).await.unwrap();
    assert!(nothing.contains("content=\"noindex\"") && !nothing.contains("og:title"), "{nothing}");
    // Whatever is no event's asks nobody.
    let asked = events.asked();
    for path in ["/", "/events/a/b", "/orders/ord_1", "/events/%3Cscript%3E"] {
        page(&platform, path, "").await;
    }
    assert_eq!(events.asked(), asked);
}

#[tokio::test]
async fn stripe_is_let_into_the_page_where_browsers_speak_to_it_and_nowhere_else() {
    let events = Service::start(Some(an_event())).await;
    for (key, with_stripe) in [
        (Some("pk_live_51H"), true),
        (Some("pk_test_51H"), true),
        (Some("pk_sandbox_odysseus"), false),
        (None, false),
    ] {
        let payments = Service::start(Some(a_key(key))).await;
        let Some(platform) = with(&events, &payments).await else { return };
        for path in ["/", "/orders/ord_1", "/events/open-mic"] {
            let response = page(&platform, path, "").await;
            let policy = response.headers()["content-security-policy"].to_str().unwrap();
            assert_eq!(
                policy.contains("script-src 'self' https://js.stripe.com"),
                with_stripe,
                "{key:?} {policy}"
            );
            assert_eq!(policy.contains("stripe"), with_stripe, "{key:?} {policy}");
            assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
            let opener = if with_stripe { "same-origin-allow-popups" } else { "same-origin" };
            assert_eq!(response.headers()["cross-origin-opener-policy"], opener, "{key:?}");
        }
        assert_eq!(payments.asked(), 1, "{key:?}");
    }
}

#[tokio::test]
async fn as_long_as_payments_has_not_answered_nobody_is_let_in() {
    let (events, payments) = (Service::start(None).await, Service::start(None).await);
    let Some(platform) = with(&events, &payments).await else { return };
    let response = page(&platform, "/orders/ord_1", "").await;
    assert_eq!(response.status(), 200);
    assert!(!response.headers()["content-security-policy"].to_str().unwrap().contains("stripe"));
}
