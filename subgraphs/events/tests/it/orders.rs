//! In which order events are listed, and which are over.

use kernel::{Clock as _, SystemClock, to_millis};
use reqwest::header::HeaderMap;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::{
    graph::{Graph, in_days},
    rest::Rest,
};

const LISTED: &str = "query($filter: EventFilter, $sort: EventSort, $first: Int = 100, $after: String) { \
    events(filter: $filter, sort: $sort, first: $first, after: $after) { \
    totalCount pageInfo { hasNextPage endCursor } nodes { title } } }";

/// Events with `jazz` in their title, their tags or their description, and one without, in Vienna and Zurich.
async fn season(graph: &Graph) {
    let vienna = graph.venue(json!({})).await;
    let zurich = graph
        .venue(
            json!({ "name": "Moods", "timezone": "Europe/Zurich", "location": { "lat": 47.389, "lon": 8.517 },
            "address": { "city": "Zürich", "countryCode": "CH" } }),
        )
        .await;
    let (in_vienna, in_zurich) = (graph.layout(&vienna).await, graph.layout(&zurich).await);
    for (title, tags, description, day, here) in [
        ("Jazz on the Water", vec![], "A boat.", 16, true),
        ("An Evening", vec!["Modern Jazz"], "Four people.", 10, false),
        ("Late Show", vec![], "Jazz and more.", 9, true),
        ("Cool Jazz", vec!["Jazz"], "Very cool.", 12, false),
        ("Acid: Jazz!", vec![], "The same night.", 12, true),
        ("Zürcher Jazznacht 東京", vec![], "All night.", 14, false),
        ("Unjazzed", vec!["Folk", "jazz-free"], "None of it.", 8, true),
        ("Hamlet", vec!["Drama"], "To be.", 7, true),
    ] {
        let (venue, layout) = if here { (&vienna, &in_vienna) } else { (&zurich, &in_zurich) };
        let change = json!({ "title": title, "tags": tags, "description": description,
            "startsAt": in_days(day), "endsAt": in_days(day + 1) });
        graph.published(venue, layout, change).await;
    }
    // They begin at the same instant.
    let same = "UPDATE events SET starts_at = (SELECT starts_at FROM events WHERE title = 'Cool Jazz') WHERE title = 'Acid: Jazz!'";
    run(graph, same, []).await;
}

pub(crate) async fn run<const N: usize>(graph: &Graph, sql: &str, values: [sea_orm::Value; N]) {
    let writes = &graph.database.writes;
    let statement = Statement::from_sql_and_values(writes.get_database_backend(), sql, values);
    assert_eq!(writes.execute_raw(statement).await.unwrap().rows_affected(), 1);
}

pub(crate) async fn page(graph: &Graph, ask: Value) -> (Vec<String>, Value) {
    let page = graph.data(None, LISTED, ask).await["events"].clone();
    let title = |node: &Value| node["title"].as_str().unwrap().to_owned();
    (page["nodes"].as_array().unwrap().iter().map(title).collect(), page["pageInfo"].clone())
}

/// All titles, asked for one by one.
pub(crate) async fn one_by_one(graph: &Graph, mut ask: Value) -> Vec<String> {
    let mut seen = Vec::new();
    ask["first"] = json!(1);
    loop {
        let (titles, info) = page(graph, ask.clone()).await;
        seen.extend(titles);
        if info["hasNextPage"] == false {
            return seen;
        }
        ask["after"] = info["endCursor"].clone();
    }
}

#[tokio::test]
async fn words_in_a_title_come_before_words_in_tags_before_the_rest() {
    let graph = Graph::start().await;
    season(&graph).await;
    for (query, expected) in [
        (
            "jazz",
            vec![
                "Cool Jazz",
                "Acid: Jazz!",
                "Zürcher Jazznacht 東京",
                "Jazz on the Water",
                "Unjazzed",
                "An Evening",
                "Late Show",
            ],
        ),
        ("zurich jazz", vec!["Cool Jazz", "Zürcher Jazznacht 東京", "An Evening"]),
        ("zurcher jazz", vec!["Zürcher Jazznacht 東京"]),
        ("modern jazz", vec!["An Evening"]),
        ("東京", vec!["Zürcher Jazznacht 東京"]),
        ("%", vec![]),
    ] {
        let ask = json!({ "filter": { "query": query } });
        let found = page(&graph, ask.clone()).await.0;
        assert_eq!(one_by_one(&graph, ask).await, found, "{query}");
        let by_name = json!({ "filter": { "query": query }, "sort": "RELEVANCE" });
        assert_eq!(page(&graph, by_name).await.0, found, "it is the order of a search for words");
        assert_eq!(found, expected, "{query}");
    }
    let by_start = ["Hamlet", "Unjazzed", "Late Show", "An Evening"];
    for ask in [
        json!({}),
        json!({ "sort": "RELEVANCE" }),
        json!({ "sort": "RELEVANCE", "filter": { "query": " " } }),
    ] {
        assert_eq!(page(&graph, ask).await.0[..4], by_start, "without words by start");
    }
    let other = json!({ "filter": { "query": "jazz" }, "sort": "STARTS_AT" });
    assert_eq!(page(&graph, other).await.0[..3], ["Unjazzed", "Late Show", "An Evening"]);
}

