//! A buyer who is still choosing gets more time: once, and never without end.

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Variables};
use contracts::{
    events::{EventChange, EventStatus},
    tickets::ReservationExtended,
};
use futures::{Stream, StreamExt as _};
use kernel::UserId;
use serde_json::{Value, json};
use tickets::{
    Config,
    domain::entities::{Reservation, ReservationStatus},
};
use tokio::task::JoinSet;

use crate::stage::{FLOOR, Payments, STALLS, Stage, code, person};

impl Stage {
    async fn extends(&self, reservation: &Reservation) -> kernel::Result<Reservation> {
        let of = reservation.state();
        self.tickets.extend_reservation(of.id, of.buyer).await
    }

    /// What was told of reservations that got more time.
    async fn told_of_more_time(&self) -> Vec<ReservationExtended> {
        let waiting = self.waiting().await;
        waiting.iter().filter_map(|message| message.read().unwrap()).collect()
    }
}

fn seconds(hold: u64, extend: u64) -> Config {
    Config { hold_seconds: hold, extend_seconds: extend, sweep: false, ..Config::default() }
}

#[tokio::test]
async fn time_is_lengthened_once_and_asking_again_changes_nothing() {
    let stage = Stage::with(seconds(600, 300)).await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[1, 2]).await.unwrap();
    stage.waiting().await;
    let longer = stage.extends(&held).await.unwrap();
    let end = held.state().expires_at + Duration::from_mins(5);
    assert_eq!(longer.state().expires_at, end);
    let again = stage.extends(&held).await.unwrap();
    assert_eq!(again.state(), longer.state());
    let kept = stage.tickets.reads().reservation(held.state().id).await.unwrap().unwrap();
    assert_eq!(kept.state(), longer.state());
    let told = stage.told_of_more_time().await;
    assert_eq!(told.len(), 1, "it is told once");
    assert_eq!((told[0].reservation_id, told[0].expires_at), (held.state().id, end));
    stage.assert_invariants().await;
}

#[tokio::test]
async fn nobody_gets_places_whose_time_was_lengthened_until_that_is_over_too() {
    let stage = Stage::with(seconds(1, 2)).await;
    stage.sells("Seat", &[STALLS]).await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let seats = stage.extends(&stage.holds(UserId::new(), &[1]).await.unwrap()).await.unwrap();
    let all = stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 30)).await.unwrap();
    let all = stage.extends(&all).await.unwrap();
    let first_end = all.state().created_at + Duration::from_secs(1);
    stage
        .until("the first end", async || {
            (stage.tickets.reads().now().await.unwrap() > first_end).then_some(())
        })
        .await;
    assert_eq!(code(stage.holds(UserId::new(), &[1]).await), "SEATS_UNAVAILABLE");
    let one_more = stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 1)).await;
    assert_eq!(code(one_more), "NOT_ENOUGH_AVAILABLE");
    let next = stage.until("the seat's return", async || stage.holds(UserId::new(), &[1]).await.ok()).await;
    assert!(next.state().created_at >= seats.state().expires_at, "nobody gets it early");
    assert_eq!(code(stage.extends(&seats).await), "RESERVATION_EXPIRED");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn what_has_run_out_gets_no_more_time_although_nobody_has_tidied_up() {
    let stage = Stage::with(seconds(1, 300)).await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[1]).await.unwrap();
    let end = held.state().expires_at;
    stage.until("its end", async || (stage.tickets.reads().now().await.unwrap() >= end).then_some(())).await;
    assert_eq!(code(stage.extends(&held).await), "RESERVATION_EXPIRED");
    assert!(stage.told_of_more_time().await.is_empty());
    stage.holds(UserId::new(), &[1]).await.unwrap();
    stage.assert_invariants().await;
}

#[tokio::test]
async fn only_what_waits_for_its_buyer_gets_more_time() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[1]).await.unwrap();
    let id = held.state().id;
    assert_eq!(code(stage.tickets.extend_reservation(id, UserId::new()).await), "NOT_FOUND");
    let order = stage.checks_out(&held).await;
    let refused = stage.extends(&held).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!(refusal.code.as_str(), "CONFLICT");
    assert_eq!(refusal.details["orderId"], order.state().id.public().to_string());
    let given_up = stage.holds(UserId::new(), &[2]).await.unwrap();
    stage.tickets.release_reservation(given_up.state().id, given_up.state().buyer).await.unwrap();
    assert_eq!(code(stage.extends(&given_up).await), "CONFLICT");
}

#[tokio::test]
async fn who_had_more_time_has_the_whole_time_to_pay_and_no_more() {
    let stage = Stage::with(seconds(600, 300)).await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.extends(&stage.holds(UserId::new(), &[1]).await.unwrap()).await.unwrap();
    let order = stage.checks_out(&held).await;
    let to_pay = order.state().expires_at - order.state().created_at;
    assert_eq!(to_pay.num_seconds(), 900);
    stage.carry(Payments::Pay).await;
    stage.assert_invariants().await;
}

