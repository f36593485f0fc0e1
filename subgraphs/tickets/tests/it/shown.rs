//! What buyers are shown of places and prices is what they can have.

use contracts::{
    events::{EventChange, EventStatus},
    users::Role,
};
use kernel::{Currency, Money, UserId};
use serde_json::{Value, json};
use tickets::{
    Config,
    domain::{
        entities::{NewTier, OrderStatus, Reservation},
        use_cases::CreateTicketType,
    },
};

use crate::stage::{FLOOR, Payments, STALLS, STANDING, Stage, code, operator, person};

async fn seats_of_reservation(stage: &Stage, reservation: &Reservation) -> Value {
    let of = reservation.state();
    let ask = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Reservation { items { seat { status } } } } }";
    let of_it = json!({ "of": [{ "__typename": "Reservation", "id": of.id }] });
    let shown = stage.data(Some(of.buyer), ask, of_it).await;
    shown["_entities"][0]["items"][0]["seat"]["status"].clone()
}

async fn seats_of_order(stage: &Stage, order: &tickets::domain::entities::Order) -> Value {
    let ask = "query ($id: ID!) { order(id: $id) { items { seat { status } } } }";
    let shown = stage.data(Some(order.state().buyer), ask, json!({ "id": order.state().id })).await;
    shown["order"]["items"][0]["seat"]["status"].clone()
}

