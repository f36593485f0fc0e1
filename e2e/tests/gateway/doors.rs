use crate::{before, upstream::Upstream};

/// Sent as they stand: a client that tidies paths up would hide what is tried here.
async fn status_of(gateway: &str, path: &str) -> u16 {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = gateway.trim_start_matches("http://");
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    e2e::within(path, connection.read_to_string(&mut answer)).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_services_tell_each_other_does_not_exist_outside() {
    let upstream = Upstream::friendly().await;
    let gateway = before(&upstream).await;
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/ws",
        "/graphql/",
        "/graphql/ws",
        "/.well-known/jwks.json",
        "/api",
        "/api/",
        "/api/ticketsx",
        "/api/router/graphql",
        "/sandbox",
        "/sandbox/mails.json",
        "/v1/payment_intents",
    ] {
        let status = status_of(&gateway.url(), path).await;
        if path == "/v1/payment_intents" {
            // A page that the router does not have; the sandbox's Stripe is nowhere behind that.
            assert_eq!((status, upstream.asked().len()), (200, 1), "{path}");
            continue;
        }
        assert_eq!(status, 404, "{path}");
    }
    assert_eq!(upstream.asked().len(), 1, "{:?}", upstream.asked());
}

#[tokio::test]
async fn no_detour_leads_to_a_service_but_below_its_own_name() {
    let upstream = Upstream::friendly().await;
    let gateway = before(&upstream).await;
    for path in [
        "/api/tickets/../../graphql",
        "/api/tickets/../metrics",
        "/api/tickets/%2e%2e/metrics",
        "//metrics",
        "/api/tickets/..%2f..%2fgraphql",
        "/api/tickets/..%5c..%5cgraphql",
        "/api/./tickets/../readyz",
        "/api/tickets/v1/../../../ws",
        "/%67raphql/../metrics",
        "/api%2ftickets/../../metrics",
        "/./metrics",
        "/api/tickets%00/graphql",
        "/METRICS/../metrics",
    ] {
        let _ = status_of(&gateway.url(), path).await;
    }
    let inner = ["/metrics", "/ws", "/readyz", "/healthz"];
    for asked in upstream.asked() {
        let path = asked.uri.path();
        assert!(!inner.contains(&path) && !path.contains(".."), "{path}");
    }
    // What the detour ends at is the router's own endpoint.
    let reached: Vec<_> = gateway.access_log();
    let graph = reached.iter().filter(|line| line["DownstreamStatus"] == 200);
    for line in graph {
        assert_eq!(line["ServiceName"], "router@file", "{line}");
    }
}

#[tokio::test]
async fn each_service_is_reached_below_its_own_name_and_the_router_by_the_rest() {
    let router = Upstream::friendly().await;
    let tickets = Upstream::friendly().await;
    let users = Upstream::friendly().await;
    let behind = e2e::Behind::default()
        .with("router", [router.url()])
        .with("tickets", [tickets.url()])
        .with("users", [users.url()]);
    let gateway = e2e::Gateway::before(behind).await;
    for path in ["/", "/graphql", "/graphiql", "/assets/a.js", "/some/page"] {
        assert_eq!(status_of(&gateway.url(), path).await, 200, "{path}");
    }
    for path in ["/api/tickets/v1/keys", "/api/tickets/swagger-ui/", "/api/tickets/openapi.json"] {
        assert_eq!(status_of(&gateway.url(), path).await, 200, "{path}");
    }
    assert_eq!(status_of(&gateway.url(), "/api/users/v1/me").await, 200);
    let paths = |upstream: &Upstream| -> Vec<String> {
        upstream.asked().iter().map(|asked| asked.uri.path().to_owned()).collect()
    };
    assert_eq!(paths(&router), ["/", "/graphql", "/graphiql", "/assets/a.js", "/some/page"]);
    assert_eq!(
        paths(&tickets),
        ["/api/tickets/v1/keys", "/api/tickets/swagger-ui/", "/api/tickets/openapi.json"]
    );
    assert_eq!(paths(&users), ["/api/users/v1/me"]);
}

#[tokio::test]
async fn inside_a_service_has_one_address_whatever_its_replicas() {
    let replicas = [Upstream::friendly().await, Upstream::friendly().await, Upstream::friendly().await];
    let urls = replicas.iter().map(|replica| replica.url().to_owned());
    let gateway = e2e::Gateway::before(e2e::Behind::default().with("tickets", urls)).await;
    for _ in 0..30 {
        assert_eq!(status_of(&gateway.inner_url("tickets"), "/graphql").await, 200);
    }
    let shares: Vec<_> = replicas.iter().map(|replica| replica.asked().len()).collect();
    assert_eq!(shares, [10, 10, 10]);
}

#[tokio::test]
async fn operators_see_metrics_and_nobody_outside_does() {
    let upstream = Upstream::friendly().await;
    let gateway = before(&upstream).await;
    assert_eq!(status_of(&gateway.url(), "/api/users/v1/me").await, 200);
    let metrics =
        reqwest::get(format!("{}/metrics", gateway.admin_url())).await.unwrap().text().await.unwrap();
    assert!(
        metrics.contains("traefik_service_requests_total") && metrics.contains("users-web@file"),
        "{metrics}"
    );
    for path in ["/metrics", "/ping", "/dashboard/", "/api/http/routers", "/api/overview"] {
        let _ = status_of(&gateway.url(), path).await;
    }
    assert!(gateway.access_log().iter().all(|line| line["ServiceName"] != "api@internal"));
}

#[tokio::test]
async fn nobody_outside_says_from_which_address_they_come() {
    let upstream = Upstream::friendly().await;
    let gateway = before(&upstream).await;
    let client = reqwest::Client::new();
    for path in ["/graphql", "/api/users/v1/me", "/api/users/v1/token", "/api/payments/v1/stripe/webhook"] {
        let request = client.post(format!("{}{path}", gateway.url())).body("{}");
        let forged = request.header("x-client-address", "1.2.3.4").header("x-forwarded-for", "1.2.3.4");
        assert!(forged.send().await.unwrap().status().is_success(), "{path}");
    }
    // Inside, the router's word is passed on.
    let inside = client.post(format!("{}/graphql", gateway.inner_url("tickets"))).body("{}");
    inside.header("x-client-address", "203.0.113.9").send().await.unwrap();
    let asked = upstream.asked();
    let (last, outside) = asked.split_last().unwrap();
    assert_eq!((outside.len(), &last.headers["x-client-address"]), (4, &"203.0.113.9".parse().unwrap()));
    for asked in outside {
        assert!(!asked.headers.contains_key("x-client-address"), "{asked:?}");
        assert_eq!(asked.headers["x-forwarded-for"], "127.0.0.1");
    }
}
