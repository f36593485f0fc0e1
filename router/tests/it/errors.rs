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
        ("query ($id: ID = 7) { event(id: $id) { title } }", "ID"),
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
    assert_eq!(answer["errors"][0]["path"], json!(["event", "near", 1, "heads"]), "{answer}");
}

#[tokio::test]
async fn one_thing_that_stands_at_several_places_has_an_error_at_each() {
    let platform = Platform::start().await;
    let answer = platform
        .ask(
            "{ event(id: 7) { near: neighbours { heads: visitors capacity } \
             related { neighbours { heads: visitors capacity } } } }",
        )
        .await;
    assert_eq!(answer["data"]["event"]["near"][1], json!({ "heads": null, "capacity": 100 }), "{answer}");
    let mut told = paths(&answer);
    told.sort_by_key(|path| path.as_array().unwrap().len());
    let expected =
        [json!(["event", "near", 1, "heads"]), json!(["event", "related", 0, "neighbours", 1, "heads"])];
    assert_eq!(told, expected, "{answer}");
}

#[tokio::test]
async fn where_a_service_knows_nothing_of_a_thing_each_field_says_so() {
    let platform = Platform::start().await;
    let answer = platform.ask(r#"{ it: event(id: "unknown") { title heads: visitors } }"#).await;
    assert_eq!(paths(&answer), [json!(["it", "heads"])], "{answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND", "{answer}");
    assert_eq!(answer["errors"][0]["message"], "Nothing is sold for it.", "{answer}");
}

#[tokio::test]
async fn where_a_service_does_not_answer_each_field_that_it_has_says_so() {
    let platform = Platform::start_with(|options, _| {
        options.subgraphs.insert("tickets".into(), nobody());
    })
    .await;
    let listed = [json!(["event", "neighbours", 0, "heads"]), json!(["event", "neighbours", 1, "heads"])];
    let (near, far) = (json!(["event", "near", 0, "visitors"]), json!(["event", "far", 0, "available"]));
    for (query, expected) in [
        ("{ event(id: 7) { neighbours { title heads: visitors } } }", listed.as_slice()),
        (
            "{ event(id: 7) { title visitors available @include(if: true) } }",
            &[json!(["event", "visitors"]), json!(["event", "available"])],
        ),
        ("{ event(id: 7) { near: related { visitors } far: related { available } } }", &[near, far]),
        ("{ event(id: 7) { title } name: ticketName(id: 1) }", &[json!(["name"])]),
        ("mutation { rename(name: \"it\") }", &[json!(["rename"])]),
    ] {
        let answer = platform.ask(query).await;
        let mut told = paths(&answer);
        told.sort_by_key(|path| expected.iter().position(|one| one == path));
        assert_eq!(told, expected, "{query}: {answer}");
        for error in answer["errors"].as_array().unwrap() {
            let down = json!({ "code": "SERVICE_UNAVAILABLE", "reason": "TEMPORARILY_DOWN" });
            assert_eq!(error["extensions"], down, "{answer}");
        }
    }
}

#[tokio::test]
async fn what_is_asked_for_on_a_condition_has_an_error_as_near_as_is_known() {
    let platform = Platform::start_with(|options, _| {
        options.subgraphs.insert("tickets".into(), nobody());
    })
    .await;
    let query = "query($yes: Boolean!) { event(id: 7) { neighbours { title visitors @include(if: $yes) } } }";
    let answer = platform.ask_with(query, json!({ "yes": true })).await;
    assert_eq!(paths(&answer), [json!(["event", "neighbours"])], "{answer}");
    let answer = platform.ask_with(query, json!({ "yes": false })).await;
    assert_eq!(answer["errors"], json!(null), "{answer}");
}

fn paths(answer: &serde_json::Value) -> Vec<serde_json::Value> {
    answer["errors"].as_array().unwrap().iter().map(|error| error["path"].clone()).collect()
}

#[tokio::test]
async fn a_variable_that_is_refused_is_told_as_a_service_tells_what_is_wrong_with_an_input() {
    let platform = Platform::start().await;
    let rows = "query($area: Area!, $count: Int!) { rows(area: $area, count: $count) }";
    for (query, variables, path, reason, message) in [
        (rows, json!({ "area": "FLOOR" }), json!(["count"]), "REQUIRED", "count: must be given"),
        (
            rows,
            json!({ "area": "FLOOR", "count": "ten" }),
            json!(["count"]),
            "MALFORMED",
            "count: must be a whole number between -2147483648 and 2147483647",
        ),
        (
            rows,
            json!({ "area": "CELLAR", "count": 1 }),
            json!(["area"]),
            "UNKNOWN",
            "area: must be one of BALCONY, FLOOR",
        ),
        (
            "mutation($area: Area) { wish(input: { eventId: 1, area: $area }) }",
            json!({ "area": 3 }),
            json!(["input", "area"]),
            "UNKNOWN",
            "area: must be one of BALCONY, FLOOR",
        ),
        (
            "mutation($ids: [ID!]!) { holdSeats(seatIds: $ids) }",
            json!({ "ids": ["a", null] }),
            json!(["seatIds", "1"]),
            "REQUIRED",
            "seatIds[1]: must be given, and not be null (it is the variable $ids)",
        ),
    ] {
        let answer = platform.ask_with(query, variables).await;
        let [error] = answer["errors"].as_array().unwrap().as_slice() else { panic!("{answer}") };
        assert_eq!(error["message"], message, "{answer}");
        let told = &error["extensions"];
        assert_eq!((&told["code"], &told["reason"]), (&json!("BAD_USER_INPUT"), &json!(reason)), "{answer}");
        assert_eq!((&told["path"], &told["problems"][0]["path"]), (&path, &path), "{answer}");
    }
    let answer = platform.ask_with(rows, json!({ "area": "CELLAR" })).await;
    assert_eq!(answer["errors"][0]["extensions"]["problems"].as_array().unwrap().len(), 2, "{answer}");
    let answer = platform.ask_with(rows, json!({ "area": "BALCONY", "count": 3 })).await;
    assert_eq!(answer, json!({ "data": { "rows": [2, 3] } }));
}

#[tokio::test]
async fn what_is_wrong_within_an_input_the_service_tells() {
    let platform = Platform::start().await;
    let wish = "mutation($input: WishInput!) { wish(input: $input) }";
    for (input, wrong) in
        [(json!({ "area": "FLOOR" }), "eventId"), (json!({ "eventId": "1", "colour": "red" }), "colour")]
    {
        let answer = platform.ask_with(wish, json!({ "input": input })).await;
        assert_eq!(answer["data"], json!({ "wish": null }), "{answer}");
        let [error] = answer["errors"].as_array().unwrap().as_slice() else { panic!("{answer}") };
        assert_eq!(error["path"], json!(["wish"]), "{answer}");
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        assert_eq!(error["extensions"]["path"], json!(["input", wrong]), "{answer}");
    }
    let input = json!({ "eventId": "7", "area": "BALCONY" });
    assert_eq!(
        platform.ask_with(wish, json!({ "input": input })).await,
        json!({ "data": { "wish": "7 above" } })
    );
}

/// The address of a port where nobody listens any more.
pub(crate) fn nobody() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
