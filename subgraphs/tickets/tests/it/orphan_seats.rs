//! The orphan-seat rule on seats that people pick themselves.

use kernel::UserId;
use serde_json::json;
use tickets::domain::use_cases::SetSeatingRules;

use crate::{
    carts::seat,
    stage::{STALLS, Stage, code},
};

impl Stage {
    async fn leaves_no_orphans(&self, orphan_seat_rule: bool) {
        let rules = SetSeatingRules { by: self.organizer, event: self.event, orphan_seat_rule };
        self.tickets.set_seating_rules(rules).await.unwrap();
    }
}

#[tokio::test]
async fn a_choice_that_leaves_a_seat_alone_is_refused_and_names_it_where_the_event_has_it_so() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[8]).await.unwrap();
    stage.tickets.release_reservation(held.state().id, held.state().buyer).await.unwrap();
    stage.leaves_no_orphans(true).await;
    let refused = stage.holds(UserId::new(), &[8]).await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!((refusal.code.as_str(), refusal.reason.as_ref()), ("CONFLICT", "SEAT_STRANDED"));
    let alone = tickets::domain::entities::SeatId { event: stage.event, number: 9 };
    assert_eq!(refusal.details["seatIds"], json!([alone.to_string()]));
    assert!(refusal.message.contains("row A, seat 10"), "{refusal}");
    stage.holds(UserId::new(), &[8, 9]).await.unwrap();
    stage.holds(UserId::new(), &[19]).await.unwrap();
    stage.leaves_no_orphans(false).await;
    stage.holds(UserId::new(), &[17]).await.unwrap();
    stage.assert_invariants().await;
}

#[tokio::test]
async fn the_rule_never_costs_a_booking_where_a_single_seat_cannot_be_avoided() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.blocks(&[1, 2, 3, 4, 5, 6, 7], None).await;
    stage.leaves_no_orphans(true).await;
    stage.holds(UserId::new(), &[8]).await.unwrap();
    stage.holds(UserId::new(), &[9]).await.unwrap();
    stage.holds(UserId::new(), &[0]).await.unwrap();
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_cart_is_looked_at_as_a_whole_when_it_changes() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.leaves_no_orphans(true).await;
    let cart = stage.holds(UserId::new(), &[7, 8, 9]).await.unwrap();
    let middle = cart.state().claims.iter().position(|claim| claim.place.seat() == Some(8)).unwrap();
    let middle = cart.item_ids()[middle];
    let refused = stage.changes_cart(&cart, vec![], &[middle]).await.unwrap_err();
    assert_eq!(refused.refusal().unwrap().reason, "SEAT_STRANDED");
    let moved = stage.changes_cart(&cart, vec![seat(6)], &[middle]).await;
    assert_eq!(code(moved), "CONFLICT", "it leaves the same seat alone");
    let bigger = stage.changes_cart(&cart, vec![seat(6)], &[]).await.unwrap();
    assert_eq!(bigger.quantity(), 4);
    assert_eq!(code(stage.holds(UserId::new(), &[4]).await), "CONFLICT", "between two others");
    stage.holds(UserId::new(), &[5]).await.unwrap();
    stage.assert_invariants().await;
}

#[tokio::test]
async fn only_organizers_say_how_seats_are_chosen_and_everybody_sees_it() {
    let stage = Stage::new().await;
    let query =
        "mutation ($input: SetSeatingRulesInput!) { setSeatingRules(input: $input) { orphanSeatRule } }";
    let input = json!({ "input": { "eventId": stage.event.public().to_string(), "orphanSeatRule": true } });
    let refused = stage.ask(Some(UserId::new()), query, input.clone()).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let set = stage.data(Some(stage.organizer), query, input).await;
    assert_eq!(set["setSeatingRules"]["orphanSeatRule"], true);
    let page =
        "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { orphanSeatRule } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    assert_eq!(stage.data(None, page, of).await["_entities"][0]["orphanSeatRule"], true);
}
