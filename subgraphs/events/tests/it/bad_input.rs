use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::graph::{CANCEL, CREATE_LAYOUT, CREATE_VENUE, Graph, create_event, in_days, layout_input, merged};

const UPDATE: &str = "mutation($input: UpdateEventInput!) { updateEvent(input: $input) { id } }";

/// The numbers of rows that a refused call must not change.
async fn rows(graph: &Graph) -> Vec<i64> {
    let reads = &graph.database.reads;
    let mut counts = Vec::new();
    for table in ["venues", "layouts", "layout_sections", "events", "outbox", "idempotency_keys"] {
        let query = format!("SELECT COUNT(*) AS n FROM {table}");
        let query = Statement::from_string(reads.get_database_backend(), query);
        counts.push(reads.query_one_raw(query).await.unwrap().unwrap().try_get("", "n").unwrap());
    }
    counts
}

async fn all_refused(graph: &Graph, mutation: &str, cases: Vec<(&str, Value)>) {
    let before = rows(graph).await;
    for (field, variables) in cases {
        let refused = graph.refused(Some(graph.organizer), mutation, variables).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), field.to_owned()));
    }
    assert_eq!(rows(graph).await, before, "something was half done");
}

fn long() -> String {
    "x".repeat(testbed::LARGEST_TEXT)
}

#[tokio::test]
async fn a_wrong_venue_is_refused() {
    let graph = Graph::start().await;
    let address = |change: Value| {
        let address = json!({ "street": "1", "city": "Vienna", "countryCode": "AT" });
        json!({ "address": merged(address, change) })
    };
    let cases = [
        ("organizationId", json!({ "organizationId": "nonsense" })),
        ("organizationId", json!({ "organizationId": "" })),
        ("name", json!({ "name": "" })),
        ("name", json!({ "name": long() })),
        ("name", json!({ "name": "two\nlines" })),
        ("timezone", json!({ "timezone": "Mars/Olympus" })),
        ("timezone", json!({ "timezone": "" })),
        ("timezone", json!({ "timezone": long() })),
        ("address.street", address(json!({ "street": "x".repeat(201) }))),
        ("address.city", address(json!({ "city": long() }))),
        ("address.postalCode", address(json!({ "postalCode": "9".repeat(21) }))),
        ("address.region", address(json!({ "region": "\u{0}" }))),
        ("address.countryCode", address(json!({ "countryCode": "Austria" }))),
        ("address.countryCode", address(json!({ "countryCode": "XX" }))),
        ("address.countryCode", address(json!({ "countryCode": "" }))),
        ("address.countryCode", address(json!({ "countryCode": "at" }))),
        ("location.lat", json!({ "location": { "lat": 91, "lon": 0 } })),
        ("location.lon", json!({ "location": { "lat": 0, "lon": -181 } })),
        ("idempotencyKey", json!({ "idempotencyKey": "" })),
        ("idempotencyKey", json!({ "idempotencyKey": "x".repeat(101) })),
    ];
    let inputs =
        cases.map(|(field, change)| (field, json!({ "input": merged(graph.venue_input(), change) })));
    all_refused(&graph, CREATE_VENUE, inputs.into()).await;
    let unknown = json!({ "input": merged(graph.venue_input(), json!({ "colour": "red" })) });
    assert_eq!(graph.refused(Some(graph.organizer), CREATE_VENUE, unknown).await.0, "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_wrong_layout_is_refused() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let seat = |change: Value| {
        let seat = merged(json!({ "label": "1", "x": 0, "y": 0 }), change);
        json!({ "sections": [{ "key": "S", "name": "S", "kind": "SEATED", "rows": [{ "label": "A", "seats": [seat] }] }] })
    };
    let area = |change: Value| {
        let area = json!({ "key": "F", "name": "F", "kind": "GENERAL_ADMISSION", "capacity": 1 });
        json!({ "sections": [merged(area, change)] })
    };
    let seats = |count: usize| {
        let seats: Vec<Value> =
            (0..count).map(|at| json!({ "label": at.to_string(), "x": 0, "y": 0 })).collect();
        json!({ "sections": [{ "key": "S", "name": "S", "kind": "SEATED", "rows": [{ "label": "A", "seats": seats }] }] })
    };
    let twice = json!({ "sections": [
        { "key": "F", "name": "F", "kind": "GENERAL_ADMISSION", "capacity": 1 },
        { "key": "F", "name": "G", "kind": "GENERAL_ADMISSION", "capacity": 1 },
    ] });
    let first_seat = "sections[0].rows[0].seats[0]";
    let cases = [
        ("venueId".to_owned(), json!({ "venueId": "nonsense" })),
        ("name".to_owned(), json!({ "name": " " })),
        ("sections".to_owned(), json!({ "sections": [] })),
        ("sections[0].rows[0].seats".to_owned(), seats(0)),
        ("sections".to_owned(), seats(200_000)),
        ("sections[1].key".to_owned(), twice),
        ("sections[0].key".to_owned(), area(json!({ "key": "" }))),
        ("sections[0].name".to_owned(), area(json!({ "name": "x".repeat(101) }))),
        ("sections[0].capacity".to_owned(), area(json!({ "capacity": -1 }))),
        ("sections[0].capacity".to_owned(), area(json!({ "capacity": 0 }))),
        ("sections[0].capacity".to_owned(), area(json!({ "capacity": 9_000_000_000_i64 }))),
        ("sections[0].capacity".to_owned(), area(json!({ "capacity": null }))),
        ("sections[0].rows".to_owned(), area(json!({ "rows": [] }))),
        ("sections[0].capacity".to_owned(), area(json!({ "kind": "SEATED", "rows": [] }))),
        ("sections[0].rows".to_owned(), area(json!({ "kind": "SEATED", "capacity": null }))),
        ("sections[0].rows".to_owned(), area(json!({ "kind": "SEATED", "capacity": null, "rows": [] }))),
        (format!("{first_seat}.label"), seat(json!({ "label": "" }))),
        (format!("{first_seat}.label"), seat(json!({ "label": "x".repeat(21) }))),
        (format!("{first_seat}.key"), seat(json!({ "key": " " }))),
        (format!("{first_seat}.key"), seat(json!({ "key": "x".repeat(101) }))),
        (format!("{first_seat}.x"), seat(json!({ "x": 1e300 }))),
        (format!("{first_seat}.y"), seat(json!({ "y": -1_000_001 }))),
        ("idempotencyKey".to_owned(), json!({ "idempotencyKey": " " })),
    ];
    let inputs = cases
        .iter()
        .map(|(field, change)| {
            (field.as_str(), json!({ "input": merged(layout_input(&venue), change.clone()) }))
        })
        .collect();
    all_refused(&graph, CREATE_LAYOUT, inputs).await;
    let missing = merged(layout_input(&venue), json!({ "venueId": kernel::VenueId::new().to_string() }));
    let refused = graph.refused(Some(graph.organizer), CREATE_LAYOUT, json!({ "input": missing })).await;
    assert_eq!(refused, ("NOT_FOUND".to_owned(), "venueId".to_owned()));
}

