//! Whose request it is, as services are told.

use router::Proxied;
use serde_json::{Value, json};

use crate::{
    proxy::mirror,
    support::{Platform, Socket, within},
};

const WHO: &str = "mutation { mutatingCaller { clientAddress } }";

/// What the subgraph sees of a request with these headers.
async fn seen(platform: &Platform, query: &str, headers: &[(&str, &str)]) -> Value {
    let mut request = platform.client.post(platform.url("/graphql")).json(&json!({ "query": query }));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    within(async { request.send().await.unwrap().json::<Value>().await.unwrap() }).await["data"].take()
}

async fn behind_a_proxy() -> Platform {
    let mirror = mirror().await;
    Platform::start_with(|options, _| {
        options.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        options.proxies.push(Proxied { prefix: "/api/users".into(), target: mirror });
    })
    .await
}

#[tokio::test]
async fn a_service_is_told_the_peers_address_whatever_the_client_says() {
    let platform = Platform::start().await;
    let forged = [("x-client-address", "1.2.3.4"), ("x-forwarded-for", "1.2.3.4")];
    let data = seen(&platform, WHO, &forged).await;
    assert_eq!(data["mutatingCaller"]["clientAddress"], "127.0.0.1");
}

#[tokio::test]
async fn behind_a_trusted_proxy_it_is_the_address_that_the_proxy_saw() {
    let platform = behind_a_proxy().await;
    let headers = [("x-forwarded-for", "1.2.3.4, 203.0.113.9"), ("x-client-address", "6.6.6.6")];
    let data = seen(&platform, WHO, &headers).await;
    assert_eq!(data["mutatingCaller"]["clientAddress"], "203.0.113.9");

    let mut request = platform.client.get(platform.url("/api/users/me"));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let seen: Value = within(async { request.send().await.unwrap().json().await.unwrap() }).await;
    assert_eq!(seen["client"], "203.0.113.9");

    let mut socket = Socket::silent(&platform.router.url, &headers).await;
    let forged = json!({ "x-client-address": "6.6.6.6", "x-forwarded-for": "6.6.6.6" });
    socket.send(json!({ "type": "connection_init", "payload": forged })).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket.subscribe("m", WHO).await;
    let message = socket.next().await;
    assert_eq!(message["payload"]["data"]["mutatingCaller"]["clientAddress"], "203.0.113.9", "{message}");
}

#[tokio::test]
async fn anonymous_queries_stay_alike_and_those_of_somebody_have_the_address() {
    let platform = behind_a_proxy().await;
    let forwarded = ("x-forwarded-for", "203.0.113.9");
    let query = "{ caller { clientAddress } }";
    assert_eq!(seen(&platform, query, &[forwarded]).await["caller"]["clientAddress"], Value::Null);
    let mine = [forwarded, ("authorization", "Bearer mine")];
    assert_eq!(seen(&platform, query, &mine).await["caller"]["clientAddress"], "203.0.113.9");
    // A query by which a secret can be guessed is no such thing, even without a token.
    let guess = "{ caller(accessCode: \"guess\") { clientAddress } }";
    assert_eq!(seen(&platform, guess, &[forwarded]).await["caller"]["clientAddress"], "203.0.113.9");
}
