use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::{
    errors::nobody,
    support::{Platform, Socket, within},
};

pub(crate) const LIVE: &str =
    "subscription { seatMapChanged(eventId: 7) { version authorization event { id title } } }";

#[tokio::test]
async fn a_change_arrives_over_websocket_with_fields_of_another_subgraph() {
    let platform = Platform::start().await;
    let mut socket = Socket::open(&platform.router.url, json!({ "authorization": "Bearer mine" })).await;
    socket.subscribe("s", LIVE).await;
    within(platform.toys.strings.subscribers(1)).await;
    for version in [1, 2] {
        platform.toys.strings.changes.send(version).unwrap();
        let message = socket.next().await;
        let event = json!({ "id": "7", "title": "Concert 7" });
        assert_eq!(
            message["payload"]["data"]["seatMapChanged"],
            json!({ "version": version, "authorization": "Bearer mine", "event": event }),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_change_arrives_as_a_server_sent_event() {
    let platform = Platform::start().await;
    let response = platform.events(LIVE).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    within(platform.toys.strings.subscribers(1)).await;
    platform.toys.strings.changes.send(1).unwrap();
    let mut pieces = response.bytes_stream();
    let mut text = String::new();
    while !text.contains("\"version\":1") {
        text += &String::from_utf8_lossy(&within(pieces.next()).await.unwrap().unwrap());
    }
    assert!(text.contains("event: next"), "{text}");
}

#[tokio::test]
async fn the_subgraph_is_rid_of_a_subscription_when_its_last_client_leaves() {
    let platform = Platform::start().await;
    let mut first = platform.socket().await;
    let second = platform.socket().await;
    first.subscribe("s", LIVE).await;
    let sse = platform.events(LIVE).await;
    within(platform.toys.strings.subscribers(2)).await;
    drop(sse);
    first.send(json!({ "type": "complete", "id": "s" })).await;
    within(platform.toys.strings.no_subscribers()).await;
    drop(second);
}

#[tokio::test]
async fn a_subgraphs_refusal_of_a_subscription_arrives_unchanged() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    socket.subscribe("s", "subscription { forMembersOnly }").await;
    let message = socket.next().await;
    let errors = errors_of(&message);
    assert_eq!(errors[0]["message"], "Log in to see this.", "{message}");
    assert_eq!(errors[0]["extensions"], json!({ "code": "UNAUTHENTICATED" }), "{message}");
}

#[tokio::test]
async fn a_refusal_over_websocket_says_what_is_wrong() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    socket.subscribe("a", "subscription { noSuchThing }").await;
    let message = socket.next().await;
    assert!(errors_of(&message)[0]["message"].as_str().unwrap().contains("noSuchThing"), "{message}");
    assert_eq!(message["type"], "error", "nothing was carried out: {message}");
    assert_eq!(errors_of(&message)[0]["extensions"]["code"], "BAD_USER_INPUT");

    let deep = format!("{{ event(id: 1) {} }}", "{ related ".repeat(16) + "{ id }" + &"}".repeat(16));
    socket.subscribe("b", &deep).await;
    let message = socket.next().await;
    assert!(errors_of(&message)[0]["message"].as_str().unwrap().contains("max_depth"), "{message}");
}

#[tokio::test]
async fn the_costs_of_an_operation_are_limited_over_websocket_too() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    socket.subscribe("a", "{ event(id: 1) { related { related { related { related { id } } } } } }").await;
    let message = socket.next().await;
    assert_eq!(
        errors_of(&message)[0]["extensions"],
        json!({ "code": "BAD_USER_INPUT", "field": "query", "reason": "OPERATION_TOO_LARGE" })
    );
    assert!(errors_of(&message)[0]["message"].as_str().unwrap().contains("operation_cost"), "{message}");
}

#[tokio::test]
async fn subscribing_at_a_dead_subgraph_is_refused_as_unavailable() {
    let platform = Platform::start_with(|options, _| {
        options.subgraphs.insert("tickets".into(), nobody());
    })
    .await;
    let text = within(platform.events(LIVE).await.text()).await.unwrap();
    assert!(text.contains(r#""code":"SERVICE_UNAVAILABLE""#), "{text}");
    let mut socket = platform.socket().await;
    socket.subscribe("s", LIVE).await;
    let message = socket.next().await;
    assert_eq!(
        errors_of(&message)[0]["extensions"],
        json!({ "code": "SERVICE_UNAVAILABLE", "reason": "TEMPORARILY_DOWN" }),
        "{message}"
    );
}

#[tokio::test]
async fn a_stream_whose_subgraph_dies_ends_as_unavailable() {
    let Platform { toys, router, client, .. } = Platform::start().await;
    let mut socket = Socket::open(&router.url, json!({})).await;
    socket.subscribe("s", LIVE).await;
    let request = client.post(format!("{}/graphql", router.url)).header("accept", "text/event-stream");
    let sse = within(request.json(&json!({ "query": LIVE })).send()).await.unwrap();
    within(toys.strings.subscribers(2)).await;
    drop(toys);
    let message = socket.next().await;
    assert_eq!(
        errors_of(&message)[0]["extensions"],
        json!({ "code": "SERVICE_UNAVAILABLE", "reason": "TEMPORARILY_DOWN" }),
        "{message}"
    );
    assert_eq!(socket.next().await["type"], "complete");
    let text = within(sse.text()).await.unwrap();
    assert!(text.contains(r#""code":"SERVICE_UNAVAILABLE""#) && !text.contains("SUBGRAPH"), "{text}");
}

#[tokio::test]
async fn a_fault_within_an_event_costs_its_field_and_tells_nothing_of_the_inside() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    socket.subscribe("s", "subscription { seatMapChanged(eventId: 7) { version event { careless } } }").await;
    within(platform.toys.strings.subscribers(1)).await;
    platform.toys.strings.changes.send(1).unwrap();
    let message = socket.next().await;
    let change = json!({ "version": 1, "event": { "careless": null } });
    assert_eq!(message["payload"]["data"]["seatMapChanged"], change, "{message}");
    assert_eq!(errors_of(&message)[0]["extensions"], json!({ "code": "INTERNAL", "reason": "FAULT" }));
    assert!(
        !message.to_string().contains("10.0.0.7") && !message.to_string().contains("_entities"),
        "{message}"
    );
}

/// `next` carries a result, `error` carries the errors themselves.
pub(crate) fn errors_of(message: &Value) -> &Value {
    match message["type"].as_str() {
        Some("next") => &message["payload"]["errors"],
        Some("error") => &message["payload"],
        _ => panic!("no errors in {message}"),
    }
}