fn wrong_details() -> Vec<(&'static str, Value)> {
    vec![
        ("title", json!({ "title": " " })),
        ("title", json!({ "title": "x".repeat(201) })),
        ("title", json!({ "title": long() })),
        ("description", json!({ "description": long() })),
        ("tags", json!({ "tags": vec!["x"; 21] })),
        ("tags[0]", json!({ "tags": ["x".repeat(41)] })),
        ("startsAt", json!({ "startsAt": in_days(-1), "endsAt": in_days(1) })),
        ("startsAt", json!({ "startsAt": "9999-01-01T00:00:00Z", "endsAt": "9999-01-02T00:00:00Z" })),
        ("endsAt", json!({ "endsAt": in_days(29) })),
        ("endsAt", json!({ "endsAt": in_days(62) })),
        ("doorsAt", json!({ "doorsAt": in_days(31) })),
        ("doorsAt", json!({ "doorsAt": in_days(1) })),
        ("imageUrl", json!({ "imageUrl": "http://example.org/a.png" })),
        ("imageUrl", json!({ "imageUrl": format!("https://example.org/{}", "x".repeat(2_000)) })),
        ("layoutId", json!({ "layoutId": "nonsense" })),
        ("name", json!({ "tax": { "name": long(), "rate": "20", "included": true } })),
        ("rate", json!({ "tax": { "name": "VAT", "rate": "101", "included": true } })),
        ("hoursBeforeStart", policy(&json!([{ "hoursBeforeStart": -1, "percent": "1" }]))),
        ("percent", policy(&json!([{ "hoursBeforeStart": 1, "percent": "half" }]))),
        ("rules", policy(&json!(vec![json!({ "hoursBeforeStart": 1, "percent": "1" }); 11]))),
    ]
}

fn policy(rules: &Value) -> Value {
    json!({ "refundPolicy": { "rules": rules } })
}

