use serde_json::{Value, json};

use crate::graph::{CANCEL, CREATE_VENUE, EVENT, Graph, at, create_event, in_days, merged};

fn update() -> String {
    format!("mutation($input: UpdateEventInput!) {{ updateEvent(input: $input) {{ {EVENT} }} }}")
}

/// What is sent about this event.
fn about(event: &Value, change: Value) -> Value {
    json!({ "input": merged(json!({ "eventId": event["id"] }), change) })
}

#[tokio::test]
async fn an_event_goes_from_draft_to_the_public_to_its_end() {
    let graph = Graph::start().await;
    let organizer = Some(graph.organizer);
    let venue = graph.venue(json!({})).await;
    let draft = graph.event(&venue, json!({ "title": " Die Fledermaus " })).await;
    assert_eq!(draft["status"], "DRAFT");
    assert_eq!((&draft["title"], &draft["slug"]), (&json!("Die Fledermaus"), &json!("die-fledermaus")));
    assert_eq!((&draft["timezone"], &draft["layout"]), (&json!("Europe/Vienna"), &json!(null)));
    assert_eq!(draft["organization"]["id"], json!(graph.organization.public()));

    let id = json!({ "id": draft["id"] });
    let publish = format!("mutation($id: ID!) {{ publishEvent(id: $id) {{ {EVENT} }} }}");
    let refused = graph.refused(organizer, &publish, id.clone()).await;
    assert_eq!(refused, ("CONFLICT".to_owned(), "layoutId".to_owned()));

    let layout = graph.layout(&venue).await;
    let doors = at(chrono::DateTime::parse_from_rfc3339(&in_days(29)).unwrap().to_utc());
    let change = json!({ "layoutId": layout, "doorsAt": doors, "tags": ["Strauß", "strauss", "Vienna"] });
    let updated = graph.data(organizer, &update(), about(&draft, change)).await["updateEvent"].clone();
    assert_eq!((&updated["layout"]["id"], &updated["tags"]), (&json!(layout), &json!(["Strauß", "Vienna"])));
    assert!(updated["doorsAt"].is_string());
    let cleared = json!({ "input": { "eventId": draft["id"], "doorsAt": null } });
    assert_eq!(graph.data(organizer, &update(), cleared).await["updateEvent"]["doorsAt"], json!(null));

    let published = graph.data(organizer, &publish, id.clone()).await["publishEvent"].clone();
    assert_eq!(published["status"], "PUBLISHED");
    assert_eq!(graph.data(organizer, &publish, id.clone()).await["publishEvent"], published);
    // Whatever else would be wrong with the new time: before the doors, after the end, past.
    for (field, when) in [("startsAt", 10), ("startsAt", 40), ("startsAt", -1), ("endsAt", 1), ("endsAt", 90)]
    {
        let moved = about(&draft, json!({ field: in_days(when) }));
        let refused = graph.refused(organizer, &update(), moved).await;
        assert_eq!(refused, ("CONFLICT".to_owned(), field.to_owned()), "{when}");
    }
    let same = about(&draft, json!({ "startsAt": published["startsAt"], "title": "Fledermaus" }));
    assert_eq!(graph.data(organizer, &update(), same).await["updateEvent"]["title"], "Fledermaus");
    let back = about(&draft, json!({ "title": "Die Fledermaus" }));
    graph.data(organizer, &update(), back).await;

    let cancel =
        format!("mutation($input: CancelEventInput!) {{ cancelEvent(input: $input) {{ {EVENT} }} }}");
    let why = about(&draft, json!({ "reason": "The singer is ill." }));
    let cancelled = graph.data(organizer, &cancel, why).await["cancelEvent"].clone();
    assert_eq!(
        (&cancelled["status"], &cancelled["cancelReason"]),
        (&json!("CANCELLED"), &json!("The singer is ill."))
    );
    let again = about(&draft, json!({ "reason": "Something else." }));
    assert_eq!(graph.data(organizer, &cancel, again).await["cancelEvent"], cancelled);
    assert_eq!(graph.refused(organizer, &publish, id).await.0, "CONFLICT");
    let seen = format!("{{ event(slug: \"die-fledermaus\") {{ {EVENT} }} }}");
    assert_eq!(graph.data(None, &seen, json!({})).await["event"], cancelled);
}

#[tokio::test]
async fn what_an_event_always_has_cannot_be_taken_away() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let draft = graph.event(&venue, json!({})).await;
    for field in ["title", "description", "category", "tags", "startsAt", "endsAt"] {
        let ask = json!({ "input": { "eventId": draft["id"], field: null } });
        let refused = graph.refused(Some(graph.organizer), &update(), ask).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), field.to_owned()));
    }
}

