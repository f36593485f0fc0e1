//! Each limit of router.yaml bites, and its refusal names it.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::Value;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite;

use crate::{
    subscriptions::LIVE,
    support::{Platform, Socket, within},
};

#[tokio::test]
async fn the_limits_of_one_operation_are_named_when_they_refuse() {
    let platform = Platform::start().await;
    let deep = format!("{{ event(id: 1) {} }}", "{ related ".repeat(16) + "{ id }" + &"}".repeat(16));
    let long = format!("{{ event(id: 1) {{ {} }} }}", "title ".repeat(3000));
    let renamed = format!("{{ event(id: 1) {{ {} }} }}", aliases(31));
    let directives = "@include(if: true) ".repeat(31);
    let directed = format!("{{ event(id: 1) {{ title {directives} }} }}");
    let costly = "{ event(id: 1) { related { related { related { related { id } } } } } }";
    for (limit, value, query) in [
        ("max_depth", "15", deep.as_str()),
        ("max_tokens", "3000", &long),
        ("max_aliases", "30", &renamed),
        ("max_directives", "30", &directed),
        ("operation_cost", "100000", costly),
    ] {
        let answer = platform.ask(query).await;
        refused_by(limit, value, &answer);
    }
}

#[tokio::test]
async fn what_stays_within_the_limits_passes() {
    let platform = Platform::start().await;
    let answer = platform
        .ask(&format!("{{ event(id: 1) {{ {} related {{ related {{ id }} }} }} }}", aliases(30)))
        .await;
    assert!(answer["errors"].is_null(), "{answer}");
}

#[tokio::test]
async fn nothing_is_nested_so_deeply_that_it_ends_the_process() {
    let platform = Platform::start().await;
    let lists = format!("{}{}", "[".repeat(400_000), "]".repeat(400_000));
    for body in [
        lists.clone(),
        format!(r#"{{"a":{lists}}}"#),
        format!(r#"{{"query":"{{ __typename }}","variables":{{"a":{lists}}}}}"#),
        format!(r#"{{"query":"{{ __typename }}","extensions":{{"a":{lists}}}}}"#),
    ] {
        let request =
            platform.client.post(platform.url("/graphql")).header("content-type", "application/json");
        let answer: Value = within(request.body(body).send()).await.unwrap().json().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    }
    let address = format!("/graphql?query=%7B__typename%7D&variables=%7B%22a%22:{}", "[".repeat(28_000));
    let answer: Value = platform.get(&address).await.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["field"], "variables", "{answer}");

    for query in [format!("{}id{}", "{a".repeat(1400), "}".repeat(1400)), "{...".repeat(700)] {
        let answer = platform.ask(&query).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    }

    let deep = &lists[370_000..430_000]; // less than a message may have
    for message in [deep.to_owned(), format!(r#"{{"type":"connection_init","payload":{{"a":{deep}}}}}"#)] {
        let mut socket = platform.socket().await;
        socket.send_text(message).await;
        assert_eq!(socket.closed_with().await, 4400);
    }
    assert!(platform.ask("{ event(id: 1) { title } }").await["errors"].is_null());
}

#[tokio::test]
async fn many_who_wait_for_a_subgraph_keep_nobody_else_from_it() {
    let platform = Arc::new(Platform::start().await);
    let asked = platform.toys.strings.slow_asked.clone();
    let mut waiting = JoinSet::new();
    for number in 0..150 {
        let platform = platform.clone();
        // Equal ones would be sent once.
        waiting.spawn(async move { platform.ask(&format!("{{ s{number}: slow }}")).await });
    }
    within(async {
        while asked.load(Ordering::Relaxed) < 100 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    // Long before those who wait are given up.
    let other =
        tokio::time::timeout(Duration::from_secs(5), platform.ask("{ event(id: 1) { title } }")).await;
    let answer = other.expect("it need not wait for them");
    assert_eq!(answer["data"]["event"]["title"], "Concert 1", "{answer}");
    waiting.shutdown().await;
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_by_name() {
    let platform = Platform::start().await;
    let body = format!(r#"{{"query":"{{ event(id: 1) {{ title }} }}","note":"{}"}}"#, "x".repeat(10_000_000));
    let request =
        platform.client.post(platform.url("/graphql")).header("content-type", "application/json").body(body);
    let response = within(request.send()).await.unwrap();
    assert_eq!(response.status(), 413);
    refused_by("max_request_body_size", "4", &response.json().await.unwrap());
}

#[tokio::test]
async fn the_number_of_long_lived_clients_is_limited() {
    let platform = Platform::start_with(|options, _| {
        options.config = options.config.replace("max_long_lived_clients: 20000", "max_long_lived_clients: 1");
    })
    .await;
    let first = platform.socket().await;

    let refused = within(Socket::connect(&platform.router.url)).await.unwrap_err();
    let tungstenite::Error::Http(response) = *refused else { panic!("{refused}") };
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));

    let following = platform.events(LIVE).await;
    assert_eq!(following.status(), 200, "sockets and subscriptions are counted apart");
    let response = platform.events(LIVE).await;
    assert_eq!(response.status(), 503);
    let answer: Value = within(response.json()).await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "SERVICE_UNAVAILABLE");
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("max_long_lived_clients"), "{answer}");

    let mut first = first;
    first.subscribe("s", LIVE).await;
    let message = first.next().await;
    assert_eq!(message["payload"][0]["extensions"]["code"], "SERVICE_UNAVAILABLE", "{message}");

    // Requests that end by themselves do not count.
    assert!(platform.ask("{ event(id: 1) { title } }").await["errors"].is_null());

    // A place is free again when somebody has left.
    drop(first);
    within(async { while Socket::connect(&platform.router.url).await.is_err() {} }).await;
}

fn aliases(count: usize) -> String {
    let names: Vec<_> = (0..count).map(|n| format!("a{n}: title")).collect();
    names.join(" ")
}

fn refused_by(limit: &str, value: &str, answer: &Value) {
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{limit}: {answer}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(limit) && message.contains(value), "{limit}: {message}");
    assert!(answer["data"].is_null());
}