#[tokio::test]
async fn of_an_event_that_sells_nothing_any_more_no_time_is_lengthened() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[1]).await.unwrap();
    stage.hear(&stage.event_changed(2, EventChange::Updated, EventStatus::Postponed)).await;
    assert_eq!(code(stage.extends(&held).await), "SALES_CLOSED");
    let shown = stage.data(Some(held.state().buyer), SHOWN, which(&held)).await;
    assert_eq!(shown["reservation"]["canExtend"], false);
    let kept = stage.tickets.reads().reservation(held.state().id).await.unwrap().unwrap();
    assert_eq!(kept.state(), held.state());
}

#[tokio::test]
async fn however_many_ask_while_it_is_checked_out_or_given_up_it_happens_once() {
    for checks_out in [true, false] {
        let stage = Arc::new(Stage::new().await);
        stage.sells("Seat", &[STALLS]).await;
        let held = stage.holds(UserId::new(), &[1, 2]).await.unwrap();
        stage.waiting().await;
        let mut tasks = JoinSet::new();
        for turn in 0..20 {
            let (stage, held) = (stage.clone(), held.clone());
            tasks.spawn(async move {
                let outcome = match turn {
                    7 if checks_out => stage.tickets.checkout(Stage::checkout(&held)).await.map(drop),
                    7 => {
                        let of = held.state();
                        stage.tickets.release_reservation(of.id, of.buyer).await.map(drop)
                    }
                    _ => stage.extends(&held).await.map(drop),
                };
                assert!(outcome.is_ok() || outcome.unwrap_err().refusal().is_some());
            });
        }
        tasks.join_all().await;
        assert!(stage.told_of_more_time().await.len() <= 1);
        let kept = stage.tickets.reads().reservation(held.state().id).await.unwrap().unwrap();
        let ended = if checks_out { ReservationStatus::CheckedOut } else { ReservationStatus::Released };
        assert_eq!(kept.state().status, ended);
        stage.assert_invariants().await;
    }
}

const SHOWN: &str = "query($id: ID!) { now reservation(id: $id) { createdAt expiresAt expiresInSeconds canExtend order { id } } }";
const EXTEND: &str =
    "mutation($id: ID!) { extendReservation(id: $id) { id expiresAt expiresInSeconds canExtend } }";

fn which(reservation: &Reservation) -> Value {
    json!({ "id": reservation.state().id.public().to_string() })
}

#[tokio::test]
async fn a_buyer_sees_how_long_there_is_and_whether_more_is_to_be_had() {
    let stage = Stage::with(seconds(600, 300)).await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[1]).await.unwrap();
    let buyer = held.state().buyer;
    let shown = stage.data(Some(buyer), SHOWN, which(&held)).await;
    assert!(shown["now"].as_str().unwrap() >= shown["reservation"]["createdAt"].as_str().unwrap());
    let left = |of: &Value| of["expiresInSeconds"].as_i64().unwrap();
    assert!((500..600).contains(&left(&shown["reservation"])), "{shown}");
    assert_eq!(shown["reservation"]["canExtend"], true);
    assert!(shown["reservation"]["order"].is_null());
    let longer = stage.data(Some(buyer), EXTEND, which(&held)).await;
    assert!((800..900).contains(&left(&longer["extendReservation"])), "{longer}");
    assert_eq!(longer["extendReservation"]["canExtend"], false);
    let order = stage.checks_out(&held).await;
    let shown = stage.data(Some(buyer), SHOWN, which(&held)).await;
    assert_eq!(left(&shown["reservation"]), 0, "they wait for it no longer");
    assert_eq!(shown["reservation"]["order"]["id"], order.state().id.public().to_string());
    let others = stage.ask(Some(UserId::new()), EXTEND, which(&held)).await;
    assert_eq!(others["errors"][0]["extensions"]["code"], "NOT_FOUND");
    let nobodys = stage.ask(None, EXTEND, which(&held)).await;
    assert_eq!(nobodys["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

const CARTS: &str = "query($of: [_Any!]!, $event: ID, $status: ReservationStatus, $after: String) { _entities(representations: $of) { \
    ... on User { open: reservations { totalCount nodes { id } } \
    some: reservations(first: 1, after: $after, eventId: $event, status: $status) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } } }";

#[tokio::test]
async fn a_buyer_finds_what_they_have_set_aside_and_nobody_elses() {
    let stage = Stage::with(seconds(600, 300)).await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let bought = stage.holds(buyer, &[0]).await.unwrap();
    stage.checks_out(&bought).await;
    let run_out = stage.holds(buyer, &[1]).await.unwrap();
    let end = "UPDATE reservations SET expires_at = 1 WHERE id = (SELECT holder FROM seats WHERE number = 1)";
    stage.changes(end).await;
    let open = stage.holds(buyer, &[2]).await.unwrap();
    stage.holds(UserId::new(), &[3]).await.unwrap();
    let id = |of: &Reservation| json!({ "id": of.state().id.public().to_string() });
    let seen = async |more: Value| {
        let mut variables = json!({ "of": [{ "__typename": "User", "id": buyer }] });
        variables.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        stage.data(Some(buyer), CARTS, variables).await["_entities"][0].clone()
    };
    let all = seen(json!({ "event": stage.event, "status": null })).await;
    assert_eq!(all["open"], json!({ "totalCount": 1, "nodes": [id(&open)] }));
    assert_eq!((&all["some"]["totalCount"], &all["some"]["nodes"]), (&json!(3), &json!([id(&open)])));
    let next = json!({ "after": all["some"]["pageInfo"]["endCursor"], "status": null });
    assert_eq!(seen(next).await["some"]["nodes"], json!([id(&run_out)]), "newest first");
    for (status, is) in [("EXPIRED", &run_out), ("CHECKED_OUT", &bought), ("ACTIVE", &open)] {
        let found = seen(json!({ "status": status })).await;
        assert_eq!(found["some"]["nodes"], json!([id(is)]), "{status}");
        assert_eq!(found["some"]["totalCount"], 1);
    }
    let elsewhere = seen(json!({ "event": kernel::EventId::new(), "status": null })).await;
    assert_eq!(elsewhere["some"]["totalCount"], 0);
    let theirs = json!({ "of": [{ "__typename": "User", "id": buyer }] });
    let refused = stage.ask(Some(UserId::new()), CARTS, theirs).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
}

#[tokio::test]
async fn many_reservations_cost_as_many_statements_as_one() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on User { reservations(status: null) { nodes { \
                 status canExtend expiresInSeconds order { number } items { ticketType { name } } } } } } }";
    let cost = async |length: usize| {
        let mut least = u64::MAX;
        for _ in 0..4 {
            let before = stage.database.statements();
            let of = json!({ "of": [{ "__typename": "User", "id": buyer }] });
            let asked = stage.data(Some(buyer), query, of);
            let data = service::request::answering(None, asked).await;
            let nodes = data["_entities"][0]["reservations"]["nodes"].as_array().unwrap().len();
            assert_eq!(nodes, length);
            least = least.min(stage.database.statements() - before);
        }
        least
    };
    let hold = async |seat| {
        let held = stage.holds(buyer, &[seat]).await.unwrap();
        stage.checks_out(&held).await;
    };
    hold(0).await;
    let of_one = cost(1).await;
    for seat in 1..10 {
        hold(seat).await;
    }
    assert_eq!(cost(10).await, of_one);
}

