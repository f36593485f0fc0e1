use contracts::users::Role;
use kernel::OrganizationId;
use serde_json::{Value, json};

use crate::graph::{CANCEL, CREATE_LAYOUT, Graph, create_event, layout_input, merged};

const ENTITIES: &str = "query($of: [_Any!]!) { _entities(representations: $of) { \
    ... on Event { id title } ... on Organization { id events { totalCount nodes { title } } } } }";
const LISTED: &str = "query($filter: EventFilter) { events(filter: $filter) { totalCount nodes { title } } }";

async fn sees(graph: &Graph, who: Option<kernel::UserId>, event: &Value) -> bool {
    let by_id =
        graph.data(who, "query($id: ID!) { event(id: $id) { id } }", json!({ "id": event["id"] })).await;
    let by_slug = "query($slug: String!) { event(slug: $slug) { id } }";
    let by_slug = graph.data(who, by_slug, json!({ "slug": event["slug"] })).await;
    let of = json!({ "of": [
        { "__typename": "Event", "id": event["id"] },
        { "__typename": "Organization", "id": graph.organization.to_string() },
    ] });
    let entities = graph.data(who, ENTITIES, of).await["_entities"].clone();
    let filter = json!({ "filter": { "statuses": ["DRAFT", "PUBLISHED", "CANCELLED"] } });
    let listed = graph.data(who, LISTED, filter).await["events"].clone();
    let seen = [
        !by_id["event"].is_null(),
        !by_slug["event"].is_null(),
        !entities[0].is_null(),
        entities[1]["events"]["totalCount"] == 1,
        entities[1]["events"]["nodes"].as_array().unwrap().len() == 1,
        listed["totalCount"] == 1,
        listed["nodes"].as_array().unwrap().len() == 1,
    ];
    assert!(seen.iter().all(|one| *one == seen[0]), "seen here and not there: {seen:?}");
    seen[0]
}

#[tokio::test]
async fn a_draft_is_seen_by_members_alone_through_every_door() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let draft = graph.event(&venue, json!({})).await;
    assert!(sees(&graph, Some(graph.organizer), &draft).await);
    assert!(sees(&graph, Some(graph.scanner), &draft).await);
    assert!(!sees(&graph, Some(graph.stranger), &draft).await);
    assert!(!sees(&graph, None, &draft).await);
    let without_drafts = graph.data(Some(graph.organizer), LISTED, json!({})).await;
    assert_eq!(without_drafts["events"]["totalCount"], 0, "drafts are listed only when asked for");

    // A draft that is called off was never anybody else's business.
    let cancel = json!({ "input": { "eventId": draft["id"], "reason": "No." } });
    graph.data(Some(graph.organizer), CANCEL, cancel).await;
    assert!(!sees(&graph, None, &draft).await);
    assert!(sees(&graph, Some(graph.organizer), &draft).await);
}

#[tokio::test]
async fn a_published_event_is_seen_by_everybody() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let layout = graph.layout(&venue).await;
    let event = graph.published(&venue, &layout, json!({})).await;
    assert!(sees(&graph, None, &event).await);
    assert!(sees(&graph, Some(graph.stranger), &event).await);
}

#[tokio::test]
async fn a_strangers_draft_cannot_be_told_from_one_that_does_not_exist() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let draft = graph.event(&venue, json!({})).await;
    let missing = kernel::EventId::new().to_string();
    for mutation in [
        "mutation($id: ID!) { publishEvent(id: $id) { id } }",
        "mutation($id: ID!) { cancelEvent(input: { eventId: $id, reason: \"x\" }) { id } }",
        "mutation($id: ID!) { updateEvent(input: { eventId: $id, title: \"x\" }) { id } }",
    ] {
        let of_stranger = graph.ask(Some(graph.stranger), mutation, json!({ "id": draft["id"] })).await;
        let of_nobody = graph.ask(Some(graph.stranger), mutation, json!({ "id": missing })).await;
        assert_eq!(of_stranger["errors"][0]["extensions"], of_nobody["errors"][0]["extensions"]);
        assert_eq!(of_stranger["errors"][0]["message"], of_nobody["errors"][0]["message"]);
    }
}

#[tokio::test]
async fn a_venue_and_its_layouts_are_seen_once_an_event_there_is_published() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let (shown, hidden) = (graph.layout(&venue).await, graph.layout(&venue).await);
    let query = "query($id: ID!) { venue(id: $id) { name layouts { id } } }";
    let id = json!({ "id": venue });
    let stranger = Some(graph.stranger);
    assert_eq!(graph.data(stranger, query, id.clone()).await["venue"], json!(null));
    let made = graph.refused(stranger, CREATE_LAYOUT, json!({ "input": layout_input(&venue) })).await;
    assert_eq!(made, ("NOT_FOUND".to_owned(), "venueId".to_owned()));

    graph.published(&venue, &shown, json!({})).await;
    let seen = graph.data(stranger, query, id.clone()).await["venue"].clone();
    assert_eq!(seen, json!({ "name": "Volkstheater", "layouts": [{ "id": shown }] }));
    let own = graph.data(Some(graph.organizer), query, id).await["venue"]["layouts"].clone();
    assert_eq!(own, json!([{ "id": shown }, { "id": hidden }]));
    let made = graph.refused(stranger, CREATE_LAYOUT, json!({ "input": layout_input(&venue) })).await;
    assert_eq!(made.0, "FORBIDDEN");
}

#[tokio::test]
async fn nobody_uses_another_organizations_venue_or_layout() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let layout = graph.layout(&venue).await;
    let other = OrganizationId::new();
    graph.join(other, graph.stranger, Role::Owner).await;
    let stranger = Some(graph.stranger);
    let theirs = json!({ "organizationId": other.to_string() });
    let input = merged(graph.event_input(&venue), theirs.clone());
    let refused = graph.refused(stranger, &create_event(), json!({ "input": input })).await;
    assert_eq!(refused, ("NOT_FOUND".to_owned(), "venueId".to_owned()));

    let input = json!({ "input": merged(graph.venue_input(), theirs.clone()) });
    let made = graph.data(stranger, crate::graph::CREATE_VENUE, input).await;
    let their_venue = made["createVenue"]["id"].as_str().unwrap();
    let input = merged(merged(graph.event_input(their_venue), theirs), json!({ "layoutId": layout }));
    let refused = graph.refused(stranger, &create_event(), json!({ "input": input })).await;
    assert_eq!(refused, ("NOT_FOUND".to_owned(), "layoutId".to_owned()));
}
