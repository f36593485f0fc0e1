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
        options.proxies.push(Proxied { prefix: "/api/users".into(), target });
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
async fn a_body_beyond_the_limit_does_not_reach_the_service() {
    let platform = in_front_of(mirror().await).await;
    let request = platform.client.post(platform.url("/api/users/avatar")).body(vec![0u8; 3 * 1024 * 1024]);
    let response = within(request.send()).await.unwrap();
    assert_eq!(response.status(), 413);
    assert!(within(response.text()).await.unwrap().contains("limit"));
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
