//! What is known of the request that is being answered, wherever in the code that is.
//!
//! The endpoints begin it; nobody hands it on. Consumers and workers answer no request, and know of none.

mod gathering;

use std::{
    net::IpAddr,
    pin::pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use tokio::{sync::OnceCell, task::JoinHandle, time::Instant};
use tracing::Instrument as _;

use self::gathering::Gathering;

/// Where the router says from which address a client came. What clients send under this name does not get past it.
pub const CLIENT_ADDRESS: &str = "x-client-address";

/// Where the gateway in front says the same of what it sends here past the router, such as REST. It writes this header
/// itself, whatever a client sent.
const FROM_THE_GATEWAY: &str = "x-real-ip";

/// How long a whole request waits for what is on its way, whatever it asks for.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

tokio::task_local! {
    static REQUEST: Arc<Request>;
}

struct Request {
    client: Option<IpAddr>,
    /// Nothing for a socket, which lives longer than any answer.
    answer: Option<Answer>,
}

#[derive(Default)]
struct Answer {
    now: OnceCell<DateTime<Utc>>,
    waits_until: OnceLock<Instant>,
    gathering: Arc<Gathering>,
}

/// Answers one request of a client.
pub async fn answering<F: Future>(client: Option<IpAddr>, answer: F) -> F::Output {
    let known = Answer::default();
    let gathering = Arc::clone(&known.gathering);
    let request = Request { client, answer: Some(known) };
    gathering.answering(pin!(REQUEST.scope(Arc::new(request), answer))).await
}

/// Serves a client's socket, on which each operation is a request of its own.
pub(crate) async fn serving<F: Future>(client: Option<IpAddr>, serving: F) -> F::Output {
    REQUEST.scope(Arc::new(Request { client, answer: None }), serving).await
}

/// Answers one operation of whoever is served here.
pub(crate) async fn operation<F: Future>(operation: F) -> F::Output {
    answering(client(), operation).await
}

/// From which address the request came; none in consumers and workers, and where no router stands in front.
pub fn client() -> Option<IpAddr> {
    REQUEST.try_with(|request| request.client).ok().flatten()
}

/// The time of this request, for whoever has asked the database already, such as a transaction: nobody asks again. What
/// was asked for before stays.
pub fn it_is(now: DateTime<Utc>) {
    let note = |request: &Arc<Request>| request.answer.as_ref().map(|answer| answer.now.set(now).is_ok());
    REQUEST.try_with(note).ok();
}

/// Spawns something that still belongs to the request.
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let future = future.in_current_span();
    match REQUEST.try_with(Arc::clone) {
        Ok(request) => tokio::spawn(REQUEST.scope(request, future)),
        Err(_) => tokio::spawn(future),
    }
}

/// Spawns what reads for many at once, as soon as whoever answers the request can go no further, and what was spawned so
/// before is at its end: by then it has asked for everything. Where there is no request, a millisecond later.
pub fn spawn_gathered(load: BoxFuture<'static, ()>) {
    let gathering = REQUEST.try_with(|request| Some(Arc::clone(&request.answer.as_ref()?.gathering)));
    if let Some(gathering) = gathering.ok().flatten() {
        let request = REQUEST.with(Arc::clone);
        gathering.add(Box::pin(REQUEST.scope(request, load.in_current_span())));
    } else {
        spawn(async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            load.await;
        });
    }
}

/// The address that the router named in a request's headers, or else the gateway.
pub(crate) fn client_of(headers: &HeaderMap) -> Option<IpAddr> {
    let said = headers.get(CLIENT_ADDRESS).or_else(|| headers.get(FROM_THE_GATEWAY))?.to_str().ok()?;
    said.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// The time of this request: `ask` is asked for it once. Where there is no request, each time.
pub(crate) async fn time<E, F>(ask: impl FnOnce() -> F) -> Result<DateTime<Utc>, E>
where
    F: Future<Output = Result<DateTime<Utc>, E>>,
{
    match REQUEST.try_with(Arc::clone).ok() {
        Some(request) => match &request.answer {
            Some(answer) => answer.now.get_or_try_init(ask).await.copied(),
            None => ask().await,
        },
        None => ask().await,
    }
}

/// Until when is waited for what is on its way. Whoever asks first in a request decides for all that follow.
pub(crate) fn waits_until() -> Instant {
    let anew = || Instant::now() + ON_ITS_WAY;
    let of_request = REQUEST.try_with(|request| {
        let answer = request.answer.as_ref()?;
        Some(*answer.waits_until.get_or_init(anew))
    });
    of_request.ok().flatten().unwrap_or_else(anew)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_routers_word_counts_before_the_gateways() {
        let mut headers = HeaderMap::new();
        assert_eq!(client_of(&headers), None);
        headers.insert(FROM_THE_GATEWAY, HeaderValue::from_static("203.0.113.7"));
        assert_eq!(client_of(&headers), Some(IpAddr::from([203, 0, 113, 7])));
        headers.insert(CLIENT_ADDRESS, HeaderValue::from_static("198.51.100.4"));
        assert_eq!(client_of(&headers), Some(IpAddr::from([198, 51, 100, 4])));
    }
}
