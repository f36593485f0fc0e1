//! What REST tells and is asked by headers: where the next page is, what may be kept, which call is the same again.

use std::sync::Arc;

use kernel::{Cursor, PageAsk, SystemClock, UserId};
use reqwest::{
    Client, Method, RequestBuilder, Response,
    header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK, VARY},
};
use serde::Deserialize;
use serde_json::{Value, json};
use service::{
    Caller, Foundation,
    rest::{
        About, Answer, Caching, IdempotencyKey, Json, OpenApiRouter, OptionalIdempotencyKey, Page, PageQuery,
        Query, document, mount, routes,
    },
};
use testbed::{Served, Signer, problem};

const ABOUT: About = About { service: "sample", description: "A sample." };
const NAMES: [&str; 5] = ["Ada", "Bea", "Cleo", "Dora", "Eve"];

/// Lists names.
#[utoipa::path(get, path = "/names", params(PageQuery), security((), ("bearerAuth" = [])),
    responses((status = 200, description = "A page.", body = Page<String>), (status = 304, description = "The same.")))]
async fn names(
    caller: Option<Caller>,
    Query(query): Query<PageQuery>,
) -> Answer<(Caching, Page<&'static str>)> {
    let ask = PageAsk::parse(query.first, query.after.as_deref(), 20)?;
    let from = ask.after.map_or(0, |after| NAMES.iter().position(|name| *name == after.key()).unwrap() + 1);
    let until = NAMES.len().min(from + usize::try_from(ask.first).unwrap());
    let items = NAMES[from..until].iter().map(|name| (Cursor::after(*name), *name)).collect();
    let page = kernel::Page { items, has_next: until < NAMES.len(), total: 5 };
    Ok((Caching::by_caller(caller.as_ref(), 5), page.into()))
}

/// Tells a secret, which is not kept.
#[utoipa::path(get, path = "/secret", responses((status = 200, description = "It.")))]
async fn secret() -> Json<Value> {
    Json(json!({ "secret": 1 }))
}

/// Tells what all are told.
#[utoipa::path(get, path = "/notice", responses((status = 200, description = "It."), (status = 304, description = "The same.")))]
async fn notice() -> (Caching, Json<Value>) {
    (Caching::same_for_all(300), Json(json!({ "notice": 1 })))
}

#[derive(Deserialize, utoipa::ToSchema)]
struct Mark {
    /// Which.
    nonce: Option<String>,
}

/// Does something once.
#[utoipa::path(post, path = "/keyed", params(IdempotencyKey), responses((status = 200, description = "Done.")))]
async fn keyed(IdempotencyKey(key): IdempotencyKey) -> Json<Value> {
    Json(json!({ "key": key }))
}

/// Does something, once where there is a mark.
#[utoipa::path(post, path = "/marked", params(OptionalIdempotencyKey), responses((status = 200, description = "Done.")))]
async fn marked(key: OptionalIdempotencyKey, Json(mark): Json<Mark>) -> Answer<Json<Value>> {
    Ok(Json(json!({ "key": key.or_said_in("nonce", mark.nonce)? })))
}

/// Does something each time.
#[utoipa::path(post, path = "/things/{id}", params(("id" = u8, Path, description = "Which.")),
    responses((status = 200, description = "Done.")))]
async fn keyless() -> Json<Value> {
    Json(json!({}))
}

fn sample() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(names))
        .routes(routes!(secret))
        .routes(routes!(notice))
        .routes(routes!(keyed))
        .routes(routes!(marked))
        .routes(routes!(keyless))
}

struct Sample {
    served: Served,
    signer: Signer,
    client: Client,
}

impl Sample {
    async fn start() -> Self {
        let clock = Arc::new(SystemClock);
        let signer = Signer::new(clock.clone());
        let bus = Arc::new(messaging::InProcessBus::new());
        let foundation = Foundation { bus, tokens: signer.verifier(), clock };
        let served = Served::start(mount(ABOUT, sample(), &foundation)).await;
        Self { served, signer, client: Client::new() }
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.served.url))
    }

    async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.unwrap()
    }

    async fn knowing(&self, path: &str, tag: &str) -> Response {
        self.ask(Method::GET, path).header(IF_NONE_MATCH, tag).send().await.unwrap()
    }
}

