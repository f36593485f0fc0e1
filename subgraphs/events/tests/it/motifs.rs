//! Views from sections and pictures of performers: kept beside layouts and events.

use kernel::{Clock, LayoutId, OrganizationId, SystemClock, UserId};
use reqwest::{Method, Response, header::HeaderMap};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::retention;
use std::time::Duration;
use testbed::problem;

use crate::{
    graph::in_days,
    images::{picture, read, seen},
    rest::Rest,
};

fn view_of(layout: &str, section: &str) -> String {
    format!("/layouts/{layout}/sections/{section}/view")
}

async fn put(rest: &Rest, who: Option<UserId>, path: &str, alt_text: &str, red: u8) -> Response {
    let path = format!("{path}?altText={alt_text}");
    rest.send(Method::PUT, who, &path, Some("image/png"), picture(2, 1, red)).await
}

async fn set(rest: &Rest, path: &str, alt_text: &str, red: u8) -> Value {
    let response = put(rest, Some(rest.graph.organizer), path, alt_text, red).await;
    assert_eq!(response.status(), 200, "{:?}", response.text().await);
    response.json().await.unwrap()
}

async fn removed(rest: &Rest, who: Option<UserId>, path: &str) -> Response {
    rest.send(Method::DELETE, who, path, None, Vec::new()).await
}

/// The words of what is seen from each section, by the graph.
async fn views(rest: &Rest, event: &Value) -> Value {
    let query = "query($id: ID!) { event(id: $id) { layout { sections { key view { altText } } } } }";
    let data = rest.graph.data(None, query, json!({ "id": event["id"] })).await;
    let sections = data["event"]["layout"]["sections"].as_array().unwrap().iter();
    sections.map(|section| section["view"]["altText"].clone()).collect()
}

/// The words under each performer's picture, by the graph.
async fn performers(rest: &Rest, event: &Value) -> Vec<(Value, Value)> {
    let query = "query($id: ID!) { event(id: $id) { performers { id image { altText } } } }";
    let data = rest.graph.data(None, query, json!({ "id": event["id"] })).await;
    let performers = data["event"]["performers"].as_array().unwrap().iter();
    performers.map(|one| (one["id"].clone(), one["image"]["altText"].clone())).collect()
}

fn portrait_of(organization: OrganizationId, performer: &Value) -> String {
    format!("/organizations/{}/performers/{}/image", organization.public(), performer.as_str().unwrap())
}

#[tokio::test]
async fn buyers_see_what_is_seen_from_a_section_and_the_layout_stays_as_it_is() {
    let rest = Rest::start().await;
    let venue = rest.graph.venue(json!({})).await;
    let layout = rest.graph.layout(&venue).await;
    let event = rest.graph.published(&venue, &layout, json!({})).await;
    let plan = format!("/layouts/{layout}/plan.json");
    let before = read(&rest, &plan).await;
    assert_eq!(views(&rest, &event).await, json!([null, null]));

    let image = set(&rest, &view_of(&layout, "FL"), "The%20stage,%20near.", 1).await;
    assert_eq!(views(&rest, &event).await, json!([null, "The stage, near."]));
    let over_rest = read(&rest, &format!("/layouts/{layout}/views")).await;
    assert_eq!(over_rest, json!({ "items": [{ "section": "FL", "image": image }] }));
    assert_eq!(read(&rest, &plan).await, before, "a plan may be kept for a year");

    set(&rest, &view_of(&layout, "ST"), "Rows.", 2).await;
    set(&rest, &view_of(&layout, "FL"), "Closer.", 1).await;
    assert_eq!(views(&rest, &event).await, json!(["Rows.", "Closer."]));
    for _ in 0..2 {
        let gone = removed(&rest, Some(rest.graph.organizer), &view_of(&layout, "ST")).await;
        assert_eq!(gone.status(), 204);
        assert_eq!(views(&rest, &event).await, json!([null, "Closer."]));
    }
}

#[tokio::test]
async fn a_picture_that_hangs_there_is_sent_once_and_one_that_was_replaced_is_forgotten() {
    let rest = Rest::start().await;
    let venue = rest.graph.venue(json!({})).await;
    let layout = rest.graph.layout(&venue).await;
    let path = view_of(&layout, "FL");
    let (one, two) = tokio::join!(set(&rest, &path, "A", 1), set(&rest, &path, "A", 1));
    assert_eq!(one, two);
    assert_eq!(set(&rest, &path, "A", 1).await, one);
    let (three, four) = tokio::join!(set(&rest, &path, "B", 2), set(&rest, &path, "C", 3));
    assert_ne!(three["id"], four["id"]);
    let later = SystemClock.now() + Duration::from_hours(25);
    retention::forget_once("events", &rest.graph.database, &events::AGES, later).await.unwrap();
    assert_eq!(seen(&rest, &one["files"][0]["url"]).await, 404);
    let reads = &rest.graph.database.reads;
    let query = Statement::from_string(reads.get_database_backend(), "SELECT COUNT(*) AS n FROM images");
    let left: i64 = reads.query_one_raw(query).await.unwrap().unwrap().try_get("", "n").unwrap();
    assert_eq!(left, 1, "the one that shows");
}

