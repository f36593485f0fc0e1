//! What becomes of subgraphs that fail or do not answer.

use std::sync::{
    Arc,
    atomic::{AtomicU8, AtomicUsize, Ordering},
};

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::support::{Platform, within};

const ANSWERS: u8 = 0;
const HANGS_UP: u8 = 1;
const IS_SILENT: u8 = 2;
const FAILS: u8 = 3;

/// A subgraph that does as it is told.
#[derive(Clone, Default)]
struct Ailing {
    asked: Arc<AtomicUsize>,
    does: Arc<AtomicU8>,
}

impl Ailing {
    async fn listens(&self) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let ailing = self.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(ailing.clone().treat(connection));
            }
        });
        url
    }

    async fn treat(self, mut connection: TcpStream) {
        let mut request = [0; 8192];
        let _ = connection.read(&mut request).await;
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (status, body) = match self.does.load(Ordering::SeqCst) {
            HANGS_UP => return,
            IS_SILENT => return std::future::pending().await,
            FAILS => ("503 Service Unavailable", json!({ "errors": [{ "message": "busy" }] })),
            _ => ("200 OK", json!({ "data": { "ticketName": "Ticket" } })),
        };
        let body = body.to_string();
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let _ = connection.write_all(answer.as_bytes()).await;
    }

    fn tell(&self, what: u8) {
        self.does.store(what, Ordering::SeqCst);
    }

    /// Whether a request arrives here, and what the client hears.
    async fn is_asked(&self, platform: &Platform) -> (bool, Value) {
        let before = self.asked.load(Ordering::SeqCst);
        let answer = platform.ask(&format!("{{ ticketName(id: {before}) }}")).await;
        (self.asked.load(Ordering::SeqCst) > before, answer)
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
async fn a_subgraph_that_hangs_up_is_left_alone_for_a_while_and_then_tried() {
    let ailing = Ailing::default();
    let platform = before(&ailing, &[]).await;
    ailing.tell(HANGS_UP);
    let mut tries = 0;
    loop {
        let (arrives, answer) = ailing.is_asked(&platform).await;
        assert_eq!(
            answer["errors"][0]["extensions"],
            json!({ "code": "SERVICE_UNAVAILABLE", "reason": "TEMPORARILY_DOWN" }),
            "{answer}"
        );
        if !arrives {
            break;
        }
        tries += 1;
        assert!(tries < 100, "it is never left alone");
    }
    ailing.tell(ANSWERS);
    within(async { while !ailing.is_asked(&platform).await.0 {} }).await;
    for _ in 0..30 {
        let (arrives, answer) = ailing.is_asked(&platform).await;
        assert!(arrives, "it is trusted again: {answer}");
        assert_eq!(answer["data"]["ticketName"], "Ticket");
    }
}

#[tokio::test]
async fn time_outs_that_clients_bring_about_close_a_subgraph_to_nobody() {
    let ailing = Ailing::default();
    // Long enough for all of them to arrive first, on a slow machine too.
    let short = ("all:\n    request_timeout: 10s", "all:\n    request_timeout: 2s");
    let platform = before(&ailing, &[short]).await;
    ailing.tell(IS_SILENT);
    let queries: Vec<_> = (0..60).map(|n| format!("{{ ticketName(id: {n}) }}")).collect();
    for answer in join_all(queries.iter().map(|query| platform.ask(query))).await {
        assert_eq!(
            answer["errors"][0]["extensions"],
            json!({ "code": "SERVICE_UNAVAILABLE", "reason": "TEMPORARILY_DOWN" }),
            "{answer}"
        );
    }
    assert_eq!(ailing.asked.load(Ordering::SeqCst), 60, "each was let through");
    ailing.tell(ANSWERS);
    let (arrives, answer) = ailing.is_asked(&platform).await;
    assert!(arrives && answer["data"]["ticketName"] == "Ticket", "{answer}");
}

#[tokio::test]
async fn a_subgraph_that_answers_is_asked_on_whatever_it_says() {
    let ailing = Ailing::default();
    let platform = before(&ailing, &[]).await;
    ailing.tell(FAILS);
    for _ in 0..50 {
        assert!(ailing.is_asked(&platform).await.0);
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
        assert_eq!(
            answer["errors"][0]["extensions"],
            json!({ "code": "SERVICE_UNAVAILABLE", "reason": "TEMPORARILY_DOWN" }),
            "{answer}"
        );
        // Who answers in time is not minded.
        let answer = platform.ask("{ event(id: 1) { title } }").await;
        assert_eq!(answer["data"]["event"]["title"], "Concert 1");
    }
}
