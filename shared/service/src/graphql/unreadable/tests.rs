use async_graphql::{EmptyMutation, EmptySubscription, InputObject, Object, Request, Schema, Variables};
use serde_json::json;

use super::super::{MoneyInput, Operations};
use super::*;

#[derive(InputObject)]
struct Wish {
    from: DateTime<Utc>,
    lines: Vec<Line>,
}

#[derive(InputObject)]
struct Line {
    quantity: i32,
    price: Option<MoneyInput>,
}

struct Query;

#[Object]
impl Query {
    async fn shelf(&self) -> Shelf {
        Shelf
    }

    async fn natural(&self, number: u32) -> u32 {
        number
    }

    async fn wish(&self, input: Option<Wish>, first: Option<i32>) -> usize {
        input.map_or(0, |wish| {
            let years = wish.from.timestamp().unsigned_abs();
            let priced = |line: &Line| usize::from(line.price.is_some());
            wish.lines.iter().map(|line| line.quantity.unsigned_abs() as usize + priced(line)).sum::<usize>()
                + usize::try_from(years + u64::from(first.unwrap_or(0).unsigned_abs())).unwrap_or(0)
        })
    }
}

struct Shelf;

#[Object]
impl Shelf {
    async fn books(&self, since: Option<DateTime<Utc>>, sorted: Option<bool>) -> bool {
        since.is_some() && sorted.unwrap_or_default()
    }
}

async fn told(query: &str, variables: serde_json::Value) -> serde_json::Value {
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription).extension(Operations).finish();
    let request = Request::new(query).variables(Variables::from_json(variables));
    serde_json::to_value(&schema.execute(request).await.errors[0]).unwrap()
}

#[tokio::test]
async fn all_that_cannot_be_read_is_told_at_once_with_its_place() {
    let lines = json!([{ "quantity": 1_i64 << 40 }, { "quantity": 1, "price": { "amount": 12.5, "currency": "EUR" } }]);
    let wish = json!({ "input": { "from": "tomorrow", "lines": lines } });
    let error = told("query($input: Wish) { again: wish(input: $input) }", wish).await;
    let paths: Vec<_> =
        error["extensions"]["problems"].as_array().unwrap().iter().map(|one| &one["path"]).collect();
    assert_eq!(
        paths,
        [
            &json!(["input", "from"]),
            &json!(["input", "lines", "0", "quantity"]),
            &json!(["input", "lines", "1", "price", "amount"])
        ],
        "{error}"
    );
    assert_eq!(error["extensions"]["path"], json!(["input", "from"]));
    assert_eq!(error["extensions"]["reason"], "MALFORMED");
    assert!(!error["message"].as_str().unwrap().contains("occurred while parsing"), "{error}");
}

#[tokio::test]
async fn an_argument_within_is_named_as_well() {
    for (query, field, message) in [
        (
            r#"{ shelf { books(since: "soon") } }"#,
            "since",
            "since: must be an instant by RFC 3339, such as 2027-03-14T19:30:00Z",
        ),
        (
            r#"{ shelf { ...there } } fragment there on Shelf { it: books(since: "soon") }"#,
            "since",
            "since: must be an instant by RFC 3339, such as 2027-03-14T19:30:00Z",
        ),
        (r#"{ shelf { books(sorted: "very") } }"#, "sorted", "sorted: must be true or false"),
        ("{ natural(number: -1) }", "number", "number: must be a whole number, 0 or more"),
    ] {
        let error = told(query, json!({})).await;
        assert_eq!((&error["extensions"]["field"], &error["message"]), (&json!(field), &json!(message)));
        assert_eq!(error["extensions"]["path"], json!([field]), "{error}");
    }
}

async fn named(query: &str, variables: serde_json::Value) -> String {
    refused(query, variables).await.0
}

async fn refused(query: &str, variables: serde_json::Value) -> (String, String) {
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription).extension(Operations).finish();
    let request = Request::new(query).variables(Variables::from_json(variables));
    let errors = schema.execute(request).await.errors;
    let error = serde_json::to_value(&errors[0]).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    (text(&error["extensions"]["field"]), text(&error["message"]))
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_told_by_what_would_be_right() {
    let input = "query($input: Wish) { wish(input: $input) }";
    let never = json!({ "input": { "from": "tomorrow", "lines": [] } });
    let message = "from: must be an instant by RFC 3339, such as 2027-03-14T19:30:00Z";
    assert_eq!(refused(input, never).await.1, message);
    let many = refused("{ wish(first: 99999999999) }", json!({})).await.1;
    assert_eq!(many, "first: must be a whole number between -2147483648 and 2147483647");
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_named_by_its_field() {
    let input = "query($input: Wish) { wish(input: $input) }";
    let line = |quantity: i64| json!({ "quantity": quantity });
    let huge = json!({ "input": { "from": "2026-01-01T00:00:00Z", "lines": [line(1), line(1 << 40)] } });
    assert_eq!(named(input, huge).await, "lines[1].quantity");
    let never = json!({ "input": { "from": "tomorrow", "lines": [] } });
    assert_eq!(named(input, never).await, "from");
    for price in [
        json!({ "amount": 12.5, "currency": "EUR" }),
        json!({ "amount": "1".repeat(41), "currency": "EUR" }),
        json!({ "amount": true, "currency": "EUR" }),
    ] {
        let lines = json!([line(1), { "quantity": 1, "price": price }]);
        let wish = json!({ "input": { "from": "2026-01-01T00:00:00Z", "lines": lines } });
        assert_eq!(named(input, wish).await, "lines[1].price.amount");
    }
    let price = json!({ "amount": "12.50", "currency": 978 });
    let wish =
        json!({ "input": { "from": "2026-01-01T00:00:00Z", "lines": [{ "quantity": 1, "price": price }] } });
    assert_eq!(named(input, wish).await, "lines[0].price.currency");
    assert_eq!(named("{ wish(first: 99999999999) }", json!({})).await, "first");
    let first = "query($n: Int) { wish(first: $n) }";
    assert_eq!(named(first, json!({ "n": -99_999_999_999_i64 })).await, "first");
}
