//! Every error has a code of the closed list, and none tells what is inside.

use async_graphql::Request;
use futures::StreamExt;
use serde_json::Value;

use crate::world::schema;

async fn error(query: &str) -> Value {
    let (schema, _) = schema();
    let mut answer = serde_json::to_value(schema.execute(Request::new(query)).await).unwrap();
    answer["errors"][0].take()
}

#[tokio::test]
async fn what_graphql_itself_refuses_is_bad_input() {
    let deep = format!("{{ {} hello {} }}", "query {".repeat(25), "}".repeat(25));
    let many: Vec<_> = (0..2100).map(|n| format!("a{n}: hello")).collect();
    let many = format!("{{ {} }}", many.join(" "));
    for query in [
        "{ hello",
        "",
        "{ unknown }",
        r#"{ hello(times: "often") }"#,
        "{ hello(times: -1) }",
        "{ hello(times: 99999999999999) }",
        "{ hello(volume: 11) }",
        "mutation { hello }",
        "query($n: Int!) { hello(times: $n) }",
    ] {
        let error = error(query).await;
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{query:.80}: {error}");
    }
    for query in [deep, many] {
        let error = error(&query).await;
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{query:.80}: {error}");
        assert_eq!(error["extensions"]["field"], "query", "{query:.80}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("Ask for less") || message.contains("Take fewer"), "{message}");
    }
}

#[tokio::test]
async fn a_subscription_that_is_refused_has_a_code_too() {
    for (query, code) in [
        ("subscription { me", "BAD_USER_INPUT"),
        ("subscription { you }", "BAD_USER_INPUT"),
        ("subscription { me }", "UNAUTHENTICATED"),
    ] {
        let (schema, _) = schema();
        let answer = schema.execute_stream(Request::new(query)).next().await.unwrap();
        let answer = serde_json::to_value(answer).unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{query}");
    }
}

#[tokio::test]
async fn faults_say_nothing_of_what_is_inside() {
    for (query, code) in [("{ broken }", "INTERNAL"), ("{ busy }", "SERVICE_UNAVAILABLE")] {
        let error = error(query).await;
        assert_eq!(error["extensions"]["code"], code);
        let text = error.to_string();
        assert!(!text.contains("secret") && !text.contains("row 7"), "{text}");
    }
}
