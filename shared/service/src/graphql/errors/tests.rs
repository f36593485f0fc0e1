use async_graphql::{EmptySubscription, InputObject, Object, Request, Schema};
use kernel::{line, together};
use serde_json::{Value as Json, json};

use super::super::Operations;
use super::*;

#[derive(InputObject)]
struct Fair {
    name: String,
    stands: Vec<Stand>,
}

#[derive(InputObject)]
struct Stand {
    name: String,
}

struct Query;

#[Object]
impl Query {
    async fn hall(&self) -> Hall {
        Hall
    }
}

struct Hall;

#[Object]
impl Hall {
    async fn stands(&self, first: Option<i32>) -> async_graphql::Result<Vec<i32>> {
        kernel::PageAsk::parse(first, None, 20).map(|_| Vec::new()).graph()
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn open(&self, input: Fair) -> async_graphql::Result<bool> {
        let stands = input.stands.iter().enumerate().map(|(at, stand)| {
            line("name", &stand.name, 9).map_err(|refusal| refusal.within(&format!("stands[{at}]")))
        });
        let opened = together((line("name", &input.name, 9), kernel::each(stands)));
        opened.map(|_| true).graph()
    }

    async fn close(&self, id: String) -> async_graphql::Result<bool> {
        let refusal = Refusal::new(reasons::NOT_READY_YET, format!("{id} has no name yet."));
        Err(refusal.with("field", "name").with("retryAfterSeconds", 3)).graph()
    }

    async fn clean(&self) -> async_graphql::Result<bool> {
        Err(kernel::Fault::new("cleaning", "a secret")).graph()
    }
}

async fn refused(query: &str) -> Json {
    let schema = Schema::build(Query, Mutation, EmptySubscription).extension(Operations).finish();
    let answer = schema.execute(Request::new(query)).await;
    serde_json::to_value(&answer.errors[0]).unwrap()
}

#[tokio::test]
async fn all_that_is_wrong_with_an_input_is_told_from_its_argument_on() {
    let fair = r#"input: { name: "", stands: [{ name: "fine" }, { name: "much too long" }] }"#;
    let error = refused(&format!("mutation {{ now: open({fair}) }}")).await;
    assert_eq!(error["message"], "name: must not be empty");
    assert_eq!(
        error["extensions"],
        json!({
            "code": "BAD_USER_INPUT", "reason": "REQUIRED", "field": "name", "path": ["input", "name"],
            "problems": [
                { "path": ["input", "name"], "message": "must not be empty", "reason": "REQUIRED" },
                {
                    "path": ["input", "stands", "1", "name"],
                    "message": "must have at most 9 characters",
                    "reason": "TOO_LONG",
                },
            ],
        })
    );
}

#[tokio::test]
async fn an_argument_that_is_no_input_is_its_own_place() {
    let error = refused("{ hall { ... on Hall { stands(first: 0) } } }").await;
    assert_eq!(error["extensions"]["path"], json!(["first"]), "{error}");
    assert_eq!(error["extensions"]["reason"], "OUT_OF_RANGE");
}

#[tokio::test]
async fn what_is_no_part_of_the_input_has_no_place_in_it() {
    let error = refused(r#"mutation { close(id: "it") }"#).await;
    assert_eq!(
        error["extensions"],
        json!({
            "code": "SERVICE_UNAVAILABLE", "reason": "NOT_READY_YET", "field": "name", "retryAfterSeconds": 3,
        })
    );
}

#[tokio::test]
async fn every_error_has_a_code_and_a_reason() {
    for (query, code, reason) in [
        ("mutation { clean }", "INTERNAL", "FAULT"),
        ("{ nothing }", "BAD_USER_INPUT", "UNREADABLE_REQUEST"),
        ("{ hall", "BAD_USER_INPUT", "UNREADABLE_REQUEST"),
        (
            "mutation { a: clean b: clean c: clean d: clean e: clean f: clean }",
            "BAD_USER_INPUT",
            "OPERATION_TOO_LARGE",
        ),
    ] {
        let error = refused(query).await;
        let told = &error["extensions"];
        assert_eq!((&told["code"], &told["reason"]), (&json!(code), &json!(reason)), "{query}: {error}");
        assert!(told["path"].is_null() && told["problems"].is_null(), "{query}: {error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
