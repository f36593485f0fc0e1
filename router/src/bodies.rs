//! Bodies of requests that are refused, or belong to another protocol.

use std::time::Duration;

use hive_router::{
    http::header::CONTENT_LENGTH,
    ntex::{
        http::{HeaderMap, Payload},
        util::Bytes,
        web::{DefaultError, WebRequest},
    },
};

/// How much of a body that is refused for its size is read nevertheless, and for how long.
const MOST_DRAINED: u64 = 64 * 1024 * 1024;
const LONGEST_DRAINED: Duration = Duration::from_secs(10);

/// As the client says it; 0 where it does not, and then hive-router counts what it reads.
pub(crate) fn announced_body(headers: &HeaderMap) -> u64 {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// As much of what follows the request as it announces, unless that is too large anyway.
pub(crate) async fn announced_part(request: &mut WebRequest<DefaultError>, largest: u64) -> Payload {
    let announced = announced_body(request.headers());
    let Ok(length) = usize::try_from(announced) else { return Payload::None };
    if length == 0 || announced > largest {
        return Payload::None;
    }
    let mut following = request.take_payload();
    let mut body = Vec::new();
    let reading = async {
        while body.len() < length
            && let Some(Ok(chunk)) = following.recv().await
        {
            body.extend_from_slice(&chunk);
        }
    };
    tokio::time::timeout(LONGEST_DRAINED, reading).await.ok();
    body.truncate(length);
    Payload::from_stream(futures::stream::once(async move { Ok(Bytes::from(body)) }))
}

/// Reads on, so that the client can finish and read why it is refused.
pub(crate) async fn drain(request: &mut WebRequest<DefaultError>) {
    let mut body = request.take_payload();
    let mut drained = 0;
    let draining = async {
        while let Some(Ok(chunk)) = body.recv().await {
            drained += chunk.len() as u64;
            if drained > MOST_DRAINED {
                break;
            }
        }
    };
    // Whoever is slower than that meets a closed connection.
    tokio::time::timeout(LONGEST_DRAINED, draining).await.ok();
}
