use e2e::Gateway;
use futures::{StreamExt as _, stream};
use reqwest::{Client, StatusCode};

use crate::{before, everything_at, upstream::Upstream};

/// How many of so many requests at once were answered well, how many with 429, and how many otherwise.
async fn answers(count: usize, request: impl Fn(usize) -> reqwest::RequestBuilder) -> (usize, usize, usize) {
    let answers: Vec<_> = stream::iter((0..count).map(|number| request(number).send()))
        .buffer_unordered(20)
        .map(|answer| answer.unwrap().status())
        .collect()
        .await;
    let good = answers.iter().filter(|status| status.is_success()).count();
    let limited = answers.iter().filter(|status| **status == StatusCode::TOO_MANY_REQUESTS).count();
    (good, limited, count - good - limited)
}

#[tokio::test]
async fn a_client_that_asks_without_end_is_told_to_wait() {
    let upstream = Upstream::friendly().await;
    let gateway = Gateway::before(everything_at(&upstream).set("REQUESTS_PER_SECOND", &2)).await;
    let client = Client::new();
    let url = format!("{}/graphql", gateway.url());
    // Each with another address in a header that anybody can write.
    let (good, limited, other) = answers(60, |number| {
        client.post(&url).header("x-forwarded-for", format!("10.0.0.{number}")).body("{}")
    })
    .await;
    assert_eq!(other, 0);
    assert!(good >= 8 && limited > 0, "{good} went through, {limited} did not");
    assert_eq!(upstream.asked().len(), good);
    assert!(upstream.asked().iter().all(|asked| asked.headers["x-forwarded-for"] == "127.0.0.1"));
    let refused = loop {
        let answer = client.post(&url).body("{}").send().await.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
    };
    assert!(refused.headers().contains_key("retry-after"), "{:?}", refused.headers());
}

#[tokio::test]
async fn logging_in_over_and_over_is_stopped_far_earlier() {
    let upstream = Upstream::friendly().await;
    let gateway = Gateway::before(everything_at(&upstream).set("LOGINS_PER_MINUTE", &1)).await;
    let client = Client::new();
    let url = format!("{}/api/users/v1/token", gateway.url());
    let (good, limited, other) = answers(100, |_| client.post(&url).body("{}")).await;
    assert_eq!(other, 0);
    // Twenty at once; and once more if the gateway, which has just started, takes its settings in a second time meanwhile.
    assert!((20..50).contains(&good), "{good} went through, {limited} did not");
    // Who has logged in is not concerned.
    for path in ["me", "token/refresh", "token/revoke"] {
        let answer = client.post(format!("{}/api/users/v1/{path}", gateway.url())).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_flood_of_webhooks_goes_through_whole() {
    let upstream = Upstream::friendly().await;
    let gateway = Gateway::before(everything_at(&upstream).set("REQUESTS_PER_SECOND", &1)).await;
    let client = Client::new();
    let url = format!("{}/api/payments/v1/stripe/webhook", gateway.url());
    let sent = |_| client.post(&url).header("stripe-signature", "t=1,v1=00").body("{\"id\":\"evt_1\"}");
    assert_eq!(answers(200, sent).await, (200, 0, 0));
    let asked = upstream.asked();
    assert_eq!(asked.len(), 200);
    assert!(asked.iter().all(|asked| asked.headers["stripe-signature"] == "t=1,v1=00"));
    assert!(asked.iter().all(|asked| asked.method == "POST" && asked.body == 14));
}

#[tokio::test]
async fn a_body_that_is_too_large_reaches_no_service() {
    let upstream = Upstream::friendly().await;
    let gateway = before(&upstream).await;
    let client = Client::new();
    let url = format!("{}/api/events/v1/events", gateway.url());
    let large = client.post(&url).body(vec![b' '; 5 * 1024 * 1024]).send().await.unwrap();
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    // One that does not say how long it will be.
    let pieces = stream::iter((0..80).map(|_| Ok::<_, std::convert::Infallible>(vec![b' '; 64 * 1024])));
    let endless = client.post(&url).body(reqwest::Body::wrap_stream(pieces)).send().await.unwrap();
    assert_eq!(endless.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(upstream.asked().is_empty());
    let fits = client.post(&url).body(vec![b' '; 3 * 1024 * 1024]).send().await.unwrap();
    assert_eq!((fits.status(), upstream.asked()[0].body), (StatusCode::OK, 3 * 1024 * 1024));
}

#[tokio::test]
async fn headers_that_are_too_large_are_refused() {
    let upstream = Upstream::friendly().await;
    let gateway = before(&upstream).await;
    let request = Client::new().get(gateway.url()).header("x-large", "a".repeat(64 * 1024)).send();
    assert_eq!(request.await.unwrap().status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    assert!(upstream.asked().is_empty());
}