fn header(response: &Response, name: reqwest::header::HeaderName) -> Option<String> {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn each_page_but_the_last_says_where_the_next_is() {
    let sample = Sample::start().await;
    let (mut path, mut seen) = ("/api/sample/v1/names?first=2".to_owned(), Vec::new());
    loop {
        let response = sample.get(&path).await;
        let link = header(&response, LINK);
        let page: Value = response.json().await.unwrap();
        seen.extend(page["items"].as_array().unwrap().clone());
        assert_eq!(link.is_some(), page["pageInfo"]["hasNextPage"].as_bool().unwrap());
        let Some(link) = link else { break };
        path = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned();
        let cursor = page["pageInfo"]["endCursor"].as_str().unwrap();
        assert_eq!(path, format!("/api/sample/v1/names?first=2&after={cursor}"), "the query is kept");
    }
    assert_eq!(seen, NAMES);
    assert_eq!(header(&sample.get("/api/sample/v1/secret").await, LINK), None);
}

#[tokio::test]
async fn who_has_an_answer_that_may_be_kept_is_sent_nothing() {
    let sample = Sample::start().await;
    for (path, control, vary) in [
        ("/api/sample/v1/notice", "public, max-age=300", None),
        ("/api/sample/v1/names?first=2", "public, max-age=5", Some("authorization")),
    ] {
        let response = sample.get(path).await;
        assert_eq!(header(&response, CACHE_CONTROL).as_deref(), Some(control));
        assert_eq!(header(&response, VARY).as_deref(), vary);
        let tag = header(&response, ETAG).unwrap();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 20, "it is strong: {tag}");
        let length = response.content_length().unwrap();
        let head = sample.ask(Method::HEAD, path).send().await.unwrap();
        assert_eq!(header(&head, ETAG).as_deref(), Some(tag.as_str()), "without the body it is the same");
        assert_eq!(header(&head, CONTENT_LENGTH), Some(length.to_string()));
        for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let unchanged = sample.knowing(path, &known).await;
            assert_eq!(unchanged.status(), 304, "{known}");
            assert_eq!(header(&unchanged, ETAG).as_deref(), Some(tag.as_str()));
            assert_eq!(header(&unchanged, CACHE_CONTROL).as_deref(), Some(control));
            assert_eq!(header(&unchanged, VARY).as_deref(), vary);
            assert_eq!(header(&unchanged, CONTENT_TYPE), None);
            assert_eq!(unchanged.bytes().await.unwrap().len(), 0);
        }
        let other = sample.knowing(path, "\"x\"").await;
        assert_eq!((other.status().as_u16(), other.content_length()), (200, Some(length)));
    }
    let (two, three) =
        tokio::join!(sample.get("/api/sample/v1/names?first=2"), sample.get("/api/sample/v1/names?first=3"));
    assert_ne!(header(&two, ETAG), header(&three, ETAG), "another answer has another tag");
}

#[tokio::test]
async fn what_is_for_one_caller_is_kept_by_nobody_else_and_a_refusal_by_nobody() {
    let sample = Sample::start().await;
    let path = "/api/sample/v1/names?first=2";
    let own = sample.ask(Method::GET, path).bearer_auth(sample.signer.token(UserId::new()));
    let own = own.send().await.unwrap();
    assert_eq!(header(&own, CACHE_CONTROL).as_deref(), Some("private, no-cache"));
    assert_eq!(header(&own, VARY).as_deref(), Some("authorization"));
    assert!(header(&own, ETAG).is_some());
    for path in ["/api/sample/v1/secret", "/api/sample/v1/names?first=1000", "/api/sample/v1/nothing"] {
        let response = sample.knowing(path, "*").await;
        assert_ne!(response.status(), 304, "{path}");
        assert_eq!(header(&response, CACHE_CONTROL).as_deref(), Some("no-store"), "{path}");
        assert_eq!(header(&response, ETAG), None, "{path}");
    }
}

#[tokio::test]
async fn a_key_is_kept_or_refused_and_never_passed_over() {
    let sample = Sample::start().await;
    let post = async |path: &str, key: Option<&str>, body: Value| {
        let mut request = sample.ask(Method::POST, &format!("/api/sample/v1{path}")).json(&body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        request.send().await.unwrap()
    };
    let answer = async |response: Response| response.json::<Value>().await.unwrap()["key"].clone();
    assert_eq!(answer(post("/keyed", Some("a"), json!({})).await).await, "a");
    assert_eq!(answer(post("/marked", None, json!({})).await).await, Value::Null);
    assert_eq!(answer(post("/marked", Some("a"), json!({})).await).await, "a");
    assert_eq!(answer(post("/marked", None, json!({ "nonce": "b" })).await).await, "b");
    assert_eq!(answer(post("/marked", Some("b"), json!({ "nonce": "b" })).await).await, "b");
    assert_eq!(post("/things/1", None, json!({})).await.status(), 200);
    for (path, key, body) in [
        ("/keyed", None, json!({})),
        ("/keyed", Some("two words"), json!({})),
        ("/marked", Some(""), json!({})),
        ("/marked", Some("a"), json!({ "nonce": "b" })),
        ("/things/1", Some("a"), json!({})),
    ] {
        let refused = problem(post(path, key, body).await).await;
        assert_eq!((&refused["status"], &refused["code"]), (&json!(400), &json!("BAD_USER_INPUT")), "{path}");
        assert_eq!(refused["field"], "Idempotency-Key", "{refused}");
    }
    // Where nothing is, and where nothing is done, there is nothing to be done twice.
    assert_eq!(post("/nothing", Some("a"), json!({})).await.status(), 404);
    assert_eq!(post("/notice", Some("a"), json!({})).await.status(), 405);
    let read = sample.ask(Method::GET, "/api/sample/v1/notice").header("idempotency-key", "a");
    assert_eq!(read.send().await.unwrap().status(), 200);
}

#[test]
fn the_document_tells_of_these_headers() {
    let document = document(ABOUT, sample().into_openapi());
    let operation =
        |path: &str, method: &str| document["paths"][format!("/api/sample/v1{path}")][method].clone();
    let list = operation("/names", "get");
    let told = &list["responses"]["200"]["headers"];
    assert!(told["Link"]["description"].is_string() && told["ETag"]["description"].is_string(), "{list}");
    let asked: Vec<_> = list["parameters"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(asked, ["first", "after", "If-None-Match"]);
    assert_eq!(operation("/notice", "get")["parameters"][0]["name"], "If-None-Match");
    assert_eq!(operation("/secret", "get")["responses"]["200"]["headers"], Value::Null);
    assert_eq!(operation("/keyed", "post")["parameters"][0]["required"], true);
    assert_eq!(operation("/marked", "post")["parameters"][0]["required"], false);
}
