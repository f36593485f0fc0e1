//! All that is wrong with an input is told in one answer, also what only a rule finds.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use testbed::problem;

use crate::{
    graph::{CREATE_LAYOUT, CREATE_VENUE, Graph, create_event, in_days, layout_input, merged},
    rest::Rest,
};

const UPDATE: &str = "mutation($input: UpdateEventInput!) { updateEvent(input: $input) { id } }";

/// The ways to all that is said to be wrong, each from the input on.
async fn told(graph: &Graph, mutation: &str, input: Value) -> Vec<String> {
    let ways = ways(graph, mutation, json!({ "input": input })).await;
    ways.into_iter().map(|way| way.strip_prefix("input.").unwrap().to_owned()).collect()
}

/// The ways to all that is said to be wrong, each from the name of its argument on.
async fn ways(graph: &Graph, operation: &str, variables: Value) -> Vec<String> {
    let answer = graph.ask(Some(graph.organizer), operation, variables).await;
    let told = &answer["errors"][0]["extensions"];
    assert_eq!(told["code"], "BAD_USER_INPUT", "{answer:#}");
    assert_eq!(told["path"], told["problems"][0]["path"], "{answer:#}");
    let way = |problem: &Value| {
        let steps = problem["path"].as_array().unwrap().iter();
        let steps: Vec<_> = steps.map(|step| step.as_str().unwrap()).collect();
        steps.join(".")
    };
    told["problems"].as_array().unwrap().iter().map(way).collect()
}

#[tokio::test]
async fn of_a_layout() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let seat = |change: Value| merged(json!({ "label": "1", "x": 0, "y": 0 }), change);
    let run = |change: Value| merged(json!({ "from": 1, "to": 3, "x": 0, "y": 0 }), change);
    let input = json!({
        "venueId": "nonsense", "name": " ", "idempotencyKey": "", "focalPoint": { "x": 1e9, "y": 0 },
        "sections": [
            { "key": "A", "name": "", "kind": "GENERAL_ADMISSION", "rows": [] },
            { "key": "A", "name": "B", "kind": "SEATED", "capacity": 5 },
            { "key": "C", "name": "C", "kind": "SEATED", "outline": [{ "x": 0, "y": 0 }], "rows": [
                { "label": "1", "seats": [seat(json!({ "key": " " })), seat(json!({ "y": -1e9 }))],
                    "runs": [run(json!({ "step": 0, "to": 100_000 })), run(json!({ "accessible": [9], "restrictedView": [9] }))] },
                { "label": "1", "runs": [run(json!({ "step": 0 }))] },
                { "label": "3" },
            ] },
        ],
    });
    let expected = [
        "venueId",
        "sections.0.rows",
        "sections.0.capacity",
        "sections.1.capacity",
        "sections.1.rows",
        "sections.2.rows.0.seats.0.key",
        "sections.2.rows.0.runs.0.to",
        "sections.2.rows.0.runs.0.step",
        "sections.2.rows.0.runs.1.accessible",
        "sections.2.rows.0.runs.1.restrictedView",
        "sections.2.rows.1.runs.0.step",
        "idempotencyKey",
        "name",
        "sections.0.name",
        "sections.2.rows.0.seats.1.y",
        "sections.2.rows.2.seats",
        "sections.1.key",
        "sections.2.rows.0.seats.1.label",
        "sections.2.rows.1.label",
        "focalPoint.x",
    ];
    assert_eq!(told(&graph, CREATE_LAYOUT, input.clone()).await, expected);
    // Twenty are told, and no more.
    let mut more = input;
    more["sections"].as_array_mut().unwrap().insert(0, json!({ "key": "Z", "name": "Z", "kind": "SEATED" }));
    assert_eq!(told(&graph, CREATE_LAYOUT, more).await.len(), 20);
    let readable = json!({ "name": " ", "sections": [{ "key": "", "name": "F", "kind": "GENERAL_ADMISSION", "capacity": 0 }] });
    let readable = merged(layout_input(&venue), readable);
    assert_eq!(
        told(&graph, CREATE_LAYOUT, readable).await,
        ["name", "sections.0.key", "sections.0.capacity"]
    );
}

