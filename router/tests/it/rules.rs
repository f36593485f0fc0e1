//! What one operation may not do.

use serde_json::{Value, json};

use crate::support::{Platform, within};

async fn post(platform: &Platform, body: Value) -> reqwest::Response {
    within(platform.client.post(platform.url("/graphql")).json(&body).send()).await.unwrap()
}

fn aliased(field: &str, count: usize) -> String {
    let fields: Vec<_> = (0..count).map(|n| format!("a{n}: {field}")).collect();
    fields.join(" ")
}

#[tokio::test]
async fn an_operation_has_five_mutations_at_most_and_two_of_the_costly_ones() {
    let platform = Platform::start().await;
    let rename = "rename(name: \"n\")";
    let hold = "holdSeats(seatIds: [\"a\"])";
    for (operation, limit) in [
        (format!("mutation {{ {} }}", aliased(rename, 6)), "max_mutations"),
        (format!("mutation {{ {} }}", aliased("login", 3)), "max_costly_mutations"),
        (format!("mutation {{ {} b: {hold} }}", aliased("login", 2)), "max_costly_mutations"),
        (
            "mutation { ...A ... on Mutation { b: login } c: login } fragment A on Mutation { a: login }"
                .to_owned(),
            "max_costly_mutations",
        ),
        (
            format!("mutation ($s: Boolean = false) {{ ... @include(if: $s) {{ {} }} }}", aliased(rename, 6)),
            "max_mutations",
        ),
    ] {
        let answer = platform.ask(&operation).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{operation}: {answer}");
        assert!(error["message"].as_str().unwrap().contains(limit), "{operation}: {answer}");

        let mut socket = platform.socket().await;
        socket.subscribe("m", &operation).await;
        let message = socket.next().await;
        assert_eq!(message["type"], "error", "{message}");
        assert!(message["payload"][0]["message"].as_str().unwrap().contains(limit), "{message}");
    }
    assert_eq!(platform.toys.strings.renamed.load(std::sync::atomic::Ordering::SeqCst), 0);

    let answer =
        platform.ask(&format!("mutation {{ {} {} }}", aliased(rename, 3), "b: login c: login")).await;
    assert!(answer["errors"].is_null(), "{answer}");
    let answer = platform.ask(&format!("{{ {} }}", aliased("event(id: 1) { id }", 10))).await;
    assert!(answer["errors"].is_null(), "queries are not meant: {answer}");
}

#[tokio::test]
async fn of_two_operations_none_is_run_unless_one_is_named() {
    let platform = Platform::start().await;
    let query = "mutation A { rename(name: \"a\") } mutation B { rename(name: \"b\") }";
    let answer: Value = post(&platform, json!({ "query": query })).await.json().await.unwrap();
    assert_eq!(
        answer["errors"][0]["extensions"],
        json!({ "code": "BAD_USER_INPUT", "field": "operationName", "reason": "REQUIRED" })
    );
    assert!(answer["data"].is_null());
    assert_eq!(platform.toys.strings.renamed.load(std::sync::atomic::Ordering::SeqCst), 0);

    let request = platform.client.post(platform.url("/graphql"));
    let request =
        request.header("accept", "application/graphql-response+json").json(&json!({ "query": query }));
    let response = within(request.send()).await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["content-type"], "application/graphql-response+json");

    let named = json!({ "query": query, "operationName": "B" });
    let answer: Value = post(&platform, named).await.json().await.unwrap();
    assert_eq!(answer["data"], json!({ "rename": "b" }));
}

#[tokio::test]
async fn apollos_client_is_told_to_send_the_text_of_its_query() {
    let platform = Platform::start().await;
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": "ecf4" } });
    let hash = json!({ "operationName": "A", "variables": {}, "extensions": extensions });
    let response = post(&platform, hash).await;
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.unwrap();
    let code = json!({ "code": "PERSISTED_QUERY_NOT_SUPPORTED" });
    assert_eq!(
        answer,
        json!({ "errors": [{ "message": "PersistedQueryNotSupported", "extensions": code }] })
    );

    let address = format!("/graphql?extensions={}", "%7B%22persistedQuery%22%3A%7B%22version%22%3A1%7D%7D");
    let answer: Value = platform.get(&address).await.json().await.unwrap();
    assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotSupported", "{answer}");

    let whole = json!({ "query": "{ event(id: 1) { title } }", "extensions": extensions });
    let answer: Value = post(&platform, whole).await.json().await.unwrap();
    assert_eq!(answer["data"]["event"]["title"], "Concert 1", "{answer}");
    let answer: Value = post(&platform, json!({ "variables": {} })).await.json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
}
