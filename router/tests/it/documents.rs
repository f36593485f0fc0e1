//! Documents that are asked for by their hashes alone.

use serde_json::{Value, json};

use crate::support::{Platform, within};

/// In a test any text will do for an id.
const EVENT: &str = "17a0";
const COUNTDOWN: &str = "c0de";

async fn knowing() -> Platform {
    Platform::start_with(|options, _| {
        let event = "query Event($id: ID!) { event(id: $id) { title } }";
        let countdown = "subscription { countdown(from: 2) }";
        options.documents = json!({ EVENT: event, COUNTDOWN: countdown }).to_string();
    })
    .await
}

async fn answer(platform: &Platform, body: &Value) -> (u16, Value) {
    let response = within(platform.client.post(platform.url("/graphql")).json(body).send()).await.unwrap();
    (response.status().as_u16(), within(response.json()).await.unwrap())
}

fn apollos(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

#[tokio::test]
async fn a_known_hash_stands_for_its_text_in_each_form() {
    let platform = knowing().await;
    let variables = json!({ "id": "1" });
    for asked in [
        json!({ "documentId": EVENT, "variables": variables }),
        json!({ "extensions": apollos(EVENT), "variables": variables, "operationName": "Event" }),
    ] {
        let (status, answer) = answer(&platform, &asked).await;
        assert_eq!(
            (status, &answer["data"]["event"]["title"]),
            (200, &json!("Concert 1")),
            "{asked}: {answer}"
        );

        let mut socket = platform.socket().await;
        socket.send(json!({ "type": "subscribe", "id": "d", "payload": asked })).await;
        let message = socket.next().await;
        assert_eq!(message["payload"]["data"]["event"]["title"], "Concert 1", "{asked}: {message}");
    }
    let escaped = "%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%2217a0%22%7D%7D";
    for address in [
        format!("/graphql?documentId={EVENT}&variables=%7B%22id%22%3A%221%22%7D"),
        format!("/graphql?extensions={escaped}&variables=%7B%22id%22%3A%221%22%7D"),
    ] {
        let answer: Value = within(platform.get(&address).await.json()).await.unwrap();
        assert_eq!(answer["data"]["event"]["title"], "Concert 1", "{address}: {answer}");
    }
}

#[tokio::test]
async fn a_stream_can_be_asked_for_by_its_hash() {
    let platform = knowing().await;
    let request = platform.client.post(platform.url("/graphql")).header("accept", "text/event-stream");
    let response = within(request.json(&json!({ "documentId": COUNTDOWN })).send()).await.unwrap();
    let told = within(response.text()).await.unwrap();
    assert!(told.contains(r#"{"data":{"countdown":2}}"#) && told.contains("event: complete"), "{told}");

    let mut socket = platform.socket().await;
    socket.send(json!({ "type": "subscribe", "id": "s", "payload": { "documentId": COUNTDOWN } })).await;
    assert_eq!(socket.next().await["payload"]["data"]["countdown"], 2);
}

#[tokio::test]
async fn a_text_is_taken_at_its_word_whatever_hash_comes_with_it() {
    let platform = knowing().await;
    for named in [json!({ "documentId": COUNTDOWN }), json!({ "extensions": apollos("ffff") })] {
        let mut asked = named.clone();
        asked["query"] = "{ event(id: 2) { title } }".into();
        let (_, answer) = answer(&platform, &asked).await;
        assert_eq!(answer["data"]["event"]["title"], "Concert 2", "{answer}");
    }
}

#[tokio::test]
async fn whoever_names_an_unknown_document_is_told_that_there_is_none() {
    let platform = knowing().await;
    let unknown = json!({ "documentId": "ffff" });
    let said = json!({
        "message": "PersistedQueryNotFound", "extensions": { "code": "PERSISTED_QUERY_NOT_FOUND" }
    });
    assert_eq!(answer(&platform, &unknown).await, (200, json!({ "errors": [said] })));
    let got: Value = within(platform.get("/graphql?documentId=ffff").await.json()).await.unwrap();
    assert_eq!(got, json!({ "errors": [said] }));
    let mut socket = platform.socket().await;
    socket.send(json!({ "type": "subscribe", "id": "u", "payload": unknown })).await;
    let message = socket.next().await;
    assert_eq!((&message["type"], &message["payload"]), (&json!("error"), &json!([said])), "{message}");
}

#[tokio::test]
async fn apollos_client_is_told_the_same_of_any_unknown_hash_over_a_socket() {
    let platform = knowing().await;
    let mut socket = platform.socket().await;
    let payload = json!({ "extensions": apollos("ffff") });
    socket.send(json!({ "type": "subscribe", "id": "a", "payload": payload })).await;
    let message = socket.next().await;
    assert_eq!(message["payload"][0]["message"], "PersistedQueryNotSupported", "{message}");
}

#[tokio::test]
async fn every_operation_of_our_own_pages_can_be_asked_for_by_its_hash() {
    let platform = crate::costs::real_graph().await;
    let documents: Value = serde_json::from_str(include_str!("../../trusted-documents.json")).unwrap();
    let documents = documents.as_object().unwrap();
    assert!(documents.len() >= 10, "{}", documents.len());
    for (hash, text) in documents {
        let unnamed = json!({ "extensions": apollos(hash), "operationName": "NoneOfThis" });
        let (_, answer) = answer(&platform, &unnamed).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(!message.contains("PersistedQuery"), "{text}: {message}");
    }
}
