//! What clients get wrong is refused, naming the field, and nothing is half done.

use kernel::{EventId, UserId};
use serde_json::{Value, json};
use tickets::domain::entities::SeatId;

use crate::stage::{FLOOR, STALLS, Stage};

const HOLD: &str = "mutation ($input: HoldSeatsInput!) { holdSeats(input: $input) { id } }";
const TYPE: &str = "mutation ($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id } }";
const CHECKOUT: &str = "mutation ($input: CheckoutInput!) { checkout(input: $input) { id } }";
const BLOCK: &str = "mutation ($input: SetSeatsBlockedInput!) { setSeatsBlocked(input: $input) { version sections { statuses } } }";
const CHECK_IN: &str = "mutation ($input: CheckInInput!) { checkIn(input: $input) { outcome } }";

/// `base` with `change` in it.
fn with(base: &Value, change: &Value) -> Value {
    let mut input = base.clone();
    for (key, value) in change.as_object().unwrap() {
        input[key] = value.clone();
    }
    input
}

async fn assert_refused(stage: &Stage, by: UserId, operation: &str, input: Value, code: &str, field: &str) {
    let what = input.to_string();
    let what = &what[..what.len().min(300)];
    let answer = stage.ask(Some(by), operation, json!({ "input": input })).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], code, "{what}: {answer}");
    if !field.is_empty() {
        assert_eq!(extensions["field"], field, "{what}: {answer}");
    }
}

