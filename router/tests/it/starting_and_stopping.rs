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
async fn streams_end_at_a_stop_as_their_clients_understand_it() {
    let platform = Platform::start().await;
    let mut streams = Vec::new();
    for (accept, end) in [
        ("text/event-stream", "event: complete\ndata:\n\n"),
        ("multipart/mixed", "-----"),
        ("multipart/mixed;subscriptionSpec=\"1.0\"", "--graphql--"),
    ] {
        for query in [
            "subscription { seatMapChanged(eventId: 7) { version } }",
            "subscription { glances(eventId: 7) { previous version } }",
        ] {
            let request = platform.client.post(platform.url("/graphql")).header("accept", accept);
            let request = request.json(&serde_json::json!({ "query": query }));
            streams.push((within(request.send()).await.unwrap(), accept, end));
        }
    }
    within(platform.toys.strings.subscribers(3)).await;
    within(platform.toys.strings.watchers(1)).await;
    let strings = platform.toys.strings.clone();
    let began = Instant::now();
    within(platform.router.stop()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(4), "took {:?}", began.elapsed());
    for (stream, accept, end) in streams {
        let text =
            within(stream.text()).await.unwrap_or_else(|error| panic!("{accept} was cut off: {error}"));
        assert!(text.ends_with(end), "{accept}: {text}");
    }
    within(strings.no_subscribers()).await;
    within(strings.watchers(0)).await;
}

#[tokio::test]
async fn it_is_ready_once_it_has_read_its_supergraph_and_says_until_then_that_it_is_starting() {
    let platform = Platform::start().await;
    assert_eq!(platform.get("/readyz").await.status(), 200);
    assert_eq!(platform.get("/readyz/self").await.status(), 200);
    let answer = platform.ask("{ event(id: 7) { title } }").await;
    assert_eq!(answer["data"]["event"]["title"], "Concert 7", "{answer}");

    // One that the library cannot read keeps it starting.
    let starting =
        Platform::starting_with(|options, _| options.supergraph = "type Mutation { a: Int }".into()).await;
    for path in ["/readyz", "/readyz/self"] {
        assert_eq!(starting.get(path).await.status(), 503, "{path}");
    }
    assert_eq!(starting.get("/healthz").await.status(), 200);
    for accept in ["application/json", "text/event-stream", "*/*"] {
        let request = starting.client.post(starting.url("/graphql")).header("accept", accept);
        let request = request.json(&serde_json::json!({ "query": "{ event(id: 7) { title } }" }));
        let response = within(request.send()).await.unwrap();
        assert_eq!(response.status(), 503, "{accept}");
        assert!(response.headers().contains_key("retry-after"), "{accept}");
        let text = within(response.text()).await.unwrap();
        assert!(text.contains("The router is starting") && text.contains("SERVICE_UNAVAILABLE"), "{text}");
    }
    let mut socket = starting.socket().await;
    socket.subscribe("a", "{ event(id: 7) { title } }").await;
    let message = socket.next().await.to_string();
    assert!(message.contains("The router is starting"), "{message}");
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
async fn an_expression_in_the_configuration_is_refused_at_the_start_and_says_why() {
    let data = tempfile::tempdir().unwrap();
    let mut options = options(data.path());
    let asked = options.config.replace("introspection: true", "introspection: { expression: \"1 == 1\" }");
    assert_ne!(asked, options.config);
    options.config = asked;
    let error = within(router::start(options, CancellationToken::new())).await.unwrap_err();
    let said = format!("{error:#}");
    assert!(said.contains("introspection") && said.contains("built without VRL"), "{said}");
}

#[tokio::test]
async fn a_supergraph_of_others_is_served_without_anybodys_keys() {
    let platform = Platform::start_with(|options, _| options.jwks = router::Jwks::Nobody).await;
    let answer = platform.ask("{ event(id: 7) { title } }").await;
    assert_eq!(answer["data"]["event"]["title"], "Concert 7", "{answer}");
}
