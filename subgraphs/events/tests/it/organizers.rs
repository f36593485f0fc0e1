use serde_json::json;

use crate::graph::{CREATE_VENUE, EVENT, Graph, at, create_event, in_days, merged};

const UPDATE: &str =
    "mutation($id: ID!, $input: UpdateEventInput!) { updateEvent(id: $id, input: $input) { EVENT } }";

fn update() -> String {
    UPDATE.replace("EVENT", EVENT)
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
    assert_eq!(draft["organization"]["id"], graph.organization.to_string());

    let id = json!({ "id": draft["id"] });
    let publish = format!("mutation($id: ID!) {{ publishEvent(id: $id) {{ {EVENT} }} }}");
    let refused = graph.refused(organizer, &publish, id.clone()).await;
    assert_eq!(refused, ("CONFLICT".to_owned(), "layoutId".to_owned()));

    let layout = graph.layout(&venue).await;
    let doors = at(chrono::DateTime::parse_from_rfc3339(&in_days(29)).unwrap().to_utc());
    let change = json!({ "layoutId": layout, "doorsAt": doors, "tags": ["Strauß", "strauss", "Vienna"] });
    let updated =
        graph.data(organizer, &update(), merged(id.clone(), json!({ "input": change }))).await["updateEvent"]
            .clone();
    assert_eq!((&updated["layout"]["id"], &updated["tags"]), (&json!(layout), &json!(["Strauß", "Vienna"])));
    assert!(updated["doorsAt"].is_string());
    let cleared = merged(id.clone(), json!({ "input": { "doorsAt": null } }));
    assert_eq!(graph.data(organizer, &update(), cleared).await["updateEvent"]["doorsAt"], json!(null));

    let published = graph.data(organizer, &publish, id.clone()).await["publishEvent"].clone();
    assert_eq!(published["status"], "PUBLISHED");
    assert_eq!(graph.data(organizer, &publish, id.clone()).await["publishEvent"], published);
    // Whatever else would be wrong with the new time: before the doors, after the end, past.
    for (field, when) in [("startsAt", 10), ("startsAt", 40), ("startsAt", -1), ("endsAt", 1), ("endsAt", 90)]
    {
        let moved = merged(id.clone(), json!({ "input": { field: in_days(when) } }));
        let refused = graph.refused(organizer, &update(), moved).await;
        assert_eq!(refused, ("CONFLICT".to_owned(), field.to_owned()), "{when}");
    }
    let same =
        merged(id.clone(), json!({ "input": { "startsAt": published["startsAt"], "title": "Fledermaus" } }));
    assert_eq!(graph.data(organizer, &update(), same).await["updateEvent"]["title"], "Fledermaus");
    let back = merged(id.clone(), json!({ "input": { "title": "Die Fledermaus" } }));
    graph.data(organizer, &update(), back).await;

    let cancel = format!(
        "mutation($id: ID!, $reason: String!) {{ cancelEvent(id: $id, reason: $reason) {{ {EVENT} }} }}"
    );
    let why = merged(id.clone(), json!({ "reason": "The singer is ill." }));
    let cancelled = graph.data(organizer, &cancel, why).await["cancelEvent"].clone();
    assert_eq!(
        (&cancelled["status"], &cancelled["cancelReason"]),
        (&json!("CANCELLED"), &json!("The singer is ill."))
    );
    let again = merged(id.clone(), json!({ "reason": "Something else." }));
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
        let ask = json!({ "id": draft["id"], "input": { field: null } });
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
    assert_eq!(made["address"]["postalCode"], "1070");
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
