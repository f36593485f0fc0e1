//! The storefront: one page, whose script shows what the address says. So each address of it is that page.

use std::fmt::Write as _;

use hive_router::{
    http::{Method, StatusCode, header},
    ntex::web::{HttpRequest, HttpResponse},
};

use super::{built, not_built, not_found};
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

/// All comes from here, and no script or style is written into the page. The two hashes are those of styles that the
/// components of React Aria put in; a test of `web/` compares them with the texts. `data:` is for QR codes and the pictures
/// that stand in for others while these are loaded.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self' 'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o=' 'sha256-gYiS/BvZvRcK27JIXTuwhZ3hs2+VJ1X+2gUlE+farlg='; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; object-src 'none'";

/// The storefront's page.
pub(super) async fn page(request: HttpRequest) -> HttpResponse {
    answer(&request)
}

/// What is said where no other route, and no service, is: the storefront's page to whoever looks for one.
pub(crate) fn or_not_found(request: &HttpRequest) -> HttpResponse {
    let accepted = request.headers().get(header::ACCEPT).and_then(|kinds| kinds.to_str().ok());
    if request.method() == Method::GET && is_page(request.path(), accepted.unwrap_or_default()) {
        answer(request)
    } else {
        not_found(request.path())
    }
}

fn answer(request: &HttpRequest) -> HttpResponse {
    let Some(file) = built::file(PAGE) else { return not_built() };
    let tag = tag_of(&file.metadata.sha256_hash());
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let unchanged = known.is_some_and(|tags| names(tags, &tag));
    let mut response = HttpResponse::build(if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response
        .header(header::ETAG, tag)
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "same-origin")
        .header("permissions-policy", "camera=(), microphone=(), geolocation=()")
        .header("cross-origin-opener-policy", "same-origin");
    if unchanged {
        response.finish()
    } else {
        response.content_type("text/html; charset=utf-8").body(file.data.into_owned())
    }
}

/// Whether an address may be one of the storefront: those of files have a dot, those of programs take no HTML.
fn is_page(path: &str, accepted: &str) -> bool {
    let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    accepted.contains("text/html") && !is_file && !OTHERS.iter().any(|other| lies_under(path, other))
}

/// Of the first half of the hash, which is long enough to tell versions of one page apart. Weak, since the same page is sent
/// compressed to some.
fn tag_of(hash: &[u8; 32]) -> String {
    let mut tag = "W/\"".to_owned();
    for byte in &hash[..16] {
        let _ = write!(tag, "{byte:02x}");
    }
    tag + "\""
}

fn names(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|known| known == tag || known == "*")
}

#[cfg(test)]
mod tests {
    use super::{is_page, names, tag_of};

    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    #[test]
    fn whatever_a_visitor_types_is_a_page_but_for_files_and_others_places() {
        for path in ["/events/open-mic", "/orders/ord_1", "/nowhere", "/apis", "/graphqlish"] {
            assert!(is_page(path, BROWSER), "{path}");
        }
        for path in ["/api/users", "/graphql", "/sandbox/mails", "/assets/old.js", "/robots.txt", "/metrics"]
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
        let tag = tag_of(&[7; 32]);
        assert!(names(&format!("\"another\", {tag}"), &tag));
        assert!(!names("\"another\"", &tag));
    }
}
