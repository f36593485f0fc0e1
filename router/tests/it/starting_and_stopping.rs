use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::support::{Platform, options, within};

#[tokio::test]
async fn stopping_finishes_what_has_begun_and_takes_about_two_seconds_at_most() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    socket.subscribe("s", "subscription { seatMapChanged(eventId: 7) { version } }").await;
    let sse = platform.events("subscription { seatMapChanged(eventId: 7) { version } }").await;
    within(platform.toys.strings.subscribers(2)).await;
    let request =
        platform.client.post(platform.url("/graphql")).json(&serde_json::json!({ "query": "{ slow }" }));
    let slow = tokio::spawn(request.send());
    within(platform.toys.strings.slow_begun.notified()).await;

    let began = Instant::now();
    let strings = platform.toys.strings.clone();
    let stopping = platform.router.stop();
    let answering = async {
        strings.slow_may_end.notify_one();
        let answer: serde_json::Value = slow.await.unwrap().unwrap().json().await.unwrap();
        assert_eq!(answer["data"]["slow"], true, "{answer}");
    };
    let (stopped, (), code) = within(futures::future::join3(stopping, answering, socket.closed_with())).await;
    stopped.unwrap();
    assert!(began.elapsed() < Duration::from_secs(4), "took {:?}", began.elapsed());
    assert_eq!(code, 1001);
    drop(sse);
}

#[tokio::test]
async fn cancelling_the_hosts_token_ends_it() {
    let data = tempfile::tempdir().unwrap();
    let stop = CancellationToken::new();
    let router = within(router::start(options(data.path()), stop.clone())).await.unwrap();
    stop.cancel();
    within(router.join()).await.unwrap();
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_in_the_error() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut options = options(data.path());
    options.listen = taken.local_addr().unwrap();
    let error = within(router::start(options, CancellationToken::new())).await.unwrap_err();
    assert!(error.to_string().contains(&taken.local_addr().unwrap().to_string()), "{error:#}");
}

#[tokio::test]
async fn a_supergraph_that_cannot_be_used_is_an_error_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    let mut options = options(data.path());
    options.supergraph = "this is no SDL".into();
    let error = within(router::start(options, CancellationToken::new())).await.unwrap_err();
    assert!(format!("{error:#}").contains("supergraph"), "{error:#}");
}

#[tokio::test]
async fn a_supergraph_of_others_is_served_without_anybodys_keys() {
    let platform = Platform::start_with(|options, _| options.jwks = router::Jwks::Nobody).await;
    let answer = platform.ask("{ event(id: 7) { title } }").await;
    assert_eq!(answer["data"]["event"]["title"], "Concert 7", "{answer}");
}
