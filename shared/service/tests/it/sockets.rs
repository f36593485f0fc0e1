//! GraphQL over WebSocket.

use chrono::Duration;
use futures::{SinkExt, StreamExt};
use kernel::{Clock, SystemClock, UserId};
use messaging::Bus as _;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::world::{World, claims, soon};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(world: &World, init: Value) -> Socket {
    let mut request = format!("ws://{}/ws", world.running.address).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    say(&mut socket, json!({ "type": "connection_init", "payload": init })).await;
    socket
}

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message, or none when the socket was closed.
async fn hear(socket: &mut Socket) -> Option<Value> {
    loop {
        match soon(socket.next()).await {
            Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(_)) => {}
        }
    }
}

async fn subscribe(socket: &mut Socket) -> Option<Value> {
    assert_eq!(hear(socket).await?["type"], "connection_ack");
    say(socket, json!({ "id": "1", "type": "subscribe", "payload": { "query": "subscription { me }" } }))
        .await;
    hear(socket).await
}

#[tokio::test]
async fn who_subscribes_is_known_by_the_token_in_the_opening_message() {
    let (world, user) = (World::start().await, UserId::new());
    let token = format!("Bearer {}", world.token(user));
    for init in [
        json!({ "Authorization": token }),
        json!({ "authorization": token }),
        json!({ "headers": { "authorization": token } }),
    ] {
        let heard = subscribe(&mut open(&world, init).await).await.unwrap();
        assert_eq!(heard["payload"]["data"]["me"], user.to_string());
    }
    let anonymous = subscribe(&mut open(&world, json!({})).await).await.unwrap();
    assert_eq!(code(&anonymous), Some(&json!("UNAUTHENTICATED")), "{anonymous}");
}

/// The code of the first error of a message, wherever the protocol puts it.
fn code(message: &Value) -> Option<&Value> {
    message.pointer("/payload/errors/0/extensions/code").or(message.pointer("/payload/0/extensions/code"))
}

#[tokio::test]
async fn each_operation_on_a_socket_with_a_wrong_token_is_refused() {
    let world = World::start().await;
    let mut socket = open(&world, json!({ "authorization": "Bearer x.y.z" })).await;
    assert_eq!(hear(&mut socket).await.unwrap()["type"], "connection_ack");
    for query in ["subscription { me }", "{ hello }"] {
        say(&mut socket, json!({ "id": query, "type": "subscribe", "payload": { "query": query } })).await;
        let heard = hear(&mut socket).await.unwrap();
        assert_eq!(code(&heard), Some(&json!("UNAUTHENTICATED")), "{heard}");
        assert_eq!(heard.pointer("/payload/data").unwrap_or(&Value::Null), &Value::Null, "{heard}");
        assert_eq!(hear(&mut socket).await.unwrap()["type"], "complete");
    }
}

#[tokio::test]
async fn a_subscription_ends_with_the_token_it_was_opened_with_and_says_so() {
    let world = World::start().await;
    let until = SystemClock.now() + Duration::seconds(2);
    let token = world.signer.sign(&claims(UserId::new(), until));
    let mut socket = open(&world, json!({ "authorization": format!("Bearer {token}") })).await;
    assert_eq!(subscribe(&mut socket).await.unwrap()["type"], "next");
    let told = hear(&mut socket).await.unwrap();
    assert_eq!(code(&told), Some(&json!("UNAUTHENTICATED")), "{told}");
    assert_eq!(hear(&mut socket).await.unwrap()["type"], "complete");
    assert!(SystemClock.now() >= until - Duration::seconds(1));
}

#[tokio::test]
async fn a_session_that_ends_takes_its_subscriptions_and_tokens_with_it() {
    let (world, until) = (World::start().await, SystemClock.now() + Duration::minutes(15));
    let claims = claims(UserId::new(), until);
    let token = world.signer.sign(&claims);
    let mut socket = open(&world, json!({ "authorization": format!("Bearer {token}") })).await;
    assert_eq!(subscribe(&mut socket).await.unwrap()["type"], "next");
    let me = async || {
        let answer = world.ask("{ me }").bearer_auth(&token).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    assert_eq!(me().await["data"]["me"], claims.sub.to_string());

    let told = json!({ "sessionId": claims.sid, "until": until }).to_string().into_bytes();
    world.bus.announce("odysseus.live.sessions.ended", told).await.unwrap();
    let heard = hear(&mut socket).await.unwrap();
    assert_eq!(code(&heard), Some(&json!("UNAUTHENTICATED")), "{heard}");
    assert_eq!(me().await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(hear(&mut socket).await.unwrap()["type"], "complete");
    let again = json!({ "id": "2", "type": "subscribe", "payload": { "query": "subscription { me }" } });
    say(&mut socket, again).await;
    assert_eq!(code(&hear(&mut socket).await.unwrap()), Some(&json!("UNAUTHENTICATED")));
}

#[tokio::test]
async fn text_with_nul_is_refused_over_both_protocols_and_the_socket_stays() {
    let world = World::start().await;
    let mut socket = open(&world, json!({})).await;
    assert_eq!(hear(&mut socket).await.unwrap()["type"], "connection_ack");
    let given = json!({ "name": "Ada\0" });
    for (operation, variables) in [
        (r#"subscription { greetings(name: "Ada\u0000") }"#, json!({})),
        ("subscription($name: String!) { greetings(name: $name) }", given.clone()),
        (r#"{ greeting(name: "Ada\u0000") }"#, json!({})),
        ("query($name: String!) { greeting(name: $name) }", given),
    ] {
        let payload = json!({ "query": operation, "variables": variables });
        say(&mut socket, json!({ "id": "1", "type": "subscribe", "payload": payload })).await;
        let heard = hear(&mut socket).await.unwrap();
        assert_eq!(code(&heard), Some(&json!("BAD_USER_INPUT")), "{operation}: {heard}");
        assert!(heard.to_string().contains("NUL"), "{operation}: {heard}");
        assert_eq!(hear(&mut socket).await.unwrap()["type"], "complete");
        if !operation.starts_with("subscription") {
            let answer = world.ask(operation).json(&payload).send().await.unwrap();
            let answer: Value = answer.json().await.unwrap();
            let told = &answer["errors"][0]["extensions"];
            assert_eq!(
                (&told["code"], &told["field"]),
                (&json!("BAD_USER_INPUT"), &json!("name")),
                "{answer}"
            );
            assert_eq!(answer["data"], Value::Null);
        }
    }
    let payload = json!({ "query": r#"subscription { greetings(name: "Ada") }"# });
    say(&mut socket, json!({ "id": "2", "type": "subscribe", "payload": payload })).await;
    let heard = hear(&mut socket).await.unwrap();
    assert_eq!(heard["payload"]["data"]["greetings"], "hello Ada", "{heard}");
}
