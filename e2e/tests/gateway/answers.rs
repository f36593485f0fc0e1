use axum::{http::StatusCode as Status, response::IntoResponse as _};
use e2e::{Gateway, eventually};
use reqwest::{Client, header};
use serde_json::Value;

use crate::{before, everything_at, upstream::Upstream};

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let upstream = Upstream::answering(|_| {
        (Status::OK, [("server", "secret/1.0"), ("x-powered-by", "curiosity")], "hello").into_response()
    })
    .await;
    let gateway = before(&upstream).await;
    for path in
        ["/", "/graphql", "/graphiql", "/api/users/v1/me", "/api/users/v1/token", "/api/tickets/v1/keys"]
    {
        let answer = reqwest::get(gateway.url() + path).await.unwrap();
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(headers["referrer-policy"], "strict-origin-when-cross-origin", "{path}");
        assert!(headers.contains_key("permissions-policy"), "{path}");
        assert!(
            !headers.contains_key("server") && !headers.contains_key("x-powered-by"),
            "{path}: {headers:?}"
        );
        assert!(!headers.contains_key("strict-transport-security"), "without TLS it would mean nothing");
    }
}

#[tokio::test]
async fn large_texts_travel_compressed_and_pictures_as_they_are() {
    let upstream = Upstream::answering(|asked| {
        let kind = if asked.uri.path().ends_with("png") { "image/png" } else { "application/json" };
        (Status::OK, [("content-type", kind)], "[\"the same again\"]".repeat(500)).into_response()
    })
    .await;
    let gateway = before(&upstream).await;
    let coding = async |path: &str| {
        let request = Client::new().get(gateway.url() + path).header(header::ACCEPT_ENCODING, "gzip, br");
        let answer = request.send().await.unwrap();
        answer.headers().get(header::CONTENT_ENCODING).map(|coding| coding.to_str().unwrap().to_owned())
    };
    assert_eq!(coding("/graphql").await.as_deref(), Some("br"));
    assert_eq!(coding("/api/events/v1/events").await.as_deref(), Some("br"));
    assert_eq!(coding("/api/tickets/v1/tickets/1.png").await, None);
}

#[tokio::test]
async fn the_access_log_names_each_request_and_keeps_secrets_to_itself() {
    let upstream = Upstream::answering(|asked| {
        let known = asked.headers.get("x-request-id").cloned();
        let id = known.unwrap_or_else(|| "made-by-the-service".parse().unwrap());
        (Status::OK, [("x-request-id", id)], "{}").into_response()
    })
    .await;
    let gateway = Gateway::before(everything_at(&upstream)).await;
    let client = Client::new();
    let url = format!("{}/api/tickets/v1/tickets/7.pdf?until=1&signature=opensesame", gateway.url());
    let request = client.get(&url).bearer_auth("a-token").header("cookie", "a=cookie");
    request.header("x-request-id", "made-by-the-client").send().await.unwrap();
    client.post(format!("{}/graphql", gateway.url())).body("{}").send().await.unwrap();
    let lines = eventually("both are logged", async || {
        let lines = gateway.access_log();
        (lines.len() == 2).then_some(lines)
    })
    .await;
    let ticket = &lines[0];
    assert_eq!(ticket["request_X-Request-Id"], "made-by-the-client");
    assert_eq!(ticket["downstream_X-Request-Id"], "made-by-the-client");
    assert_eq!(ticket["RequestPath"], "/api/tickets/v1/tickets/7.pdf");
    assert_eq!(
        (&ticket["RequestMethod"], &ticket["DownstreamStatus"]),
        (&Value::from("GET"), &Value::from(200))
    );
    assert_eq!(lines[1]["downstream_X-Request-Id"], "made-by-the-service");
    let everything = Value::from(lines.clone()).to_string();
    for secret in ["opensesame", "a-token", "a=cookie"] {
        assert!(!everything.contains(secret), "{everything}");
    }
    let known: Vec<_> =
        upstream.asked().iter().map(|asked| asked.headers.contains_key("authorization")).collect();
    assert_eq!(known, [true, false], "services see the token");
}

#[tokio::test]
async fn it_starts_without_a_complaint() {
    let upstream = Upstream::friendly().await;
    let gateway = before(&upstream).await;
    reqwest::get(gateway.url()).await.unwrap();
    assert_eq!(gateway.log(), "");
}

#[tokio::test]
async fn shops_on_other_origins_may_ask_rest_where_they_are_named_and_nowhere_else() {
    let shop = |origin: &'static str, method: reqwest::Method, url: String| {
        let request = Client::new().request(method, url).header("origin", origin);
        request.header("access-control-request-method", "POST").send()
    };
    let upstream = Upstream::friendly().await;
    for (set, origin, allowed) in [
        ("[\"https://shop.example\"]", "https://shop.example", Some("https://shop.example")),
        ("[\"https://shop.example\"]", "https://evil.example", None),
        ("[\"*\"]", "https://any.example", Some("*")),
        ("[]", "https://shop.example", None),
    ] {
        let gateway = Gateway::before(everything_at(&upstream).set("SHOP_ORIGINS", &set)).await;
        for path in ["/api/events/v1/events", "/api/users/v1/token"] {
            for method in [reqwest::Method::OPTIONS, reqwest::Method::GET] {
                let answer = shop(origin, method.clone(), gateway.url() + path).await.unwrap();
                let said = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
                assert_eq!(answer.status(), 200, "{set} {method} {path}");
                assert_eq!(said("access-control-allow-origin"), allowed, "{set} {method} {path} of {origin}");
                assert_eq!(said("access-control-allow-credentials"), None);
                if allowed.is_some() && method == reqwest::Method::GET {
                    let exposed = said("access-control-expose-headers").unwrap();
                    assert!(exposed.contains("ETag") && exposed.contains("Link"), "{exposed}");
                }
            }
        }
    }
}
