//! More than can be answered is refused, and nothing piles up.

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use serde_json::Value;
use service::{Database, Limits};
use tokio_tungstenite::tungstenite;

use crate::world::{Migrator, World, soon};

async fn with(limits: Limits) -> World {
    let database = Database::open("sample", "sqlite::memory:", 1, &limits).await.unwrap();
    database.migrate::<Migrator>().await.unwrap();
    World::on(database).await
}

#[tokio::test]
async fn one_request_more_than_may_be_is_refused_at_once_and_health_is_told_all_the_same() {
    let world = with(Limits { requests: 1, ..Limits::default() }).await;
    let slow = world.ask("{ slow }");
    let slow = tokio::spawn(async move { slow.send().await.unwrap().json::<Value>().await.unwrap() });
    soon(world.gate.begun.acquire()).await.unwrap().forget();

    let response = world.ask("{ hello }").send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200, "the router would take anything else for an outage");
    let refused: Value = response.json().await.unwrap();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "SERVICE_UNAVAILABLE", "{refused}");
    let url = format!("{}/api/sample/things", world.running.url());
    let response = world.client.get(url).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 503);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[RETRY_AFTER], "1");
    let problem: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(problem["code"], "SERVICE_UNAVAILABLE");
    assert_eq!((world.get("/healthz").await.0, world.get("/readyz").await.0), (200, 200));

    world.gate.open.add_permits(1);
    assert_eq!(soon(slow).await.unwrap()["data"]["slow"], "done");
    assert_eq!(world.get("/api/sample/things").await, (200, "1".to_owned()));
}

#[tokio::test]
async fn one_socket_more_than_may_be_is_refused_and_requests_are_answered() {
    let world = with(Limits { sockets: 1, ..Limits::default() }).await;
    let url = format!("{}/ws", world.running.url().replace("http:", "ws:"));
    let connect = async || {
        let mut request = tungstenite::client::IntoClientRequest::into_client_request(url.as_str()).unwrap();
        let protocol = tungstenite::http::HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        tokio_tungstenite::connect_async(request).await
    };
    let (first, _) = connect().await.unwrap();
    match connect().await.unwrap_err() {
        tungstenite::Error::Http(response) => assert_eq!(response.status().as_u16(), 503),
        other => panic!("{other}"),
    }
    assert_eq!(world.get("/api/sample/things").await.0, 200);
    drop(first);
    soon(async {
        while connect().await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
