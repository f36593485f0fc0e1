//! The pages and probes that the router itself answers.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use hive_router::{
    SchemaState,
    http::{StatusCode, header},
    ntex::web::{self, HttpResponse},
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{FrontPage, MetricsText, ReadinessCheck, RouterOptions, measured::Measured};

mod built;
mod kept;
mod neighbours;
mod policy;
mod preview;
mod storefront;

pub use built::pages_are_built;
pub(crate) use neighbours::{Neighbours, Told};
pub(crate) use storefront::or_not_found;

const DEVELOPERS: &str = include_str!("pages/developers.html");
const NOT_BUILT: &str = include_str!("pages/not_built.html");
const NOT_FOUND: &str = include_str!("pages/not_found.html");
const ROBOTS: &str = include_str!("pages/robots.txt");

const LONGEST_READINESS_CHECK: Duration = Duration::from_secs(5);

/// What the pages show, made once.
pub(crate) struct Pages {
    developers: String,
    readiness: ReadinessCheck,
    metrics: MetricsText,
    leaving: CancellationToken,
    measured: Measured,
}

impl Pages {
    pub(crate) fn new(options: &RouterOptions, leaving: CancellationToken, measured: Measured) -> Self {
        let sandbox = options.proxies.iter().any(|proxied| proxied.prefix == "/sandbox");
        Self {
            developers: developers_page(&options.front_page, sandbox),
            readiness: options.readiness.clone(),
            metrics: options.metrics.clone(),
            leaving,
            measured,
        }
    }
}

pub(crate) fn routes(app: &mut web::ServiceConfig) {
    app.route("/", web::get().to(storefront::page))
        .route("/developers", web::get().to(developers))
        .route("/graphiql", web::get().to(graphiql))
        .route("/graphiql/", web::get().to(graphiql))
        .route("/assets/{file}*", web::get().to(built::asset))
        .route("/healthz", web::get().to(alive))
        .route("/metrics", web::get().to(metrics))
        .route("/robots.txt", web::get().to(robots))
        .route("/readyz", web::get().to(ready))
        .route("/readyz/self", web::get().to(accepting));
}

fn not_found(path: &str) -> HttpResponse {
    html(StatusCode::NOT_FOUND, NOT_FOUND.replace("{{path}}", &escaped(path)))
}

/// What runs where, for those who write programs.
async fn developers(pages: web::types::State<Arc<Pages>>) -> HttpResponse {
    html(StatusCode::OK, pages.developers.clone())
}

async fn graphiql() -> HttpResponse {
    match built::file("graphiql/index.html") {
        Some(page) => html(StatusCode::OK, page.data.into_owned()),
        None => not_built(),
    }
}

/// Instead of a page that `make web` would have made.
fn not_built() -> HttpResponse {
    html(StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT)
}

/// For search engines.
async fn robots() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(ROBOTS)
}

async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("alive\n")
}

/// For whoever sends requests here: whether they are taken, whatever the services say.
async fn accepting(
    pages: web::types::State<Arc<Pages>>,
    graph: web::types::State<Arc<SchemaState>>,
) -> HttpResponse {
    if pages.leaving.is_cancelled() {
        HttpResponse::ServiceUnavailable().content_type("text/plain").body("leaving\n")
    } else if graph.configured_runtime().is_none() {
        HttpResponse::ServiceUnavailable().content_type("text/plain").body("starting\n")
    } else {
        HttpResponse::Ok().content_type("text/plain").body("accepting\n")
    }
}

async fn ready(
    pages: web::types::State<Arc<Pages>>,
    graph: web::types::State<Arc<SchemaState>>,
) -> HttpResponse {
    if pages.leaving.is_cancelled() {
        return HttpResponse::ServiceUnavailable().content_type("text/plain").body("not ready: stopping\n");
    }
    if graph.configured_runtime().is_none() {
        let why = "not ready: the graph has not been read yet\n";
        return HttpResponse::ServiceUnavailable().content_type("text/plain").body(why);
    }
    let answer = timeout(LONGEST_READINESS_CHECK, (pages.readiness)()).await;
    match answer.unwrap_or_else(|_| Err("the check itself takes too long".to_owned())) {
        Ok(()) => HttpResponse::Ok().content_type("text/plain").body("ready\n"),
        Err(why) => {
            HttpResponse::ServiceUnavailable().content_type("text/plain").body(format!("not ready: {why}\n"))
        }
    }
}

/// What the router's library counts, and what the host does.
async fn metrics(pages: web::types::State<Arc<Pages>>) -> HttpResponse {
    let text = format!("{}{}", pages.measured.text(), (pages.metrics)());
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}

fn html(status: StatusCode, page: impl Into<hive_router::ntex::http::body::Body>) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header("cross-origin-opener-policy", policy::opener(false))
        .body(page)
}

fn developers_page(about: &FrontPage, sandbox: bool) -> String {
    let mut accounts = String::new();
    for account in &about.demo_accounts {
        let _ = write!(
            accounts,
            "<tr><td><code>{}</code></td><td><code>{}</code></td><td>{}</td></tr>",
            escaped(&account.email),
            escaped(&account.password),
            escaped(&account.purpose),
        );
    }
    let mut links = String::new();
    for link in &about.links {
        let url = escaped(&link.url);
        let _ = write!(
            links,
            "<tr><td>{}</td><td><a href=\"{url}\"><code>{url}</code></a></td><td>{}</td></tr>",
            escaped(&link.name),
            escaped(&link.about),
        );
    }
    let shown = |is: bool| if is { "" } else { "hidden" };
    DEVELOPERS
        .replace("{{accounts hidden}}", shown(!accounts.is_empty()))
        .replace("{{links hidden}}", shown(!links.is_empty()))
        .replace("{{sandbox hidden}}", shown(sandbox))
        .replace("{{accounts}}", &accounts)
        .replace("{{links}}", &links)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DemoAccount, Link};

    #[test]
    fn the_page_for_developers_shows_what_it_is_told_and_runs_none_of_it() {
        let about = FrontPage {
            demo_accounts: vec![DemoAccount {
                email: "buyer@odysseus.test".into(),
                password: "<script>".into(),
                purpose: "buys".into(),
            }],
            links: vec![Link { name: "tickets".into(), url: "/api/tickets".into(), about: "seats".into() }],
        };
        let page = developers_page(&about, false);
        assert!(page.contains("buyer@odysseus.test") && page.contains("href=\"/api/tickets\""));
        assert!(page.contains("&lt;script&gt;") && !page.contains("{{"));
    }
}
