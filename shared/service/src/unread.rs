//! What is answered before its body was read ends its connection, and says so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::{HeaderValue, Version, header::CONNECTION},
    middleware::Next,
    response::Response,
};
use futures::{StreamExt as _, stream};

/// Says `Connection: close` where an answer comes before the end of the request's body.
///
/// The server reads no more of such a body and closes the connection. A gateway that is not told sends its next request on it,
/// which is then lost, and may not be sent again when it changes something.
pub(crate) async fn announced(request: Request, next: Next) -> Response {
    if request.version() > Version::HTTP_11 || request.body().is_end_stream() {
        return next.run(request).await;
    }
    let whole = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&whole);
    let end = stream::poll_fn(move |_| {
        ended.store(true, Ordering::Relaxed);
        Poll::Ready(None)
    });
    let mut response =
        next.run(request.map(|body| Body::from_stream(body.into_data_stream().chain(end)))).await;
    if !whole.load(Ordering::Relaxed) {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