/// What is pushed of a reservation, the next time.
async fn next(stream: &mut (impl Stream<Item = async_graphql::Response> + Unpin)) -> Option<Value> {
    let next = tokio::time::timeout(Duration::from_secs(10), stream.next()).await;
    let response = next.expect("it is pushed, or over")?;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    Some(response.data.into_json().unwrap()["reservationChanged"].take())
}

#[tokio::test]
async fn a_buyer_who_follows_a_reservation_sees_that_there_is_more_time_and_what_becomes_of_it() {
    let stage = Stage::with(seconds(3, 1)).await;
    stage.sells("Seat", &[STALLS]).await;
    let follows = |held: &Reservation| {
        let query = "subscription($id: ID!) { reservationChanged(id: $id) { status expiresAt canExtend order { id } } }";
        let request = Request::new(query).variables(Variables::from_json(which(held)));
        stage.schema.execute_stream(request.data(person(held.state().buyer))).boxed()
    };
    let runs_out = stage.holds(UserId::new(), &[0]).await.unwrap();
    let mut pushed = follows(&runs_out);
    let first = next(&mut pushed).await.unwrap();
    assert_eq!((&first["status"], &first["canExtend"]), (&json!("ACTIVE"), &json!(true)));
    stage.extends(&runs_out).await.unwrap();
    let longer = next(&mut pushed).await.unwrap();
    assert_eq!((&longer["status"], &longer["canExtend"]), (&json!("ACTIVE"), &json!(false)));
    assert!(longer["expiresAt"].as_str().unwrap() > first["expiresAt"].as_str().unwrap());
    assert_eq!(next(&mut pushed).await.unwrap()["status"], "EXPIRED", "although nobody has tidied up");
    assert!(next(&mut pushed).await.is_none(), "nothing comes behind its end");

    let bought = stage.holds(UserId::new(), &[1]).await.unwrap();
    let mut pushed = follows(&bought);
    next(&mut pushed).await.unwrap();
    let order = stage.checks_out(&bought).await;
    let last = next(&mut pushed).await.unwrap();
    assert_eq!(
        (&last["status"], &last["order"]["id"]),
        (&json!("CHECKED_OUT"), &json!(order.state().id.public()))
    );
    assert!(next(&mut pushed).await.is_none());
    let query = "subscription($id: ID!) { reservationChanged(id: $id) { status } }";
    let request = Request::new(query).variables(Variables::from_json(which(&bought)));
    let mut refused = stage.schema.execute_stream(request.data(person(UserId::new()))).boxed();
    let refused = refused.next().await.unwrap();
    assert!(!refused.errors.is_empty(), "others do not follow it");
}
