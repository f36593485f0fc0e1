//! Answers in several pieces: server-sent events and multipart.

use serde_json::{Value, json};

use crate::{
    subscriptions::LIVE,
    support::{Platform, within},
};

async fn ask(platform: &Platform, accept: &str, query: &str) -> reqwest::Response {
    let request = platform.client.post(platform.url("/graphql")).header("accept", accept);
    within(request.json(&json!({ "query": query })).send()).await.unwrap()
}

const APOLLO: &str = "multipart/mixed;subscriptionSpec=\"1.0\"";

#[tokio::test]
async fn whatever_ends_by_itself_is_one_event_and_an_end() {
    let platform = Platform::start().await;
    let response = ask(&platform, "text/event-stream", "mutation { rename(name: \"x\") }").await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"] == "text/event-stream"),
        (200, true)
    );
    let text = within(response.text()).await.unwrap();
    assert_eq!(text, "event: next\ndata: {\"data\":{\"rename\":\"x\"}}\n\nevent: complete\ndata:\n\n");
    assert_eq!(platform.toys.strings.renamed.load(std::sync::atomic::Ordering::SeqCst), 1);

    let text = ask(&platform, "text/event-stream", "{ event(id: 7) { title } }").await.text();
    assert!(within(text).await.unwrap().contains("Concert 7"));
    let text = ask(&platform, "text/event-stream", "{ nonsense }").await.text();
    let text = within(text).await.unwrap();
    assert!(text.starts_with("event: next\n") && text.contains("BAD_USER_INPUT"), "{text}");
    assert!(text.ends_with("event: complete\ndata:\n\n"), "{text}");

    let response = ask(&platform, APOLLO, "mutation { rename(name: \"x\") }").await;
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("multipart/mixed") && kind.contains("graphql"), "{kind}");
    let text = within(response.text()).await.unwrap();
    assert!(
        text.contains("{\"payload\":{\"data\":{\"rename\":\"x\"}}}") && text.ends_with("--graphql--"),
        "{text}"
    );
    let text =
        within(ask(&platform, "multipart/mixed", "{ event(id: 7) { title } }").await.text()).await.unwrap();
    assert!(text.starts_with("---\r\n") && text.contains("Concert 7") && text.ends_with("-----"), "{text}");
}

#[tokio::test]
async fn who_takes_json_as_well_gets_it_for_what_ends_by_itself() {
    let platform = Platform::start().await;
    for accept in ["text/event-stream, application/json", "multipart/mixed, application/json", "*/*"] {
        let response = ask(&platform, accept, "{ event(id: 7) { title } }").await;
        assert_eq!(response.headers()["content-type"], "application/json", "{accept}");
        let answer: Value = within(response.json()).await.unwrap();
        assert_eq!(answer["data"]["event"]["title"], "Concert 7");
    }
}

#[tokio::test]
async fn a_stream_that_ends_says_so_in_a_way_that_every_client_hears() {
    let platform = Platform::start().await;
    let events = platform.events("subscription { broken }").await;
    let text = within(events.text()).await.unwrap();
    assert!(text.ends_with("event: complete\ndata:\n\n"), "{text}");
}

#[tokio::test]
async fn no_stream_tells_of_the_inside_whatever_its_form() {
    let platform = Platform::start().await;
    for accept in ["text/event-stream", "multipart/mixed", APOLLO, "application/json, multipart/mixed"] {
        for (query, code) in [("broken", "INTERNAL"), ("forMembersOnly", "UNAUTHENTICATED")] {
            let response = ask(&platform, accept, &format!("subscription {{ {query} }}")).await;
            let text = within(response.text()).await.unwrap();
            assert!(text.contains(&format!("\"code\":\"{code}\"")), "{accept}: {text}");
            for inside in ["10.0.0.7", "service", "SUBGRAPH", "SUBREQUEST"] {
                assert!(!text.contains(inside), "{accept}: {text}");
            }
        }
    }
    let mut socket = platform.socket().await;
    socket.subscribe("b", "subscription { broken }").await;
    let message = socket.next().await.to_string();
    assert!(message.contains("INTERNAL") && !message.contains("10.0.0.7"), "{message}");
}

#[tokio::test]
async fn a_change_arrives_in_parts() {
    use futures::StreamExt as _;
    let platform = Platform::start().await;
    for (accept, begins) in [(APOLLO, "{\"payload\":{\"data\""), ("multipart/mixed", "{\"data\"")] {
        let mut pieces = ask(&platform, accept, LIVE).await.bytes_stream();
        within(platform.toys.strings.subscribers(1)).await;
        platform.toys.strings.changes.send(3).unwrap();
        let mut text = String::new();
        while !text.contains("\"version\":3") {
            text += &String::from_utf8_lossy(&within(pieces.next()).await.unwrap().unwrap());
        }
        assert!(text.contains(begins), "{text}");
        drop(pieces);
        within(platform.toys.strings.no_subscribers()).await;
    }
}
