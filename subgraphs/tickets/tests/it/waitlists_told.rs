//! Waiting lists: who may wait, what races, and what is told.

use std::{collections::BTreeSet, sync::Arc};

use chrono::TimeDelta;
use contracts::{
    events::{EventChange, EventStatus},
    tickets::WaitlistEnd,
};
use kernel::UserId;
use serde_json::{Value, json};
use tickets::{
    Config,
    domain::{
        entities::{Reservation, ReservationStatus, WaitlistEntry, WaitlistStatus},
        use_cases::{CreateTicketType, JoinWaitlist},
    },
};
use tokio::task::JoinSet;

use crate::{
    contacts::erased,
    stage::{FLOOR, Payments, SEATS, STALLS, Stage, code},
};

#[tokio::test]
async fn joining_is_refused_while_there_is_something_to_choose_or_nothing_to_wait_for() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let reason =
        |outcome: kernel::Result<WaitlistEntry>| outcome.unwrap_err().refusal().unwrap().reason.clone();
    let join = |quantity| stage.tickets.join_waitlist(stage.joins(UserId::new(), &[seat], quantity));
    assert_eq!(reason(join(2).await), "PLACES_LEFT");
    let held = stage.is_full().await;
    stage.releases(&held[1]).await;
    assert_eq!(reason(join(1).await), "PLACES_LEFT");
    join(2).await.unwrap();
    assert_eq!(reason(join(51).await), "QUANTITY_PER_ORDER");
    let mut later = stage.ticket_type("Later", &[FLOOR], 1000);
    later.sales_start = Some(crate::stage::now() + TimeDelta::days(1));
    let later = stage.tickets.create_ticket_type(later).await.unwrap().state().id;
    let not_yet = stage.tickets.join_waitlist(stage.joins(UserId::new(), &[later], 1)).await;
    assert_eq!(reason(not_yet), "NOT_YET_OPEN");
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    assert_eq!(reason(join(2).await), "EVENT_CANCELLED");
}

#[tokio::test]
async fn one_waits_once_for_the_same_however_often_one_asks() {
    let stage = Arc::new(Stage::new().await);
    let seat = stage.sells("Seat", &[STALLS]).await;
    stage.is_full().await;
    let buyer = UserId::new();
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let stage = stage.clone();
        calls.spawn(async move {
            let ask = stage.joins(buyer, &[seat], 1);
            stage.tickets.join_waitlist(ask).await.unwrap().state().id
        });
    }
    let entries: BTreeSet<_> = calls.join_all().await.into_iter().collect();
    assert_eq!(entries.len(), 1);
    let more = stage.tickets.join_waitlist(stage.joins(buyer, &[seat], 2)).await;
    assert_eq!(more.unwrap_err().refusal().unwrap().reason, "ALREADY_WAITING");
    let keyed = JoinWaitlist { idempotency_key: Some("k".to_owned()), ..stage.joins(buyer, &[seat], 1) };
    assert!(entries.contains(&stage.tickets.join_waitlist(keyed.clone()).await.unwrap().state().id));
    let other = JoinWaitlist { idempotency_key: Some("k".to_owned()), ..stage.joins(buyer, &[seat], 2) };
    assert_eq!(code(stage.tickets.join_waitlist(other).await), "IDEMPOTENCY_KEY_REUSED");
    let id = entries.into_iter().next().unwrap();
    for _ in 0..2 {
        let left = stage.tickets.leave_waitlist(id, buyer).await.unwrap();
        assert_eq!(left.entry.state().status, WaitlistStatus::Left);
    }
    assert_eq!(code(stage.tickets.leave_waitlist(id, UserId::new()).await), "NOT_FOUND");
}

#[tokio::test]
async fn racing_buyers_and_two_replicas_never_share_what_came_free() {
    let stage = Arc::new(Stage::new().await);
    let seat = stage.sells("Seat", &[STALLS]).await;
    let held = stage.is_full().await;
    for _ in 0..12 {
        stage.waits(&[seat], 1).await;
    }
    let mut all = JoinSet::new();
    for (number, mine) in
        [1_u32, 2, 3, 4, 5, 6, 7, 8, 9, 11].map(|number| (number, held[number as usize].clone()))
    {
        let (one, other) = (stage.clone(), stage.clone());
        all.spawn(async move { one.releases(&mine).await });
        all.spawn(async move {
            let snatched = other.holds(UserId::new(), &[number]).await;
            assert!(snatched.is_err(), "somebody who passes by got seat {number}");
        });
    }
    for _ in 0..2 {
        let stage = stage.clone();
        all.spawn(async move {
            for _ in 0..10 {
                stage.tickets.see_to_waitlists().await.unwrap();
            }
        });
    }
    all.join_all().await;
    stage.sees_to_waitlists().await;
    let offers = stage.offers_told().await;
    let entries: BTreeSet<_> = offers.iter().map(|offer| offer.entry_id).collect();
    assert_eq!((offers.len(), entries.len()), (10, 10), "each is offered once, to somebody else");
    assert_eq!(stage.free().await, (0, 0));
    stage.assert_invariants().await;
}

