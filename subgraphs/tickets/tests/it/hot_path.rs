//! What a purchase costs the database: while one is decided, everybody else who wants the same event waits.

use contracts::{
    Announcement,
    purchase::{Outcome, PurchaseReply, PurchaseStep, Way},
};
use kernel::UserId;
use messaging::Message;
use serde_json::{Value, json};
use tickets::domain::entities::{Order, OrderStatus};

use crate::stage::{FLOOR, Payments, STALLS, Stage, message};

async fn stage() -> Stage {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let standing = stage.sells("Standing", &[FLOOR]).await;
    // What rarely changes is read once, and then remembered.
    let first = stage.tickets.hold_seats(stage.standing(UserId::new(), standing, 1)).await.unwrap();
    stage.checks_out(&first).await;
    stage.carry(Payments::Pay).await;
    stage
}

/// How many statements were sent for requests, and behind them.
fn sent(stage: &Stage) -> u64 {
    stage.database.statements() + stage.database.background().statements()
}

#[tokio::test]
async fn a_hold_of_one_seat_or_of_many_costs_three_statements() {
    let stage = stage().await;
    for seats in [vec![0], (1..15).collect()] {
        let before = sent(&stage);
        stage.holds(UserId::new(), &seats).await.unwrap();
        assert_eq!(sent(&stage) - before, 3, "the event, what there is, what becomes of it");
    }
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_checkout_costs_four_statements() {
    let stage = stage().await;
    for seats in [vec![0], (1..15).collect()] {
        let reservation = stage.holds(UserId::new(), &seats).await.unwrap();
        let before = sent(&stage);
        stage.checks_out(&reservation).await;
        assert_eq!(sent(&stage) - before, 4);
    }
}

#[tokio::test]
async fn what_a_page_asks_of_a_hold_and_of_an_order_is_mostly_known_already() {
    let (stage, buyer) = (stage().await, UserId::new());
    let ask = async |mutation: &str, input: Value| {
        let before = sent(&stage);
        let asked = stage.data(Some(buyer), mutation, json!({ "input": input }));
        let data = service::request::answering(None, asked).await;
        (sent(&stage) - before, data)
    };
    let seats: Vec<_> =
        (0..8).map(|number| json!({ "seatId": tickets::domain::entities::SeatId { event: stage.event, number }.to_string() })).collect();
    let hold = "mutation($input: HoldSeatsInput!) { holdSeats(input: $input) { id status expiresAt \
                items { quantity seat { id number } unitPrice { amount } } total { total { amount } } } }";
    let input = json!({ "eventId": stage.event, "seats": seats, "idempotencyKey": "hold" });
    let (cost, data) = ask(hold, input).await;
    assert_eq!(cost, 4, "the hold, and the event whose plan has the seats' names");
    let reservation = &data["holdSeats"];
    assert_eq!(reservation["status"], "ACTIVE");

    let checkout = "mutation($input: CheckoutInput!) { checkout(input: $input) { id number status expiresAt \
                    total { total { amount } } items { quantity unitPrice { amount } total { total { amount } } } } }";
    let attendees = json!([{ "name": "Ada", "email": "ada@example.org" }]);
    let input =
        json!({ "reservationId": reservation["id"], "attendees": attendees, "idempotencyKey": "checkout" });
    let (cost, data) = ask(checkout, input).await;
    assert_eq!(cost, 4, "the checkout alone");
    assert_eq!(data["checkout"]["status"], "AWAITING_PAYMENT");
}

#[tokio::test]
async fn what_is_paid_becomes_tickets_with_few_statements_however_many_places_it_has() {
    for seats in [vec![0], (1..15).collect()] {
        let stage = stage().await;
        let reservation = stage.holds(UserId::new(), &seats).await.unwrap();
        let order = stage.checks_out(&reservation).await;
        let costs = async |step| {
            let before = sent(&stage);
            stage.deliver_once(&done(&order, step)).await;
            sent(&stage) - before
        };
        assert_eq!(
            costs(PurchaseStep::TakePayment).await,
            5,
            "the order, and of what; the event; both; all that changes"
        );
        assert_eq!(stage.status(&order).await, OrderStatus::Completed);
        assert_eq!(costs(PurchaseStep::SendConfirmation).await, 3, "the inbox, the order, its end");
        stage.assert_invariants().await;
    }
}

#[tokio::test]
async fn what_costs_nothing_is_bought_at_the_checkout_for_the_price_of_one() {
    let stage = stage().await;
    let free = stage.sells_at("Guest", &[FLOOR], 0).await;
    let hold = stage.standing(UserId::new(), free, 2);
    let reservation = stage.tickets.hold_seats(hold).await.unwrap();
    let before = sent(&stage);
    let order = stage.checks_out(&reservation).await;
    assert_eq!(sent(&stage) - before, 4);
    assert_eq!(order.state().status, OrderStatus::Completed);
    stage.assert_invariants().await;
}

/// A step of an order's purchase is done.
fn done(order: &Order, step: PurchaseStep) -> Message {
    let order_id = order.state().id;
    let told = Announcement::of(&PurchaseReply { order_id, step, way: Way::Do, outcome: Outcome::Done });
    message(told.subject, told.about, told.version, told.payload)
}
