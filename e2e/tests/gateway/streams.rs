use std::sync::{Arc, Mutex};

use e2e::within;
use reqwest::{Client, header};
use tokio::sync::mpsc;

use crate::{before, upstream, upstream::Upstream};

#[tokio::test]
async fn an_event_arrives_before_the_next_one_has_happened() {
    let (happens, events) = mpsc::channel(1);
    let events = Arc::new(Mutex::new(Some(events)));
    let upstream =
        Upstream::answering(move |_| upstream::events(events.lock().unwrap().take().unwrap())).await;
    let gateway = before(&upstream).await;
    let request = Client::new()
        .post(format!("{}/graphql", gateway.url()))
        .header(header::ACCEPT, "text/event-stream")
        .header(header::ACCEPT_ENCODING, "gzip, br, zstd")
        .body("{}");
    happens.send("0").await.unwrap();
    let mut answer = within("the stream's beginning", request.send()).await.unwrap();
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert!(!answer.headers().contains_key(header::CONTENT_ENCODING));
    // Whoever kept one back, to pack it with others, would wait here for good.
    for event in ["0", "1", "2", "3"] {
        let heard = within("the event", answer.chunk()).await.unwrap().unwrap();
        assert_eq!(heard, format!("data: {event}\n\n"));
        let next = ["1", "2", "3", "4"][event.parse::<usize>().unwrap()];
        happens.send(next).await.unwrap();
    }
    drop(happens);
    assert_eq!(within("the last event", answer.chunk()).await.unwrap().unwrap(), "data: 4\n\n");
    assert!(within("the end", answer.chunk()).await.unwrap().is_none());
}

#[tokio::test]
async fn one_client_may_not_hold_all_streams_open() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeping = kept.clone();
    let upstream = Upstream::answering(move |_| {
        let (happens, events) = mpsc::channel(1);
        happens.try_send("0").unwrap();
        keeping.lock().unwrap().push(happens);
        upstream::events(events)
    })
    .await;
    let gateway = e2e::Gateway::before(crate::everything_at(&upstream).set("STREAMS_PER_CLIENT", &3)).await;
    let client = Client::new();
    let open = async || {
        let request =
            client.post(format!("{}/graphql", gateway.url())).header(header::ACCEPT, "text/event-stream");
        within("an answer", request.body("{}").send()).await.unwrap()
    };
    let streams = [open().await, open().await, open().await];
    assert!(streams.iter().all(|stream| stream.status().is_success()));
    assert_eq!(open().await.status(), 429);
    drop(streams);
    e2e::once("there is room again", async || open().await.status().is_success()).await;
}
