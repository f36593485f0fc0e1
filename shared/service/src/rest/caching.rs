//! Answers that may be kept (RFC 9111), each with a tag of what it says (`ETag`, RFC 9110): whoever has it already is
//! sent nothing. All others are `no-store`.

use std::convert::Infallible;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
            IF_NONE_MATCH, VARY,
        },
    },
    middleware::Next,
    response::{IntoResponse, IntoResponseParts, Response, ResponseParts},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::{Problem, names};
use crate::Caller;

/// How many bytes of a digest a tag has: no two answers of one address have the same.
const TAG: usize = 16;

/// Who may keep an answer, and for how long. Returned before the answer itself: `(Caching::…, Json(…))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caching {
    /// Nobody but the caller's own client, when it is none.
    public_seconds: Option<u32>,
    /// Whether others may get another answer at the same address.
    by_caller: bool,
}

/// What marks an answer that gets a tag.
#[derive(Clone, Copy)]
struct Tagged;

impl Caching {
    /// Everybody gets the same answer, whoever they are: anybody on the way may keep it for so many seconds.
    pub fn same_for_all(seconds: u32) -> Self {
        Self { public_seconds: Some(seconds), by_caller: false }
    }

    /// The answer depends on who asks. Nobody's is kept for so many seconds by whoever is on the way; that of somebody who
    /// is logged in stays with them, and their client asks each time whether it has changed.
    pub fn by_caller(caller: Option<&Caller>, seconds: u32) -> Self {
        Self { public_seconds: caller.is_none().then_some(seconds), by_caller: true }
    }
}

impl IntoResponseParts for Caching {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Self::Error> {
        let control = match self.public_seconds {
            Some(seconds) => format!("public, max-age={seconds}"),
            None => "private, no-cache".to_owned(),
        };
        let control = HeaderValue::from_str(&control).expect("these are words and a number");
        parts.headers_mut().insert(CACHE_CONTROL, control);
        if self.by_caller {
            parts.headers_mut().append(VARY, HeaderValue::from_name(AUTHORIZATION));
        }
        parts.extensions_mut().insert(Tagged);
        Ok(parts)
    }
}

/// Tags the answers that may be kept, and leaves out what the client has.
pub(super) async fn tagged(request: Request, next: Next) -> Response {
    let known: HeaderMap =
        request.headers().get_all(IF_NONE_MATCH).iter().map(|tag| (IF_NONE_MATCH, tag.clone())).collect();
    let mut response = next.run(request).await;
    if response.extensions_mut().remove::<Tagged>().is_none() || response.status() != StatusCode::OK {
        return response;
    }
    let (mut head, body) = response.into_parts();
    // It was written as a whole, so it is there as a whole.
    let Ok(body) = to_bytes(body, usize::MAX).await else { return Problem::internal().into_response() };
    let tag = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..TAG]));
    let unchanged = names(&known, &IF_NONE_MATCH, &tag);
    head.headers.insert(ETAG, HeaderValue::from_str(&tag).expect("base64 is visible ASCII"));
    if unchanged {
        head.status = StatusCode::NOT_MODIFIED;
        for of_the_body in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING] {
            head.headers.remove(of_the_body);
        }
        return Response::from_parts(head, Body::empty());
    }
    Response::from_parts(head, body.into())
}