/// The places of all that is wrong with an input, with the reasons.
async fn problems(stage: &Stage, by: UserId, operation: &str, input: Value) -> Vec<(String, String)> {
    let answer = stage.ask(Some(by), operation, json!({ "input": input })).await;
    let problems = answer["errors"][0]["extensions"]["problems"].as_array();
    let problems = problems.unwrap_or_else(|| panic!("{answer}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    problems
        .iter()
        .map(|problem| {
            let steps: Vec<_> = problem["path"].as_array().unwrap().iter().map(text).collect();
            (steps.join("/"), text(&problem["reason"]))
        })
        .collect()
}

#[tokio::test]
async fn all_that_is_wrong_with_an_input_is_told_at_once_with_its_place() {
    let stage = Stage::new().await;
    let seat = |number: u32| SeatId { event: stage.event, number }.to_string();
    let hold = json!({
        "eventId": stage.event, "idempotencyKey": "", "seats": [{ "seatId": seat(0) }, { "seatId": "A-1", "ticketTypeId": "x" }],
        "generalAdmission": [{ "ticketTypeId": "y", "quantity": 0 }],
    });
    let checkout = json!({
        "reservationId": "mine", "idempotencyKey": "k",
        "attendees": [{ "name": "Ada", "email": "ada@example.org" }, { "name": "", "email": "nowhere" }],
    });
    let tiers = json!([
        { "name": "Early", "price": { "amount": "10.00", "currency": "EUR" }, "quota": 0 },
        { "name": " ", "price": { "amount": "1,50", "currency": "EUR" } },
    ]);
    let ticket_type = json!({ "eventId": stage.event, "name": "", "tiers": tiers, "minPerOrder": 0 });
    for (operation, input, expected) in [
        (
            HOLD,
            hold,
            vec![
                ("input/seats/1/seatId", "MALFORMED"),
                ("input/seats/1/ticketTypeId", "MALFORMED"),
                ("input/generalAdmission/0/ticketTypeId", "MALFORMED"),
                ("input/generalAdmission/0/quantity", "OUT_OF_RANGE"),
                ("input/idempotencyKey", "REQUIRED"),
            ],
        ),
        (
            CHECKOUT,
            checkout,
            vec![
                ("input/attendees/1/name", "REQUIRED"),
                ("input/attendees/1/email", "MALFORMED"),
                ("input/reservationId", "MALFORMED"),
            ],
        ),
        (
            TYPE,
            ticket_type,
            vec![
                ("input/name", "REQUIRED"),
                ("input/tiers/0/quota", "OUT_OF_RANGE"),
                ("input/tiers/1/name", "REQUIRED"),
                ("input/tiers/1/price", "MALFORMED"),
                ("input/minPerOrder", "OUT_OF_RANGE"),
            ],
        ),
    ] {
        let told = problems(&stage, stage.organizer, operation, input).await;
        let expected: Vec<_> =
            expected.into_iter().map(|(path, reason)| (path.to_owned(), reason.to_owned())).collect();
        assert_eq!(told, expected, "{operation}");
    }
}

#[tokio::test]
async fn wrong_holds_are_refused() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let seat = |event: EventId, number: u32| SeatId { event, number }.to_string();
    let base = json!({ "eventId": stage.event, "seats": [{ "seatId": seat(stage.event, 0) }], "idempotencyKey": "k" });
    let standing = |quantity: Value| json!({ "seats": [], "generalAdmission": [{ "ticketTypeId": floor, "quantity": quantity }] });
    let wrong = [
        (json!({ "eventId": "nonsense" }), "BAD_USER_INPUT", "eventId"),
        (json!({ "eventId": EventId::new() }), "BAD_USER_INPUT", "seatId"),
        (json!({ "seats": [] }), "BAD_USER_INPUT", "seats"),
        (json!({ "seats": [{ "seatId": "A-1" }] }), "BAD_USER_INPUT", "seatId"),
        (json!({ "seats": [{ "seatId": seat(EventId::new(), 0) }] }), "BAD_USER_INPUT", "seatId"),
        (json!({ "seats": [{ "seatId": seat(stage.event, 4_000_000) }] }), "NOT_FOUND", ""),
        (
            json!({ "seats": [{ "seatId": seat(stage.event, 1) }, { "seatId": seat(stage.event, 1) }] }),
            "BAD_USER_INPUT",
            "seats",
        ),
        (
            json!({ "seats": [{ "seatId": seat(stage.event, 1), "ticketTypeId": floor }] }),
            "BAD_USER_INPUT",
            "ticketTypeId",
        ),
        (json!({ "seats": vec![json!({ "seatId": seat(stage.event, 1) }); 101] }), "BAD_USER_INPUT", "seats"),
        (standing(json!(0)), "BAD_USER_INPUT", "quantity"),
        (standing(json!(-1)), "BAD_USER_INPUT", "quantity"),
        (standing(json!(i32::MAX)), "LIMIT_EXCEEDED", ""),
        (standing(json!(4_294_967_297_i64)), "BAD_USER_INPUT", ""),
        (standing(json!(0.5)), "BAD_USER_INPUT", ""),
        (json!({ "idempotencyKey": "" }), "BAD_USER_INPUT", "idempotencyKey"),
        (json!({ "idempotencyKey": "k".repeat(testbed::LARGEST_TEXT) }), "BAD_USER_INPUT", "idempotencyKey"),
        (json!({ "accessCode": "c".repeat(testbed::LARGEST_TEXT) }), "BAD_USER_INPUT", "accessCode"),
        (json!({ "surprise": 1 }), "BAD_USER_INPUT", ""),
    ];
    let buyer = UserId::new();
    for (change, code, field) in wrong {
        assert_refused(&stage, buyer, HOLD, with(&base, &change), code, field).await;
    }
    let answer = stage.ask(None, HOLD, json!({ "input": base })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let counts = stage.tickets.reads().availability(stage.event).await.unwrap();
    assert!(counts.sections.values().all(|section| section.held == 0), "nothing is half done");
}

#[tokio::test]
async fn wrong_ticket_types_are_refused() {
    let stage = Stage::new().await;
    let euros = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    let base = json!({ "eventId": stage.event, "name": "Seat", "price": euros("10.00") });
    let wrong = [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "n".repeat(testbed::LARGEST_TEXT) }), "name"),
        (json!({ "description": "d".repeat(2_001) }), "description"),
        (json!({ "price": null }), "price"),
        (json!({ "price": euros("-1") }), "price"),
        (json!({ "price": euros("0.001") }), "price"),
        (json!({ "price": euros("99999999999") }), "price"),
        (json!({ "price": { "amount": "1", "currency": "XYZ" } }), "price"),
        (json!({ "price": { "amount": "1", "currency": "USD" } }), "price"),
        (json!({ "sections": ["NOWHERE"] }), "sections"),
        (json!({ "sections": [STALLS, STALLS] }), "sections"),
        (json!({ "quota": 0 }), "quota"),
        (json!({ "quota": -5 }), "quota"),
        (json!({ "quota": i32::MAX }), "quota"),
        (json!({ "minPerOrder": 0 }), "minPerOrder"),
        (json!({ "minPerOrder": 5, "maxPerOrder": 4 }), "maxPerOrder"),
        (json!({ "maxPerOrder": 1_000_000 }), "maxPerOrder"),
        (json!({ "salesStart": "2027-01-02T00:00:00Z", "salesEnd": "2027-01-01T00:00:00Z" }), "salesEnd"),
        (json!({ "salesEnd": "2999-01-01T00:00:00Z" }), "salesEnd"),
        (json!({ "salesStart": "2999-01-01T00:00:00Z" }), "salesStart"),
        (json!({ "tiers": [{ "name": "Early", "price": euros("1") }] }), "tiers"),
        (
            json!({ "price": null, "tiers": [{ "name": "Early", "price": euros("1"), "from": "2027-01-02T00:00:00Z", "until": "2027-01-01T00:00:00Z" }] }),
            "until",
        ),
        (
            json!({ "price": null, "tiers": [{ "name": "Early", "price": euros("1") }, { "name": "Late", "price": euros("1.005") }] }),
            "tiers[1].price",
        ),
        (
            json!({ "price": null, "tiers": [{ "name": "Early", "price": euros("1") }, { "name": "Late", "price": euros("0.01") }] }),
            "tiers[1].price",
        ),
        (
            json!({ "price": null, "tiers": [{ "name": "Early", "price": euros("1"), "quota": 0 }, { "name": "Late", "price": euros("2") }] }),
            "tiers[0].quota",
        ),
        (
            json!({ "price": null, "tiers": vec![json!({ "name": "Early", "price": euros("1") }); 21] }),
            "tiers",
        ),
    ];
    for (change, field) in wrong {
        assert_refused(&stage, stage.organizer, TYPE, with(&base, &change), "BAD_USER_INPUT", field).await;
    }
    assert_refused(
        &stage,
        stage.organizer,
        TYPE,
        with(&base, &json!({ "salesStart": "yesterday" })),
        "BAD_USER_INPUT",
        "",
    )
    .await;
    assert_refused(&stage, UserId::new(), TYPE, base.clone(), "FORBIDDEN", "").await;
    assert_refused(
        &stage,
        stage.organizer,
        TYPE,
        with(&base, &json!({ "eventId": EventId::new() })),
        "NOT_FOUND",
        "",
    )
    .await;
    assert!(
        stage.tickets.reads().ticket_types(stage.event).await.unwrap().is_empty(),
        "nothing is half done"
    );
}

