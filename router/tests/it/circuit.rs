//! What router.yaml says of subgraphs that fail or do not answer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{Platform, within};

/// A subgraph that fails as often as it is told to.
#[derive(Clone, Default)]
struct Ailing {
    asked: Arc<AtomicUsize>,
    /// Of ten requests.
    failing: Arc<AtomicUsize>,
}

impl Ailing {
    async fn listens(&self) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().route("/graphql", post(answer)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        url
    }

    fn fails(&self, of_ten: usize) {
        self.failing.store(of_ten, Ordering::SeqCst);
    }

    /// Whether a request arrives here, and what the client hears.
    async fn is_asked(&self, platform: &Platform) -> (bool, Value) {
        let before = self.asked.load(Ordering::SeqCst);
        let answer = platform.ask(&format!("{{ ticketName(id: {before}) }}")).await;
        (self.asked.load(Ordering::SeqCst) > before, answer)
    }

    /// How many requests arrive before one does not.
    async fn asked_until_left_alone(&self, platform: &Platform) -> usize {
        for arrived in 0..200 {
            let (arrives, answer) = self.is_asked(platform).await;
            assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "SERVICE_UNAVAILABLE" }));
            if !arrives {
                return arrived;
            }
        }
        panic!("it is never left alone");
    }
}

async fn answer(State(ailing): State<Ailing>) -> Result<Json<Value>, StatusCode> {
    let number = ailing.asked.fetch_add(1, Ordering::SeqCst);
    if number % 10 < ailing.failing.load(Ordering::SeqCst) {
        Err(StatusCode::SERVICE_UNAVAILABLE)
    } else {
        Ok(Json(json!({ "data": { "ticketName": "Ticket" } })))
    }
}

/// A router before that subgraph, as it is shipped but for these settings.
async fn before(ailing: &Ailing, changed: &[(&str, &str)]) -> Platform {
    let url = ailing.listens().await;
    Platform::start_with(|options, _| {
        for (setting, other) in changed {
            assert!(options.config.contains(setting), "{setting} is in router.yaml");
            options.config = options.config.replace(setting, other);
        }
        options.subgraphs.insert("tickets".into(), url);
    })
    .await
}

#[tokio::test]
async fn a_subgraph_that_fails_is_left_alone_for_a_while_and_then_tried_by_a_few() {
    let ailing = Ailing::default();
    let platform = before(&ailing, &[("reset_timeout: 5s", "reset_timeout: 1s")]).await;
    ailing.fails(10);
    assert_eq!(
        ailing.asked_until_left_alone(&platform).await,
        21,
        "volume_threshold, and the one that opens"
    );

    // The pause over, a few try; they fail, and it is left alone again.
    within(async { while !ailing.is_asked(&platform).await.0 {} }).await;
    assert_eq!(ailing.asked_until_left_alone(&platform).await, 3, "half_open_attempts, beside the first");

    ailing.fails(0);
    within(async { while !ailing.is_asked(&platform).await.0 {} }).await;
    for _ in 0..30 {
        let (arrives, answer) = ailing.is_asked(&platform).await;
        assert!(arrives, "it is trusted again: {answer}");
        assert_eq!(answer["data"]["ticketName"], "Ticket");
    }
}

#[tokio::test]
async fn a_subgraph_that_mostly_answers_is_asked_on() {
    let ailing = Ailing::default();
    let platform = before(&ailing, &[]).await;
    ailing.fails(4);
    for _ in 0..100 {
        assert!(ailing.is_asked(&platform).await.0, "four of ten are fewer than error_threshold");
    }
    ailing.fails(6);
    let mut asked = 0;
    while ailing.is_asked(&platform).await.0 {
        asked += 1;
        assert!(asked < 100, "six of ten are more");
    }
}

#[tokio::test]
async fn a_subgraph_that_does_not_answer_in_its_time_is_unavailable() {
    for shorter in [
        ("all:\n    request_timeout: 10s", "all:\n    request_timeout: 200ms"),
        ("payments: { request_timeout: 20s }", "events: { request_timeout: 200ms }"),
    ] {
        let platform = before(&Ailing::default(), &[shorter]).await;
        let answer = platform.ask("{ slow }").await;
        assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "SERVICE_UNAVAILABLE" }), "{answer}");
        // Who answers in time is not minded.
        let answer = platform.ask("{ event(id: 1) { title } }").await;
        assert_eq!(answer["data"]["event"]["title"], "Concert 1");
    }
}
