//! Many who watch the same share one stream from the service.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::support::{Platform, Socket, within};

const GLANCES: &str = "subscription { glances(eventId: 7) { previous version authorization } }";
/// Signed by the key that is in the tests' JWKS, the example of RFC 8037.
const ANN: &str = "Bearer eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6Im9uZSJ9.eyJzdWIiOiJhbm4iLCJleHAiOjQxMDI0NDQ4MDB9.CXSDO7FtQN6k3OIMYwa0qykSM0-rG8fCdtzoFKJrFMYqOP34DvFns9KVSW2qD0TN_6SFsrGzVvi5Zl4VAKtmBQ";
const BEN: &str = "Bearer eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6Im9uZSJ9.eyJzdWIiOiJiZW4iLCJleHAiOjQxMDI0NDQ4MDB9.lTQfc3Qt6NBVhUb0Vgq0-LDY1BKr8L2JR5Etm1GA5sEgkpP1psnqMTZHcsPoZICfWGY5yKkFY4SiJ14D-_UYCw";

fn begun(platform: &Platform) -> usize {
    platform.toys.strings.glances_begun.load(Ordering::SeqCst)
}

/// A socket that watches, and has seen the first frame.
async fn watching(platform: &Platform, init: Value, query: &str) -> (Socket, Value) {
    watching_on(Socket::open(&platform.router.url, init).await, query).await
}

async fn watching_on(mut socket: Socket, query: &str) -> (Socket, Value) {
    socket.subscribe("w", query).await;
    let first = glance(&mut socket).await;
    (socket, first)
}

async fn glance(socket: &mut Socket) -> Value {
    let message = socket.next().await;
    assert_eq!((message["type"].as_str(), message["id"].as_str()), (Some("next"), Some("w")), "{message}");
    message["payload"]["data"]["glances"].clone()
}

/// Takes one frame: the version it brings, and how many gaps there were with the one before it.
async fn next_of(socket: &mut Socket, at: i64, gaps: u32) -> (i64, u32) {
    let seen = glance(socket).await;
    (seen["version"].as_i64().unwrap(), gaps + u32::from(seen["previous"] != at))
}

fn frame(previous: i32, version: i32) -> Value {
    json!({ "previous": previous, "version": version, "authorization": null })
}

#[tokio::test]
async fn everybody_who_watches_the_same_shares_one_stream_in_whatever_form() {
    let platform = Platform::start().await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        let (socket, first) = watching(&platform, json!({}), GLANCES).await;
        assert_eq!(first, frame(0, 0));
        sockets.push(socket);
    }
    let mut streams = Vec::new();
    for accept in ["text/event-stream", "multipart/mixed", "multipart/mixed;subscriptionSpec=\"1.0\""] {
        // Written otherwise, it asks for the same.
        let query = "subscription { ...g } fragment g on Subscription { glances(eventId: 7) { previous, version, authorization } }";
        let request = platform.client.post(platform.url("/graphql")).header("accept", accept);
        let response = within(request.json(&json!({ "query": query })).send()).await.unwrap();
        let kind = response.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with(accept.split(';').next().unwrap()), "{accept}: {kind}");
        streams.push(response.bytes_stream());
    }
    platform.toys.strings.glance(1);
    for socket in &mut sockets {
        assert_eq!(glance(socket).await, frame(0, 1));
    }
    for stream in &mut streams {
        let mut text = String::new();
        while !text.contains("\"version\":1") {
            text += &String::from_utf8_lossy(&within(stream.next()).await.unwrap().unwrap());
        }
        assert!(text.contains("\"previous\":0,\"version\":0"), "{text}");
    }
    assert_eq!(begun(&platform), 1);
    drop((sockets, streams));
    within(platform.toys.strings.watchers(0)).await;
}

#[tokio::test]
async fn what_asks_for_something_else_has_a_stream_of_its_own() {
    let platform = Platform::start().await;
    let mut sockets = Vec::new();
    for query in [
        GLANCES,
        "subscription { glances(eventId: 8) { previous version authorization } }",
        "subscription { glances(eventId: 7) { version previous authorization } }",
        "subscription { glances(eventId: 7) { previous version who: authorization } }",
        "subscription { g: glances(eventId: 7) { previous version authorization } }",
        "subscription { glances(eventId: 7) { previous version authorization __typename } }",
    ] {
        let mut socket = platform.socket().await;
        socket.subscribe("w", query).await;
        let message = socket.next().await.to_string();
        assert!(message.contains("\"version\":0"), "{message}");
        assert_eq!(message.contains("\"who\""), query.contains("who"), "{message}");
        assert_eq!(message.contains("__typename"), query.contains("__typename"), "{message}");
        sockets.push(socket);
        assert_eq!(begun(&platform), sockets.len());
    }
    let query = "subscription($id: ID!) { glances(eventId: $id) { previous version } }";
    for (id, streams) in [("7", 7), ("8", 8), ("7", 8)] {
        let mut socket = platform.socket().await;
        let payload = json!({ "query": query, "variables": { "id": id } });
        socket.send(json!({ "type": "subscribe", "id": "w", "payload": payload })).await;
        assert_eq!(glance(&mut socket).await["version"], 0);
        sockets.push(socket);
        assert_eq!(begun(&platform), streams, "{id}");
    }
}