#[tokio::test]
async fn seats_behind_a_run_that_was_not_read_are_not_mistaken_for_others() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let row = json!({ "label": "A", "seats": [{ "label": "1", "x": 0, "y": 0 }], "runs": [
        { "from": 2, "to": 3, "x": 0, "y": 0 },
        { "from": 3, "to": 3, "x": 0, "y": 0 },
        { "from": 4, "to": 4, "step": 0, "x": 0, "y": 0 },
        { "from": 1, "to": 1, "x": 0, "y": 0 },
    ] });
    let section = json!({ "key": "S", "name": "S", "kind": "SEATED", "rows": [row] });
    let input = merged(layout_input(&venue), json!({ "sections": [section] }));
    let expected = ["rows.0.runs.2.step", "rows.0.seats.3.label", "rows.0.seats.3.key"];
    assert_eq!(told(&graph, CREATE_LAYOUT, input).await, expected.map(|way| format!("sections.0.{way}")));
}

#[tokio::test]
async fn of_a_change_of_an_event() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let event = graph.event(&venue, json!({})).await;
    let wrong = json!({ "eventId": event["id"], "title": null, "showsStock": null, "tags": ["fine", ""], "layoutId": "nonsense",
        "endsAt": in_days(1), "doorsAt": in_days(31), "imageUrl": "http://example.org" });
    let found = told(&graph, UPDATE, wrong.clone()).await;
    assert_eq!(found, ["layoutId", "title", "showsStock", "tags.1", "imageUrl", "endsAt", "doorsAt"]);
    // Beside a start that nobody knows, or of an event that nobody knows, instants are not compared with the event's own.
    let mut no_start = wrong.clone();
    no_start["startsAt"] = json!(null);
    let found = told(&graph, UPDATE, no_start).await;
    assert_eq!(found, ["layoutId", "title", "startsAt", "showsStock", "tags.1", "imageUrl"]);
    let mut no_event = wrong;
    no_event["eventId"] = json!("nonsense");
    let found = told(&graph, UPDATE, no_event.clone()).await;
    assert_eq!(found, ["eventId", "layoutId", "title", "showsStock", "tags.1", "imageUrl"]);
    no_event["startsAt"] = json!(in_days(-1));
    let found = told(&graph, UPDATE, no_event).await;
    assert_eq!(
        found,
        ["eventId", "layoutId", "title", "showsStock", "tags.1", "imageUrl", "startsAt", "doorsAt"]
    );
    let elsewhere = graph.layout(&graph.venue(json!({ "name": "Elsewhere" })).await).await;
    let of_another_venue =
        json!({ "eventId": event["id"], "category": null, "description": "\u{7}", "layoutId": elsewhere });
    assert_eq!(told(&graph, UPDATE, of_another_venue).await, ["category", "description", "layoutId"]);
}

#[tokio::test]
async fn of_a_move_of_an_event() {
    const RESCHEDULE: &str =
        "mutation($input: RescheduleEventInput!) { rescheduleEvent(input: $input) { id } }";
    let graph = Graph::start().await;
    let wrong = json!({ "eventId": "nonsense", "idempotencyKey": "", "reason": " ", "startsAt": in_days(-1),
        "endsAt": in_days(-2), "doorsAt": in_days(1), "refundableUntil": in_days(-1) });
    let found = told(&graph, RESCHEDULE, wrong.clone()).await;
    let of_the_times = ["reason", "startsAt", "endsAt", "doorsAt", "refundableUntil"];
    assert_eq!(found, [&["eventId", "idempotencyKey"][..], &of_the_times].concat());
    let venue = graph.venue(json!({})).await;
    let layout = graph.layout(&venue).await;
    let event = graph.published(&venue, &layout, json!({})).await;
    let times = merged(wrong, json!({ "eventId": event["id"], "idempotencyKey": null }));
    assert_eq!(told(&graph, RESCHEDULE, times).await, of_the_times);
}

