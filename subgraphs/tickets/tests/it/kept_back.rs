//! Why seats are kept back is known to those who plan and sell them.

use contracts::users::Role;
use kernel::UserId;
use serde_json::{Value, json};
use service::Caller;
use tickets::domain::use_cases::BlockSeats;

use crate::stage::{Payments, STALLS, Stage, operator, person};

async fn stage() -> Stage {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage
}

/// The status of the first three seats, and why they are kept back.
async fn shown(stage: &Stage, caller: Option<Caller>) -> Vec<(String, Value)> {
    let ask = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { \
               seatMap { sections(keys: [\"STALLS\"]) { seats(rows: [\"A\"]) { status blockedReason } } } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    let told = stage.ask_as(caller, ask, of).await;
    assert!(told.get("errors").is_none(), "{told}");
    let seats = told.pointer("/data/_entities/0/seatMap/sections/0/seats").unwrap().as_array().unwrap();
    let seats = seats.iter().take(3);
    seats.map(|seat| (seat["status"].as_str().unwrap().to_owned(), seat["blockedReason"].clone())).collect()
}

/// Why the first three seats are kept back.
async fn reasons(stage: &Stage) -> Vec<Value> {
    let shown = shown(stage, Some(person(stage.organizer))).await;
    shown.into_iter().map(|(_, reason)| reason).collect()
}

async fn lets_go(stage: &Stage, seats: &[u32]) {
    let (by, event, seats) = (stage.organizer, stage.event, seats.to_vec());
    let ask = BlockSeats { by, event, seats, blocked: false, reason: None };
    stage.tickets.block_seats(ask).await.unwrap();
}

#[tokio::test]
async fn why_a_seat_is_kept_back_is_told_to_organizers_the_box_office_and_operators() {
    let stage = stage().await;
    stage.blocks(&[0, 1], Some("For the artist's family")).await;
    stage.holds(UserId::new(), &[2]).await.unwrap();
    let blocked = |reason: Value| ("BLOCKED".to_owned(), reason);
    let held = ("HELD".to_owned(), Value::Null);
    let reason = json!("For the artist's family");
    let whole = vec![blocked(reason.clone()), blocked(reason), held.clone()];
    let public = vec![blocked(Value::Null), blocked(Value::Null), held];
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
}

#[tokio::test]
async fn the_reason_said_last_counts_and_is_forgotten_when_a_seat_is_let_go() {
    let stage = stage().await;
    stage.blocks(&[0, 1, 2], Some("Camera")).await;
    stage.blocks(&[1], Some("Pillar")).await;
    stage.blocks(&[2], None).await;
    assert_eq!(reasons(&stage).await, [json!("Camera"), json!("Pillar"), Value::Null]);
    lets_go(&stage, &[0, 1]).await;
    assert_eq!(reasons(&stage).await, [Value::Null, Value::Null, Value::Null]);
    stage.blocks(&[0], None).await;
    assert_eq!(reasons(&stage).await[0], Value::Null, "nothing of the time before comes back");
    stage.checks_out(&stage.holds(UserId::new(), &[1]).await.unwrap()).await;
    stage.carry(Payments::Pay).await;
    stage.assert_invariants().await;
}

#[tokio::test]
async fn when_some_of_the_seats_cannot_be_kept_back_no_reason_is_written_down() {
    let stage = stage().await;
    stage.blocks(&[0], Some("Camera")).await;
    stage.holds(UserId::new(), &[1]).await.unwrap();
    let (by, event) = (stage.organizer, stage.event);
    let reason = Some("Pillar".to_owned());
    let ask = BlockSeats { by, event, seats: vec![0, 1], blocked: true, reason };
    stage.tickets.block_seats(ask).await.unwrap_err();
    assert_eq!(reasons(&stage).await, [json!("Camera"), Value::Null, Value::Null]);
}

#[tokio::test]
async fn many_seats_are_kept_back_and_let_go_for_the_price_of_one() {
    let stage = stage().await;
    let costs = async |seats: &[u32]| {
        let before = stage.database.statements();
        stage.blocks(seats, Some("Camera")).await;
        let between = stage.database.statements();
        lets_go(&stage, seats).await;
        (between - before, stage.database.statements() - between)
    };
    costs(&[0]).await;
    let one = costs(&[0]).await;
    let many: Vec<u32> = (1..20).collect();
    assert_eq!(costs(&many).await, one);
}