#[tokio::test]
async fn what_is_not_told_to_be_the_same_for_all_or_has_no_position_is_watched_alone() {
    let platform = Platform::start().await;
    let long =
        format!("subscription {{ glances(eventId: \"{}\") {{ previous version }} }}", "7".repeat(10_000));
    for query in [
        long.as_str(),
        "subscription { glances(eventId: 7) { version authorization } }",
        "subscription { glances(eventId: 7) { previous version event { id } } }",
        "subscription($no: Boolean = true) { glances(eventId: 7) { version previous @skip(if: $no) } }",
    ] {
        let before = begun(&platform);
        let _two =
            [watching(&platform, json!({}), query).await.0, watching(&platform, json!({}), query).await.0];
        assert_eq!(begun(&platform), before + 2, "{query}");
    }
}

#[tokio::test]
async fn latecomers_hear_how_things_stand_and_then_share_the_stream_of_the_others() {
    let platform = Platform::start().await;
    let strings = &platform.toys.strings;
    let (mut early, _) = watching(&platform, json!({}), GLANCES).await;
    for version in [1, 2] {
        strings.glance(version);
        assert_eq!(glance(&mut early).await, frame(version - 1, version));
    }
    let (mut late, first) = watching(&platform, json!({}), GLANCES).await;
    assert_eq!(first, frame(2, 2), "as a stream of one's own begins");
    let (mut later, first) = watching(&platform, json!({}), GLANCES).await;
    assert_eq!(first, frame(2, 2));
    assert_eq!(begun(&platform), 2, "those who come late share the second one");
    for version in [3, 4, 5] {
        strings.glance(version);
        for socket in [&mut early, &mut late, &mut later] {
            assert_eq!(glance(socket).await, frame(version - 1, version));
        }
        within(strings.watchers(1)).await;
    }
}

#[tokio::test]
async fn who_is_logged_in_sees_what_everybody_does_and_nobody_sees_what_is_for_one() {
    let platform = Platform::start().await;
    let mut public = Vec::new();
    for init in [json!({ "authorization": ANN }), json!({}), json!({ "authorization": BEN })] {
        let (socket, first) = watching(&platform, init, GLANCES).await;
        assert_eq!(first, frame(0, 0), "it is asked for in nobody's name");
        public.push(socket);
    }
    assert_eq!(begun(&platform), 1);

    let draft = "subscription { glances(eventId: \"draft\") { previous version authorization } }";
    let mut private = Vec::new();
    for token in [ANN, BEN] {
        let (socket, first) = watching(&platform, json!({ "authorization": token }), draft).await;
        assert_eq!(first["authorization"], token);
        private.push(socket);
    }
    assert_eq!(begun(&platform), 3);
    let mut stranger = platform.socket().await;
    stranger.subscribe("w", draft).await;
    let message = stranger.next().await;
    assert_eq!(
        crate::subscriptions::errors_of(&message)[0]["extensions"],
        json!({ "code": "NOT_FOUND" }),
        "{message}"
    );
    platform.toys.strings.glance(1);
    for (socket, token) in private.iter_mut().zip([ANN, BEN]) {
        assert_eq!(glance(socket).await["authorization"], token);
    }

    // A token that nobody has signed is for the service to judge.
    let (_socket, first) = watching(&platform, json!({ "authorization": "Bearer forged" }), GLANCES).await;
    assert_eq!(first["authorization"], "Bearer forged");
}

