use serde_json::{Value, json};

use crate::graph::{Graph, in_days};

const SEARCH: &str = "query($filter: EventFilter, $sort: EventSort, $first: Int, $after: String) { \
    events(filter: $filter, sort: $sort, first: $first, after: $after) { \
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor } nodes { title layout { name } venue { name } } } }";

/// Ten events in two cities.
async fn programme() -> Graph {
    let graph = Graph::start().await;
    let vienna = graph.venue(json!({})).await;
    let zurich = graph
        .venue(json!({
            "name": "Schauspielhaus",
            "timezone": "Europe/Zurich",
            "address": { "street": "Rämistrasse 34", "city": "Zürich", "countryCode": "CH" },
            "location": { "lat": 47.370, "lon": 8.549 },
        }))
        .await;
    let (in_vienna, in_zurich) = (graph.layout(&vienna).await, graph.layout(&zurich).await);
    for (title, category, tags, day, here) in [
        ("Hamlet", "THEATRE", vec!["Shakespeare"], 10, true),
        ("Café Müller", "DANCE", vec!["Tanztheater"], 11, true),
        ("Der Besuch der alten Dame", "THEATRE", vec!["Dürrenmatt"], 12, false),
        ("Rock'n'Roll Night", "MUSIC", vec!["Rock", "Open Air"], 13, true),
        ("東京フィルハーモニー", "CLASSICAL", vec![], 14, true),
        ("Start-up Fair", "CONFERENCE", vec!["100%_real"], 15, false),
        ("Art Nouveau", "EXHIBITION", vec![], 16, true),
    ] {
        let (venue, layout) = if here { (&vienna, &in_vienna) } else { (&zurich, &in_zurich) };
        let change = json!({ "title": title, "category": category, "tags": tags, "description": format!("About {title}."),
            "startsAt": in_days(day), "endsAt": in_days(day + 1) });
        graph.published(venue, layout, change).await;
    }
    graph.event(&vienna, json!({ "title": "Hamlet, a secret draft" })).await;
    graph
}

