use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    response::Response,
    routing::any,
};
use futures::StreamExt as _;
use router::Proxied;
use serde_json::json;
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    errors::nobody,
    support::{Platform, within},
};

/// A service that says what it was asked.
pub(crate) async fn mirror() -> String {
    let app = Router::new().fallback(any(async |request: Request| {
        let (head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let header = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let seen = json!({
            "method": head.method.as_str(), "path": head.uri.to_string(), "body": String::from_utf8_lossy(&body),
            "authorization": header("authorization"), "forwardedFor": header("x-forwarded-for"),
            "forwardedHost": header("x-forwarded-host"), "client": header("x-client-address"),
        });
        Response::builder().status(201).header("x-mirror", "yes").body(Body::from(seen.to_string())).unwrap()
    }));
    serve(app).await
}

async fn serve(app: Router) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

pub(crate) async fn in_front_of(target: String) -> Platform {
    Platform::start_with(|options, _| {
        for prefix in ["/api/users", "/api/events"] {
            options.proxies.push(Proxied { prefix: prefix.into(), target: target.clone() });
        }
    })
    .await
}

#[tokio::test]
async fn a_request_is_passed_on_whole_and_so_is_the_answer() {
    let platform = in_front_of(mirror().await).await;
    let request = platform
        .client
        .put(platform.url("/api/users/me?fields=name"))
        .header("authorization", "Bearer mine")
        .body("the body");
    let response = within(request.send()).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-mirror"], "yes");
    let seen: serde_json::Value = response.json().await.unwrap();
    let host = platform.router.url.trim_start_matches("http://");
    assert_eq!(
        seen,
        json!({
            "method": "PUT", "path": "/api/users/me?fields=name", "body": "the body",
            "authorization": "Bearer mine", "forwardedFor": "127.0.0.1", "forwardedHost": host,
            "client": "127.0.0.1",
        })
    );
}

#[tokio::test]
async fn an_answer_is_passed_on_while_it_is_still_being_written() {
    let (write, read) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let read = std::sync::Arc::new(std::sync::Mutex::new(Some(read)));
    let app = Router::new().fallback(any(move || {
        let read = read.lock().unwrap().take().unwrap();
        async { Response::new(Body::from_stream(ReceiverStream::new(read))) }
    }));
    let platform = in_front_of(serve(app).await).await;
    write.send(Ok("first".into())).await.unwrap();
    let mut pieces = platform.get("/api/users/export").await.bytes_stream();
    assert_eq!(within(pieces.next()).await.unwrap().unwrap(), "first");
    write.send(Ok("second".into())).await.unwrap();
    assert_eq!(within(pieces.next()).await.unwrap().unwrap(), "second");
    drop(write);
    assert!(within(pieces.next()).await.is_none());
}

#[tokio::test]
async fn who_has_an_answer_is_told_so_and_the_line_stays_open() {
    let app = Router::new().fallback(any(async |request: Request| {
        let known = request.headers().get("if-none-match").is_some_and(|tag| tag == "\"1\"");
        let answer = Response::builder().header("etag", "\"1\"").header("cache-control", "public, max-age=5");
        let answer = answer.header("link", "</api/users/list?after=b>; rel=\"next\"");
        if known { answer.status(304).body(Body::empty()) } else { answer.body(Body::from("all of it")) }
            .unwrap()
    }));
    let platform = in_front_of(serve(app).await).await;
    let ask = |tag: &'static str| {
        let request = platform.client.get(platform.url("/api/users/list")).header("if-none-match", tag);
        within(request.send())
    };
    // One after the other on one line: what is wrongly framed would be read as the next answer.
    for _ in 0..3 {
        let unchanged = ask("\"1\"").await.unwrap();
        assert_eq!(
            (unchanged.status().as_u16(), &unchanged.headers()["etag"]),
            (304, &"\"1\"".parse().unwrap())
        );
        for of_a_body in ["transfer-encoding", "content-length"] {
            assert!(!unchanged.headers().contains_key(of_a_body), "{unchanged:?}");
        }
        assert_eq!(within(unchanged.text()).await.unwrap(), "");
        let whole = ask("\"0\"").await.unwrap();
        assert_eq!(whole.headers()["cache-control"], "public, max-age=5");
        assert_eq!(whole.headers()["link"], "</api/users/list?after=b>; rel=\"next\"");
        assert_eq!(within(whole.text()).await.unwrap(), "all of it");
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_does_not_reach_the_service() {
    let platform = in_front_of(mirror().await).await;
    for (path, megabytes) in
        [("/api/users/avatar", 3), ("/api/users/avatar", 9), ("/api/events/v1/events/e/image", 12)]
    {
        let request = platform.client.put(platform.url(path)).body(vec![0u8; megabytes * 1024 * 1024]);
        let response = within(request.send()).await.unwrap();
        assert_eq!(response.status(), 413, "{megabytes} MiB to {path}");
        assert!(within(response.text()).await.unwrap().contains("limit"));
    }
}

#[tokio::test]
async fn a_picture_of_an_event_reaches_the_service_whole() {
    let platform = in_front_of(mirror().await).await;
    let picture = "x".repeat(10 * 1024 * 1024);
    let request = platform.client.put(platform.url("/api/events/v1/events/e/image")).body(picture.clone());
    let response = within(request.send()).await.unwrap();
    let seen: serde_json::Value = within(response.json()).await.unwrap();
    assert!(seen["body"] == picture, "{} bytes arrived", seen["body"].as_str().unwrap().len());
}

#[tokio::test]
async fn a_service_that_is_down_is_unavailable_and_others_are_not_found() {
    let platform = in_front_of(nobody()).await;
    let response = platform.get("/api/users/me").await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let answer: serde_json::Value = response.json().await.unwrap();
    assert_eq!(
        (answer["code"].as_str(), answer["status"].as_u64()),
        (Some("SERVICE_UNAVAILABLE"), Some(503))
    );
    let response = platform.get("/api/usersettings").await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"] == "application/problem+json"),
        (404, true)
    );
    assert_eq!(response.json::<serde_json::Value>().await.unwrap()["code"], "NOT_FOUND");
    let page = platform.get("/nowhere").await;
    assert_eq!(
        (page.status().as_u16(), page.headers()["content-type"].to_str().unwrap()),
        (404, "text/html; charset=utf-8")
    );
}

#[tokio::test]
async fn a_service_that_says_when_to_come_again_is_heard() {
    let problem = r#"{"type":"urn:odysseus:problem:service-unavailable","code":"SERVICE_UNAVAILABLE"}"#;
    let app = Router::new().fallback(any(async move || {
        let answer = Response::builder().status(503).header("retry-after", "7");
        answer.header("content-type", "application/problem+json").body(Body::from(problem)).unwrap()
    }));
    let platform = in_front_of(serve(app).await).await;
    let answer = platform.get("/api/users/v1/me").await;
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "7");
    assert_eq!(within(answer.text()).await.unwrap(), problem);
}

#[tokio::test]
async fn the_routers_own_problems_say_their_kind_and_why() {
    let platform = in_front_of(nobody()).await;
    for (path, kind, reason) in [
        ("/api/nothing", "not-found", "NO_SUCH_THING"),
        ("/api", "not-found", "NO_SUCH_THING"),
        ("/api/users/v1/me", "service-unavailable", "TEMPORARILY_DOWN"),
        ("/api/users%2f..", "bad-user-input", "MALFORMED"),
    ] {
        let answer = platform.get(path).await;
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        let problem: serde_json::Value = within(answer.json()).await.unwrap();
        assert_eq!(problem["type"], format!("urn:odysseus:problem:{kind}"), "{path}: {problem}");
        assert_eq!(problem["reason"], reason, "{path}: {problem}");
    }
}
