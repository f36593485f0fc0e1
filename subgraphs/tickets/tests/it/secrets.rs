//! What is hidden stays hidden: drafts, what is somebody else's, and types behind a code.

use contracts::events::{EventChange, EventStatus};
use kernel::{EventId, Id, UserId};
use serde_json::{Value, json};
use service::clients::Quota;
use tickets::{Config, domain::entities::SeatId};

use crate::stage::{Payments, STALLS, Stage};

const TYPES: &str = "query ($id: ID!, $code: String) { _entities(representations: [{ __typename: \"Event\", id: $id }]) { \
                     ... on Event { ticketTypes(accessCode: $code) { name } } } }";

/// What is asked of an event.
type InputFor = fn(EventId) -> Value;

/// An id that was not made just now: nobody waits for what it names.
fn nothing<T>() -> Id<T> {
    Id::from_uuid("01900000-0000-7000-8000-000000000001".parse().unwrap())
}

#[tokio::test]
async fn a_draft_and_what_does_not_exist_are_answered_alike() {
    let mut stage = Stage::empty(Config::default()).await;
    // Neither for a role in an organization that was not made just now.
    stage.organization = nothing();
    stage.hear(&stage.layout_defined()).await;
    stage.hear(&stage.event_changed(1, EventChange::Created, EventStatus::Draft)).await;
    let draft = std::mem::replace(&mut stage.event, EventId::new());
    // A draft that was called off was never told of to anybody.
    stage.hear(&stage.event_changed(1, EventChange::Created, EventStatus::Draft)).await;
    let mut called_off = stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled);
    called_off.event.public = Some(false);
    stage.hear(&called_off).await;
    let operations: [(&str, InputFor); 4] = [
        (
            "mutation ($input: CheckInInput!) { checkIn(input: $input) { outcome message } }",
            |event| json!({ "eventId": event, "code": "0AB1C2D3E4", "nonce": "one" }),
        ),
        ("mutation ($input: HoldSeatsInput!) { holdSeats(input: $input) { id } }", |event| {
            let seat = SeatId { event, number: 0 }.to_string();
            json!({ "eventId": event, "seats": [{ "seatId": seat }], "idempotencyKey": "k" })
        }),
        (
            "mutation ($input: SetSeatsBlockedInput!) { setSeatsBlocked(input: $input) { version } }",
            |event| {
                let seat = SeatId { event, number: 0 }.to_string();
                json!({ "eventId": event, "seatIds": [seat], "blocked": true })
            },
        ),
        ("mutation ($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id } }", |event| {
            let price = json!({ "amount": "10.00", "currency": "EUR" });
            json!({ "eventId": event, "name": "Odd", "price": price })
        }),
    ];
    for (operation, input) in operations {
        let ask = async |event| {
            let answer = stage.ask(Some(UserId::new()), operation, json!({ "input": input(event) })).await;
            (answer["errors"][0]["message"].clone(), answer["errors"][0]["extensions"].clone())
        };
        let of_nothing = ask(nothing()).await;
        assert_eq!(of_nothing.1["code"], "NOT_FOUND", "{operation}: {of_nothing:?}");
        for hidden in [draft, stage.event] {
            assert_eq!(ask(hidden).await, of_nothing, "{operation}");
        }
    }
}

#[tokio::test]
async fn what_is_somebody_elses_and_what_does_not_exist_are_answered_alike() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[0]).await.unwrap();
    let order = stage.checks_out(&stage.holds(UserId::new(), &[1]).await.unwrap()).await;
    stage.carry(Payments::Pay).await;
    let ticket = stage.tickets.reads().tickets_of(order.state().id).await.unwrap()[0].id;
    let checkout = "mutation ($id: ID!) { checkout(input: { reservationId: $id, idempotencyKey: \"k\", attendees: \
                    [{ name: \"Ada\", email: \"ada@example.org\" }] }) { id } }";
    for (operation, theirs) in [
        ("mutation ($id: ID!) { releaseReservation(id: $id) { id } }", held.state().id.uuid()),
        (checkout, held.state().id.uuid()),
        ("query ($id: ID!) { reservation(id: $id) { id } }", held.state().id.uuid()),
        ("mutation ($id: ID!) { cancelOrder(id: $id) { id } }", order.state().id.uuid()),
        ("query ($id: ID!) { order(id: $id) { id } }", order.state().id.uuid()),
        ("query ($id: ID!) { ticket(id: $id) { id } }", ticket.uuid()),
    ] {
        let stranger = UserId::new();
        let of_nothing = stage.ask(Some(stranger), operation, json!({ "id": nothing::<()>() })).await;
        assert_eq!(
            stage.ask(Some(stranger), operation, json!({ "id": theirs })).await,
            of_nothing,
            "{operation}"
        );
    }
}

#[tokio::test]
async fn access_codes_are_not_guessed() {
    let stage = Stage::with(Config {
        access_codes: Quota::new(3, std::time::Duration::from_hours(1)),
        ..Config::default()
    })
    .await;
    let mut hidden = stage.ticket_type("Members", &[STALLS], 1000);
    hidden.access_code = Some("seven77".to_owned());
    let short = stage.tickets.create_ticket_type(hidden.clone()).await.unwrap_err();
    assert_eq!(short.refusal().unwrap().details["field"], "accessCode");
    hidden.access_code = Some("eight888".to_owned());
    stage.tickets.create_ticket_type(hidden).await.unwrap();
    let member = UserId::new();
    let asks =
        async |who, code: &str| stage.ask(Some(who), TYPES, json!({ "id": stage.event, "code": code })).await;
    // Who knows the code uses it as often as they like, however a phone writes it.
    for code in ["eight888", "Eight888", " EIGHT888 ", "ｅｉｇｈｔ８８８"].iter().cycle().take(10) {
        let answer = asks(member, code).await;
        assert_eq!(answer["data"]["_entities"][0]["ticketTypes"][0]["name"], "Members", "{answer}");
    }
    let guesser = UserId::new();
    for guess in ["guess001", "guess002"] {
        assert_eq!(asks(guesser, guess).await["data"]["_entities"][0]["ticketTypes"], json!([]));
    }
    let mut hold = stage.seats(guesser, &[0]);
    hold.wishes.access_code = Some("guess003".to_owned());
    assert_eq!(crate::stage::code(stage.tickets.hold_seats(hold).await), "SALES_CLOSED");
    // Right or wrong, the next is refused, so that the answer tells nothing.
    for guess in ["guess004", "eight888"] {
        let answer = asks(guesser, guess).await;
        let refused = &answer["errors"][0]["extensions"];
        assert_eq!(refused["code"], "RATE_LIMITED", "{answer}");
        assert!(refused["retryAfterSeconds"].as_u64().unwrap() > 0);
        let mut hold = stage.seats(guesser, &[0]);
        hold.wishes.access_code = Some(guess.to_owned());
        assert_eq!(crate::stage::code(stage.tickets.hold_seats(hold).await), "RATE_LIMITED");
    }
    assert!(asks(member, "eight888").await.get("errors").is_none(), "others are not concerned");
}