#[tokio::test]
async fn managers_show_what_is_seen_and_nobody_else() {
    let rest = Rest::start().await;
    let graph = &rest.graph;
    let venue = graph.venue(json!({})).await;
    let (shown, hidden) = (graph.layout(&venue).await, graph.layout(&venue).await);
    graph.published(&venue, &shown, json!({})).await;
    let nowhere = LayoutId::new().public().to_string();
    for (who, layout, status) in [
        (None, &shown, 401),
        (Some(graph.scanner), &shown, 403),
        (Some(graph.stranger), &shown, 403),
        (Some(graph.scanner), &hidden, 403),
        (Some(graph.stranger), &hidden, 404),
        (Some(graph.organizer), &nowhere, 404),
    ] {
        let path = view_of(layout, "FL");
        assert_eq!(problem(put(&rest, who, &path, "A", 1).await).await["status"], status);
        assert_eq!(problem(removed(&rest, who, &path).await).await["status"], status);
    }
    let unknown = problem(put(&rest, Some(graph.organizer), &view_of(&shown, "NO"), "A", 1).await).await;
    assert_eq!((&unknown["status"], &unknown["code"]), (&json!(404), &json!("NOT_FOUND")));
    for (who, layout, status) in
        [(None, &shown, 200), (None, &hidden, 404), (Some(graph.scanner), &hidden, 200)]
    {
        let path = format!("/layouts/{layout}/views");
        assert_eq!(rest.get_with(who, &path, HeaderMap::new()).await.status(), status);
    }
}

#[tokio::test]
async fn a_performer_has_the_picture_that_the_events_organization_shows() {
    let rest = Rest::start().await;
    let graph = &rest.graph;
    let venue = graph.venue(json!({})).await;
    let layout = graph.layout(&venue).await;
    let named = |performers: Value| json!({ "performers": performers });
    let event = graph.published(&venue, &layout, named(json!(["Ruth Calloway", "Teo"]))).await;
    let other = graph.published(&venue, &layout, named(json!(["RUTH CALLOWAY"]))).await;
    let ruth = performers(&rest, &event).await[0].0.clone();
    let path = portrait_of(graph.organization, &ruth);
    set(&rest, &path, "Ruth.", 1).await;
    let words = |shown: Vec<(Value, Value)>| shown.into_iter().map(|(_, words)| words).collect::<Vec<_>>();
    assert_eq!(words(performers(&rest, &event).await), [json!("Ruth."), Value::Null]);
    assert_eq!(words(performers(&rest, &other).await), [json!("Ruth.")], "in any spelling");

    // Another organization names her too, and shows a picture of its own.
    let foreign = OrganizationId::new();
    graph.join(foreign, graph.organizer, contracts::users::Role::Owner).await;
    let theirs = portrait_of(foreign, &ruth);
    set(&rest, &theirs, "Another%20Ruth.", 2).await;
    assert_eq!(words(performers(&rest, &event).await), [json!("Ruth."), Value::Null]);

    for (who, status) in [(None, 401), (Some(graph.scanner), 403), (Some(graph.stranger), 403)] {
        assert_eq!(problem(put(&rest, who, &path, "B", 2).await).await["status"], status);
        assert_eq!(problem(removed(&rest, who, &path).await).await["status"], status);
    }
    let wrong = portrait_of(graph.organization, &json!("prf_42"));
    let wrong = problem(put(&rest, Some(graph.organizer), &wrong, "B", 2).await).await;
    assert_eq!((&wrong["status"], &wrong["field"]), (&json!(400), &json!("performerId")));
    for _ in 0..2 {
        assert_eq!(removed(&rest, Some(graph.organizer), &path).await.status(), 204);
        assert_eq!(words(performers(&rest, &event).await), [Value::Null, Value::Null]);
    }
}

#[tokio::test]
async fn views_and_performers_of_a_list_cost_one_statement_each_however_many_there_are() {
    let rest = Rest::start().await;
    let graph = &rest.graph;
    let venue = graph.venue(json!({})).await;
    for day in 0..4 {
        let layout = graph.layout(&venue).await;
        let change = json!({ "startsAt": in_days(10 + day), "endsAt": in_days(11 + day),
            "performers": [format!("Act {day}"), "Teo"] });
        let event = graph.published(&venue, &layout, change).await;
        set(&rest, &view_of(&layout, "FL"), "A", 1).await;
        let act = performers(&rest, &event).await[0].0.clone();
        set(&rest, &portrait_of(graph.organization, &act), "A", 2).await;
    }
    let query = "query($first: Int) { events(first: $first) { nodes { performers { image { altText } } \
        layout { sections { view { altText } } } } } }";
    for first in [1, 4] {
        let before = graph.database.statements();
        let asked = graph.data(None, query, json!({ "first": first }));
        let data = service::request::answering(None, asked).await;
        // The events, performers, layouts, sections, and what is seen from there.
        assert_eq!(graph.database.statements() - before, 5, "{first}");
        for node in data["events"]["nodes"].as_array().unwrap() {
            assert_eq!(node["performers"][0]["image"]["altText"], "A");
            assert_eq!(node["layout"]["sections"][1]["view"]["altText"], "A");
        }
    }
}
