//! Lists of a hundred ask the database as often as lists of one.

use kernel::OrganizationId;
use serde_json::{Value, json};

use crate::graph::{Graph, in_days, merged};

/// A hundred published events at four venues, each venue with a layout of its own.
async fn season() -> (Graph, Vec<Value>) {
    let graph = Graph::start().await;
    let mut houses = Vec::new();
    for _ in 0..4 {
        let venue = graph.venue(json!({})).await;
        let layout = graph.layout(&venue).await;
        houses.push((venue, layout));
    }
    let mut events = Vec::new();
    for night in 0..100 {
        let (venue, layout) = &houses[night % 4];
        let day = i64::try_from(night).unwrap();
        let change = json!({ "title": format!("Night {night}"), "startsAt": in_days(10 + day), "endsAt": in_days(11 + day) });
        events.push(graph.published(venue, layout, change).await);
    }
    (graph, events)
}

async fn statements(graph: &Graph, query: &str, variables: Value) -> u64 {
    let before = graph.database.statements();
    service::request::answering(None, graph.data(Some(graph.organizer), query, variables)).await;
    graph.database.statements() - before
}

#[tokio::test]
async fn a_hundred_items_cost_as_many_statements_as_one() {
    let (graph, events) = season().await;
    for (most, fields) in [
        (1, "nodes { id title venue { name } }"),
        (2, "totalCount nodes { id title }"),
        (3, "nodes { layout { name viewBox { width } sections { key outline { x } } } }"),
        (2, "nodes { venue { layouts { id url } } }"),
        (2, "nodes { organization { events(first: 2) { nodes { title } } } }"),
        (3, "nodes { organization { events(first: 2) { totalCount nodes { title } } } }"),
        (2, "nodes { settings { tax { rate } refundPolicy { feesKept } } }"),
    ] {
        let query = format!("query($first: Int) {{ events(first: $first) {{ {fields} }} }}");
        let one = statements(&graph, &query, json!({ "first": 1 })).await;
        let hundred = statements(&graph, &query, json!({ "first": 100 })).await;
        assert_eq!((one, hundred), (most, most), "{fields}");
    }
    for ask in [
        json!({ "sort": "POPULARITY" }),
        json!({ "sort": "RELEVANCE", "filter": { "query": "night" } }),
        json!({ "sort": "DISTANCE", "filter": { "near": { "lat": 48.2, "lon": 16.4, "km": 100 } } }),
    ] {
        let query = "query($sort: EventSort, $filter: EventFilter, $after: String) { \
            events(sort: $sort, filter: $filter, first: 40, after: $after) { pageInfo { endCursor } nodes { title } } }";
        let first = graph.data(None, query, ask.clone()).await;
        let next = merged(ask.clone(), json!({ "after": first["events"]["pageInfo"]["endCursor"] }));
        let cost = (statements(&graph, query, ask.clone()).await, statements(&graph, query, next).await);
        assert_eq!(cost, (1, 1), "{ask}");
    }
    let query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Event { title \
        layout { sections { key rows { label seats { key } } } } } ... on Organization { events(first: 3) { totalCount nodes { title } } } } }";
    let of_events: Vec<Value> =
        events.iter().map(|event| json!({ "__typename": "Event", "id": event["id"] })).collect();
    let mut of_organizations =
        vec![json!({ "__typename": "Organization", "id": graph.organization.to_string() })];
    of_organizations.resize_with(
        100,
        || json!({ "__typename": "Organization", "id": OrganizationId::new().to_string() }),
    );
    for (most, of) in [(4, of_events), (2, of_organizations)] {
        let one = statements(&graph, query, json!({ "of": of[..1] })).await;
        let hundred = statements(&graph, query, json!({ "of": of })).await;
        assert_eq!((one, hundred), (most, most), "{}", of[0]);
    }
}

#[tokio::test]
async fn an_organizations_events_come_in_pages_beside_others() {
    let (graph, _) = season().await;
    let stranger = Some(graph.stranger);
    let query = "query($of: [_Any!]!, $after: String) { _entities(representations: $of) { \
        ... on Organization { events(first: 40, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { title } } } } }";
    let of: Vec<Value> = [OrganizationId::new(), graph.organization]
        .map(|id| json!({ "__typename": "Organization", "id": id.to_string() }))
        .into();
    let (mut after, mut titles) = (json!(null), Vec::new());
    loop {
        let found =
            graph.data(stranger, query, json!({ "of": of, "after": after })).await["_entities"].clone();
        assert_eq!(
            (&found[0]["events"]["totalCount"], &found[0]["events"]["nodes"]),
            (&json!(0), &json!([]))
        );
        let page = &found[1]["events"];
        assert_eq!(page["totalCount"], 100);
        titles.extend(
            page["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    let expected: Vec<String> = (0..100).map(|night| format!("Night {night}")).collect();
    assert_eq!(titles, expected);
}
