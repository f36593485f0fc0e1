//! The protocol graphql-transport-ws, to the letter.

use std::time::Duration;

use router::SocketLimits;
use serde_json::json;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

use crate::{
    subscriptions::{LIVE, errors_of},
    support::{Platform, Socket, within},
};

fn piece(text: &str, opcode: Data, is_last: bool) -> Message {
    Message::Frame(Frame::message(text.as_bytes().to_vec(), OpCode::Data(opcode), is_last))
}

#[tokio::test]
async fn a_complete_right_behind_its_subscribe_ends_it() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    socket.subscribe("a", LIVE).await;
    socket.send(json!({ "type": "complete", "id": "a" })).await;
    // The same id again at once, as a page does that mounts twice.
    socket.subscribe("a", LIVE).await;
    within(platform.toys.strings.subscribers(1)).await;
    // The first may still be on its way out, and take a change with it: changes go on until one is seen.
    let changes = async {
        for version in 1.. {
            platform.toys.strings.changes.send(version).ok();
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let message = tokio::select! {
        message = socket.next() => message,
        () = changes => unreachable!("changes have no end"),
    };
    assert_eq!((message["type"].as_str(), message["id"].as_str()), (Some("next"), Some("a")), "{message}");
    socket.send(json!({ "type": "complete", "id": "a" })).await;
    within(platform.toys.strings.no_subscribers()).await;
}

#[tokio::test]
async fn an_id_may_be_used_again_as_soon_as_its_operation_has_ended() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    for _ in 0..20 {
        socket.subscribe("q", "{ event(id: 7) { title } }").await;
        assert_eq!(socket.next().await["type"], "next");
        assert_eq!(socket.next().await["type"], "complete");
    }
    socket.subscribe("s", LIVE).await;
    socket.subscribe("s", LIVE).await;
    assert_eq!(socket.closed_with().await, 4409);
}

#[tokio::test]
async fn what_is_no_message_of_the_protocol_closes_the_socket_with_4400() {
    let platform = Platform::start().await;
    for message in [
        "no JSON",
        "[]",
        "{}",
        r#"{"type":"what"}"#,
        r#"{"type":"subscribe","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":"a"}"#,
        r#"{"type":"subscribe","id":"a","payload":{}}"#,
        r#"{"type":"subscribe","id":"a","payload":{"query":7}}"#,
        r#"{"type":"subscribe","id":"a","payload":{"query":"{ __typename }","variables":"x"}}"#,
        r#"{"type":"complete"}"#,
    ] {
        let mut socket = platform.socket().await;
        socket.send_text(message.to_owned()).await;
        assert_eq!(socket.closed_with().await, 4400, "{message}");
    }
}

#[tokio::test]
async fn the_handshake_is_watched() {
    let platform = Platform::start().await;
    let mut socket = Socket::silent(&platform.router.url, &[]).await;
    socket.subscribe("a", LIVE).await;
    assert_eq!(socket.closed_with().await, 4401);
    let mut socket = platform.socket().await;
    socket.send(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.closed_with().await, 4429);
    let mut socket = Socket::silent(&platform.router.url, &[("sec-websocket-protocol", "")]).await;
    assert_eq!(socket.closed_with().await, 4406);
    let mut socket = Socket::silent(&platform.router.url, &[]).await;
    socket.send(json!({ "type": "ping" })).await;
    assert_eq!(socket.next().await["type"], "pong");
}

#[tokio::test]
async fn a_message_may_come_in_several_frames() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    let message = r#"{"type":"subscribe","id":"a","payload":{"query":"{ event(id: 7) { title } }"}}"#;
    let (first, rest) = message.split_at(30);
    let (second, third) = rest.split_at(10);
    socket.send_frame(piece(first, Data::Text, false)).await;
    socket.send_frame(Message::Ping(vec![1].into())).await;
    socket.send_frame(piece(second, Data::Continue, false)).await;
    socket.send_frame(piece(third, Data::Continue, true)).await;
    let message = socket.next().await;
    assert_eq!(message["payload"]["data"]["event"]["title"], "Concert 7", "{message}");
}

