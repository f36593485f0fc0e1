//! Live seat maps: whoever applies every change has the map.

use std::{collections::BTreeMap, time::Duration};

use async_graphql::Request;
use chrono::TimeDelta;
use futures::StreamExt;
use kernel::UserId;
use serde_json::json;
use tickets::domain::{
    entities::{SeatId, SeatStatus},
    use_cases::CreateTicketType,
};

use crate::stage::{FLOOR, STALLS, Stage};

#[tokio::test]
async fn the_changes_since_any_version_lead_from_its_map_to_the_present_one() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let reads = stage.tickets.reads();
    let mut maps = vec![reads.seat_map(stage.event).await.unwrap().unwrap()];
    for round in 0..12_u32 {
        let held = stage.holds(UserId::new(), &[round, round + 5]).await;
        if let Ok(held) = held
            && round % 3 == 0
        {
            stage.tickets.release_reservation(held.state().id, held.state().buyer).await.unwrap();
        }
        maps.push(reads.seat_map(stage.event).await.unwrap().unwrap());
    }
    let now = maps.last().unwrap().clone();
    for old in maps {
        let changes = reads.seat_changes(stage.event, old.version).await.unwrap().unwrap();
        assert_eq!(changes.version, now.version);
        let mut map: BTreeMap<u32, SeatStatus> = old.taken.clone();
        map.extend(changes.seats);
        map.retain(|_, status| *status != SeatStatus::Available);
        assert_eq!(map, now.taken, "since {}", old.version);
        let mut available = old.available.clone();
        available.extend(changes.sections.into_iter().map(|(key, left)| (key, left.unwrap())));
        assert_eq!(available, now.available);
    }
}

#[tokio::test]
async fn a_watcher_sees_a_seat_turn_held_and_free_again() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let query = format!(
        r#"subscription {{ seatMapChanged(eventId: "{}") {{ previousVersion version changes {{ seatId key status }} sections {{ key available }} }} }}"#,
        stage.event
    );
    let mut changes = stage.schema.execute_stream(Request::new(query)).boxed();
    let mut next = async || {
        let frame =
            tokio::time::timeout(Duration::from_secs(10), changes.next()).await.expect("a change").unwrap();
        serde_json::to_value(frame).unwrap()["data"]["seatMapChanged"].take()
    };
    let buyer = UserId::new();
    let begun = next().await;
    assert_eq!((&begun["changes"], &begun["version"]), (&json!([]), &begun["previousVersion"]));
    let held = stage.holds(buyer, &[7]).await.unwrap();
    let first = next().await;
    assert_eq!(first["previousVersion"], begun["version"]);
    let seat = SeatId { event: stage.event, number: 7 }.to_string();
    let held_seat = json!({ "seatId": seat, "key": "STALLS-A-8", "status": "HELD" });
    assert_eq!(first["changes"], json!([held_seat]));
    assert_eq!(first["sections"], json!([{ "key": STALLS, "available": 19 }]));
    stage.tickets.release_reservation(held.state().id, buyer).await.unwrap();
    let second = next().await;
    assert_eq!(second["changes"][0]["status"], "AVAILABLE");
    assert_eq!(second["previousVersion"], first["version"]);
    let since = "query ($id: ID!, $since: Int!) { seatMapChanges(eventId: $id, since: $since) { changes { seatId key status } } }";
    let asked = json!({ "id": stage.event, "since": first["version"] });
    let told = stage.data(None, since, asked).await;
    let free_seat = json!({ "seatId": seat, "key": "STALLS-A-8", "status": "AVAILABLE" });
    assert_eq!(told["seatMapChanges"]["changes"], json!([free_seat]));
}

#[tokio::test]
async fn the_graph_shows_the_map_with_its_seats() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[0]).await.unwrap();
    let query = r"query ($id: ID!) { _entities(representations: [{ __typename: \u0022Event\u0022, id: $id }]) { ... on Event {
        availability { total available }
        seatMap { version sections { key kind available seats(rows: [\u0022A\u0022]) { key row number status accessible ticketType { name price { amount } } } } } } } }"
        .replace("\\u0022", "\"");
    let data = stage.data(None, &query, json!({ "id": stage.event.to_string() })).await;
    let event = &data["_entities"][0];
    assert_eq!(event["availability"], json!({ "total": 50, "available": 49 }));
    let seats = event["seatMap"]["sections"][0]["seats"].as_array().unwrap();
    assert_eq!(seats.len(), 10);
    assert_eq!(seats[0]["status"], "HELD");
    assert_eq!(seats[0]["accessible"], true);
    assert_eq!(seats[1]["ticketType"]["price"]["amount"], "10.00");
}

#[tokio::test]
async fn a_map_with_ticket_types_costs_as_many_statements_as_one_without() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let costs = async |sections: &str| {
        let query = format!(
            "query ($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Event {{ \
             seatMap {{ sections {{ {sections} }} }} }} }} }}"
        );
        let before = stage.database.statements();
        let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
        service::request::answering(None, stage.data(None, &query, of)).await;
        stage.database.statements() - before
    };
    let bare = costs("seats { id status }").await;
    for with_types in [
        "seats { id status ticketType { name status available price { amount } } }",
        "statuses ticketTypes { name status available price { amount } } priceRange { lowest { amount } }",
    ] {
        let whole = costs(with_types).await;
        assert!(whole <= bare + 1, "{whole} instead of {bare}, and the time: {with_types}");
    }
}

#[tokio::test]
async fn a_section_says_what_its_places_are_sold_as_and_for_how_much() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.sells_at("Everywhere", &[], 2500).await;
    let hidden = CreateTicketType {
        access_code: Some("swordfish".to_owned()),
        ..stage.ticket_type("Friends", &[FLOOR], 100)
    };
    stage.tickets.create_ticket_type(hidden).await.unwrap();
    let query = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { \
        seatMap { sections { key ticketTypes { name } priceRange { lowest { amount } highest { amount } } } } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    let event = stage.data(None, query, of).await["_entities"][0].take();
    let (ten, twenty_five) = (json!({ "amount": "10.00" }), json!({ "amount": "25.00" }));
    let sections = json!([
        { "key": STALLS, "ticketTypes": [{ "name": "Seat" }, { "name": "Everywhere" }],
          "priceRange": { "lowest": ten, "highest": twenty_five } },
        { "key": FLOOR, "ticketTypes": [{ "name": "Everywhere" }],
          "priceRange": { "lowest": twenty_five, "highest": twenty_five } },
    ]);
    assert_eq!(event["seatMap"]["sections"], sections);
}

#[tokio::test]
async fn who_comes_back_after_what_changed_was_forgotten_reads_the_map_again() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[0]).await.unwrap();
    let changes = async |since| {
        let told = stage.tickets.seat_map_changes(stage.event, since, None).await.unwrap();
        told.map(|(changes, _)| changes)
    };
    assert!(changes(0).await.is_some());
    stage.log_ages_by(TimeDelta::hours(2)).await;
    stage.forgets().await;
    assert!(changes(0).await.is_none(), "what happened to seat 0 is not known any more");
    assert!(changes(1).await.is_some_and(|nothing| nothing.seats.is_empty()), "nothing has happened since");
}