#[tokio::test]
async fn only_owners_and_managers_change_things() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let venue_input = json!({ "input": graph.venue_input() });
    let event_input = json!({ "input": graph.event_input(&venue) });
    for (who, code) in
        [(None, "UNAUTHENTICATED"), (Some(graph.scanner), "FORBIDDEN"), (Some(graph.stranger), "FORBIDDEN")]
    {
        assert_eq!(graph.refused(who, CREATE_VENUE, venue_input.clone()).await.0, code);
        assert_eq!(graph.refused(who, &create_event(), event_input.clone()).await.0, code);
    }
}

#[tokio::test]
async fn a_venue_is_kept_as_it_was_entered_and_once_per_key() {
    let graph = Graph::start().await;
    let organizer = Some(graph.organizer);
    let input = merged(graph.venue_input(), json!({ "idempotencyKey": "click" }));
    let first = graph.data(organizer, CREATE_VENUE, json!({ "input": input })).await;
    let second = graph.data(organizer, CREATE_VENUE, json!({ "input": input })).await;
    assert_eq!(first, second);
    let made = &first["createVenue"];
    assert_eq!(made["location"], json!({ "lat": 48.205, "lon": 16.357 }));
    let address = json!({ "street": "Arthur-Schnitzler-Platz 1", "postalCode": "1070", "city": "Vienna",
        "region": null, "countryCode": "AT" });
    assert_eq!(made["address"], address);
    let changed = merged(input, json!({ "name": "Other" }));
    let refused = graph.refused(organizer, CREATE_VENUE, json!({ "input": changed })).await;
    assert_eq!(refused, ("IDEMPOTENCY_KEY_REUSED".to_owned(), "idempotencyKey".to_owned()));
}

#[tokio::test]
async fn many_who_submit_the_same_event_at_once_get_the_same_event() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let input = merged(graph.event_input(&venue), json!({ "idempotencyKey": "click" }));
    let (mutation, variables) = (create_event(), json!({ "input": input }));
    let submit = || graph.data(Some(graph.organizer), &mutation, variables.clone());
    let answers = tokio::join!(submit(), submit(), submit(), submit());
    assert!([answers.1, answers.2, answers.3].iter().all(|answer| *answer == answers.0));
    let unkeyed = json!({ "input": graph.event_input(&venue) });
    let submit = || graph.data(Some(graph.organizer), &mutation, unkeyed.clone());
    let (one, two) = tokio::join!(submit(), submit());
    assert_ne!(one["createEvent"]["slug"], two["createEvent"]["slug"]);
}

#[tokio::test]
async fn an_address_may_be_without_a_street_and_is_read_in_its_countrys_order() {
    let graph = Graph::start().await;
    let query = "query($id: ID!) { venue(id: $id) { address { street countryCode formatted \
        short: formatted(includeCountry: false) whole: formatted(includeCountry: null) } } }";
    let london = json!({ "city": "London", "postalCode": "WC2E 9ZZ", "countryCode": "GB" });
    for (change, street) in [
        (json!({}), json!(null)),
        (json!({ "street": "  " }), json!(null)),
        (json!({ "street": "7 Alderman’s Court" }), json!("7 Alderman’s Court")),
    ] {
        let venue = graph.venue(json!({ "address": merged(london.clone(), change) })).await;
        let found = graph.data(Some(graph.organizer), query, json!({ "id": venue })).await;
        let mut lines: Vec<_> = street.as_str().into_iter().chain(["London", "WC2E 9ZZ"]).collect();
        let short = json!(lines);
        lines.push("United Kingdom");
        let expected = json!({ "street": street, "countryCode": "GB", "formatted": lines, "short": short, "whole": lines });
        assert_eq!(found["venue"]["address"], expected);
    }
}

#[tokio::test]
async fn calling_off_with_a_key_is_one_call_and_no_other() {
    let graph = Graph::start().await;
    let organizer = Some(graph.organizer);
    let event = graph.event(&graph.venue(json!({})).await, json!({})).await;
    let ask = about(&event, json!({ "reason": "Storm.", "idempotencyKey": "click" }));
    let first = graph.data(organizer, CANCEL, ask.clone()).await;
    assert_eq!(first["cancelEvent"]["cancelReason"], "Storm.");
    assert_eq!(graph.data(organizer, CANCEL, ask).await, first);
    let other = about(&event, json!({ "reason": "Fire.", "idempotencyKey": "click" }));
    let refused = graph.refused(organizer, CANCEL, other).await;
    assert_eq!(refused, ("IDEMPOTENCY_KEY_REUSED".to_owned(), "idempotencyKey".to_owned()));
    let without = about(&event, json!({ "reason": "Fire." }));
    assert_eq!(graph.data(organizer, CANCEL, without).await, first, "it stays as it was called off");
}
