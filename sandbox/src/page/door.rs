//! Who may move something: the sandbox's own page, and programs; never a page on another site.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::world::World;

/// A page on another site cannot move switches or approve payments through its visitor's browser. Browsers say where
/// what writes comes from, and programs say nothing of the kind.
pub(super) async fn refuse_other_sites(
    State(world): State<Arc<World>>,
    request: Request,
    next: Next,
) -> Response {
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if writes && is_foreign(request.headers(), &world.public_url()) {
        return (StatusCode::FORBIDDEN, "Only the sandbox's own page may do this").into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap, public_url: &str) -> bool {
    let said =
        |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default().to_ascii_lowercase());
    if said("sec-fetch-site").is_some_and(|site| site == "cross-site" || site == "same-site") {
        return true;
    }
    let Some(origin) = said(header::ORIGIN.as_str()) else { return false };
    let Some(origin) = place(&origin) else { return true };
    if place(public_url).is_some_and(|public| public == origin) {
        return false;
    }
    // The gateway says by which name it was reached.
    let host = said("x-forwarded-host").or_else(|| said(header::HOST.as_str())).unwrap_or_default();
    origin != host || !is_here(&host)
}

/// Where an address leads to, without what it stands for there.
fn place(url: &str) -> Option<String> {
    let uri = url.parse::<Uri>().ok()?;
    uri.scheme()?;
    Some(uri.authority()?.as_str().to_ascii_lowercase())
}

/// True for names that nobody can give to this machine: another site could let its own name lead here.
fn is_here(host: &str) -> bool {
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(name, _)| name);
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    literal.parse::<IpAddr>().is_ok() || name.ends_with(".localhost") || !name.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(host: &str, origin: &str, forwarded: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        if let Some(forwarded) = forwarded {
            headers.insert("x-forwarded-host", forwarded.parse().unwrap());
        }
        is_foreign(&headers, "https://tickets.example.test")
    }

    #[test]
    fn only_the_page_that_was_served_here_may_write() {
        for (host, origin, forwarded) in [
            ("127.0.0.1:4010", "http://127.0.0.1:4010", None),
            ("[::1]:4010", "http://[::1]:4010", None),
            ("localhost:4000", "http://localhost:4000", None),
            ("127.0.0.1:38123", "http://localhost:4000", Some("localhost:4000")),
            ("sandbox:4010", "https://tickets.example.test", None),
        ] {
            assert!(!foreign(host, origin, forwarded), "{host} {origin}");
        }
        for (host, origin, forwarded) in [
            ("127.0.0.1:4010", "http://evil.example", None),
            ("127.0.0.1:4010", "null", None),
            ("127.0.0.1:4010", "http://127.0.0.1:3000", None),
            // A name of their own that leads to this machine.
            ("evil.example:4010", "http://evil.example:4010", None),
            ("127.0.0.1:4010", "http://evil.example", Some("evil.example")),
        ] {
            assert!(foreign(host, origin, forwarded), "{host} {origin}");
        }
    }
}
