//! The storefront: one page, whose script shows what the address says. So each address of it is that page. At those of events
//! its head says what they are, for whoever runs no scripts.

use std::{
    fmt::Write as _,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use hive_router::{
    http::{Method, StatusCode, header},
    ntex::web::{HttpRequest, HttpResponse, types::State},
};

use super::{
    built,
    neighbours::Neighbours,
    not_built, not_found, policy,
    preview::{self, Language},
};
use crate::proxy::lies_under;

const PAGE: &str = "index.html";

/// Where other things are than pages of the storefront, some of them only on some installations.
const OTHERS: [&str; 9] = [
    "/api",
    "/assets",
    "/graphiql",
    "/graphql",
    "/healthz",
    "/metrics",
    "/readyz",
    "/sandbox",
    "/.well-known",
];

/// Where events have their pages.
const EVENTS: &str = "/events/";
/// The longest name of an event in addresses.
const LONGEST_NAME: usize = 200;

/// The storefront's page.
pub(super) async fn page(request: HttpRequest, neighbours: State<Neighbours>) -> HttpResponse {
    answer(&request, &neighbours).await
}

/// What is said where no other route, and no service, is: the storefront's page to whoever looks for one.
pub(crate) async fn or_not_found(request: &HttpRequest, neighbours: &Neighbours) -> HttpResponse {
    if request.method() == Method::GET && is_page(request.path(), said(request, &header::ACCEPT)) {
        answer(request, neighbours).await
    } else {
        not_found(request.path())
    }
}

async fn answer(request: &HttpRequest, neighbours: &Neighbours) -> HttpResponse {
    let Some(file) = built::file(PAGE) else { return not_built() };
    let with_stripe = neighbours.with_stripe().await;
    let of_event = of_event(request, neighbours, &file.data).await;
    let tag = tag_of(&file.metadata.sha256_hash(), of_event.as_deref());
    let unchanged = names(said(request, &header::IF_NONE_MATCH), &tag);
    let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response
        .header(header::ETAG, tag)
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::CONTENT_SECURITY_POLICY, policy::content(with_stripe))
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "same-origin")
        .header("permissions-policy", "camera=(), microphone=(), geolocation=(self)")
        .header("cross-origin-opener-policy", policy::opener(with_stripe));
    if of_event.is_some() {
        response.header(header::VARY, "accept-language");
    }
    if unchanged {
        response.finish()
    } else {
        let page = of_event.map_or_else(|| file.data.into_owned(), String::into_bytes);
        response.content_type("text/html; charset=utf-8").body(page)
    }
}

/// The page with what is known of the event at this address; none where it is no event's, or nothing is known of it now.
async fn of_event(request: &HttpRequest, neighbours: &Neighbours, page: &[u8]) -> Option<String> {
    let event = event_at(request.path())?;
    let page = std::str::from_utf8(page).ok()?;
    let language = Language::wanted(said(request, &header::ACCEPT_LANGUAGE));
    Some(match &*neighbours.preview(event).await? {
        Some(found) => preview::with_event(page, found, language),
        None => preview::with_nothing(page),
    })
}

/// The event whose page is at an address, by its name there.
fn event_at(path: &str) -> Option<&str> {
    let is_name = |name: &&str| {
        let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
        (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_letter)
    };
    path.strip_prefix(EVENTS).filter(is_name)
}

/// What a request's header says; nothing where it has none that can be read.
fn said<'a>(request: &'a HttpRequest, name: &header::HeaderName) -> &'a str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether an address may be one of the storefront: those of files have a dot, those of programs take no HTML.
fn is_page(path: &str, accepted: &str) -> bool {
    let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    accepted.contains("text/html") && !is_file && !OTHERS.iter().any(|other| lies_under(path, other))
}

/// Of the first half of the hash, which is long enough to tell versions of one page apart, and of what was written into it.
/// Weak, since the same page is sent compressed to some.
fn tag_of(hash: &[u8; 32], written: Option<&str>) -> String {
    let mut tag = "W/\"".to_owned();
    for byte in &hash[..16] {
        let _ = write!(tag, "{byte:02x}");
    }
    if let Some(written) = written {
        let mut hasher = DefaultHasher::new();
        written.hash(&mut hasher);
        let _ = write!(tag, "-{:x}", hasher.finish());
    }
    tag + "\""
}

fn names(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|known| known == tag || known == "*")
}

#[cfg(test)]
mod tests {
    use super::{event_at, is_page, names, tag_of};

    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    #[test]
    fn whatever_a_visitor_types_is_a_page_but_for_files_and_others_places() {
        for path in ["/events/open-mic", "/orders/ord_1", "/nowhere", "/apis", "/graphqlish"] {
            assert!(is_page(path, BROWSER), "{path}");
        }
        for path in ["/api/users", "/graphql", "/sandbox/mails", "/assets/old.js", "/favicon.ico", "/metrics"]
        {
            assert!(!is_page(path, BROWSER), "{path}");
        }
    }

    #[test]
    fn programs_are_told_that_nothing_is_there() {
        for accepted in ["", "*/*", "application/json"] {
            assert!(!is_page("/events/open-mic", accepted), "{accepted}");
        }
    }

    #[test]
    fn a_page_is_known_by_its_tag_among_others() {
        let tag = tag_of(&[7; 32], None);
        assert!(names(&format!("\"another\", {tag}"), &tag));
        assert!(!names("\"another\"", &tag) && !names("", &tag));
        let tag = tag_of(&[7; 32], Some("Hamlet"));
        assert_eq!(tag, tag_of(&[7; 32], Some("Hamlet")));
        assert!(!names(&tag, &tag_of(&[7; 32], Some("Macbeth"))) && !names(&tag, &tag_of(&[7; 32], None)));
    }

    #[test]
    fn an_event_has_one_address_and_nothing_below_it() {
        assert_eq!(event_at("/events/open-mic"), Some("open-mic"));
        assert_eq!(event_at("/events/evt_0190163d-8694"), Some("evt_0190163d-8694"));
        let long = format!("/events/{}", "a".repeat(201));
        for path in ["/events/", "/events/a/b", "/events/%3Cscript%3E", "/orders/open-mic", "/events", &long]
        {
            assert_eq!(event_at(path), None, "{path}");
        }
    }
}
