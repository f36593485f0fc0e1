//! The endpoint over real connections.

use kernel::UserId;
use reqwest::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::world::{World, soon};

#[tokio::test]
async fn a_service_says_that_it_is_alive_ready_and_what_it_counts() {
    service::telemetry::measure();
    let world = World::start().await;
    assert_eq!(world.get("/healthz").await, (200, "alive".to_owned()));
    assert_eq!(
        world.get("/readyz").await,
        (200, r#"{"bus":"ready","database":"ready","migrations":"applied"}"#.to_owned())
    );
    world.ask("{ broken }").send().await.unwrap();
    let (status, metrics) = world.get("/metrics").await;
    assert_eq!(status, 200);
    assert!(metrics.contains(r#"graphql_errors_total{code="INTERNAL"}"#), "{metrics}");

    world.database.reads.close_by_ref().await.unwrap();
    let (status, state) = world.get("/readyz").await;
    assert_eq!(status, 503);
    assert!(state.contains(r#""bus":"ready","database":"not reachable""#), "{state}");
    assert_eq!(world.get("/healthz").await.0, 200, "who is not ready is alive");
}

#[tokio::test]
async fn a_service_whose_schema_is_not_up_to_date_is_not_ready() {
    let world = World::start().await;
    world.database.writes.execute_unprepared("DELETE FROM seaql_migrations").await.unwrap();
    let (status, state) = world.get("/readyz").await;
    assert_eq!(status, 503);
    assert!(state.contains(r#""migrations":"pending: "#), "{state}");
}

#[tokio::test]
async fn a_service_whose_schema_is_ahead_is_ready_as_in_a_rolling_upgrade() {
    let world = World::start().await;
    let ahead =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_from_the_future', 1)";
    world.database.writes.execute_unprepared(ahead).await.unwrap();
    assert_eq!(world.get("/readyz").await.0, 200);
    assert!(world.database.still_pending().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_token_tells_who_asks_and_with_a_wrong_one_nothing_is_done() {
    let (world, user) = (World::start().await, UserId::new());
    let ask = async |token: Option<String>| -> Value {
        let mut request = world.ask("{ me hello }");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token);
        }
        request.send().await.unwrap().json().await.unwrap()
    };
    let mine = world.token(user);
    assert_eq!(ask(Some(format!("Bearer {mine}"))).await["data"]["me"], user.to_string());
    assert_eq!(ask(Some(format!("BEARER  {mine}"))).await["data"]["me"], user.to_string());
    let anonymous = ask(None).await;
    assert_eq!(anonymous["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    for wrong in [format!("Bearer {mine}x"), "Bearer ".to_owned(), "bearer x.y.z".to_owned()] {
        let refused = ask(Some(wrong.clone())).await;
        assert_eq!(refused["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{wrong}");
        assert_eq!(refused["data"], Value::Null, "nothing is executed");
        assert_eq!(refused["errors"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_as_the_callers_mistake() {
    let world = World::start().await;
    let url = format!("{}/graphql", world.running.url());
    for (body, kind) in [
        ("", "application/json"),
        ("{", "application/json"),
        ("[]", "application/json"),
        ("{}", "text/plain"),
    ] {
        let response = world.client.post(&url).header(CONTENT_TYPE, kind).body(body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        let refused = status.is_client_error() || text.contains("BAD_USER_INPUT");
        assert!(refused, "{body:?} {status} {text}");
    }
    let huge = json!({ "query": "{ hello }", "operationName": "x".repeat(12 * 1024 * 1024) });
    let status = world.client.post(&url).json(&huge).send().await.unwrap().status();
    assert_eq!(status.as_u16(), 413);
    assert_eq!(world.get("/nowhere").await.0, 404);
}

#[tokio::test]
async fn an_answer_before_the_bodys_end_says_that_its_connection_ends() {
    let world = World::start().await;
    let post = |path: &str| world.client.post(format!("{}{path}", world.running.url())).body("{}");
    let early = post("/nowhere").send().await.unwrap();
    assert_eq!((early.status().as_u16(), early.headers()[CONNECTION].to_str().unwrap()), (404, "close"));
    for whole in [post("/graphql").header(CONTENT_TYPE, "application/json"), world.ask("{ hello }")] {
        let answer = whole.send().await.unwrap();
        assert!(!answer.headers().contains_key(CONNECTION), "{answer:?}");
    }
    let bare = world.client.get(format!("{}/nowhere", world.running.url())).send().await.unwrap();
    assert!(!bare.headers().contains_key(CONNECTION), "{bare:?}");
}

#[tokio::test]
async fn a_panic_costs_its_own_request_only_and_says_nothing() {
    let world = World::start().await;
    let (status, text) = world.get("/api/sample/panic").await;
    assert_eq!(status, 500);
    assert!(!text.contains("secret"), "{text}");
    let response = world.ask("{ panics }").send().await.unwrap();
    assert_eq!(response.status().as_u16(), 500);
    assert!(!response.text().await.unwrap().contains("secret"));
    let answer: Value = world.ask("{ hello }").send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["hello"], "hello ");
}

#[tokio::test]
async fn a_stop_finishes_what_has_begun_and_takes_nothing_new() {
    let World { running, gate, client, .. } = World::start().await;
    let url = running.url();
    let request = client.post(format!("{url}/graphql")).json(&json!({ "query": "{ slow }" }));
    let answer = tokio::spawn(async move { request.send().await.unwrap().json::<Value>().await.unwrap() });
    soon(gate.begun.acquire()).await.unwrap().forget();
    let stopping = tokio::spawn(running.stop());
    soon(async {
        while reqwest::Client::new().get(format!("{url}/healthz")).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(!stopping.is_finished() && !answer.is_finished());
    gate.open.add_permits(1);
    assert_eq!(soon(answer).await.unwrap()["data"]["slow"], "done");
    soon(stopping).await.unwrap();
}
