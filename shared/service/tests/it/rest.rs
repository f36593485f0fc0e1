//! REST over real connections: problems, extractors, the document.

use axum::{Router, extract::State};
use kernel::{EventId, Fault, SystemClock, UserId};
use reqwest::{
    Method, Response,
    header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{
    Caller, Foundation, TokenVerifier,
    rest::{
        About, Answer, IdempotencyKey, Json, NotFound, OpenApiRouter, Page, Path, Query, TooManyRequests,
        UnprocessableContent, mount, routes,
    },
};
use tokio::net::TcpListener;
use utoipa::ToSchema;

use crate::world::{Signer, claims};

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wish {
    /// What.
    title: String,
    /// How many.
    lines: Vec<Line>,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    /// So many.
    seat_count: u8,
}

#[derive(Deserialize, utoipa::IntoParams)]
struct Which {
    /// The event.
    #[param(value_type = uuid::Uuid)]
    id: EventId,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    /// How many.
    first: Option<u8>,
    /// Words.
    #[serde(default)]
    tags: Vec<String>,
}

/// Wishes something.
#[utoipa::path(post, path = "/wishes", tag = "wishes", params(IdempotencyKey), security(("bearerAuth" = [])),
    responses((status = 201, body = Wish), UnprocessableContent))]
async fn make_wish(caller: Caller, key: IdempotencyKey, Json(wish): Json<Wish>) -> Answer<Json<Value>> {
    Ok(Json(json!({ "by": caller.user, "key": key.0, "title": wish.title, "lines": wish.lines.len() })))
}

/// Finds an event.
#[utoipa::path(get, path = "/events/{id}", params(Which, Filter), responses((status = 200, body = Page<Line>), NotFound))]
async fn event(
    State(found): State<bool>,
    caller: Option<Caller>,
    Path(which): Path<Which>,
    Query(filter): Query<Filter>,
) -> Answer<Json<Value>> {
    if !found {
        return Err(kernel::Refusal::not_found("event").into());
    }
    let user = caller.map(|caller| caller.user);
    Ok(Json(json!({ "id": which.id, "first": filter.first, "tags": filter.tags, "by": user })))
}

/// Breaks in some way.
#[utoipa::path(get, path = "/broken/{how}", params(("how" = String, Path)), responses((status = 200, description = "Never."), TooManyRequests))]
async fn broken(axum::extract::Path(how): axum::extract::Path<String>) -> Answer<()> {
    Err(match how.as_str() {
        "passing" => Fault::passing("asking", "a secret").into(),
        "often" => {
            let often = kernel::Refusal::new(kernel::reasons::TOO_MANY_REQUESTS, "Too often.");
            often.with("retryAfterSeconds", 60).into()
        }
        "panic" => panic!("a secret"),
        _ => Fault::new("asking", "a secret").into(),
    })
}

fn sample() -> OpenApiRouter<bool> {
    OpenApiRouter::new().routes(routes!(make_wish)).routes(routes!(event)).routes(routes!(broken))
}

const ABOUT: About = About { service: "sample", description: "A sample." };

struct Sample {
    url: String,
    signer: Signer,
    client: reqwest::Client,
}

impl Sample {
    async fn start() -> Self {
        let signer = Signer::new(7, "k1");
        let clock = std::sync::Arc::new(SystemClock);
        let foundation = Foundation {
            bus: std::sync::Arc::new(messaging::InProcessBus::new()),
            tokens: TokenVerifier::with_keys(signer.published(), clock.clone()),
            clock,
        };
        let routes = mount(ABOUT, sample().with_state(true), &foundation);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/sample", listener.local_addr().unwrap());
        // As services do, beside other routes.
        let routes = Router::new().route("/graphql", axum::routing::get(async || "graph")).merge(routes);
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, signer, client: reqwest::Client::new() }
    }

    fn token(&self) -> String {
        use kernel::Clock as _;
        self.signer.sign(&claims(UserId::new(), SystemClock.now() + chrono::Duration::minutes(15)))
    }

    async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    fn wish(&self) -> reqwest::RequestBuilder {
        let ask = self.client.post(format!("{}/v1/wishes", self.url));
        ask.bearer_auth(self.token()).header("Idempotency-Key", "k")
    }
}

