//! What does not come through, and what is answered at once.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    proxy::{in_front_of, mirror},
    support::{Platform, within},
};

/// Sent as it stands: a client that tidies up would hide what is tried here.
async fn raw(platform: &Platform, request: &str) -> String {
    let address = platform.router.url.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    within(async {
        while !String::from_utf8_lossy(&answer).contains("\r\n\r\n{") {
            let count = connection.read(&mut piece).await.unwrap();
            if count == 0 {
                break;
            }
            answer.extend_from_slice(&piece[..count]);
        }
    })
    .await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn no_detour_leads_to_another_path_of_a_service() {
    let platform = in_front_of(mirror().await).await;
    for path in [
        "/api/users/../graphql",
        "/api/users/%2e%2e/%2e%2e/graphql",
        "/api/users/.%2e/metrics",
        "/api/users/%252e%252e/metrics",
        "/api/users/..%2f..%2fgraphql",
        "/api/users/a%2Fb",
        "/api/users\\..\\graphql",
        "/api/users/..%5cmetrics",
        "/api/users/%255c",
    ] {
        let answer = raw(&platform, &format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
        // What is no URI at all does not get as far as that.
        let said = answer.contains("application/problem+json") && answer.contains("BAD_USER_INPUT");
        assert!(said || path.contains('\\'), "{path}: {answer}");
    }
    let answer =
        raw(&platform, "GET /api/users/v1/a.b%20c/100%25 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            .await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

#[tokio::test]
async fn an_upgrade_that_nobody_speaks_is_answered_at_once_as_it_stands() {
    let platform = in_front_of(mirror().await).await;
    let upgrade =
        "Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    let began = std::time::Instant::now();
    let answer = raw(&platform, &format!("GET /api/users/me HTTP/1.1\r\n{upgrade}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 201") && answer.contains("/api/users/me"), "{answer}");
    let query = r#"{"query":"{ event(id: 1) { title } }"}"#;
    let length = query.len();
    let request = format!(
        "POST /graphql HTTP/1.1\r\n{upgrade}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{query}"
    );
    let answer = raw(&platform, &request).await;
    assert!(answer.contains("Concert 1"), "{answer}");
    assert!(began.elapsed() < Duration::from_secs(5), "took {:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_not_proxied_is_not_there() {
    let platform = in_front_of(mirror().await).await;
    for path in ["/sandbox", "/sandbox/mails.json", "/metricsx"] {
        assert_eq!(platform.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_may_ask_where_it_is_named_and_nowhere_else() {
    let url = mirror().await;
    let platform = Platform::start_with(|options, _| {
        options.origins = vec!["https://shop.example".into()];
        options.proxies.push(router::Proxied { prefix: "/api/users".into(), target: url });
    })
    .await;
    let graph = platform.url("/graphql");
    let preflight = |origin: &str, path: &str| {
        let request = platform.client.request(reqwest::Method::OPTIONS, platform.url(path));
        let request = request.header("origin", origin).header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "authorization,content-type").send()
    };
    for path in ["/graphql", "/api/users/me"] {
        let answer = within(preflight("https://shop.example", path)).await.unwrap();
        assert_eq!(answer.status(), 204);
        assert_eq!(answer.headers()["access-control-allow-origin"], "https://shop.example");
        let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap();
        assert!(allowed.contains("authorization") && allowed.contains("content-type"), "{allowed}");
        let answer = within(preflight("https://evil.example", path)).await.unwrap();
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
    let ask = platform.client.post(&graph).header("origin", "https://shop.example");
    let answer =
        within(ask.json(&serde_json::json!({ "query": "{ event(id: 1) { title } }" })).send()).await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://shop.example");
    assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    let exposed = answer.headers()["access-control-expose-headers"].to_str().unwrap();
    for header in ["X-Cost-Estimated", "X-Cost-Max", "Retry-After", "Link", "ETag", "X-Request-Id", "Date"] {
        assert!(exposed.contains(header), "{exposed}");
    }
    let rest = platform.client.get(platform.url("/api/users/me")).header("origin", "https://shop.example");
    let rest = within(rest.send()).await.unwrap();
    assert_eq!(rest.headers()["access-control-allow-origin"], "https://shop.example");
    assert_eq!(rest.headers()["access-control-expose-headers"], exposed);
    let vary = rest.headers()["vary"].to_str().unwrap();
    assert!(vary.contains("Origin"), "what is kept for one origin is not for another: {vary}");

    let closed = Platform::start().await;
    let ask = closed.client.post(closed.url("/graphql")).header("origin", "https://shop.example");
    let answer =
        within(ask.json(&serde_json::json!({ "query": "{ event(id: 1) { title } }" })).send()).await.unwrap();
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn every_origin_may_ask_the_graph_and_rest_where_all_are_let_in_and_nothing_else() {
    let url = mirror().await;
    let platform = Platform::start_with(|options, _| {
        options.origins = vec!["*".into()];
        options.proxies.push(router::Proxied { prefix: "/api/users".into(), target: url.clone() });
        options.proxies.push(router::Proxied { prefix: "/sandbox".into(), target: url });
    })
    .await;
    let ask = |method: reqwest::Method, path: &str| {
        let request =
            platform.client.request(method, platform.url(path)).header("origin", "https://any.example");
        within(request.header("access-control-request-method", "POST").send())
    };
    let allowed = |answer: &reqwest::Response| {
        let of = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(of("access-control-allow-credentials"), None);
        assert!(of("vary").is_none_or(|vary| !vary.contains("Origin")), "the answer is the same for all");
        of("access-control-allow-origin")
    };
    for path in ["/graphql?query={__typename}", "/api/users/me"] {
        let preflight = ask(reqwest::Method::OPTIONS, path).await.unwrap();
        assert_eq!((preflight.status().as_u16(), allowed(&preflight).as_deref()), (204, Some("*")), "{path}");
        let methods = preflight.headers()["access-control-allow-methods"].to_str().unwrap();
        assert!(methods.contains("POST"), "{methods}");
        let headers = preflight.headers()["access-control-allow-headers"].to_str().unwrap();
        for header in ["authorization", "content-type", "idempotency-key", "if-none-match"] {
            assert!(headers.contains(header), "{headers}");
        }
        let answer = ask(reqwest::Method::GET, path).await.unwrap();
        assert_eq!(allowed(&answer).as_deref(), Some("*"), "{path}");
        let exposed = answer.headers()["access-control-expose-headers"].to_str().unwrap();
        assert!(exposed.contains("ETag") && exposed.contains("Link"), "{exposed}");
    }
    // Mails of the sandbox, metrics and pages are read by no page of somebody else's.
    for path in ["/", "/sandbox/mails.json", "/metrics", "/apis", "/graphiql"] {
        for method in [reqwest::Method::GET, reqwest::Method::OPTIONS] {
            let answer = ask(method, path).await.unwrap();
            assert!(!answer.headers().contains_key("access-control-allow-origin"), "{path}");
        }
    }
}

#[tokio::test]
async fn no_origin_may_send_what_it_takes_to_use_a_cookie_and_cookies_reach_nobody_but_who_keeps_sessions() {
    let platform = Platform::start_with(|options, _| options.origins = vec!["*".into()]).await;
    let graph = platform.url("/graphql");
    let preflight = platform.client.request(reqwest::Method::OPTIONS, &graph);
    let preflight =
        preflight.header("origin", "https://any.example").header("access-control-request-method", "POST");
    let answer =
        within(preflight.header("access-control-request-headers", "x-session").send()).await.unwrap();
    let allowed = answer.headers()["access-control-allow-headers"].to_str().unwrap();
    assert!(!allowed.contains("x-session") && !allowed.contains('*'), "{allowed}");
    let own =
        platform.client.post(&graph).header("x-session", "cookie").header("sec-fetch-site", "same-origin");
    let own = own
        .header("cookie", "odysseus-session=token")
        .json(&serde_json::json!({ "query": "mutation { mutatingCaller { cookie } }" }));
    let answer: serde_json::Value = within(async { own.send().await.unwrap().json().await.unwrap() }).await;
    assert_eq!(answer["data"]["mutatingCaller"]["cookie"], serde_json::Value::Null, "{answer}");
}
