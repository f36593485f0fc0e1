use e2e::{anybody, once};
use serde_json::{Value, json};

use crate::{Stage, id};

#[tokio::test]
async fn an_event_with_nothing_left_is_passed_over_until_something_comes_back() {
    let stage = Stage::set().await;
    let (organizer, show) = (&stage.organizer, &stage.show);
    let seats = json!([{ "key": "STALLS", "name": "Stalls", "kind": "SEATED", "rows": [{ "label": "A", "seats": [
        { "label": "1", "x": 0, "y": 0 }, { "label": "2", "x": 1, "y": 0 }, { "label": "3", "x": 2, "y": 0 },
    ] }] }]);
    let layout = organizer.creates_layout(&show.venue, seats).await.unwrap();
    let made = organizer.creates_event(&show.organization, &show.venue, id(&layout), "The Last Chair").await;
    let made = made.unwrap();
    let event = id(&made);
    organizer.creates_ticket_type(event, "Seat", &["STALLS"], "10.00").await.unwrap();
    organizer.publishes(event).await.unwrap();
    let stranger = anybody(stage.platform.address());
    let found = async |filter: Value| {
        let query = "query($filter: EventFilter) { events(filter: $filter, first: 100) { nodes { id } } }";
        let listed = stranger.does("events", query, json!({ "filter": filter })).await.unwrap();
        listed["nodes"].as_array().unwrap().iter().any(|node| node["id"] == event)
    };
    // What is looked for by words the index finds, and the rest the database.
    let is_offered = async |expected: bool| {
        found(json!({ "query": "last chair", "onlyAvailable": true })).await == expected
            && found(json!({ "onlyAvailable": true })).await == expected
    };
    once("what is on sale is found", async || is_offered(true).await).await;

    let buyer = stage.person("Bea").await;
    let places = buyer.sees_free_seats(event, 3).await.unwrap();
    organizer.blocks(event, &places[..1], true).await.unwrap();
    let held = buyer.holds(event, &places[1..]).await.unwrap();
    once("what has nothing left is passed over", async || is_offered(false).await).await;
    assert!(found(json!({ "query": "last chair" })).await, "whoever does not mind finds it");

    buyer.releases(id(&held)).await.unwrap();
    once("what came back is found again", async || is_offered(true).await).await;
}