#[tokio::test]
async fn an_offer_that_runs_out_while_it_is_accepted_is_either_accepted_or_gone() {
    let stage =
        Arc::new(Stage::with(Config { offer_seconds: 1, hold_seconds: 1, ..Config::default() }).await);
    let seat = stage.sells("Seat", &[STALLS]).await;
    stage.blocks(&(0..SEATS).filter(|seat| *seat != 1).collect::<Vec<_>>(), None).await;
    let held = stage.holds(UserId::new(), &[1]).await.unwrap();
    let first = stage.waits(&[seat], 1).await;
    let second = stage.waits(&[seat], 1).await;
    stage.releases(&held).await;
    stage.sees_to_waitlists().await;
    let until = first.state().joined_at + TimeDelta::seconds(3);
    let mut accepted = 0;
    while stage.tickets.reads().now().await.unwrap() < until {
        match stage.accepts(&first).await {
            Ok(reservation) => {
                assert_eq!(reservation.state().status, ReservationStatus::Active);
                accepted += 1;
            }
            Err(error) => assert!(error.refusal().is_some(), "{error:?}"),
        }
        stage.sees_to_waitlists().await;
        if stage.stands(&second).await == WaitlistStatus::Offered {
            break;
        }
    }
    assert!(accepted > 0);
    assert_eq!(stage.stands(&first).await, WaitlistStatus::Expired, "{:?}", stage.fate(&first).await);
    assert_eq!(stage.stands(&second).await, WaitlistStatus::Offered);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn who_waits_is_told_when_there_is_nothing_to_wait_for_any_more() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let mut ending = stage.ticket_type("Floor", &[FLOOR], 1000);
    ending.quota = Some(1);
    let floor = stage.tickets.create_ticket_type(ending).await.unwrap().state().id;
    stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 1)).await.unwrap();
    let held = stage.is_full().await;
    let stands = stage.waits(&[floor], 1).await;
    let sits = stage.waits(&[seat], 1).await;
    let offered = stage.waits(&[seat], 1).await;
    stage.releases(&held[1]).await;
    stage.sees_to_waitlists().await;
    stage.waiting().await;
    // Sales of the one type end.
    stage.changes("UPDATE ticket_types SET sales_end = 1, version = version + 1 WHERE name = 'Floor'").await;
    stage.changes("UPDATE waitlist_entries SET waits_until = 1 WHERE status = 'WAITING'").await;
    stage.changes("UPDATE events SET waitlist_look_at = 1").await;
    stage.sees_to_waitlists().await;
    assert_eq!(stage.ends_told().await, [(stands.state().id, WaitlistEnd::SalesEnded)]);
    assert_eq!(stage.stands(&offered).await, WaitlistStatus::Waiting, "the other goes on waiting");
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    stage.ticks().await;
    stage.carry(Payments::Wait).await;
    stage.sees_to_waitlists().await;
    let mut ends = stage.ends_told().await;
    ends.sort_unstable_by_key(|(id, _)| *id);
    let mut expected = vec![
        (sits.state().id, WaitlistEnd::EventCancelled),
        (offered.state().id, WaitlistEnd::EventCancelled),
    ];
    expected.sort_unstable_by_key(|(id, _)| *id);
    assert_eq!(ends, expected);
}

#[tokio::test]
async fn however_many_wait_or_nobody_what_others_do_costs_as_many_statements() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let standing = stage.sells("Standing", &[FLOOR]).await;
    let held = stage.is_full().await;
    let passes_by = async |seat: &Reservation| {
        let before = stage.database.statements();
        let stands = stage.tickets.hold_seats(stage.standing(UserId::new(), standing, 1)).await.unwrap();
        let holding = stage.database.statements() - before;
        stage.releases(&stands).await;
        let release = stage.database.statements() - before - holding;
        stage.releases(seat).await;
        (holding, release, stage.database.statements() - before - holding - release)
    };
    passes_by(&held[1]).await;
    let nobody = passes_by(&held[2]).await;
    stage.holds(UserId::new(), &[1, 2]).await.unwrap();
    let sees_to = async || {
        let before = stage.database.statements();
        stage.sees_to_waitlists().await;
        stage.database.statements() - before
    };
    for _ in 0..3 {
        stage.waits(&[seat], 1).await;
    }
    let few = (passes_by(&held[3]).await, sees_to().await);
    for _ in 0..30 {
        stage.waits(&[seat], 1).await;
    }
    let many = (passes_by(&held[4]).await, sees_to().await);
    assert_eq!(nobody, few.0);
    assert_eq!(few, many);
}

