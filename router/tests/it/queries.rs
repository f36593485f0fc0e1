use serde_json::json;

use crate::{
    support::{Platform, within},
    toy,
};

#[tokio::test]
async fn one_query_reads_from_two_subgraphs() {
    let platform = Platform::start().await;
    let answer = platform.ask("{ event(id: 7) { title available capacity } }").await;
    assert_eq!(
        answer,
        json!({ "data": { "event": { "title": "Concert 7", "available": 42, "capacity": 100 } } })
    );
}

#[tokio::test]
async fn a_query_works_over_websocket_too() {
    let platform = Platform::start().await;
    let mut socket = platform.socket().await;
    socket.subscribe("q", "{ event(id: 7) { available } }").await;
    assert_eq!(socket.next().await["payload"]["data"]["event"]["available"], 42);
    assert_eq!(socket.next().await["type"], "complete");
}

#[tokio::test]
async fn introspection_is_open_to_everybody() {
    let platform = Platform::start().await;
    let answer = platform.ask("{ __schema { queryType { fields { name } } } }").await;
    let fields = answer["data"]["__schema"]["queryType"]["fields"].as_array().unwrap();
    assert!(fields.contains(&json!({ "name": "ticketName" })), "{answer}");
}

#[tokio::test]
async fn a_token_reaches_the_subgraph_as_it_is_even_a_forged_one_and_cookies_do_not() {
    let platform = Platform::start().await;
    let request = platform
        .client
        .post(platform.url("/graphql"))
        .header("authorization", "Bearer forged.token.here")
        .header("cookie", "tracking=1")
        .header("x-request-id", "support-case-17")
        .json(&json!({ "query": "{ caller { authorization requestId cookie } }" }));
    let answer: serde_json::Value =
        within(async { request.send().await.unwrap().json().await.unwrap() }).await;
    assert_eq!(
        answer["data"]["caller"],
        json!({ "authorization": "Bearer forged.token.here", "requestId": "support-case-17", "cookie": null })
    );
}

#[tokio::test]
async fn a_mutation_without_an_id_gets_one_and_the_client_hears_it() {
    let platform = Platform::start().await;
    let request = platform
        .client
        .post(platform.url("/graphql"))
        .json(&json!({ "query": "mutation { mutatingCaller { requestId } }" }));
    let response = within(request.send()).await.unwrap();
    let heard = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let answer: serde_json::Value = response.json().await.unwrap();
    assert_eq!(answer["data"]["mutatingCaller"]["requestId"], heard);
}

#[test]
fn the_toy_supergraph_is_composed_of_what_the_toys_are() {
    for (name, is, file) in [
        ("events", toy::events_sdl(), include_str!("../toy/events/schema.graphql")),
        ("tickets", toy::tickets_sdl(), include_str!("../toy/tickets/schema.graphql")),
    ] {
        if is != file {
            let fresh = std::env::temp_dir().join(format!("{name}.graphql"));
            std::fs::write(&fresh, &is).unwrap();
            panic!(
                "tests/toy/{name}/schema.graphql is stale: copy {} there, then run \
                 `node tools/compose/compose.mjs --from router/tests/toy router/tests/toy/supergraph.graphql`",
                fresh.display()
            );
        }
    }
}