#[tokio::test]
async fn of_a_new_event() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let past = json!({ "startsAt": in_days(-1), "endsAt": in_days(1) });
    let wrong =
        merged(past.clone(), json!({ "organizationId": "1", "currency": "XXX", "title": " ", "tags": [""] }));
    let input = merged(graph.event_input(&venue), wrong);
    let found = told(&graph, &create_event(), input).await;
    assert_eq!(found, ["organizationId", "currency", "title", "tags.0", "startsAt"]);
    let elsewhere = graph.layout(&graph.venue(json!({ "name": "Elsewhere" })).await).await;
    let input =
        merged(graph.event_input(&venue), merged(past, json!({ "title": " ", "layoutId": elsewhere })));
    assert_eq!(told(&graph, &create_event(), input).await, ["title", "startsAt", "layoutId"]);
}

#[tokio::test]
async fn of_a_venue() {
    let graph = Graph::start().await;
    let wrong = json!({ "organizationId": "1", "timezone": "Mars/Olympus", "name": " ", "idempotencyKey": "",
        "address": { "city": "", "countryCode": "XX" }, "location": { "lat": 91, "lon": 181 } });
    let input = merged(graph.venue_input(), wrong);
    let expected = [
        "organizationId",
        "timezone",
        "name",
        "address.countryCode",
        "address.city",
        "location.lat",
        "location.lon",
        "idempotencyKey",
    ];
    assert_eq!(told(&graph, CREATE_VENUE, input).await, expected);
}

#[tokio::test]
async fn of_a_search() {
    const SEARCH: &str = "query($filter: EventFilter, $sort: EventSort, $first: Int, $after: String) { \
        events(filter: $filter, sort: $sort, first: $first, after: $after) { totalCount } }";
    let graph = Graph::start().await;
    let filter = json!({ "organizationId": "1", "query": "x".repeat(201), "tags": ["fine", ""], "city": "x".repeat(101),
        "near": { "lat": 91, "lon": -181, "km": 0 }, "startsAfter": in_days(2), "startsBefore": in_days(1),
        "categories": vec!["MUSIC"; 20], "statuses": vec!["DRAFT"; 11] });
    let asked = json!({ "filter": filter, "first": 0, "after": "%" });
    let expected = [
        "filter.organizationId",
        "filter.query",
        "filter.categories",
        "filter.tags.1",
        "filter.city",
        "filter.near.lat",
        "filter.near.lon",
        "filter.near.km",
        "filter.startsBefore",
        "filter.statuses",
        "first",
        "after",
    ];
    assert_eq!(ways(&graph, SEARCH, asked).await, expected);
    let far = json!({ "sort": "DISTANCE", "filter": { "query": "a b c d e f g h i j k l m" }, "first": 101 });
    assert_eq!(ways(&graph, SEARCH, far).await, ["filter.query", "sort", "first"]);
}

#[tokio::test]
async fn of_a_search_over_rest() {
    let rest = Rest::start().await;
    for (query, expected) in [
        (
            "organizationId=42&lat=1&sort=DISTANCE&tags=fine&tags=&startsAfter=2027-01-02T00:00:00Z\
             &startsBefore=2027-01-01T00:00:00Z&first=0&after=%25",
            vec!["organizationId", "lon", "km", "tags[1]", "startsBefore", "first", "after"],
        ),
        ("lat=91&lon=2&km=0&first=101", vec!["lat", "km", "first"]),
        ("sort=DISTANCE&first=101", vec!["sort", "first"]),
    ] {
        let refused = problem(rest.get_with(None, &format!("/events?{query}"), HeaderMap::new()).await).await;
        let errors = refused["errors"].as_array().unwrap().iter();
        let named: Vec<_> = errors.map(|error| error["parameter"].as_str().unwrap()).collect();
        assert_eq!((&refused["status"], named), (&json!(400), expected), "{refused:#}");
    }
}
