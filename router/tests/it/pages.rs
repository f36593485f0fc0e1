use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use router::DemoAccount;

use crate::support::{Platform, within};

#[tokio::test]
async fn the_front_page_leads_to_the_rest() {
    let platform = Platform::start_with(|options, _| {
        options.front_page.demo_accounts.push(DemoAccount {
            email: "buyer@odysseus.test".into(),
            password: "odysseus-demo".into(),
            purpose: "buys tickets".into(),
        });
    })
    .await;
    let page = within(platform.get("/").await.text()).await.unwrap();
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
    for path in named.into_iter().chain(also_built).filter(|path| !path.starts_with("data:")) {
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
