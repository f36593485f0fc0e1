//! What operations on the real graph are estimated at, before anybody is asked.

use std::fs;

use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    errors::nobody,
    support::{Platform, within},
};

const PAGE: &str = "nodes { id title ticketTypes { name price { amount } } }";
const SEATS: &str = "seatMap { sections { seats { number ticketType { name price { amount } } } } }";

/// The real graph, with nobody behind it: this is about what comes before.
pub(crate) async fn real_graph() -> Platform {
    Platform::start_with(|options, _| {
        options.supergraph = fs::read_to_string("../supergraph.graphql").unwrap();
        options.subgraphs = ["users", "events", "tickets", "payments", "notifications", "analytics"]
            .map(|name| (name.to_owned(), nobody()))
            .into();
    })
    .await
}

/// What the router told about an operation.
pub(crate) fn cost_of(response: &Response) -> u64 {
    let header = response.headers().get("x-cost-estimated").expect("each answer tells its cost");
    header.to_str().unwrap().parse().unwrap()
}

async fn asked(platform: &Platform, query: &str, variables: Value) -> (u64, Value) {
    let body = json!({ "query": query, "variables": variables });
    let response = within(platform.client.post(platform.url("/graphql")).json(&body).send()).await.unwrap();
    assert_eq!(response.headers()["x-cost-max"], "100000");
    (cost_of(&response), within(response.json()).await.unwrap())
}

#[tokio::test]
async fn a_page_costs_as_much_as_it_may_hold() {
    let platform = real_graph().await;
    let mut costs = Vec::new();
    for first in [1, 20, 100] {
        let (written, _) =
            asked(&platform, &format!("{{ events(first: {first}) {{ {PAGE} }} }}"), json!({})).await;
        let by_variable = format!("query ($n: Int) {{ events(first: $n) {{ {PAGE} }} }}");
        assert_eq!(asked(&platform, &by_variable, json!({ "n": first })).await.0, written);
        let by_default = format!("query ($n: Int = {first}) {{ events(first: $n) {{ {PAGE} }} }}");
        assert_eq!(asked(&platform, &by_default, json!({})).await.0, written);
        costs.push(written);
    }
    // The connection, and for each event itself, and eight ticket types with a price each.
    assert_eq!(costs, [18, 341, 1701]);
    let (left_out, _) = asked(&platform, &format!("{{ events {{ {PAGE} }} }}"), json!({})).await;
    assert_eq!(left_out, costs[1], "`first` is 20 where it is left out");
}

#[tokio::test]
async fn one_hall_passes_and_a_hundred_are_refused_before_they_are_read() {
    let platform = real_graph().await;
    let (one, answer) = asked(&platform, &format!("{{ event(id: \"e\") {{ {SEATS} }} }}"), json!({})).await;
    assert!(one < 50_000, "{one}");
    assert_eq!(code(&answer), "SERVICE_UNAVAILABLE", "it passed, and nobody was there: {answer}");

    let query = format!("query ($n: Int) {{ events(first: $n) {{ nodes {{ {SEATS} }} }} }}");
    let (hundred, answer) = asked(&platform, &query, json!({ "n": 100 })).await;
    assert!(hundred > 99 * one, "{hundred}");
    assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer}");
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("operation_cost") && message.contains("100000"), "{message}");
    assert_eq!(answer["errors"][0]["extensions"]["field"], "query");
}

#[tokio::test]
async fn pages_within_pages_are_multiplied_on_whatever_service_they_are() {
    let platform = real_graph().await;
    let outer = "{ events(first: 100) { nodes { organization { events(first: 100) { nodes { venue { id } \
                 ticketTypes { id } } } } } } }";
    let (cost, answer) = asked(&platform, outer, json!({})).await;
    assert!(cost > 100_000, "{cost}");
    assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer}");
    // Edges hold their nodes; what is left out costs nothing.
    let edges =
        "query ($not: Boolean!) { events(first: 7) { edges { node { id } } nodes @skip(if: $not) { id } } }";
    assert_eq!(asked(&platform, edges, json!({ "not": true })).await.0, 1 + 7 * 2);
    assert_eq!(asked(&platform, edges, json!({ "not": false })).await.0, 1 + 7 * 3);
}

#[tokio::test]
async fn a_subscription_is_estimated_like_any_other() {
    let platform = real_graph().await;
    let query = "subscription { orderChanged(id: \"o\") { tickets { event { organization { events(first: 100) { nodes { \
                 organization { events(first: 100) { nodes { id venue { id } } } } } } } } } } }";
    let answer = within(within(platform.events(query)).await.text()).await.unwrap();
    assert!(answer.contains("BAD_USER_INPUT") && answer.contains("operation_cost"), "{answer}");
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}