async fn titles(graph: &Graph, filter: Value) -> Vec<String> {
    let found = graph.data(None, SEARCH, json!({ "filter": filter })).await["events"].clone();
    let titles: Vec<_> = found["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["title"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found["totalCount"], titles.len());
    titles
}

#[tokio::test]
async fn each_filter_finds_what_it_should() {
    let graph = programme().await;
    let all = titles(&graph, json!({})).await;
    assert_eq!(all.len(), 7);
    let cases = [
        (json!({ "query": "HAMLET" }), vec!["Hamlet"]),
        (json!({ "query": "cafe muller" }), vec!["Café Müller"]),
        (json!({ "query": "müller  CAFÉ!" }), vec!["Café Müller"]),
        (json!({ "query": "rocknroll" }), vec!["Rock'n'Roll Night"]),
        (json!({ "query": "rock'n'roll" }), vec!["Rock'n'Roll Night"]),
        (json!({ "query": "フィル" }), vec!["東京フィルハーモニー"]),
        (json!({ "query": "durrenmatt" }), vec!["Der Besuch der alten Dame"]),
        (json!({ "query": "zurich dame" }), vec!["Der Besuch der alten Dame"]),
        (json!({ "query": "schauspielhaus fair" }), vec!["Start-up Fair"]),
        (json!({ "query": "art" }), vec!["Art Nouveau"]),
        (json!({ "query": "hamlet dame" }), vec![]),
        (json!({ "query": "%" }), vec![]),
        (json!({ "query": "secret" }), vec![]),
        (
            json!({ "categories": ["THEATRE", "DANCE"] }),
            vec!["Hamlet", "Café Müller", "Der Besuch der alten Dame"],
        ),
        (json!({ "tags": ["rock", "shakespeare"] }), vec!["Hamlet", "Rock'n'Roll Night"]),
        (json!({ "tags": ["OPEN air"] }), vec!["Rock'n'Roll Night"]),
        (json!({ "tags": ["100% real"] }), vec!["Start-up Fair"]),
        (json!({ "tags": ["roc"] }), vec![]),
        (json!({ "city": "zurich" }), vec!["Der Besuch der alten Dame", "Start-up Fair"]),
        (json!({ "city": "ZÜRICH", "categories": ["THEATRE"] }), vec!["Der Besuch der alten Dame"]),
        (
            json!({ "near": { "lat": 47.4, "lon": 8.5, "km": 10 } }),
            vec!["Der Besuch der alten Dame", "Start-up Fair"],
        ),
        (
            json!({ "near": { "lat": 48.205, "lon": 16.357, "km": 0.01 }, "categories": ["DANCE"] }),
            vec!["Café Müller"],
        ),
        (json!({ "near": { "lat": 0, "lon": 0, "km": 100 } }), vec![]),
        (json!({ "startsAfter": in_days(15) }), vec!["Art Nouveau"]),
        (json!({ "startsBefore": in_days(11) }), vec!["Hamlet", "Café Müller"]),
        (json!({ "organizationId": graph.organization.to_string(), "query": "fair" }), vec!["Start-up Fair"]),
        (json!({ "organizationId": kernel::OrganizationId::new().to_string() }), vec![]),
        (json!({ "statuses": ["DRAFT", "CANCELLED"] }), vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(titles(&graph, filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let graph = programme().await;
    for (sort, first_title) in [
        ("STARTS_AT", "Hamlet"),
        ("STARTS_AT_DESC", "Art Nouveau"),
        ("TITLE", "Art Nouveau"),
        ("NEWEST", "Art Nouveau"),
    ] {
        let (mut after, mut seen, mut pages) = (json!(null), Vec::new(), 0);
        loop {
            let ask = json!({ "sort": sort, "first": 3, "after": after });
            let page = graph.data(None, SEARCH, ask).await["events"].clone();
            assert_eq!(
                (&page["totalCount"], &page["pageInfo"]["hasPreviousPage"]),
                (&json!(7), &json!(pages > 0))
            );
            seen.extend(
                page["nodes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|node| node["title"].as_str().unwrap().to_owned()),
            );
            pages += 1;
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!((seen.len(), pages, seen[0].as_str()), (7, 3, first_title), "{sort}: {seen:?}");
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), 7, "{sort}: {seen:?}");
    }
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let graph = programme().await;
    let page = graph.data(None, SEARCH, json!({ "sort": "TITLE", "first": 1 })).await;
    let after = page["events"]["pageInfo"]["endCursor"].clone();
    let refused = graph.refused(None, SEARCH, json!({ "sort": "NEWEST", "after": after })).await;
    assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "after".to_owned()));
}

#[tokio::test]
async fn wrong_filters_are_refused_naming_the_field() {
    let graph = Graph::start().await;
    for (field, ask) in [
        ("first", json!({ "first": 0 })),
        ("first", json!({ "first": -1 })),
        ("first", json!({ "first": 101 })),
        ("after", json!({ "after": "%%%" })),
        ("after", json!({ "after": "x".repeat(100_000) })),
        ("after", json!({ "after": "AA" })), // the character NUL
        ("query", json!({ "filter": { "query": "x".repeat(testbed::LARGEST_TEXT) } })),
        ("query", json!({ "filter": { "query": "ham\0let" } })),
        ("query", json!({ "filter": { "query": "a b c d e f g h i j k l m" } })),
        ("city", json!({ "filter": { "city": "x".repeat(101) } })),
        ("city", json!({ "filter": { "city": "\0" } })),
        ("tags", json!({ "filter": { "tags": vec!["x"; 21] } })),
        ("tags", json!({ "filter": { "tags": [""] } })),
        ("organizationId", json!({ "filter": { "organizationId": "1 OR 1=1" } })),
        ("near.lat", json!({ "filter": { "near": { "lat": 91, "lon": 0, "km": 1 } } })),
        ("near.lon", json!({ "filter": { "near": { "lat": 0, "lon": 181, "km": 1 } } })),
        ("near.km", json!({ "filter": { "near": { "lat": 0, "lon": 0, "km": 0 } } })),
        ("near.km", json!({ "filter": { "near": { "lat": 0, "lon": 0, "km": 1e9 } } })),
        ("sort", json!({ "sort": "DISTANCE" })),
        ("startsBefore", json!({ "filter": { "startsAfter": in_days(2), "startsBefore": in_days(1) } })),
    ] {
        let refused = graph.refused(None, SEARCH, ask).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), field.to_owned()));
    }
}