#[tokio::test]
async fn seats_are_kept_back_and_let_go_again_all_or_none() {
    let stage = Stage::new().await;
    let seat = |event: EventId, number: u32| SeatId { event, number }.to_string();
    let base = json!({ "eventId": stage.event, "seatIds": [seat(stage.event, 0), seat(stage.event, 11)], "blocked": true });
    let statuses = async |input: Value| {
        let map = stage.data(Some(stage.organizer), BLOCK, json!({ "input": input })).await;
        map["setSeatsBlocked"]["sections"][0]["statuses"].clone()
    };
    assert_eq!(statuses(base.clone()).await, "baaaaaaaaaabaaaaaaaa");
    assert_eq!(statuses(with(&base, &json!({ "blocked": false }))).await, "a".repeat(20));
    for (change, field) in [
        (json!({ "eventId": "nonsense" }), "eventId"),
        (json!({ "seatIds": [] }), "seatIds"),
        (json!({ "blocked": null }), ""),
        (json!({ "surprise": 1 }), ""),
    ] {
        assert_refused(&stage, stage.organizer, BLOCK, with(&base, &change), "BAD_USER_INPUT", field).await;
    }
    let (long, short) = ("x".repeat(201), "x".repeat(200));
    for (change, reason) in [
        (json!({ "reason": long }), "TOO_LONG"),
        (json!({ "reason": "a stage", "blocked": false }), "INCONSISTENT"),
    ] {
        let told = problems(&stage, stage.organizer, BLOCK, with(&base, &change)).await;
        assert_eq!(told, [("input/reason".to_owned(), reason.to_owned())]);
    }
    statuses(with(&base, &json!({ "reason": short }))).await;
    statuses(with(&base, &json!({ "reason": " ", "blocked": false }))).await;
    let told =
        problems(&stage, stage.organizer, BLOCK, with(&base, &json!({ "eventId": "x", "reason": long })))
            .await;
    let paths: Vec<_> = told.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["input/eventId", "input/reason"], "all at once");
    let seats = json!({ "seatIds": [seat(stage.event, 0), "A-1", seat(EventId::new(), 1)] });
    let told = problems(&stage, stage.organizer, BLOCK, with(&base, &seats)).await;
    let expected = [("input/seatIds/1", "MALFORMED"), ("input/seatIds/2", "INCONSISTENT")];
    assert_eq!(told, expected.map(|(path, reason)| (path.to_owned(), reason.to_owned())));
    assert_refused(&stage, UserId::new(), BLOCK, base, "FORBIDDEN", "").await;
}

