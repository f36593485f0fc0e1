//! The best places that are left, taken in one go.

use std::{collections::BTreeSet, sync::Arc};

use contracts::events::{EventChange, EventStatus, LayoutDefined};
use kernel::{Id, TicketTypeId, UserId};
use serde_json::json;
use tickets::{
    Config,
    domain::{
        entities::{Party, Reservation},
        use_cases::{CreateTicketType, HoldBestAvailable},
    },
};
use tokio::task::JoinSet;

use crate::stage::{FLOOR, STALLS, Stage, code};

impl Stage {
    fn best(&self, ticket_type: TicketTypeId, quantity: u32) -> HoldBestAvailable {
        HoldBestAvailable {
            buyer: UserId::new(),
            event: self.event,
            ticket_type,
            party: Party { quantity, accessible: 0, companions: 0, may_be_split: false },
            sections: Vec::new(),
            reservation: None,
            access_code: None,
            idempotency_key: Id::<()>::new().to_string(),
        }
    }

    async fn takes_best(&self, ticket_type: TicketTypeId, quantity: u32) -> kernel::Result<Reservation> {
        self.tickets.hold_best_available(self.best(ticket_type, quantity)).await
    }
}

fn seats(held: &Reservation) -> Vec<u32> {
    let mut seats = held.seats();
    seats.sort_unstable();
    seats
}

#[tokio::test]
async fn the_best_seats_are_side_by_side_in_the_middle_of_the_front() {
    let stage = Stage::new().await;
    let stalls = stage.sells("Seat", &[STALLS]).await;
    let first = stage.takes_best(stalls, 2).await.unwrap();
    assert_eq!(seats(&first), [4, 5]);
    let second = stage.takes_best(stalls, 2).await.unwrap();
    assert!([vec![2, 3], vec![6, 7], vec![14, 15]].contains(&seats(&second)), "{second:?}");
    assert_eq!(first.price().unwrap().total().unwrap().minor, 2000);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn the_best_seats_are_near_to_the_focal_point_of_the_plan_where_it_has_one() {
    let stage = Stage::empty(Config::default()).await;
    stage.hear(&LayoutDefined { focal_point: Some((10.0, 3.0)), ..stage.layout_defined() }).await;
    stage.hear(&stage.event_changed(1, EventChange::Published, EventStatus::Published)).await;
    let stalls = stage.sells("Seat", &[STALLS]).await;
    assert_eq!(seats(&stage.takes_best(stalls, 2).await.unwrap()), [18, 19], "the end of the second row");
}

#[tokio::test]
async fn parties_that_take_the_best_at_the_same_moment_all_get_seats_of_their_own() {
    let stage = Arc::new(Stage::new().await);
    let stalls = stage.sells("Seat", &[STALLS]).await;
    let mut parties = JoinSet::new();
    for _ in 0..12 {
        let stage = stage.clone();
        parties.spawn(async move { stage.takes_best(stalls, 2).await });
    }
    let outcomes = parties.join_all().await;
    let mut owned = BTreeSet::new();
    let mut got = 0;
    for outcome in outcomes {
        match outcome {
            Ok(held) => {
                got += 1;
                assert!(held.seats().into_iter().all(|seat| owned.insert(seat)), "a seat has two owners");
            }
            Err(refused) => assert_eq!(refused.refusal().unwrap().code.as_str(), "NOT_ENOUGH_AVAILABLE"),
        }
    }
    // Eighteen seats are for everybody: nine in each row, which is four pairs and one seat.
    assert_eq!(got, 8);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_party_is_split_only_when_it_agreed() {
    let stage = Stage::new().await;
    let stalls = stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[5, 15]).await.unwrap();
    let refused = stage.takes_best(stalls, 6).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().reason, "NOT_SIDE_BY_SIDE");
    let mut ask = stage.best(stalls, 6);
    ask.party.may_be_split = true;
    let held = stage.tickets.hold_best_available(ask).await.unwrap();
    assert_eq!(held.quantity(), 6);
    let refused = stage.takes_best(stalls, 50).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!((refusal.reason.as_ref(), &refusal.details["available"]), ("FEWER_LEFT", &json!(10)));
    stage.assert_invariants().await;
}