async fn problem(response: Response) -> Value {
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json", "{response:?}");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    let status = response.status();
    let problem: Value = response.json().await.unwrap();
    assert_eq!(problem["status"], status.as_u16());
    let code = problem["code"].as_str().unwrap().to_lowercase().replace('_', "-");
    assert_eq!(problem["type"], format!("urn:odysseus:problem:{code}"));
    assert!(problem["reason"].is_string(), "{problem}");
    assert_eq!(problem["title"], status.canonical_reason().unwrap());
    problem
}

#[tokio::test]
async fn what_cannot_be_read_is_a_problem_that_names_the_field() {
    let sample = Sample::start().await;
    for (body, field, pointer, reason) in [
        ("", "body", "#", "UNREADABLE_REQUEST"),
        ("{", "body", "#", "UNREADABLE_REQUEST"),
        ("{}", "title", "#/title", "REQUIRED"),
        (r#"{"title": 1, "lines": []}"#, "title", "#/title", "MALFORMED"),
        (
            r#"{"title": "x", "lines": [{"seatCount": 1}, {"seatCount": 300}]}"#,
            "lines[1].seatCount",
            "#/lines/1/seatCount",
            "MALFORMED",
        ),
        (r#"{"title": "x", "lines": [{}]}"#, "lines[0].seatCount", "#/lines/0/seatCount", "REQUIRED"),
        (r#"{"title": "x", "lines": [], "other": 1}"#, "other", "#/other", "UNKNOWN"),
        (r#"{"title": "x", "title": "y", "lines": []}"#, "title", "#/title", "DUPLICATE"),
        (r#"{"title": "\u0000", "lines": []}"#, "title", "#/title", "FORBIDDEN_CHARACTERS"),
        (
            r#"{"title": "x", "lines": [{"seatCount": 1}, {"note": "\u0000"}]}"#,
            "lines[1].note",
            "#/lines/1/note",
            "FORBIDDEN_CHARACTERS",
        ),
    ] {
        let response =
            sample.wish().header(CONTENT_TYPE, "application/json").body(body).send().await.unwrap();
        let problem = problem(response).await;
        assert_eq!(problem["status"], 400, "{body}: {problem}");
        assert_eq!(problem["code"], "BAD_USER_INPUT", "{body}: {problem}");
        assert_eq!(problem["field"], field, "{body}: {problem}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
        assert_eq!((&problem["reason"], &problem["errors"][0]["reason"]), (&json!(reason), &json!(reason)));
        assert_eq!(
            problem["detail"],
            format!("{field}: {}", problem["errors"][0]["detail"].as_str().unwrap())
        );
    }
    let id = EventId::new();
    for (path, field) in [
        (format!("/v1/events/{id}?first=many"), "first"),
        (format!("/v1/events/{id}?first=-1"), "first"),
        (format!("/v1/events/{id}?first=1&first=2"), "first"),
        (format!("/v1/events/{id}?last=1"), "last"),
        (format!("/v1/events/{id}?first=1&tags=a%00b"), "tags"),
        ("/v1/events/%00".to_owned(), "id"),
        ("/v1/events/42".to_owned(), "id"),
        ("/v1/events/%FF".to_owned(), "id"),
    ] {
        let problem = problem(sample.get(&path).await).await;
        assert_eq!(
            (&problem["status"], &problem["field"]),
            (&json!(400), &json!(field)),
            "{path}: {problem}"
        );
        let part = problem["errors"][0].as_object().unwrap();
        assert_eq!(part["parameter"], field, "{path}: {problem}");
        assert!(!part.contains_key("pointer"), "{path}: {problem}");
    }
}

#[tokio::test]
async fn all_values_that_cannot_be_read_are_told_at_once() {
    let sample = Sample::start().await;
    let told = |problem: &Value, by: &str| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = problem["errors"].as_array().unwrap().iter();
        errors.map(|error| (text(&error[by]), text(&error["reason"]))).collect()
    };
    let expected = |errors: &[(&str, &str)]| -> Vec<(String, String)> {
        errors.iter().map(|(at, why)| ((*at).to_owned(), (*why).to_owned())).collect()
    };
    // In the order of their names.
    for (body, errors) in [
        (r#"{"title": 1, "lines": 2}"#, &[("#/lines", "MALFORMED"), ("#/title", "MALFORMED")][..]),
        (
            r#"{"lines": [{"seatCount": 1}, {"seatCount": 300, "other": 1}], "title": 1, "more": 1}"#,
            &[
                ("#/lines/1/other", "UNKNOWN"),
                ("#/lines/1/seatCount", "MALFORMED"),
                ("#/more", "UNKNOWN"),
                ("#/title", "MALFORMED"),
            ],
        ),
        (
            r#"{"lines": [{}], "more": 1}"#,
            &[("#/lines/0/seatCount", "REQUIRED"), ("#/more", "UNKNOWN"), ("#/title", "REQUIRED")],
        ),
        ("{}", &[("#/title", "REQUIRED"), ("#/lines", "REQUIRED")]),
        (
            r#"{"title": 1, "more": 1}"#,
            &[("#/more", "UNKNOWN"), ("#/title", "MALFORMED"), ("#/lines", "REQUIRED")],
        ),
        ("7", &[("#", "MALFORMED")]),
    ] {
        let response =
            sample.wish().header(CONTENT_TYPE, "application/json").body(body).send().await.unwrap();
        assert_eq!(told(&problem(response).await, "pointer"), expected(errors), "{body}");
    }
    let path = format!("/v1/events/{}?first=x&tags=jazz&last=1&more=2&first=3", EventId::new());
    let problem = problem(sample.get(&path).await).await;
    let errors = [("first", "DUPLICATE"), ("last", "UNKNOWN"), ("more", "UNKNOWN")];
    assert_eq!(told(&problem, "parameter"), expected(&errors), "{problem}");
}

#[tokio::test]
async fn what_can_be_read_arrives() {
    let sample = Sample::start().await;
    // An escaped backslash before `u0000` is no NUL.
    let wish = json!({ "title": "\\u0000", "lines": [{ "seatCount": 2 }] });
    let answer: Value = sample.wish().json(&wish).send().await.unwrap().json().await.unwrap();
    assert_eq!((&answer["key"], &answer["lines"]), (&json!("k"), &json!(1)));
    let id = EventId::new();
    let response = sample.get(&format!("/v1/events/{id}?tags=jazz&first=3&tags=late+night")).await;
    assert_eq!(response.headers()["cache-control"], "no-store");
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer, json!({ "id": id, "first": 3, "tags": ["jazz", "late night"], "by": null }));
}

#[tokio::test]
async fn bodies_of_another_kind_or_size_are_problems() {
    let sample = Sample::start().await;
    let text = sample.wish().header(CONTENT_TYPE, "text/plain").body("{}").send().await.unwrap();
    let unsupported = problem(text).await;
    assert_eq!((&unsupported["status"], &unsupported["field"]), (&json!(415), &json!("Content-Type")));
    let huge = json!({ "title": "x".repeat(70_000), "lines": [] });
    assert_eq!(problem(sample.wish().json(&huge).send().await.unwrap()).await["status"], 413);
}

#[tokio::test]
async fn who_does_not_show_who_they_are_is_told_how() {
    let sample = Sample::start().await;
    let wish = format!("{}/v1/wishes", sample.url);
    let event = format!("{}/v1/events/{}", sample.url, EventId::new());
    for (method, url, token) in [
        (Method::POST, &wish, None),
        (Method::POST, &wish, Some("x.y.z")),
        (Method::GET, &event, Some("x.y.z")),
        (Method::GET, &event, Some("")),
    ] {
        let mut request = sample.client.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer realm=\"odysseus\"");
        let problem = problem(response).await;
        assert_eq!((&problem["status"], &problem["code"]), (&json!(401), &json!("UNAUTHENTICATED")));
    }
    let key = "x".repeat(101);
    for key in ["", "two words", "ü", &key] {
        let ask = sample.client.post(&wish).bearer_auth(sample.token()).header("Idempotency-Key", key);
        let problem = problem(ask.json(&json!({})).send().await.unwrap()).await;
        assert_eq!(problem["field"], "Idempotency-Key", "{key}");
        assert_eq!(problem["errors"][0]["header"], "Idempotency-Key", "{key}");
    }
}

#[tokio::test]
async fn a_fault_is_not_shown_and_a_limit_says_when_to_come_again() {
    let sample = Sample::start().await;
    for (how, status, code, later) in [
        ("x", 500, "INTERNAL", None),
        ("panic", 500, "INTERNAL", None),
        ("passing", 503, "SERVICE_UNAVAILABLE", Some("1")),
        ("often", 429, "RATE_LIMITED", Some("60")),
    ] {
        let response = sample.get(&format!("/v1/broken/{how}")).await;
        let again = response.headers().get(RETRY_AFTER).map(|again| again.to_str().unwrap().to_owned());
        assert_eq!(again.as_deref(), later);
        let problem = problem(response).await;
        assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)));
        assert!(!problem.to_string().contains("secret"), "{problem}");
    }
}

#[tokio::test]
async fn where_nothing_is_and_what_is_not_for_a_path_are_problems() {
    let sample = Sample::start().await;
    for path in ["/v1/nothing", "/nothing", "", "/", "/v1", "/v2/wishes"] {
        let problem = problem(sample.get(path).await).await;
        assert_eq!((&problem["status"], &problem["code"]), (&json!(404), &json!("NOT_FOUND")), "{path}");
    }
    let response = sample.client.delete(format!("{}/v1/wishes", sample.url)).send().await.unwrap();
    assert_eq!(response.headers()[ALLOW], "POST");
    assert_eq!(problem(response).await["status"], 405);
    let graph = sample.url.replace("/api/sample", "/graphql");
    assert_eq!(sample.client.get(graph).send().await.unwrap().text().await.unwrap(), "graph");
}

#[tokio::test]
async fn the_document_and_its_page_are_served() {
    let sample = Sample::start().await;
    let document: Value = sample.get("/openapi.json").await.json().await.unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let wish = &document["paths"]["/api/sample/v1/wishes"]["post"];
    assert_eq!(wish["operationId"], "makeWish");
    assert_eq!(wish["parameters"][0]["name"], "Idempotency-Key");
    let answers: Vec<&String> = wish["responses"].as_object().unwrap().keys().collect();
    assert_eq!(answers, ["201", "400", "401", "413", "415", "422", "500", "503"]);
    let event = &document["paths"]["/api/sample/v1/events/{id}"]["get"];
    assert_eq!(event["parameters"].as_array().unwrap().len(), 3);
    assert_eq!(event["parameters"][0]["schema"], json!({ "type": "string", "format": "uuid" }));
    assert_eq!(event["parameters"][1]["schema"]["type"], "integer");
    let problem = &document["components"]["schemas"]["Problem"];
    assert_eq!(problem["properties"]["code"]["enum"].as_array().unwrap().len(), 15);
    assert_eq!(problem["required"], json!(["type", "title", "status", "detail", "code", "reason"]));
    let page = sample.get("/swagger-ui").await;
    assert_eq!(page.url().path(), "/api/sample/swagger-ui/");
    assert!(page.text().await.unwrap().contains("swagger-ui"));
    let start = sample.get("/swagger-ui/swagger-initializer.js").await.text().await.unwrap();
    assert!(start.contains("/api/sample/openapi.json"), "{start}");
}
