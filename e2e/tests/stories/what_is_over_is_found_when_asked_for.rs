use chrono::Duration;
use e2e::{Person, anybody, eventually, until};
use kernel::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::{Stage, id};

/// Enough to make an event and to publish it before it begins, in seconds.
const AHEAD: i64 = 5;

#[tokio::test]
async fn an_event_that_has_ended_is_found_only_by_who_asks_for_it() {
    let stage = Stage::set().await;
    let (who, visitor) = (&stage.organizer, anybody(stage.platform.address()));
    let starts = SystemClock.now() + Duration::seconds(AHEAD);
    let ends = starts + Duration::seconds(1);
    let matinee = stage.event_between("Matinee of the Moths", starts, ends).await;
    let publish = "mutation($id: ID!) { publishEvent(id: $id) { status } }";
    who.does("publishEvent", publish, json!({ "id": matinee })).await.unwrap();
    assert_eq!(found(&visitor, json!({ "query": "moths" })).await, [matinee.as_str()]);

    until(ends).await;
    eventually("it is not found any more", async || {
        found(&visitor, json!({ "query": "moths" })).await.is_empty().then_some(())
    })
    .await;
    assert_eq!(found(&visitor, json!({ "query": "moths", "upcoming": false })).await, [matinee.as_str()]);
    assert_eq!(found(&visitor, json!({ "query": "winter" })).await, [stage.show.event.as_str()]);
    for (path, expected) in [("query=moths", vec![]), ("query=moths&upcoming=false", vec![matinee.as_str()])]
    {
        let list = visitor.fetches(&format!("/api/events/v1/events?{path}")).await.unwrap();
        let list: Value = list.json().await.unwrap();
        assert_eq!(ids(&list["items"]), expected, "{path}");
    }
    // Whoever has its address still reads it.
    let query = "query($id: ID!) { event(id: $id) { title saleStatus } }";
    let read = visitor.does("event", query, json!({ "id": matinee })).await.unwrap();
    assert_eq!(read["title"], "Matinee of the Moths");
}

async fn found(who: &Person, filter: Value) -> Vec<String> {
    let query = "query($filter: EventFilter) { events(filter: $filter) { nodes { id } } }";
    ids(&who.does("events", query, json!({ "filter": filter })).await.unwrap()["nodes"])
}

fn ids(things: &Value) -> Vec<String> {
    things.as_array().unwrap().iter().map(|thing| id(thing).to_owned()).collect()
}