#[tokio::test]
async fn places_for_wheelchairs_are_given_only_to_who_asks_and_companions_sit_beside() {
    let stage = Stage::new().await;
    let stalls = stage.sells("Seat", &[STALLS]).await;
    let mut ask = stage.best(stalls, 2);
    (ask.party.accessible, ask.party.companions) = (1, 1);
    let held = stage.tickets.hold_best_available(ask).await.unwrap();
    assert_eq!(seats(&held), [0, 1]);
    for _ in 0..17 {
        let held = stage.takes_best(stalls, 1).await.unwrap();
        assert_ne!(seats(&held), [10], "the other place for a wheelchair");
    }
    let refused = stage.takes_best(stalls, 1).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().reason, "SOLD_OUT", "nothing is left for others");
    let mut ask = stage.best(stalls, 1);
    ask.party.accessible = 1;
    assert_eq!(seats(&stage.tickets.hold_best_available(ask).await.unwrap()), [10]);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn the_best_places_join_a_cart_near_to_what_it_has_and_its_clock_goes_on() {
    let stage = Stage::new().await;
    let stalls = stage.sells("Seat", &[STALLS]).await;
    let cart = stage.holds(UserId::new(), &[18, 19]).await.unwrap();
    let mut ask = stage.best(stalls, 2);
    (ask.buyer, ask.reservation) = (cart.state().buyer, Some(cart.state().id));
    let joined = stage.tickets.hold_best_available(ask.clone()).await.unwrap();
    assert_eq!((joined.state().id, joined.state().expires_at), (cart.state().id, cart.state().expires_at));
    assert_eq!(seats(&joined), [16, 17, 18, 19]);
    let again = stage.tickets.hold_best_available(ask.clone()).await.unwrap();
    assert_eq!(seats(&again), [16, 17, 18, 19], "the same key gives the same answer");
    let theirs = HoldBestAvailable { buyer: UserId::new(), idempotency_key: "other".to_owned(), ..ask };
    assert_eq!(code(stage.tickets.hold_best_available(theirs).await), "NOT_FOUND");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn what_has_run_out_is_among_the_best_before_anybody_tidies_up() {
    let stage = Stage::with(Config { hold_seconds: 1, sweep: false, ..Config::default() }).await;
    let stalls = stage.sells("Seat", &[STALLS]).await;
    stage.takes_best(stalls, 2).await.unwrap();
    let again = async || {
        let held = stage.takes_best(stalls, 2).await.ok()?;
        (seats(&held) == [4, 5]).then_some(())
    };
    stage.until("the return of the best seats", again).await;
    stage.assert_invariants().await;
}

#[tokio::test]
async fn where_people_stand_the_best_are_any_and_hidden_types_need_their_code() {
    let stage = Stage::new().await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    assert_eq!(stage.takes_best(floor, 3).await.unwrap().quantity(), 3);
    let mut ask = stage.best(floor, 1);
    ask.party.accessible = 1;
    assert_eq!(code(stage.tickets.hold_best_available(ask).await), "BAD_USER_INPUT");
    let hidden = CreateTicketType {
        access_code: Some("friends-of-ada".to_owned()),
        ..stage.ticket_type("Friends", &[STALLS], 500)
    };
    let hidden = stage.tickets.create_ticket_type(hidden).await.unwrap().state().id;
    assert_eq!(code(stage.takes_best(hidden, 1).await), "NOT_FOUND");
    let mut ask = stage.best(hidden, 1);
    ask.access_code = Some(" Friends-of-Ada".to_owned());
    assert_eq!(stage.tickets.hold_best_available(ask).await.unwrap().quantity(), 1);
    let mut ask = stage.best(floor, 1);
    ask.sections = vec![STALLS.to_owned()];
    assert_eq!(code(stage.tickets.hold_best_available(ask).await), "BAD_USER_INPUT");
}

#[tokio::test]
async fn the_best_places_are_asked_for_over_the_graph_and_cost_no_more_statements_for_more_of_them() {
    let stage = Stage::new().await;
    let stalls = stage.sells("Seat", &[STALLS]).await;
    let query = "mutation ($input: HoldBestAvailableInput!) { holdBestAvailable(input: $input) { items { seat { row number } } } }";
    let buyer = UserId::new();
    let ask = async |quantity: u32, key: &str| {
        let input = json!({ "eventId": stage.event.public().to_string(), "quantity": quantity,
            "ticketTypeId": stalls.public().to_string(), "sectionKeys": [STALLS], "idempotencyKey": key });
        let before = stage.database.statements();
        let held = stage.data(Some(buyer), query, json!({ "input": input })).await;
        assert_eq!(held["holdBestAvailable"]["items"].as_array().unwrap().len(), quantity as usize);
        stage.database.statements() - before
    };
    ask(1, "first").await;
    let of_two = ask(2, "two").await;
    assert_eq!(ask(8, "eight").await, of_two);
    let input = json!({ "eventId": stage.event.public().to_string(), "ticketTypeId": stalls.public().to_string(),
        "quantity": 1, "companions": 1, "idempotencyKey": "wrong" });
    let refused = stage.ask(Some(buyer), query, json!({ "input": input })).await;
    assert_eq!(refused["errors"][0]["extensions"]["field"], "companions");
}