#[tokio::test]
async fn a_reservation_shows_its_seats_as_held_only_while_it_holds_them() {
    let stage = Stage::with(Config { hold_seconds: 1, sweep: false, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let given_up = stage.holds(UserId::new(), &[0]).await.unwrap();
    assert_eq!(seats_of_reservation(&stage, &given_up).await, "HELD");
    stage.tickets.release_reservation(given_up.state().id, given_up.state().buyer).await.unwrap();
    assert_eq!(seats_of_reservation(&stage, &given_up).await, "AVAILABLE");

    let run_out = stage.holds(UserId::new(), &[1]).await.unwrap();
    stage
        .until("the seat's return", async || {
            (seats_of_reservation(&stage, &run_out).await == "AVAILABLE").then_some(())
        })
        .await;
    let faster = stage.holds(UserId::new(), &[1]).await.unwrap();
    assert_eq!(seats_of_reservation(&stage, &run_out).await, "HELD", "it is somebody else's now");
    stage.checks_out(&faster).await;
    stage.carry(Payments::Pay).await;
    assert_eq!(seats_of_reservation(&stage, &run_out).await, "SOLD");
}

#[tokio::test]
async fn an_order_that_is_over_shows_its_seats_as_they_are_now() {
    let stage = Stage::with(Config { pay_seconds: 1, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let given_up = stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    assert_eq!(seats_of_order(&stage, &given_up).await, "HELD");
    stage.tickets.cancel_order(given_up.state().id, given_up.state().buyer).await.unwrap();
    stage.carry(Payments::Wait).await;
    assert_eq!(stage.status(&given_up).await, OrderStatus::Cancelled);
    assert_eq!(seats_of_order(&stage, &given_up).await, "AVAILABLE");

    let run_out = stage.checks_out(&stage.holds(UserId::new(), &[1]).await.unwrap()).await;
    stage.carry(Payments::Wait).await;
    stage
        .until("the end of the order's time", async || {
            stage.tickets.purchase_timed_out(run_out.state().id).await.unwrap().then_some(())
        })
        .await;
    assert_eq!(seats_of_order(&stage, &run_out).await, "AVAILABLE", "before anything was tidied up");
    stage.carry(Payments::Wait).await;
    assert_eq!(stage.status(&run_out).await, OrderStatus::Expired);
    let faster = stage.checks_out(&stage.holds(UserId::new(), &[1]).await.unwrap()).await;
    stage.carry(Payments::Pay).await;
    assert_eq!(seats_of_order(&stage, &faster).await, "SOLD");
    assert_eq!(seats_of_order(&stage, &run_out).await, "SOLD", "to somebody else");
}

fn tier(name: &str, cents: i64, quota: Option<u32>) -> NewTier {
    NewTier { name: name.to_owned(), price: Money::new(cents, Currency::EUR), from: None, until: None, quota }
}

async fn page(stage: &Stage) -> Value {
    let ask = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { \
               priceRange { lowest { amount } highest { amount } } availability { total available } \
               ticketTypes { name status available price { amount } } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    stage.data(None, ask, of).await["_entities"][0].take()
}

#[tokio::test]
async fn a_type_whose_prices_are_all_taken_is_sold_out() {
    let stage = Stage::new().await;
    let tiers = vec![tier("Early", 800, Some(2)), tier("Late", 1200, Some(1))];
    let floor = CreateTicketType { tiers, ..stage.ticket_type("Floor", &[FLOOR], 0) };
    let floor = stage.tickets.create_ticket_type(floor).await.unwrap().state().id;
    assert_eq!(page(&stage).await["ticketTypes"][0]["available"], 3);
    let buyer = UserId::new();
    stage.tickets.hold_seats(stage.standing(buyer, floor, 2)).await.unwrap();
    let shown = page(&stage).await;
    let late =
        json!({ "name": "Floor", "status": "ON_SALE", "available": 1, "price": { "amount": "12.00" } });
    assert_eq!(shown["ticketTypes"][0], late);
    stage.tickets.hold_seats(stage.standing(buyer, floor, 1)).await.unwrap();
    let shown = page(&stage).await;
    assert_eq!(
        (&shown["ticketTypes"][0]["status"], &shown["ticketTypes"][0]["available"]),
        (&json!("SOLD_OUT"), &json!(0))
    );
    assert_eq!(shown["priceRange"], Value::Null);
    let refused = stage.tickets.hold_seats(stage.standing(buyer, floor, 1)).await;
    assert_eq!(code(refused), "NOT_ENOUGH_AVAILABLE");
}

#[tokio::test]
async fn prices_are_those_of_what_can_be_bought() {
    let stage = Stage::new().await;
    let over = stage.event_changed(1, EventChange::Published, EventStatus::Published).event.starts_at;
    let now = stage.tickets.reads().now().await.unwrap();
    let sold_before = NewTier { until: Some(now), ..tier("Early", 100, None) };
    let early = CreateTicketType { tiers: vec![sold_before], ..stage.ticket_type("Early", &[STALLS], 0) };
    stage.tickets.create_ticket_type(early).await.unwrap();
    assert_eq!(page(&stage).await["priceRange"], Value::Null, "sales of it are over");
    let later =
        CreateTicketType { sales_start: Some(over), ..stage.ticket_type("Last minute", &[FLOOR], 9000) };
    stage.tickets.create_ticket_type(later).await.unwrap();
    let range = |low: &str, high: &str| json!({ "lowest": { "amount": low }, "highest": { "amount": high } });
    assert_eq!(page(&stage).await["priceRange"], range("90.00", "90.00"), "what comes");
    stage.sells_at("Seat", &[STALLS], 1500).await;
    stage.sells_at("Standing", &[FLOOR], 2500).await;
    assert_eq!(page(&stage).await["priceRange"], range("15.00", "25.00"), "what can be bought now");
}

#[tokio::test]
async fn of_an_event_that_is_off_nothing_can_be_had() {
    let stage = Stage::new().await;
    stage.sells("Standing", &[FLOOR]).await;
    assert_eq!(page(&stage).await["ticketTypes"][0]["available"], STANDING);
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    let shown = page(&stage).await;
    let closed =
        json!({ "name": "Standing", "status": "CANCELLED", "available": 0, "price": { "amount": "10.00" } });
    assert_eq!((&shown["ticketTypes"][0], &shown["priceRange"]), (&closed, &Value::Null));
    assert_eq!(shown["availability"]["available"], 0);
}

#[tokio::test]
async fn a_price_comes_back_with_the_hold_that_has_run_out() {
    let stage = Stage::with(Config { hold_seconds: 1, sweep: false, ..Config::default() }).await;
    let tiers = vec![tier("Early", 800, Some(1)), tier("Late", 1200, Some(1))];
    let floor = CreateTicketType { tiers, quota: Some(1), ..stage.ticket_type("Floor", &[FLOOR], 0) };
    let floor = stage.tickets.create_ticket_type(floor).await.unwrap().state().id;
    stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 1)).await.unwrap();
    assert_eq!(page(&stage).await["ticketTypes"][0]["status"], "SOLD_OUT");
    let free = json!({ "name": "Floor", "status": "ON_SALE", "available": 1, "price": { "amount": "8.00" } });
    stage
        .until("the return of the early price", async || {
            (page(&stage).await["ticketTypes"][0] == free).then_some(())
        })
        .await;
    assert_eq!(page(&stage).await["priceRange"]["lowest"]["amount"], "8.00");
    let held = stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 1)).await.unwrap();
    assert_eq!(
        held.price().unwrap().total().unwrap(),
        Money::new(800, Currency::EUR),
        "what was shown is what is charged"
    );
}

async fn sale(stage: &Stage) -> Value {
    let ask = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { \
               saleStatus saleStartsAt availability { level total available held sold blocked } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    stage.data(Some(stage.organizer), ask, of).await["_entities"][0].take()
}

#[tokio::test]
async fn an_event_says_in_a_word_where_its_sale_stands_and_how_much_is_left() {
    let stage = Stage::new().await;
    let opens = stage.tickets.reads().now().await.unwrap() + chrono::TimeDelta::hours(1);
    let later = CreateTicketType { sales_start: Some(opens), ..stage.ticket_type("Later", &[FLOOR], 900) };
    stage.tickets.create_ticket_type(later).await.unwrap();
    let shown = sale(&stage).await;
    assert_eq!(
        (&shown["saleStatus"], &shown["availability"]["level"]),
        (&json!("SCHEDULED"), &json!("PLENTY"))
    );
    let told: chrono::DateTime<chrono::Utc> = shown["saleStartsAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(told.timestamp_millis(), opens.timestamp_millis());
    stage.sells("Seat", &[STALLS]).await;
    let shown = sale(&stage).await;
    assert_eq!((&shown["saleStatus"], &shown["saleStartsAt"]), (&json!("ON_SALE"), &Value::Null));

    stage.blocks(&[19], None).await;
    let seats: Vec<u32> = (0..19).collect();
    for seats in seats.chunks(8) {
        stage.holds(UserId::new(), seats).await.unwrap();
    }
    let counts =
        json!({ "level": "PLENTY", "total": 50, "available": 30, "held": 19, "sold": 0, "blocked": 1 });
    let shown = sale(&stage).await;
    assert_eq!(
        (&shown["saleStatus"], &shown["availability"]),
        (&json!("SCHEDULED"), &counts),
        "the floor comes later"
    );
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    let shown = sale(&stage).await;
    assert_eq!(
        (&shown["saleStatus"], &shown["availability"]["level"]),
        (&json!("CANCELLED"), &json!("NONE"))
    );
}

#[tokio::test]
async fn how_the_places_of_an_event_are_used_is_told_to_its_organizers_and_to_operators() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[0, 1]).await.unwrap();
    stage.checks_out(&stage.holds(UserId::new(), &[2]).await.unwrap()).await;
    stage.carry(Payments::Pay).await;
    stage.blocks(&[19], None).await;
    let ask = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { \
               availability { level total available held sold blocked } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    let of_all = |held: Value, sold: Value, blocked: Value| json!({ "level": "PLENTY", "total": 50, "available": 46, "held": held, "sold": sold, "blocked": blocked });
    let whole = of_all(json!(2), json!(1), json!(1));
    let public = of_all(Value::Null, Value::Null, Value::Null);
    let shown = async |caller| {
        let mut answer = stage.ask_as(caller, ask, of.clone()).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"]["_entities"][0]["availability"].take()
    };
    // One after the other, so that nothing of what organizers are told is left for others.
    assert_eq!(shown(Some(person(stage.organizer))).await, whole);
    assert_eq!(shown(None).await, public);
    assert_eq!(shown(Some(person(UserId::new()))).await, public);
    assert_eq!(shown(Some(operator(UserId::new()))).await, whole);
    for (role, expected) in [(Role::Manager, &whole), (Role::BoxOffice, &public), (Role::Scanner, &public)] {
        let member = stage.member(role).await;
        assert_eq!(shown(Some(person(member))).await, *expected, "{role:?}");
    }
}

#[tokio::test]
async fn a_seat_is_held_by_its_key_as_well_as_by_its_id() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let ask = "mutation ($input: HoldSeatsInput!) { holdSeats(input: $input) { items { seat { key } } } }";
    let wish = |seats: Value, key: &str| json!({ "input": { "eventId": stage.event, "seats": seats, "idempotencyKey": key } });
    let buyer = Some(UserId::new());
    let made = stage.data(buyer, ask, wish(json!([{ "key": "STALLS-B-2" }]), "a")).await;
    assert_eq!(made["holdSeats"]["items"], json!([{ "seat": { "key": "STALLS-B-2" } }]));
    for (seats, field) in [
        (json!([{ "key": "STALLS-Z-2" }]), "key"),
        (json!([{}]), "seats"),
        (json!([{ "key": "STALLS-B-3", "seatId": "x" }]), "seats"),
    ] {
        let refused = &stage.ask(buyer, ask, wish(seats, "b")).await["errors"][0]["extensions"];
        assert_eq!((&refused["code"], &refused["field"]), (&json!("BAD_USER_INPUT"), &json!(field)));
    }
}

#[tokio::test]
async fn a_price_tells_each_tax_fee_and_reduction_and_they_add_up() {
    let stage = Stage::new().await;
    stage.sells_at("Seat", &[STALLS], 1500).await;
    let held = stage.holds(UserId::new(), &[0, 1]).await.unwrap();
    let ask = "query ($id: ID!) { reservation(id: $id) { total { subtotal { amount } discount { amount } fees { amount } \
               tax { amount } taxIncluded { amount } total { amount currency } taxes { name rate included amount { amount } } \
               feeLines { name amount { amount } } discounts { code amount { amount } } } } }";
    let shown = stage.data(Some(held.state().buyer), ask, json!({ "id": held.state().id })).await;
    let none = json!({ "amount": "0.00" });
    assert_eq!(
        shown["reservation"]["total"],
        json!({
            "subtotal": { "amount": "30.00" }, "discount": none, "fees": none, "tax": none, "taxIncluded": none,
            "total": { "amount": "30.00", "currency": "EUR" }, "taxes": [], "feeLines": [], "discounts": [],
        })
    );
}
