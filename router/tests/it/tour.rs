//! The tour in the playground's tabs, against the real supergraph.

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};

use crate::{
    costs::{cost_of, real_graph},
    support::within,
};

#[tokio::test]
async fn the_router_takes_every_operation_of_the_tour_within_its_limits() {
    let platform = real_graph().await;
    let steps: BTreeMap<_, _> = fs::read_dir("../web/graphiql/tour")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "graphql"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    assert!(!steps.is_empty());
    let documented = fs::read_to_string("README.md").unwrap();
    let mut missing = Vec::new();
    for (path, query) in steps {
        let variables = fs::read_to_string(path.with_extension("json")).unwrap_or_else(|_| "{}".into());
        let variables: Value = serde_json::from_str(&variables).unwrap();
        // The operation that the tab is named after; a second one is an alternative to it.
        let first = query.lines().find_map(|line| {
            let (kind, rest) = line.split_once(' ')?;
            ["query", "mutation", "subscription"].contains(&kind).then_some(rest)
        });
        let name = first.and_then(|rest| rest.split(['(', ' ']).next());
        let request = platform
            .client
            .post(platform.url("/graphql"))
            .header("accept", "text/event-stream, application/json");
        let body = json!({ "query": query, "variables": variables, "operationName": name });
        let response = within(request.json(&body).send()).await.unwrap();
        let cost = cost_of(&response);
        let answer = within(response.text()).await.unwrap();
        let refused = !answer.contains("SERVICE_UNAVAILABLE") || answer.contains("BAD_USER_INPUT");
        assert!(!refused, "{}: {answer}, cost {cost}", path.display());
        let step = path.file_stem().unwrap().to_str().unwrap();
        let line = format!("| {step} | {cost} |");
        if !documented.contains(&line) {
            missing.push(line);
        }
    }
    assert!(missing.is_empty(), "README.md should have:\n{}", missing.join("\n"));
}
