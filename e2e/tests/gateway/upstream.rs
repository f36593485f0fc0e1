use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Request, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};

/// What a server was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: usize,
}

/// A stand-in for a part of the platform that remembers what reached it. Ends when it is dropped.
pub(crate) struct Upstream {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    serving: JoinHandle<()>,
}

impl Upstream {
    /// One that answers everything with 200 and some JSON.
    pub(crate) async fn friendly() -> Self {
        Self::answering(|_| json(StatusCode::OK, "{\"data\":null}")).await
    }

    /// One that answers as it is told.
    pub(crate) async fn answering(answer: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let told: Answer = Arc::new(answer);
        let routes = Router::new().fallback(hear).with_state((asked.clone(), told));
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { url, asked, serving }
    }

    /// One that reads a request and hangs up instead of answering.
    pub(crate) async fn hanging_up() -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = asked.clone();
        let serving = tokio::spawn(async move {
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                let heard = heard.clone();
                tokio::spawn(async move { hang_up(connection, &heard).await });
            }
        });
        Self { url, asked, serving }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What reached it so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

type Answer = Arc<dyn Fn(&Asked) -> Response + Send + Sync>;
type Told = (Arc<Mutex<Vec<Asked>>>, Answer);

async fn hear(State((known, answer)): State<Told>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let mut length = 0;
    let mut pieces = body.into_data_stream();
    while let Some(Ok(piece)) = pieces.next().await {
        length += piece.len();
    }
    let asked = Asked { method: head.method, uri: head.uri, headers: head.headers, body: length };
    let answer = answer(&asked);
    known.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    answer
}

async fn hang_up(mut connection: TcpStream, heard: &Mutex<Vec<Asked>>) {
    let mut request = vec![0; 4096];
    let length = connection.read(&mut request).await.unwrap_or_default();
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let mut words = request.split(' ');
    if let (Some(Ok(method)), Some(Ok(uri))) = (words.next().map(str::parse), words.next().map(str::parse)) {
        let asked = Asked { method, uri, headers: HeaderMap::new(), body: 0 };
        heard.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }
    connection.shutdown().await.ok();
}

/// An answer.
pub(crate) fn json(status: StatusCode, body: impl Into<String>) -> Response {
    (status, [("content-type", "application/json")], body.into()).into_response()
}

/// An event stream whose events are given one by one, when the test says so.
pub(crate) fn events(events: mpsc::Receiver<&'static str>) -> Response {
    let events = futures::stream::unfold(events, async |mut events| {
        let event = events.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(format!("data: {event}\n\n"))), events))
    });
    ([("content-type", "text/event-stream")], Body::from_stream(events)).into_response()
}
