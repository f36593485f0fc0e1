use std::{path::Path, time::Duration};

use futures::{SinkExt as _, StreamExt as _};
use router::{Jwks, RouterOptions, RunningRouter};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest as _},
};
use tokio_util::sync::CancellationToken;

use crate::toy::Toys;

pub(crate) const SUPERGRAPH: &str = include_str!("../toy/supergraph.graphql");

/// Far longer than anything here takes, and short enough to wait for when something hangs.
pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("this should have happened by now")
}

/// A router, what stands behind it, and a client.
pub(crate) struct Platform {
    pub(crate) toys: Toys,
    pub(crate) router: RunningRouter,
    pub(crate) client: reqwest::Client,
    _data: TempDir,
}

impl Platform {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_, _| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut RouterOptions, &Toys)) -> Self {
        let platform = Self::starting_with(change).await;
        within(platform.router.ready()).await;
        platform
    }

    /// One whose router may not have read its supergraph yet.
    pub(crate) async fn starting_with(change: impl FnOnce(&mut RouterOptions, &Toys)) -> Self {
        let toys = Toys::start().await;
        let data = tempfile::tempdir().unwrap();
        let mut options = options(data.path());
        options.subgraphs.insert("events".into(), toys.events.clone());
        options.subgraphs.insert("tickets".into(), toys.tickets.clone());
        change(&mut options, &toys);
        let router = within(router::start(options, CancellationToken::new())).await.unwrap();
        Self { toys, router, client: reqwest::Client::new(), _data: data }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.router.url)
    }

    /// The answer's JSON, whatever its status.
    pub(crate) async fn ask(&self, query: &str) -> Value {
        self.ask_with(query, json!({})).await
    }

    pub(crate) async fn ask_with(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables });
        let request = self.client.post(self.url("/graphql")).json(&body);
        within(async { request.send().await.unwrap().json().await.unwrap() }).await
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        within(self.client.get(self.url(path)).send()).await.unwrap()
    }

    pub(crate) async fn socket(&self) -> Socket {
        Socket::open(&self.router.url, json!({})).await
    }

    /// A subscription over server-sent events; the answer's head has come.
    pub(crate) async fn events(&self, query: &str) -> reqwest::Response {
        let request = self.client.post(self.url("/graphql")).header("accept", "text/event-stream");
        within(request.json(&json!({ "query": query })).send()).await.unwrap()
    }
}

pub(crate) fn options(data: &Path) -> RouterOptions {
    let jwks = data.join("jwks.json");
    std::fs::write(
        &jwks,
        json!({ "keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "one",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        }] })
        .to_string(),
    )
    .unwrap();
    let mut options = RouterOptions::new(SUPERGRAPH, data, Jwks::File(jwks));
    options.workers = Some(std::num::NonZeroUsize::MIN);
    options
}

/// A client of graphql-transport-ws, message by message.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn open(router: &str, init: Value) -> Self {
        Self::silent(router, &[]).await.initialised(init).await
    }

    /// One whose machine keeps little of what it has not read.
    pub(crate) async fn narrow(router: &str) -> Self {
        let connection = TcpSocket::new_v4().unwrap();
        connection.set_recv_buffer_size(64 * 1024).unwrap();
        let address = router.trim_start_matches("http://").parse().unwrap();
        let stream = MaybeTlsStream::Plain(within(connection.connect(address)).await.unwrap());
        let (socket, _) =
            within(tokio_tungstenite::client_async(Self::upgrade(router, &[]), stream)).await.unwrap();
        Self(socket).initialised(json!({})).await
    }

    async fn initialised(mut self, init: Value) -> Self {
        self.send(json!({ "type": "connection_init", "payload": init })).await;
        assert_eq!(self.next().await["type"], "connection_ack");
        self
    }

    /// One that has not said anything yet, with these headers beside the protocol's; an empty one is left out.
    pub(crate) async fn silent(router: &str, headers: &[(&'static str, &str)]) -> Self {
        Self(within(Self::request(router, headers)).await.unwrap())
    }

    pub(crate) async fn connect(
        router: &str,
    ) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Box<tungstenite::Error>> {
        Self::request(router, &[]).await
    }

    async fn request(
        router: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Box<tungstenite::Error>> {
        Ok(tokio_tungstenite::connect_async(Self::upgrade(router, headers)).await.map_err(Box::new)?.0)
    }

    fn upgrade(router: &str, headers: &[(&'static str, &str)]) -> tungstenite::handshake::client::Request {
        let url = format!("{}/graphql", router.replace("http://", "ws://"));
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        for (name, value) in headers {
            request.headers_mut().remove(*name);
            if !value.is_empty() {
                request.headers_mut().insert(*name, value.parse().unwrap());
            }
        }
        request
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    pub(crate) async fn send(&mut self, message: Value) {
        within(self.0.send(Message::text(message.to_string()))).await.unwrap();
    }

    /// Sends what may be no message of the protocol; the other side may hang up meanwhile.
    pub(crate) async fn send_text(&mut self, text: String) {
        let _ = within(self.0.send(Message::text(text))).await;
    }

    /// The next message of the protocol; pings pass by.
    pub(crate) async fn next(&mut self) -> Value {
        within(async {
            loop {
                match self.0.next().await.expect("the socket should be open").unwrap() {
                    Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                    Message::Ping(_) | Message::Pong(_) => {}
                    other => panic!("unexpected: {other:?}"),
                }
            }
        })
        .await
    }

    /// Sends frames as they stand, such as the pieces of one message.
    pub(crate) async fn send_frame(&mut self, frame: Message) {
        within(self.0.send(frame)).await.unwrap();
    }

    /// The code with which the other side closes; other messages pass by.
    pub(crate) async fn closed_with(&mut self) -> u16 {
        within(async {
            loop {
                match self.0.next().await.expect("it should say why").unwrap() {
                    Message::Close(reason) => return reason.expect("it should say why").code.into(),
                    other => drop(other),
                }
            }
        })
        .await
    }
}
