//! What a purchase costs the database: while one is decided, everybody else who wants the same event waits.

use contracts::purchase::{IssueTickets, PurchaseReply, PurchaseStep, SecureSeats};
use kernel::UserId;
use messaging::Message;
use serde_json::{Value, json};

use crate::stage::{FLOOR, Payments, STALLS, Stage};

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
                    total { total { amount } } items { quantity unitPrice { amount } } } }";
    let attendees = json!([{ "name": "Ada", "email": "ada@example.org" }]);
    let input =
        json!({ "reservationId": reservation["id"], "attendees": attendees, "idempotencyKey": "checkout" });
    let (cost, data) = ask(checkout, input).await;
    assert_eq!(cost, 4, "the checkout alone");
    assert_eq!(data["checkout"]["status"], "AWAITING_PAYMENT");
}

#[tokio::test]
async fn each_step_of_a_purchase_costs_few_statements_however_many_places_it_has() {
    let mut costs = Vec::new();
    for seats in [vec![0], (1..15).collect()] {
        let stage = stage().await;
        let reservation = stage.holds(UserId::new(), &seats).await.unwrap();
        stage.checks_out(&reservation).await;
        let (mut messages, mut waiting) = (Vec::new(), stage.waiting().await);
        while !waiting.is_empty() {
            for message in waiting {
                let before = sent(&stage);
                stage.deliver_once(&message).await;
                messages.push((name(&message), sent(&stage) - before));
                stage.answers(&message, Payments::Pay).await;
            }
            waiting = stage.waiting().await;
        }
        messages.retain(|(name, _)| !name.is_empty());
        costs.push(messages);
    }
    assert_eq!(costs[0], costs[1], "one place and fourteen");
    let of = |wanted: &str| {
        let found = costs[0].iter().find(|(name, _)| *name == wanted);
        found.unwrap_or_else(|| panic!("{wanted} was not asked for: {:?}", costs[0])).1
    };
    // Looks, the inbox, the reply: nothing is locked or changed.
    assert!(of("secure seats") <= 5, "{}", of("secure seats"));
    assert!(of("issue tickets") <= 8, "{}", of("issue tickets"));
    assert!(of("seats are secured") <= 5, "{}", of("seats are secured"));
    assert!(of("tickets are issued") <= 5, "{}", of("tickets are issued"));
}

/// What a message asks of tickets, or which step it answers.
fn name(message: &Message) -> &'static str {
    if let Some(reply) = message.read::<PurchaseReply>().unwrap() {
        return match reply.step {
            PurchaseStep::SecureSeats => "seats are secured",
            PurchaseStep::IssueTickets => "tickets are issued",
            _ => "",
        };
    }
    if message.read::<SecureSeats>().unwrap().is_some() {
        "secure seats"
    } else if message.read::<IssueTickets>().unwrap().is_some() {
        "issue tickets"
    } else {
        ""
    }
}
