//! Where an organizer hides how many places there are and are left, nothing tells it to others: neither answers, nor
//! changes, nor refusals.

use std::time::Duration;

use async_graphql::Request;
use contracts::{
    events::{EventChange, EventChanged, EventStatus},
    users::Role,
};
use futures::StreamExt;
use kernel::{Currency, Money, Refusal, UserId};
use reqwest::header;
use serde_json::{Value, json};
use service::Caller;
use tickets::domain::{
    entities::NewTier,
    use_cases::{CreateTicketType, HoldSeats},
};

use crate::{
    rest::{Rest, answer},
    stage::{FLOOR, STALLS, STANDING, Stage, operator, person},
};

/// The event, from this version on with its counts shown or hidden.
fn told(stage: &Stage, version: i64, shows_stock: bool) -> EventChanged {
    let mut told = stage.event_changed(version, EventChange::Updated, EventStatus::Published);
    told.event.shows_stock = shows_stock;
    told
}

async fn hidden() -> Stage {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.hear(&told(&stage, 2, false)).await;
    stage
}

async fn shown(stage: &Stage, caller: Option<Caller>) -> Value {
    let ask = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { \
               saleStatus availability { level total available } \
               ticketTypes { status available tiers { quota remaining } } \
               seatMap { sections { available statuses ticketTypes { available } } } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    let mut told = stage.ask_as(caller, ask, of).await;
    assert!(told.get("errors").is_none(), "{told}");
    told["data"]["_entities"][0].take()
}

fn tier(name: &str, quota: Option<u32>) -> NewTier {
    let price = Money::new(1000, Currency::EUR);
    NewTier { name: name.to_owned(), price, from: None, until: None, quota }
}

#[tokio::test]
async fn counts_that_are_hidden_are_told_to_organizers_the_box_office_and_operators_alone() {
    let stage = hidden().await;
    let floor =
        CreateTicketType { tiers: vec![tier("Early", Some(5))], ..stage.ticket_type("Floor", &[FLOOR], 0) };
    let floor = stage.tickets.create_ticket_type(floor).await.unwrap().state().id;
    stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 2)).await.unwrap();
    let of = |total: Value, left: Value, [seats, floor]: [Value; 2], [quota, early, standing]: [Value; 3]| {
        let map = [
            json!({ "available": seats, "statuses": "a".repeat(20), "ticketTypes": [{ "available": seats }] }),
            json!({ "available": floor, "statuses": "", "ticketTypes": [{ "available": early }] }),
        ];
        let unlimited = json!({ "quota": null, "remaining": null });
        json!({
            "saleStatus": "ON_SALE",
            "availability": { "level": "PLENTY", "total": total, "available": left },
            "ticketTypes": [
                { "status": "ON_SALE", "available": seats, "tiers": [unlimited] },
                { "status": "ON_SALE", "available": standing, "tiers": [{ "quota": quota, "remaining": early }] },
            ],
            "seatMap": { "sections": map },
        })
    };
    let whole = of(json!(50), json!(48), [json!(20), json!(28)], [json!(5), json!(3), json!(3)]);
    let null = || Value::Null;
    let public = of(null(), null(), [null(), null()], [null(), null(), null()]);
    // One after the other, so that nothing of what some are told is left for others.
    assert_eq!(shown(&stage, Some(person(stage.organizer))).await, whole);
    assert_eq!(shown(&stage, None).await, public);
    assert_eq!(shown(&stage, Some(person(UserId::new()))).await, public);
    assert_eq!(shown(&stage, Some(operator(UserId::new()))).await, whole);
    for (role, expected) in
        [(Role::Owner, &whole), (Role::Manager, &whole), (Role::BoxOffice, &whole), (Role::Scanner, &public)]
    {
        let member = stage.member(role).await;
        assert_eq!(shown(&stage, Some(person(member))).await, *expected, "{role:?}");
    }
    stage.hear(&told(&stage, 3, true)).await;
    assert_eq!(shown(&stage, None).await, whole, "the organizer has changed their mind");
}

