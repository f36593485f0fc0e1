//! Where the next page of a list is: the header `Link` (RFC 8288), beside the cursor in the body.

use axum::{
    extract::{OriginalUri, Request},
    http::{HeaderValue, Uri, header::LINK},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{Json, Page};

/// The parameter by which a page is asked for.
pub(super) const AFTER: &str = "after";

/// The cursor of the page that follows an answer.
#[derive(Clone)]
struct NextPage(String);

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let next = self.page_info.end_cursor.clone().filter(|_| self.page_info.has_next_page);
        let mut response = Json(self).into_response();
        if let Some(cursor) = next {
            response.extensions_mut().insert(NextPage(cursor));
        }
        response
    }
}

/// Adds to each page that is not the last one where the next is.
pub(super) async fn linked(OriginalUri(asked): OriginalUri, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(NextPage(cursor)) = response.extensions_mut().remove() {
        response.headers_mut().insert(LINK, next_at(&followed(&asked, &cursor)));
    }
    response
}

/// Says that the next page is at `address`.
pub(super) fn next_at(address: &str) -> HeaderValue {
    HeaderValue::from_str(&format!("<{address}>; rel=\"next\""))
        .expect("what is encoded for a URI is visible ASCII")
}

/// What was asked for, from another place on; without the host, which those on the way know by other names.
fn followed(asked: &Uri, cursor: &str) -> String {
    let said = form_urlencoded::parse(asked.query().unwrap_or_default().as_bytes());
    let kept = said.filter(|(name, _)| name != AFTER);
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair(AFTER, cursor)
        .finish();
    format!("{}?{query}", asked.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_for_with_the_same_words() {
        for (asked, next) in [
            ("/api/x/v1/list", "/api/x/v1/list?after=c-_1"),
            ("/api/x/v1/list?first=2", "/api/x/v1/list?first=2&after=c-_1"),
            (
                "/api/x/v1/list?after=old&tags=late+night&tags=caf%C3%A9&query=a%26b%3E",
                "/api/x/v1/list?tags=late+night&tags=caf%C3%A9&query=a%26b%3E&after=c-_1",
            ),
        ] {
            assert_eq!(followed(&asked.parse().unwrap(), "c-_1"), next);
        }
    }
}
