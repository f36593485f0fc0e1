//! Answers that many ask for and that cost something to make: made once, kept in memory ready to be sent.

use std::{fmt::Debug, hash::Hash, io::Cursor, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{IntoResponse, Response},
};
use brotli::enc::BrotliEncoderParams;
use kernel::{Error, Fault, Result};
use moka::future::Cache;
use serde::Serialize;

use super::names;

/// Little work for nearly as little to send.
const QUALITY: i32 = 5;

/// An answer as it is sent: JSON, and the same compressed.
#[derive(Debug)]
pub struct Ready {
    json: Bytes,
    brotli: Bytes,
}

impl Ready {
    fn of(answer: &impl Serialize, doing: &'static str) -> Result<Self, Fault> {
        let json = serde_json::to_vec(answer).map_err(|cause| Fault::new(doing, cause))?;
        Self::compressed(json, doing)
    }

    /// Knows no type of an answer, so that brotli is compiled once, here, and not with each service.
    fn compressed(json: Vec<u8>, doing: &'static str) -> Result<Self, Fault> {
        let parameters = BrotliEncoderParams { quality: QUALITY, ..BrotliEncoderParams::default() };
        let mut brotli = Vec::new();
        brotli::BrotliCompress(&mut Cursor::new(&json), &mut brotli, &parameters)
            .map_err(|cause| Fault::new(doing, cause))?;
        Ok(Self { json: json.into(), brotli: brotli.into() })
    }
}

/// Answers that are ready, by what they are answers to.
#[derive(Clone)]
pub struct ReadyAnswers<K>(Cache<K, Arc<Ready>>);

impl<K: Clone + Debug + Eq + Hash + Send + Sync + 'static> ReadyAnswers<K> {
    /// At most `bytes` of them; those that nobody asks for during `idle` are dropped earlier.
    pub fn new(bytes: u64, idle: Option<Duration>) -> Self {
        let weight = |_: &K, ready: &Arc<Ready>| {
            // What weighs more than this type can say weighs more than the whole.
            u32::try_from(ready.json.len() + ready.brotli.len()).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder().max_capacity(bytes).weigher(weight);
        Self(if let Some(idle) = idle { kept.time_to_idle(idle) } else { kept }.build())
    }

    /// The answer to `what`, made once however many ask for it. `read` reads what is needed, and what it gives makes the
    /// answer of it, away from the threads that wait for others.
    pub async fn of<T: Serialize, Make: FnOnce() -> T + Send + 'static>(
        &self,
        what: K,
        doing: &'static str,
        read: impl Future<Output = Result<Make>>,
    ) -> Result<Arc<Ready>> {
        let made = async {
            let make = read.await?;
            let written = tokio::task::spawn_blocking(move || Ready::of(&make(), doing));
            Ok::<_, Error>(Arc::new(written.await.map_err(|cause| Fault::new(doing, cause))??))
        };
        self.0.try_get_with(what, made).await.map_err(|error| match error.as_ref() {
            Error::Refused(refusal) => refusal.clone().into(),
            Error::Broken(fault) => Fault { passing: fault.passing, ..Fault::new(doing, error) }.into(),
        })
    }
}

/// How long an answer is good, and for whom.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its `ETag` without quotes: as long as it is the same, so is the answer.
    pub tag: String,
    /// True when everybody gets this answer, and not only this caller.
    pub public: bool,
    /// The rest of `Cache-Control`, such as `no-cache`.
    pub how: &'static str,
}

impl Kept {
    /// The whole answer to a client that has it already; none for others.
    pub fn unchanged(&self, asked: &HeaderMap) -> Option<Response> {
        names(asked, &IF_NONE_MATCH, &self.tag())
            .then(|| (StatusCode::NOT_MODIFIED, self.headers()).into_response())
    }

    /// The answer, compressed by brotli for who takes that.
    pub fn send(&self, asked: &HeaderMap, ready: &Ready) -> Response {
        let json = [(CONTENT_TYPE, "application/json")];
        if names(asked, &ACCEPT_ENCODING, "br") {
            (self.headers(), json, [(CONTENT_ENCODING, "br")], ready.brotli.clone()).into_response()
        } else {
            (self.headers(), json, ready.json.clone()).into_response()
        }
    }

    fn tag(&self) -> String {
        format!("\"{}\"", self.tag)
    }

    fn headers(&self) -> [(axum::http::HeaderName, String); 3] {
        let whose = if self.public { "public" } else { "private" };
        [
            (CACHE_CONTROL, format!("{whose}, {}", self.how)),
            (VARY, "Accept-Encoding".to_owned()),
            (ETAG, self.tag()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use axum::body::to_bytes;
    use kernel::Refusal;

    use super::*;

    #[tokio::test]
    async fn an_answer_is_made_once_however_many_ask_for_it() {
        let (ready, made) = (ReadyAnswers::new(1_000_000, None), AtomicU32::new(0));
        let ask = || {
            ready.of(1, "testing", async {
                made.fetch_add(1, Relaxed);
                tokio::task::yield_now().await;
                Ok(|| vec!["a"; 100])
            })
        };
        let all = futures::future::join_all((0..10).map(|_| ask())).await;
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(made.load(Relaxed), 1);
        let sent = all[0].as_ref().unwrap();
        assert!(sent.brotli.len() < sent.json.len() / 4, "{sent:?}");
    }

    #[tokio::test]
    async fn what_is_refused_is_refused_and_asked_for_again() {
        let ready: ReadyAnswers<i32> = ReadyAnswers::new(1_000_000, None);
        let refused =
            ready.of(1, "testing", async { Err::<fn() -> u8, _>(Refusal::not_found("map").into()) }).await;
        assert_eq!(refused.unwrap_err().refusal().unwrap().message, "There is no such map.");
        assert!(ready.of(1, "testing", async { Ok(|| 1) }).await.is_ok());
    }

    #[tokio::test]
    async fn who_has_the_answer_is_sent_nothing_and_brotli_only_who_takes_it() {
        let kept = Kept { tag: "3-0".to_owned(), public: false, how: "no-cache" };
        let asked = |pairs: &[(axum::http::HeaderName, &str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
        };
        let unchanged = kept.unchanged(&asked(&[(IF_NONE_MATCH, "\"2-0\", W/\"3-0\"")])).unwrap();
        assert_eq!(unchanged.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(unchanged.headers()[ETAG], "\"3-0\"");
        assert!(kept.unchanged(&asked(&[(IF_NONE_MATCH, "\"2-0\"")])).is_none());
        let ready = Ready::of(&vec!["seat"; 50], "testing").unwrap();
        let plain = kept.send(&asked(&[]), &ready);
        assert_eq!(plain.headers()[CACHE_CONTROL], "private, no-cache");
        assert!(!plain.headers().contains_key(CONTENT_ENCODING));
        assert_eq!(to_bytes(plain.into_body(), 10_000).await.unwrap(), ready.json);
        let small = kept.send(&asked(&[(ACCEPT_ENCODING, "gzip, br")]), &ready);
        assert_eq!(small.headers()[CONTENT_ENCODING], "br");
        assert_eq!(to_bytes(small.into_body(), 10_000).await.unwrap(), ready.brotli);
    }
}