#[tokio::test]
async fn the_compact_map_has_counts_for_those_alone_who_are_told() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let rest = Rest::of(&stage).await;
    let map = async |by: Option<UserId>| {
        let path = format!("/v1/events/{}/seat-map", stage.event);
        let response = rest.get(by, &path).await;
        let head = |name| response.headers()[name].to_str().unwrap().to_owned();
        let (tag, whose) = (head(header::ETAG), head(header::CACHE_CONTROL));
        let (_, map) = answer(response).await;
        (tag, whose, map["sections"][0]["available"].clone())
    };
    let before = map(None).await;
    assert_eq!(before.2, 20);
    stage.hear(&told(&stage, 2, false)).await;
    let (tag, whose, left) = map(None).await;
    assert_eq!((whose.as_str(), left), ("public, no-cache", Value::Null));
    assert_ne!(tag, before.0, "who has the counts is sent the map without them");
    assert_eq!(map(Some(UserId::new())).await.2, Value::Null);
    for by in [stage.organizer, stage.member(Role::BoxOffice).await] {
        let (organizers, whose, left) = map(Some(by)).await;
        assert_eq!((whose.as_str(), left), ("private, no-cache", json!(20)));
        assert_ne!(organizers, tag);
    }
    assert_eq!(map(None).await.2, Value::Null, "nothing of what others are told is left");
}

#[tokio::test]
async fn changes_of_a_map_tell_of_seats_and_not_of_counts() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[0]).await.unwrap();
    let since = "query ($id: ID!) { seatMapChanges(eventId: $id, since: 0) { changes { key status } sections { key available } } }";
    let id = json!({ "id": stage.event });
    let sections = |left: Value| json!([{ "key": STALLS, "available": left }]);
    let told_now =
        async || stage.data(Some(stage.organizer), since, id.clone()).await["seatMapChanges"].take();
    assert_eq!(told_now().await["sections"], sections(json!(19)));
    stage.hear(&told(&stage, 2, false)).await;
    assert_eq!(told_now().await["sections"], sections(Value::Null), "not of the time before either");

    let follow = format!(
        "subscription {{ seatMapChanged(eventId: \"{}\") {{ changes {{ key status }} sections {{ key available }} }} }}",
        stage.event
    );
    let mut frames = stage.schema.execute_stream(Request::new(follow)).boxed();
    let mut next = async || {
        let frame = tokio::time::timeout(Duration::from_secs(10), frames.next()).await.expect("a frame");
        serde_json::to_value(frame.unwrap()).unwrap()["data"]["seatMapChanged"].take()
    };
    next().await;
    stage.holds(UserId::new(), &[7]).await.unwrap();
    let seat = json!([{ "key": "STALLS-A-8", "status": "HELD" }]);
    assert_eq!(next().await, json!({ "changes": seat, "sections": sections(Value::Null) }));
}

#[tokio::test]
async fn a_refusal_does_not_tell_how_many_are_left_where_that_is_hidden() {
    let stage = Stage::new().await;
    let by_places = stage.sells("Standing", &[FLOOR]).await;
    let own = CreateTicketType { quota: Some(4), ..stage.ticket_type("Own quota", &[FLOOR], 500) };
    let own = stage.tickets.create_ticket_type(own).await.unwrap().state().id;
    let by_tier =
        CreateTicketType { tiers: vec![tier("Early", Some(3))], ..stage.ticket_type("Early", &[FLOOR], 0) };
    let by_tier = stage.tickets.create_ticket_type(by_tier).await.unwrap().state().id;
    let refused = async |ask: HoldSeats| -> Refusal {
        stage.tickets.hold_seats(ask).await.unwrap_err().refusal().unwrap().clone()
    };
    for (hides, version) in [(false, 2), (true, 3)] {
        stage.hear(&told(&stage, version, !hides)).await;
        for (ticket_type, left) in [(by_places, STANDING), (own, 4), (by_tier, 3)] {
            let refusal = refused(stage.standing(UserId::new(), ticket_type, left + 1)).await;
            assert_eq!(refusal.code.as_str(), "NOT_ENOUGH_AVAILABLE");
            let says = refusal.message.contains(&left.to_string());
            let tells = refusal.details.get("available").is_some_and(|told| *told == left);
            assert_eq!((says, tells), (!hides, !hides), "{refusal:?}");
        }
    }
    stage.tickets.hold_seats(stage.standing(UserId::new(), by_tier, 3)).await.unwrap();
    let refusal = refused(stage.standing(UserId::new(), by_tier, 1)).await;
    assert_eq!(refusal.message, "Early is sold out.", "that there are none is no secret");
}