#[tokio::test]
async fn idempotency_keys_have_from_1_to_100_characters() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(stage.organizer, &[0]).await.unwrap();
    let seat = SeatId { event: stage.event, number: 1 }.to_string();
    let ada = json!({ "name": "Ada", "email": "ada@example.org" });
    for (operation, input) in [
        (HOLD, json!({ "eventId": stage.event, "seats": [{ "seatId": seat }] })),
        (CHECKOUT, json!({ "reservationId": held.state().id, "attendees": [ada] })),
        (
            TYPE,
            json!({ "eventId": stage.event, "name": "Odd", "price": { "amount": "1.00", "currency": "EUR" } }),
        ),
    ] {
        for key in [String::new(), "k".repeat(101)] {
            let input = with(&input, &json!({ "idempotencyKey": key }));
            assert_refused(&stage, stage.organizer, operation, input, "BAD_USER_INPUT", "idempotencyKey")
                .await;
        }
        let input = with(&input, &json!({ "idempotencyKey": "k".repeat(100) }));
        let first = stage.data(Some(stage.organizer), operation, json!({ "input": input })).await;
        assert_eq!(stage.data(Some(stage.organizer), operation, json!({ "input": input })).await, first);
    }
}

#[tokio::test]
async fn wrong_checkouts_and_scans_are_refused() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let held = stage.holds(buyer, &[0, 1, 2]).await.unwrap();
    let ada = json!({ "name": "Ada", "email": "ada@example.org" });
    let base = json!({ "reservationId": held.state().id, "attendees": [ada], "idempotencyKey": "k" });
    let wrong = [
        (json!({ "reservationId": "x" }), "reservationId"),
        (json!({ "attendees": [] }), "attendees"),
        (json!({ "attendees": [ada, ada] }), "attendees"),
        (json!({ "attendees": vec![ada.clone(); 101] }), "attendees"),
        (json!({ "attendees": [{ "name": "", "email": "ada@example.org" }] }), "name"),
        (json!({ "attendees": [{ "name": "Ada", "email": "ada" }] }), "email"),
        (json!({ "idempotencyKey": " " }), "idempotencyKey"),
    ];
    for (change, field) in wrong {
        assert_refused(&stage, buyer, CHECKOUT, with(&base, &change), "BAD_USER_INPUT", field).await;
    }
    let scan = json!({ "eventId": stage.event, "code": "c".repeat(testbed::LARGEST_TEXT) });
    assert_refused(&stage, stage.organizer, CHECK_IN, scan, "BAD_USER_INPUT", "code").await;
    let (order, _) = stage.tickets.checkout(Stage::checkout(&held)).await.unwrap();
    assert_eq!(order.state().quantity, 3, "after all that it can still be bought");
}

#[tokio::test]
async fn all_that_is_wrong_with_a_page_is_told_at_once() {
    let (stage, buyer) = (Stage::new().await, UserId::new());
    let of = json!({ "of": [{ "__typename": "User", "id": buyer }] });
    for list in ["orders", "tickets"] {
        // Cursors of no list at all, and of another one.
        for after in ["!", "b3RoZXI"] {
            let ask = format!(
                "query ($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on User {{ \
                 {list}(first: 0, after: \"{after}\") {{ nodes {{ id }} }} }} }} }}"
            );
            let answer = stage.ask(Some(buyer), &ask, of.clone()).await;
            let problems = answer["errors"][0]["extensions"]["problems"].as_array().unwrap();
            let paths: Vec<_> = problems.iter().map(|problem| problem["path"].clone()).collect();
            assert_eq!(paths, [json!(["first"]), json!(["after"])], "{answer}");
        }
    }
}