#[tokio::test]
async fn ones_own_waiting_is_shown_in_the_graph_and_nobody_elses() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let held = stage.is_full().await;
    let buyer = UserId::new();
    let join = "mutation($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { id status position quantity offer { expiresAt } ticketTypes { id } event { id } } }";
    let input = json!({
        "eventId": stage.event.public().to_string(), "ticketTypeIds": [seat.public().to_string()], "quantity": 1,
    });
    let joined = stage.data(Some(buyer), join, json!({ "input": input })).await;
    let joined = &joined["joinWaitlist"];
    assert_eq!((&joined["status"], &joined["position"]), (&"WAITING".into(), &1.into()));
    stage.releases(&held[2]).await;
    stage.sees_to_waitlists().await;
    let mine = "query($user: ID!) { _entities(representations: [{ __typename: \"User\", id: $user }]) { ... on User { \
                waitlistEntries { totalCount nodes { id status position offer { expiresInSeconds total { total { amount } } \
                items { seat { number } } } } } } } }";
    let user = json!({ "user": buyer.public().to_string() });
    let seen = stage.data(Some(buyer), mine, user.clone()).await;
    let list = &seen["_entities"][0]["waitlistEntries"];
    assert_eq!(list["totalCount"], 1);
    let entry = &list["nodes"][0];
    assert_eq!((&entry["status"], &entry["position"]), (&"OFFERED".into(), &Value::Null));
    assert_eq!(entry["offer"]["total"]["total"]["amount"], "10.00");
    assert_eq!(entry["offer"]["items"][0]["seat"]["number"], "3");
    assert!(entry["offer"]["expiresInSeconds"].as_i64().unwrap() > 11 * 3600);
    assert!(stage.ask(Some(UserId::new()), mine, user).await.get("errors").is_some());
    let find = "query($id: ID!) { _entities(representations: [{ __typename: \"WaitlistEntry\", id: $id }]) { ... on WaitlistEntry { id } } }";
    let id = json!({ "id": joined["id"] });
    assert_eq!(stage.data(Some(buyer), find, id.clone()).await["_entities"][0]["id"], joined["id"]);
    assert!(stage.ask(Some(UserId::new()), find, id).await["data"]["_entities"][0].is_null());
    let accept = "mutation($input: AcceptWaitlistOfferInput!) { acceptWaitlistOffer(input: $input) { id status expiresInSeconds } }";
    let input = json!({ "entryId": joined["id"], "idempotencyKey": "yes" });
    let accepted = stage.data(Some(buyer), accept, json!({ "input": input })).await;
    assert_eq!(accepted["acceptWaitlistOffer"]["status"], "ACTIVE");
    let leave = "mutation($id: ID!) { leaveWaitlist(id: $id) { status } }";
    let left = stage.data(Some(buyer), leave, json!({ "id": joined["id"] })).await;
    assert_eq!(left["leaveWaitlist"]["status"], "DECLINED");
    assert_eq!(stage.free().await, (1, 1));
}

#[tokio::test]
async fn nobody_waits_who_was_erased_and_what_they_were_offered_goes_to_the_next() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let held = stage.is_full().await;
    let first = stage.waits(&[seat], 1).await;
    let second = stage.waits(&[seat], 1).await;
    let third = stage.waits(&[seat], 1).await;
    stage.releases(&held[1]).await;
    stage.sees_to_waitlists().await;
    // The message comes twice, as all of them do here.
    for gone in [&first, &second] {
        stage.hear(&erased(gone.state().buyer, 3)).await;
    }
    stage.sees_to_waitlists().await;
    assert_eq!(stage.stands(&first).await, WaitlistStatus::Declined);
    assert_eq!(stage.stands(&second).await, WaitlistStatus::Left);
    assert_eq!(stage.stands(&third).await, WaitlistStatus::Offered);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn all_that_is_wrong_with_a_wish_is_told_and_hidden_types_are_not_known() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let hidden = CreateTicketType {
        access_code: Some("opensesame".to_owned()),
        ..stage.ticket_type("Friends", &[FLOOR], 1000)
    };
    let hidden = stage.tickets.create_ticket_type(hidden).await.unwrap().state().id;
    let outcome = stage.tickets.join_waitlist(stage.joins(UserId::new(), &[hidden], 1)).await;
    assert_eq!(code(outcome), "NOT_FOUND");
    let join = "mutation($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { id } }";
    let input = json!({ "input": { "eventId": "x", "ticketTypeIds": ["y"], "quantity": 0 } });
    let answer = stage.ask(Some(UserId::new()), join, input.clone()).await;
    let wrong = answer["errors"][0]["extensions"].to_string();
    for field in ["eventId", "ticketTypeIds", "quantity"] {
        assert!(wrong.contains(field), "{field}: {answer}");
    }
    let nobody = stage.ask(None, join, input).await;
    assert_eq!(nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}