#[tokio::test]
async fn a_slow_viewer_holds_nobody_up_and_sees_what_it_has_missed() {
    let platform = Platform::start().await;
    let query = "subscription { glances(eventId: 7, padding: 100000) { previous version padding } }";
    let (mut slow, first) = watching_on(Socket::narrow(&platform.router.url).await, query).await;
    assert_eq!(first["version"], 0);
    let (mut quick, _) = watching(&platform, json!({}), query).await;
    // More than buffers keep. Whoever takes something now and then is slow, not dead.
    let last = 240;
    let (mut at, mut gaps) = (0, 0);
    for version in 1..=last {
        platform.toys.strings.glance(version);
        let seen = glance(&mut quick).await;
        assert_eq!((seen["previous"].as_i64(), seen["version"].as_i64()), {
            let version = i64::from(version);
            (Some(version - 1), Some(version))
        });
        if version % 4 == 0 {
            (at, gaps) = next_of(&mut slow, at, gaps).await;
        }
    }
    while at < i64::from(last) {
        (at, gaps) = next_of(&mut slow, at, gaps).await;
    }
    assert!(gaps > 0, "what nobody could keep is missing, and the positions tell it");
    assert_eq!(begun(&platform), 1);
}

#[tokio::test]
async fn everybody_hears_that_a_stream_has_ended() {
    let platform = Platform::start().await;
    let (mut first, _) = watching(&platform, json!({}), GLANCES).await;
    let (mut second, _) = watching(&platform, json!({}), GLANCES).await;
    let events = platform.events(GLANCES).await;
    assert_eq!(begun(&platform), 1);
    platform.toys.strings.glances.send(-1).unwrap();
    for socket in [&mut first, &mut second] {
        assert_eq!(socket.next().await["type"], "complete");
    }
    assert!(within(events.text()).await.unwrap().ends_with("event: complete\ndata:\n\n"));
    // Who subscribes again begins anew.
    let (_socket, again) = watching(&platform, json!({}), GLANCES).await;
    assert_eq!(again, frame(0, 0));
    assert_eq!(begun(&platform), 2);
}

#[tokio::test]
async fn everybody_hears_that_the_service_has_died() {
    let platform = Platform::start().await;
    let (mut first, _) = watching(&platform, json!({}), GLANCES).await;
    let (mut second, _) = watching(&platform, json!({}), GLANCES).await;
    assert_eq!(begun(&platform), 1);
    let Platform { toys, router: _router, .. } = platform;
    drop(toys);
    for socket in [&mut first, &mut second] {
        let message = socket.next().await;
        let errors = crate::subscriptions::errors_of(&message);
        assert_eq!(
            errors[0]["extensions"],
            json!({ "code": "SERVICE_UNAVAILABLE", "reason": "TEMPORARILY_DOWN" }),
            "{message}"
        );
        assert_eq!(socket.next().await["type"], "complete");
    }
}

#[tokio::test]
async fn who_leaves_is_missed_by_nobody_and_the_last_one_ends_the_stream() {
    let platform = Platform::start().await;
    let strings = &platform.toys.strings;
    let (mut leaving, _) = watching(&platform, json!({}), GLANCES).await;
    let (mut staying, _) = watching(&platform, json!({}), GLANCES).await;
    leaving.send(json!({ "type": "complete", "id": "w" })).await;
    strings.glance(1);
    assert_eq!(glance(&mut staying).await, frame(0, 1));
    drop(leaving);
    strings.glance(2);
    assert_eq!(glance(&mut staying).await, frame(1, 2));
    within(strings.watchers(1)).await;
    drop(staying);
    within(strings.watchers(0)).await;
    assert_eq!(begun(&platform), 1);

    let two = [platform.events(GLANCES).await, platform.events(GLANCES).await];
    within(strings.watchers(1)).await;
    let began = Instant::now();
    drop(two);
    within(strings.watchers(0)).await;
    assert!(began.elapsed() < Duration::from_secs(5), "not only when something is written to them again");
}

#[tokio::test]
async fn a_crowd_that_comes_while_much_happens_misses_nothing_and_shares_in_the_end() {
    let platform = Platform::start().await;
    let strings = platform.toys.strings.clone();
    let changing = tokio::spawn({
        let strings = strings.clone();
        async move {
            for version in 1..=150 {
                strings.glance(version);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    });
    let crowd = (0..40).map(|number| {
        let platform = &platform;
        async move {
            tokio::time::sleep(Duration::from_millis(number * 20)).await;
            let (mut socket, first) = watching(platform, json!({}), GLANCES).await;
            let mut at = first["version"].as_i64().unwrap();
            assert_eq!(first["previous"], at);
            while at < 150 {
                let seen = glance(&mut socket).await;
                assert_eq!(seen["previous"], at, "nothing is missing, and nothing comes twice");
                at = seen["version"].as_i64().unwrap();
            }
            socket
        }
    });
    let crowd = futures::future::join_all(crowd).await;
    changing.await.unwrap();
    strings.glance(151);
    within(strings.watchers(1)).await;
    drop(crowd);
    within(strings.watchers(0)).await;
}
