use serde_json::json;

use crate::{Stage, id};

#[tokio::test]
async fn an_error_of_another_service_is_at_its_place_in_the_list() {
    let stage = Stage::set().await;
    let stranger = stage.person("Sam").await;
    let query = "query($id: ID!) { it: organization(id: $id) { events(first: 5) { \
                 nodes { title sold: sales { ticketsSold } availability { total } } } } }";
    let asked = stranger.asks(query, json!({ "id": stage.show.organization })).await.unwrap();
    let nodes = asked.data["it"]["events"]["nodes"].as_array().unwrap();
    assert_eq!(
        nodes.as_slice(),
        [json!({ "title": "Winter Journey", "sold": null, "availability": nodes[0]["availability"] })],
        "{asked:?}"
    );
    let [refused] = asked.errors.as_slice() else { panic!("{asked:?}") };
    assert_eq!(refused.path, json!(["it", "events", "nodes", 0, "sold"]), "{asked:?}");
    assert_eq!(
        (refused.code.as_str(), &refused.extensions["reason"]),
        ("FORBIDDEN", &json!("ROLE_REQUIRED"))
    );
}

#[tokio::test]
async fn all_that_is_wrong_with_an_event_is_told_at_once() {
    let stage = Stage::set().await;
    let input = json!({
        "organizationId": stage.show.organization, "venueId": "nowhere", "title": " ", "category": "MUSIC",
        "tags": ["jazz", "", "!"], "startsAt": "2020-01-01T20:00:00Z", "endsAt": "2020-01-01T19:00:00Z",
        "currency": "XXX",
    });
    let query = "mutation($input: CreateEventInput!) { createEvent(input: $input) { id } }";
    let asked = stage.organizer.asks(query, json!({ "input": input })).await.unwrap();
    let [refused] = asked.errors.as_slice() else { panic!("{asked:?}") };
    assert_eq!((refused.field(), &refused.path), ("venueId", &json!(["createEvent"])), "{asked:?}");
    assert_eq!(refused.extensions["path"], json!(["input", "venueId"]));
    let problems = refused.extensions["problems"].as_array().unwrap();
    let told: Vec<_> = problems
        .iter()
        .map(|problem| {
            let path = problem["path"].as_array().unwrap();
            let steps: Vec<_> = path.iter().map(|step| step.as_str().unwrap()).collect();
            (steps.join("/"), problem["reason"].as_str().unwrap().to_owned())
        })
        .collect();
    let expected = [
        ("input/venueId", "MALFORMED"),
        ("input/currency", "UNKNOWN"),
        ("input/title", "REQUIRED"),
        ("input/tags/1", "REQUIRED"),
        ("input/tags/2", "MALFORMED"),
        ("input/endsAt", "INCONSISTENT"),
        ("input/startsAt", "IN_THE_PAST"),
    ];
    let expected = expected.map(|(path, reason)| (path.to_owned(), reason.to_owned()));
    assert_eq!(told, expected, "{asked:?}");
}

#[tokio::test]
async fn who_checks_out_twice_is_told_which_order_it_became() {
    let stage = Stage::set().await;
    let buyer = stage.person("Bea").await;
    let seats = stage.seats(&buyer, 1).await;
    let held = buyer.holds(&stage.show.event, &seats).await.unwrap();
    let order = buyer.checks_out(id(&held)).await.unwrap();
    for refused in [buyer.checks_out(id(&held)).await, buyer.releases(id(&held)).await] {
        let refused = refused.unwrap_err();
        assert_eq!((refused.code.as_str(), &refused.extensions["orderId"]), ("CONFLICT", &order["id"]));
        assert_eq!(refused.extensions["reason"], "ALREADY_CHECKED_OUT");
    }
}

#[tokio::test]
async fn a_problem_of_rest_says_its_kind_and_its_places() {
    let stage = Stage::set().await;
    let client = reqwest::Client::new();
    let address = stage.platform.address().now();
    for (path, status, kind, reason) in [
        ("/api/events/v1/events?first=0&startsAfter=soon", 400, "bad-user-input", "MALFORMED"),
        ("/api/events/v1/events/none", 404, "not-found", "NO_SUCH_EVENT"),
        ("/api/events/v1/nothing", 404, "not-found", "NO_SUCH_THING"),
        ("/api/nothing", 404, "not-found", "NO_SUCH_THING"),
        ("/api/users/v1/me", 401, "unauthenticated", "LOGIN_REQUIRED"),
    ] {
        let answer = client.get(format!("{address}{path}")).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["status"], status, "{path}: {problem}");
        assert_eq!(problem["type"], format!("urn:odysseus:problem:{kind}"), "{path}: {problem}");
        assert_eq!(problem["reason"], reason, "{path}: {problem}");
    }
}
