use chrono::{DateTime, Duration, SecondsFormat, Utc};
use e2e::{Person, anybody, eventually, organizer, until};
use kernel::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::{Stage, id};

/// Enough to make an event and to publish it before it begins, in seconds.
const AHEAD: i64 = 5;

#[tokio::test]
async fn an_event_that_has_ended_is_found_only_by_who_asks_for_it() {
    let stage = Stage::set().await;
    let (who, visitor) = (&stage.organizer, anybody(stage.platform.address()));
    let (starts, ends) = (in_seconds(AHEAD), in_seconds(AHEAD + 1));
    let matinee = makes(&stage, starts, ends).await;
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

/// The id of an event between these instants.
async fn makes(stage: &Stage, starts: DateTime<Utc>, ends: DateTime<Utc>) -> String {
    let show = &stage.show;
    let mut input = organizer::event(&show.organization, &show.venue, &show.layout, "Matinee of the Moths");
    input["doorsAt"].take();
    (input["startsAt"], input["endsAt"]) = (written(starts), written(ends));
    let query = "mutation($input: CreateEventInput!) { createEvent(input: $input) { id } }";
    let made = stage.organizer.does("createEvent", query, json!({ "input": input })).await.unwrap();
    id(&made).to_owned()
}

async fn found(who: &Person, filter: Value) -> Vec<String> {
    let query = "query($filter: EventFilter) { events(filter: $filter) { nodes { id } } }";
    ids(&who.does("events", query, json!({ "filter": filter })).await.unwrap()["nodes"])
}

fn ids(things: &Value) -> Vec<String> {
    things.as_array().unwrap().iter().map(|thing| id(thing).to_owned()).collect()
}

fn in_seconds(seconds: i64) -> DateTime<Utc> {
    SystemClock.now() + Duration::seconds(seconds)
}

fn written(instant: DateTime<Utc>) -> Value {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true).into()
}
