use futures::{
    SinkExt as _, StreamExt as _,
    stream::{self, BoxStream},
};
use reqwest::{Client, header};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::{Answer, Outcome, Refused, within};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A subscription that is being followed. Dropping it leaves it.
pub struct Live {
    field: String,
    frames: BoxStream<'static, Value>,
}

impl Live {
    /// Over WebSocket, in the protocol graphql-transport-ws.
    pub(crate) async fn over_websocket(
        address: &str,
        token: Option<&str>,
        field: &str,
        query: &str,
        variables: Value,
    ) -> Self {
        let mut request = format!("{}/graphql", address.replacen("http", "ws", 1))
            .into_client_request()
            .expect("the platform's address is one");
        let protocol = header::HeaderValue::from_static("graphql-transport-ws");
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
        let opened = within("a WebSocket", tokio_tungstenite::connect_async(request)).await;
        let (mut socket, _) = opened.expect("the platform speaks WebSocket");
        let authorization = token.map(|token| json!({ "authorization": format!("Bearer {token}") }));
        say(&mut socket, json!({ "type": "connection_init", "payload": authorization.unwrap_or(json!({})) }))
            .await;
        let hello = within("the WebSocket's greeting", hear(&mut socket)).await;
        assert_eq!(hello.expect("the socket stays open")["type"], "connection_ack");
        let payload = json!({ "query": query, "variables": variables });
        say(&mut socket, json!({ "type": "subscribe", "id": "1", "payload": payload })).await;
        let frames = stream::unfold(socket, async |mut socket| {
            loop {
                let message = hear(&mut socket).await?;
                match message["type"].as_str() {
                    Some("next") => return Some((message["payload"].clone(), socket)),
                    Some("error") => return Some((json!({ "errors": message["payload"] }), socket)),
                    Some("ping") => say(&mut socket, json!({ "type": "pong" })).await,
                    Some("complete") => return None,
                    _ => {}
                }
            }
        });
        Self { field: field.to_owned(), frames: frames.boxed() }
    }

    /// As server-sent events.
    pub(crate) async fn over_events(
        client: &Client,
        address: &str,
        token: Option<&str>,
        field: &str,
        query: &str,
        variables: Value,
    ) -> Self {
        let mut request =
            client.post(format!("{address}/graphql")).header(header::ACCEPT, "text/event-stream");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let sent = request.json(&json!({ "query": query, "variables": variables })).send();
        let answer = within("an event stream", sent).await.expect("the platform answers");
        let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        assert_eq!(kind, Some("text/event-stream"), "{:?}", answer.status());
        let pieces = answer.bytes_stream().boxed();
        let frames = stream::unfold((pieces, String::new()), async |(mut pieces, mut heard)| {
            loop {
                if let Some((event, rest)) = heard.split_once("\n\n") {
                    let data = event.lines().find_map(|line| line.strip_prefix("data:")).map(str::trim);
                    let data = data.and_then(|data| serde_json::from_str(data).ok());
                    heard = rest.to_owned();
                    if let Some(data) = data {
                        return Some((data, (pieces, heard)));
                    }
                } else {
                    let piece = pieces.next().await?.ok()?;
                    heard.push_str(&String::from_utf8_lossy(&piece).replace("\r\n", "\n"));
                }
            }
        });
        Self { field: field.to_owned(), frames: frames.boxed() }
    }

    /// What comes next.
    pub async fn next(&mut self) -> Outcome {
        let frame = within(&format!("the next {}", self.field), self.frames.next()).await;
        let ended = || Refused::no_answer(format!("{} ended", self.field));
        Answer::read(frame.ok_or_else(ended)?).whole(&self.field)
    }

    /// Goes on until what comes is so.
    pub async fn until(&mut self, what: &str, mut is_so: impl FnMut(&Value) -> bool) -> Value {
        within(what, async {
            loop {
                match self.next().await {
                    Ok(came) if is_so(&came) => return came,
                    Ok(_) => {}
                    Err(refused) => panic!("{what}: {refused:?}"),
                }
            }
        })
        .await
    }
}

async fn say(socket: &mut Socket, message: Value) {
    let said = within("a message to a WebSocket", socket.send(Message::text(message.to_string()))).await;
    said.expect("the socket takes messages");
}

async fn hear(socket: &mut Socket) -> Option<Value> {
    loop {
        if let Message::Text(text) = socket.next().await?.ok()? {
            return serde_json::from_str(&text).ok();
        }
    }
}
