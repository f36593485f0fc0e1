use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use router::DemoAccount;

use crate::support::{Platform, within};

#[tokio::test]
async fn the_page_for_developers_leads_to_the_rest() {
    let platform = Platform::start_with(|options, _| {
        options.front_page.demo_accounts.push(DemoAccount {
            email: "buyer@odysseus.test".into(),
            password: "odysseus-demo".into(),
            purpose: "buys tickets".into(),
        });
    })
    .await;
    let page = within(platform.get("/developers").await.text()).await.unwrap();
    for expected in ["href=\"/graphiql\"", "href=\"/sandbox\"", "buyer@odysseus.test", "odysseus-demo"] {
        assert!(page.contains(expected), "{expected} is not on the page");
    }
    assert!(!loads_from_elsewhere(&page));
}

#[tokio::test]
async fn the_playground_and_all_it_loads_comes_from_here() {
    let platform = Platform::start().await;
    let response = platform.get("/graphiql").await;
    let built = response.status() == 200;
    let page = within(response.text()).await.unwrap();
    if !built {
        assert!(page.contains("make web"), "{page}");
        return;
    }
    assert!(!loads_from_elsewhere(&page), "{page}");
    let named = quoted_after(&page, &["src=\"", "href=\""]);
    let also_built = std::fs::read_dir("../web/dist/assets").unwrap();
    let also_built = also_built.map(|file| format!("/assets/{}", file.unwrap().file_name().display()));
    let mut scripts = 0;
    let compressed = |path: &str| ends_in(path, "br");
    for path in
        named.into_iter().chain(also_built).filter(|path| !path.starts_with("data:") && !compressed(path))
    {
        let response = platform.get(&path).await;
        assert_eq!(response.status(), 200, "{path}");
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        if kind.starts_with("text/css") {
            let style = within(response.text()).await.unwrap();
            assert!(!style.contains("url(http") && !style.contains("@import"), "{path}");
        } else if kind.starts_with("text/javascript") {
            let script = within(response.text()).await.unwrap();
            assert!(!loads_from_elsewhere(&script), "{path}");
            scripts += 1;
        }
    }
    assert!(scripts > 0, "{page}");
}

#[tokio::test]
async fn the_storefront_is_the_page_at_whatever_address_a_visitor_opens() {
    let platform = Platform::start().await;
    if !router::pages_are_built() {
        let response = platform.get("/").await;
        assert_eq!(response.status(), 503);
        assert!(within(response.text()).await.unwrap().contains("make web"));
        return;
    }
    let first = platform.get("/").await;
    let tag = first.headers()["etag"].clone();
    assert_eq!(first.headers()["cache-control"], "no-cache");
    let policy = first.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let page = within(first.text()).await.unwrap();
    assert!(!loads_from_elsewhere(&page) && !page.contains("<style") && !page.contains("<script>"), "{page}");

    for path in ["/events/open-mic-at-the-agave", "/orders/ord_1?redirect_status=succeeded", "/no/such/page"]
    {
        let request = platform.client.get(platform.url(path)).header("accept", "text/html,*/*;q=0.8");
        let response = within(request.send()).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(within(response.text()).await.unwrap(), page, "{path}");
    }
    let again = platform.client.get(platform.url("/")).header("if-none-match", tag);
    let again = within(again.send()).await.unwrap();
    assert_eq!(again.status(), 304);
    assert!(within(again.bytes()).await.unwrap().is_empty());

    for path in ["/favicon.ico", "/sandbox", "/graphiql/nothing", "/assets/index.html", "/api/nothing"] {
        let request = platform.client.get(platform.url(path)).header("accept", "text/html");
        assert_eq!(within(request.send()).await.unwrap().status(), 404, "{path}");
    }
}

#[tokio::test]
async fn scripts_are_sent_as_small_as_they_were_built_and_kept_for_a_year() {
    let platform = Platform::start().await;
    if !router::pages_are_built() {
        return;
    }
    let page = within(platform.get("/").await.text()).await.unwrap();
    let script = quoted_after(&page, &["src=\""]).into_iter().find(|path| ends_in(path, "js")).unwrap();
    let small = std::fs::read(format!("../web/dist{script}.br")).unwrap();
    let plain = std::fs::read(format!("../web/dist{script}")).unwrap();
    for (takes, body) in [("gzip, br", &small), ("identity", &plain), ("br;q=0", &plain)] {
        let request = platform.client.get(platform.url(&script)).header("accept-encoding", takes);
        let response = within(request.send()).await.unwrap();
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable", "{takes}");
        assert_eq!(response.headers().get("content-encoding").is_some(), *body == small, "{takes}");
        assert!(response.headers()["vary"].to_str().unwrap().contains("ccept-"), "{takes}");
        assert_eq!(within(response.bytes()).await.unwrap().as_ref(), body.as_slice(), "{takes}");
    }
    assert_eq!(platform.get(&format!("{script}.br")).await.status(), 404);
}

#[tokio::test]
async fn search_engines_are_led_to_events_and_not_to_what_is_a_buyers() {
    let platform = Platform::start().await;
    let response = platform.get("/robots.txt").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    let rules = within(response.text()).await.unwrap();
    assert!(rules.contains("Disallow: /orders\n") && !rules.contains("Disallow: /events"), "{rules}");
    assert_eq!(platform.get("/developers").await.headers()["cross-origin-opener-policy"], "same-origin");
}

#[tokio::test]
async fn it_is_ready_when_the_host_says_so() {
    let ready = Arc::new(AtomicBool::new(false));
    let answer = ready.clone();
    let platform = Platform::start_with(|options, _| {
        options.readiness = Arc::new(move || {
            let ready = answer.load(Ordering::Relaxed);
            Box::pin(async move { if ready { Ok(()) } else { Err("tickets: no database".to_owned()) } })
        });
    })
    .await;
    assert_eq!(platform.get("/healthz").await.status(), 200);
    let response = platform.get("/readyz").await;
    assert_eq!(response.status(), 503);
    assert!(within(response.text()).await.unwrap().contains("tickets: no database"));
    ready.store(true, Ordering::Relaxed);
    assert_eq!(platform.get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn an_unknown_path_is_not_found_and_not_echoed_as_markup() {
    let platform = Platform::start().await;
    let response = platform.get("/%3Cscript%3E").await;
    assert_eq!(response.status(), 404);
    assert!(!within(response.text()).await.unwrap().contains("<script>"));
    assert_eq!(platform.get("/assets/../Cargo.toml").await.status(), 404);
}

/// Whether a page, or a script, makes the browser fetch something of another host.
fn loads_from_elsewhere(text: &str) -> bool {
    [
        "src=\"http",
        "href=\"http",
        "src=\"//",
        "href=\"//",
        "import(\"http",
        "importScripts(\"http",
        "from\"http",
        "url(http",
    ]
    .iter()
    .chain(&["esm.sh/", "unpkg.com", "cdn.jsdelivr.net", "fonts.googleapis.com"])
    .any(|sign| text.contains(sign))
}

fn quoted_after(text: &str, signs: &[&str]) -> Vec<String> {
    signs
        .iter()
        .flat_map(|sign| text.split(sign).skip(1))
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect()
}

fn ends_in(path: &str, ending: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|found| found == ending)
}