#[tokio::test]
async fn a_wrong_event_is_refused() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let mut cases = wrong_details();
    cases.extend([
        ("organizationId", json!({ "organizationId": "nonsense" })),
        ("venueId", json!({ "venueId": "nonsense" })),
        ("currency", json!({ "currency": "XXX" })),
        ("currency", json!({ "currency": "euro" })),
        ("idempotencyKey", json!({ "idempotencyKey": long() })),
    ]);
    let input = |change: Value| json!({ "input": merged(graph.event_input(&venue), change) });
    let inputs = cases.into_iter().map(|(field, change)| (field, input(change))).collect();
    all_refused(&graph, &create_event(), inputs).await;
    for change in [
        json!({ "startsAt": "yesterday" }),
        json!({ "category": "KNITTING" }),
        json!({ "title": 5 }),
        json!({ "title": null }),
    ] {
        let refused = graph.refused(Some(graph.organizer), &create_event(), input(change.clone())).await;
        assert_eq!(refused.0, "BAD_USER_INPUT", "{change}");
    }
    let elsewhere = graph.layout(&graph.venue(json!({ "name": "Elsewhere" })).await).await;
    all_refused(&graph, &create_event(), vec![("layoutId", input(json!({ "layoutId": elsewhere })))]).await;
    let missing = json!({ "layoutId": kernel::LayoutId::new().to_string() });
    let refused = graph.refused(Some(graph.organizer), &create_event(), input(missing)).await;
    assert_eq!(refused, ("NOT_FOUND".to_owned(), "layoutId".to_owned()));
}

#[tokio::test]
async fn a_wrong_change_is_refused_and_the_event_stays_as_it_was() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let event = graph.event(&venue, json!({})).await;
    let of_event = |change: Value| json!({ "input": merged(json!({ "eventId": event["id"] }), change) });
    let inputs = wrong_details()
        .into_iter()
        .chain([("eventId", json!({ "eventId": "nonsense" }))])
        .map(|(field, change)| (field, of_event(change)))
        .collect();
    all_refused(&graph, UPDATE, inputs).await;
    let query = format!("query($id: ID!) {{ event(id: $id) {{ {} }} }}", crate::graph::EVENT);
    let after = graph.data(Some(graph.organizer), &query, json!({ "id": event["id"] })).await;
    assert_eq!(after["event"], event);
}

#[tokio::test]
async fn wrong_ids_and_reasons_are_refused() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let event = graph.event(&venue, json!({})).await;
    let publish = "mutation($id: ID!) { publishEvent(id: $id) { id } }";
    all_refused(&graph, publish, vec![("id", json!({ "id": "" })), ("id", json!({ "id": long() }))]).await;
    let of_event =
        |change: Value| json!({ "input": merged(json!({ "eventId": event["id"], "reason": "x" }), change) });
    let cases = [
        ("eventId", json!({ "eventId": "1" })),
        ("reason", json!({ "reason": " " })),
        ("reason", json!({ "reason": "x".repeat(501) })),
        ("reason", json!({ "reason": long() })),
        ("idempotencyKey", json!({ "idempotencyKey": "" })),
        ("idempotencyKey", json!({ "idempotencyKey": "x".repeat(101) })),
    ];
    let cases = cases.map(|(field, change)| (field, of_event(change))).into();
    all_refused(&graph, CANCEL, cases).await;
    for query in [
        "{ event { id } }",
        "{ event(id: \"x\", slug: \"y\") { id } }",
        "{ event(id: \"x\") { id } }",
        "{ venue(id: \"x\") { id } }",
    ] {
        let refused = graph.refused(None, query, json!({})).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "id".to_owned()), "{query}");
    }
    let by_slug = "query($slug: String) { event(slug: $slug) { id } }";
    for slug in [long(), "fidelio\0".to_owned()] {
        let refused = graph.refused(None, by_slug, json!({ "slug": slug })).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "slug".to_owned()));
    }
}

#[tokio::test]
async fn all_that_is_wrong_with_a_change_is_told_with_its_way_from_the_input_on() {
    let graph = Graph::start().await;
    for (mutation, input, ways) in [
        (UPDATE, json!({ "eventId": "1", "title": null }), [["input", "eventId"], ["input", "title"]]),
        (CANCEL, json!({ "eventId": "1", "reason": " " }), [["input", "eventId"], ["input", "reason"]]),
    ] {
        let answer = graph.ask(Some(graph.organizer), mutation, json!({ "input": input })).await;
        let told = &answer["errors"][0]["extensions"];
        assert_eq!(told["path"], json!(ways[0]), "{answer:#}");
        let problems = told["problems"].as_array().unwrap().iter();
        assert_eq!(problems.map(|one| one["path"].clone()).collect::<Vec<_>>(), ways.map(|way| json!(way)));
    }
    // The arguments of the first edition are gone.
    for flat in [
        "mutation { updateEvent(id: \"1\", input: { title: \"x\" }) { id } }",
        "mutation { cancelEvent(id: \"1\", reason: \"x\") { id } }",
    ] {
        assert_eq!(graph.refused(Some(graph.organizer), flat, json!({})).await.0, "BAD_USER_INPUT");
    }
}