#[tokio::test]
async fn the_nearest_come_first_and_there_by_start() {
    let graph = Graph::start().await;
    season(&graph).await;
    let near = |lat: f64, lon: f64, km: f64| json!({ "sort": "DISTANCE", "filter": { "near": { "lat": lat, "lon": lon, "km": km } } });
    let zurich = ["An Evening", "Cool Jazz", "Zürcher Jazznacht 東京"];
    let vienna = ["Hamlet", "Unjazzed", "Late Show", "Acid: Jazz!", "Jazz on the Water"];
    for (ask, expected) in [
        (near(47.4, 8.5, 2_000.0), [&zurich[..], &vienna].concat()),
        (near(48.2, 16.4, 2_000.0), [&vienna[..], &zurich].concat()),
        (near(-33.9, 151.2, 20_100.0), [&vienna[..], &zurich].concat()),
        (near(47.4, 8.5, 50.0), zurich.into()),
    ] {
        assert_eq!(page(&graph, ask.clone()).await.0, expected, "{ask}");
        assert_eq!(one_by_one(&graph, ask.clone()).await, expected, "{ask}");
    }
    let refused =
        graph.ask(None, LISTED, json!({ "sort": "DISTANCE", "filter": { "city": "Zürich" } })).await;
    let told = &refused["errors"][0];
    assert_eq!(
        (&told["extensions"]["code"], &told["extensions"]["path"]),
        (&json!("BAD_USER_INPUT"), &json!(["sort"]))
    );
    assert!(told["message"].as_str().unwrap().contains("near"), "{told}");
}

#[tokio::test]
async fn a_cursor_of_other_words_or_of_another_place_is_refused() {
    let graph = Graph::start().await;
    season(&graph).await;
    let near = |lat: f64| json!({ "near": { "lat": lat, "lon": 8.5, "km": 900 } });
    for (sort, filter, other) in [
        ("RELEVANCE", json!({ "query": "jazz" }), json!({ "query": "hamlet" })),
        ("DISTANCE", near(47.4), near(47.5)),
        ("DISTANCE", near(47.4), json!({ "near": { "lat": 47.4, "lon": 8.4, "km": 900 } })),
    ] {
        let (_, info) = page(&graph, json!({ "sort": sort, "filter": filter, "first": 1 })).await;
        let after = &info["endCursor"];
        let refused =
            graph.refused(None, LISTED, json!({ "sort": sort, "filter": other, "after": after })).await;
        assert_eq!(refused, ("BAD_USER_INPUT".to_owned(), "after".to_owned()), "{sort}");
        // The same words in another spelling are the same order, and other conditions change none.
        let mut same = filter.clone();
        same["city"] = json!("zurich");
        if sort == "RELEVANCE" {
            same["query"] = json!("  JAZZ! ");
        }
        page(&graph, json!({ "sort": sort, "filter": same, "after": after })).await;
    }
}

#[tokio::test]
async fn what_is_over_is_listed_where_it_is_asked_for() {
    let rest = Rest::start().await;
    let graph = &rest.graph;
    season(graph).await;
    let now = to_millis(SystemClock.now());
    let day = 86_400_000;
    let moved = "UPDATE events SET starts_at = $1, ends_at = $2 WHERE title = $3";
    for (title, starts_at, ends_at) in [
        ("Hamlet", now - 400 * day, now - 399 * day),
        ("Late Show", now - 2 * day, now - 1),
        ("Unjazzed", now - 30 * day, now + day), // under way
    ] {
        run(graph, moved, [starts_at.into(), ends_at.into(), title.into()]).await;
    }
    let over = ["Hamlet", "Late Show"];
    for filter in [json!(null), json!({}), json!({ "upcoming": null }), json!({ "upcoming": true })] {
        let (titles, _) = page(graph, json!({ "filter": filter })).await;
        assert_eq!((titles.len(), titles[0].as_str()), (6, "Unjazzed"), "{filter}");
    }
    assert_eq!(page(graph, json!({ "filter": { "upcoming": false } })).await.0, over);
    let latest = json!({ "filter": { "upcoming": false, "query": "jazz" }, "sort": "STARTS_AT_DESC" });
    assert_eq!(page(graph, latest).await.0, ["Late Show"]);

    for (query, count) in [("", 6), ("?upcoming=true", 6), ("?upcoming=false", 2)] {
        let response = rest.get_with(None, &format!("/events{query}"), HeaderMap::new()).await;
        let listed: Value = response.json().await.unwrap();
        assert_eq!(
            (&listed["totalCount"], listed["items"].as_array().unwrap().len()),
            (&json!(count), count)
        );
    }

    // An organization's own list has all of them.
    let query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Organization { events { totalCount nodes { title } } } } }";
    let of = json!({ "of": [{ "__typename": "Organization", "id": graph.organization.to_string() }] });
    let all = graph.data(None, query, of).await["_entities"][0]["events"].clone();
    assert_eq!((&all["totalCount"], &all["nodes"][0]["title"]), (&json!(8), &json!("Hamlet")));
}
