use serde_json::json;

use crate::support::{Platform, within};

#[tokio::test]
async fn a_subgraphs_refusal_arrives_with_its_message_and_details() {
    let platform = Platform::start().await;
    let answer = platform.ask("mutation { holdSeats(seatIds: [\"a\", \"b\"]) }").await;
    assert_eq!(answer["data"], json!({ "holdSeats": null }));
    let error = &answer["errors"][0];
    assert_eq!(error["message"], "These seats are taken. Choose others.");
    assert_eq!(error["extensions"], json!({ "code": "SEATS_UNAVAILABLE", "seatIds": ["a", "b"] }));
    assert_eq!(error["path"], json!(["holdSeats"]));
}

#[tokio::test]
async fn a_fault_without_a_code_tells_nothing_of_the_inside() {
    let platform = Platform::start().await;
    let answer = platform.ask("{ event(id: 1) { title careless } }").await;
    assert_eq!(answer["data"]["event"], json!({ "title": "Concert 1", "careless": null }));
    assert_eq!(answer["errors"][0]["extensions"], json!({ "code": "INTERNAL", "reason": "FAULT" }));
    assert!(!answer.to_string().contains("10.0.0.7"), "{answer}");
}

#[tokio::test]
async fn a_dead_subgraph_costs_its_own_fields_only() {
    let platform = Platform::start_with(|options, _| {
        options.subgraphs.insert("tickets".into(), nobody());
    })
    .await;
    let answer = platform.ask("{ event(id: 7) { title available } }").await;
    assert_eq!(answer["data"]["event"], json!({ "title": "Concert 7", "available": null }), "{answer}");
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    let told = json!({ "code": "SERVICE_UNAVAILABLE", "reason": "TEMPORARILY_DOWN" });
    assert_eq!(answer["errors"][0]["extensions"], told);
    assert!(!answer.to_string().contains("127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn what_the_client_got_wrong_is_bad_user_input_and_says_what() {
    let platform = Platform::start().await;
    for (query, says) in [
        ("{ nonsense }", "nonsense"),
        ("{ event(id: 1) ", "parse"),
        ("query ($id: ID!) { event(id: $id) { title } }", "id"),
        ("{ event }", "id"),
    ] {
        let answer = platform.ask(query).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{query}: {answer}");
        assert!(error["extensions"]["field"].is_string(), "{query}: {answer}");
        assert!(error["message"].as_str().unwrap().contains(says), "{query}: {answer}");
    }
    let request = platform.client.post(platform.url("/graphql")).header("content-type", "application/json");
    let answer: serde_json::Value =
        within(request.body("no JSON").send()).await.unwrap().json().await.unwrap();
    assert_eq!(
        answer["errors"][0]["extensions"],
        json!({ "code": "BAD_USER_INPUT", "field": "body", "reason": "UNREADABLE_REQUEST" })
    );
}

#[tokio::test]
async fn an_error_from_another_service_is_at_its_place_in_the_answer() {
    let platform = Platform::start().await;
    let answer = platform.ask("{ it: event(id: 3) { title heads: visitors } }").await;
    assert_eq!(answer["data"]["it"], json!({ "title": "Concert 3", "heads": null }), "{answer}");
    assert_eq!(answer["errors"][0]["path"], json!(["it", "heads"]), "{answer}");
    let answer = platform.ask("{ event(id: 7) { near: neighbours { id heads: visitors } } }").await;
    assert_eq!(answer["data"]["event"]["near"][0]["heads"], 7, "{answer}");
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{answer}");
    let path = answer["errors"][0]["path"].as_array().unwrap();
    assert_eq!(path[..2], [json!("event"), json!("near")], "{answer}");
}

#[tokio::test]
async fn where_a_service_knows_nothing_of_a_thing_the_error_is_as_near_as_is_known() {
    let platform = Platform::start().await;
    let answer = platform.ask(r#"{ it: event(id: "unknown") { title visitors } }"#).await;
    assert_eq!(answer["errors"][0]["path"], json!(["it"]), "{answer}");
    let platform = Platform::start_with(|options, _| {
        options.subgraphs.insert("tickets".into(), nobody());
    })
    .await;
    let answer = platform.ask("{ event(id: 7) { neighbours { title visitors } } }").await;
    assert_eq!(answer["errors"][0]["path"], json!(["event", "neighbours"]), "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["reason"], "TEMPORARILY_DOWN", "{answer}");
}

/// The address of a port where nobody listens any more.
pub(crate) fn nobody() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