#[tokio::test]
async fn a_message_that_is_too_large_closes_with_1009_in_one_frame_or_many() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    socket.send_text("x".repeat(70_000)).await;
    assert_eq!(socket.closed_with().await, 1009);
    let mut socket = platform.socket().await;
    socket.send_frame(piece(&"x".repeat(40_000), Data::Text, false)).await;
    socket.send_frame(piece(&"x".repeat(40_000), Data::Continue, false)).await;
    assert_eq!(socket.closed_with().await, 1009);
    let mut socket = platform.socket().await;
    socket.send_frame(Message::Binary(vec![1, 2].into())).await;
    assert_eq!(socket.closed_with().await, 1003);
}

#[tokio::test]
async fn a_goodbye_is_answered() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    socket.subscribe("s", LIVE).await;
    within(platform.toys.strings.subscribers(1)).await;
    socket.send_frame(Message::Close(Some(CloseFrame { code: 1000.into(), reason: "bye".into() }))).await;
    assert_eq!(socket.closed_with().await, 1000);
    within(platform.toys.strings.no_subscribers()).await;
}

#[tokio::test]
async fn the_token_of_the_request_for_the_socket_counts_until_another_is_said() {
    let platform = Platform::start().await;
    let mut socket =
        Socket::silent(&platform.router.url, &[("authorization", "Bearer of-the-request")]).await;
    socket.send(json!({ "type": "connection_init" })).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket.subscribe("q", "{ caller { authorization } }").await;
    let message = socket.next().await;
    assert_eq!(message["payload"]["data"]["caller"]["authorization"], "Bearer of-the-request", "{message}");

    let mut socket =
        Socket::silent(&platform.router.url, &[("authorization", "Bearer of-the-request")]).await;
    let said = json!({ "headers": { "Authorization": "Bearer said" } });
    socket.send(json!({ "type": "connection_init", "payload": said })).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket.subscribe("q", "{ caller { authorization } }").await;
    let message = socket.next().await;
    assert_eq!(message["payload"]["data"]["caller"]["authorization"], "Bearer said", "{message}");
}

#[tokio::test]
async fn one_socket_may_not_have_everything() {
    let platform = Platform::start_with(|options, _| {
        options.sockets = SocketLimits { open: 3, open_anonymous: 2, operations_per_ten_seconds: 6 };
    })
    .await;
    let mut socket = platform.socket().await;
    for id in ["a", "b", "c"] {
        socket.subscribe(id, LIVE).await;
    }
    let message = socket.next().await;
    assert_eq!(message["id"], "c");
    assert_eq!(errors_of(&message)[0]["extensions"]["code"], "LIMIT_EXCEEDED", "{message}");
    within(platform.toys.strings.subscribers(2)).await;

    let mut mine = Socket::open(&platform.router.url, json!({ "authorization": "Bearer mine" })).await;
    for id in ["a", "b", "c"] {
        mine.subscribe(id, LIVE).await;
    }
    within(platform.toys.strings.subscribers(5)).await;

    let mut quick = platform.socket().await;
    for _ in 0..6 {
        quick.subscribe("q", "{ event(id: 7) { title } }").await;
        assert_eq!(quick.next().await["type"], "next");
        assert_eq!(quick.next().await["type"], "complete");
    }
    quick.subscribe("q", "{ event(id: 7) { title } }").await;
    let message = quick.next().await;
    assert_eq!(errors_of(&message)[0]["extensions"]["code"], "RATE_LIMITED", "{message}");
    assert!(errors_of(&message)[0]["extensions"]["retryAfterSeconds"].is_u64(), "{message}");
    for _ in 0..30 {
        quick.send_text(r#"{"type":"subscribe","id":"q","payload":{"query":"{ __typename }"}}"#.into()).await;
    }
    assert_eq!(quick.closed_with().await, 4429);
}
