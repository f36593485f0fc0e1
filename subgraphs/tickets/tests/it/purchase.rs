//! The purchase saga over the real store, every message delivered twice.

use std::collections::BTreeSet;

use contracts::{
    events::{EventChange, EventStatus},
    payments::PaymentDeclined,
    purchase::{Outcome, PurchaseReply, PurchaseStep, Way},
    tickets::OrderCalledOff,
};
use kernel::{PaymentId, UserId};
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tickets::{
    Config,
    domain::entities::{OrderStatus, OrderStepKind, TicketStatus, ToldStep},
};

use crate::stage::{FLOOR, Payments, SEATS, STALLS, Stage, code, now};

#[tokio::test]
async fn a_paid_order_ends_with_a_ticket_for_each_place_and_one_confirmation() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let buyer = UserId::new();
    let mut wishes = stage.seats(buyer, &[4, 5]);
    wishes.wishes.wishes.extend(stage.standing(buyer, floor, 3).wishes.wishes);
    let held = stage.tickets.hold_seats(wishes).await.unwrap();
    let order = stage.checks_out(&held).await;
    let confirmations = stage.carry(Payments::Pay).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Completed);
    let tickets = stage.tickets.reads().tickets_of(order.state().id).await.unwrap();
    assert_eq!(tickets.len(), 5);
    assert!(tickets.iter().all(|ticket| ticket.status == TicketStatus::Valid));
    let codes: BTreeSet<_> = tickets.iter().map(|ticket| &ticket.code).collect();
    assert_eq!(codes.len(), 5);
    assert_eq!(confirmations.len(), 1);
    assert_eq!(confirmations[0].tickets.len(), 5);
    assert_eq!(confirmations[0].tickets[0].row.as_deref(), Some("A"));
    assert_eq!(code(stage.holds(UserId::new(), &[4]).await), "SEATS_UNAVAILABLE");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn sold_places_stay_sold_when_the_time_of_their_hold_is_over() {
    let stage = Stage::with(Config { pay_seconds: 1, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let held = stage.holds(UserId::new(), &[4]).await.unwrap();
    let order = stage.checks_out(&held).await;
    stage.carry(Payments::Pay).await;
    stage
        .until("the end of the hold", async || {
            let now = stage.tickets.reads().now().await.unwrap();
            (now > order.state().expires_at).then_some(())
        })
        .await;
    stage.tickets.tidy_up().await.unwrap();
    assert_eq!(code(stage.holds(UserId::new(), &[4]).await), "SEATS_UNAVAILABLE");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_free_order_needs_no_payment() {
    let stage = Stage::new().await;
    stage.sells_at("Guest", &[STALLS], 0).await;
    let order = stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    let confirmations = stage.carry(Payments::Wait).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Completed);
    assert_eq!(confirmations.len(), 1);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_declined_card_frees_nothing() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let order = stage.checks_out(&stage.holds(UserId::new(), &[9]).await.unwrap()).await;
    stage.carry(Payments::Wait).await;
    stage
        .hear(&PaymentDeclined {
            payment_id: PaymentId::new(),
            order_id: order.state().id,
            event_id: stage.event,
            buyer_id: order.state().buyer,
            attempt: 1,
            decline_code: "insufficient_funds".to_owned(),
            at: now(),
        })
        .await;
    assert_eq!(stage.status(&order).await, OrderStatus::PaymentFailed);
    assert_eq!(code(stage.holds(UserId::new(), &[9]).await), "SEATS_UNAVAILABLE");
    let history = stage.tickets.reads().history(order.state().id).await.unwrap();
    assert!(history.iter().any(|step| step.detail.as_deref() == Some("insufficient_funds")));
    let ask = "query ($id: ID!) { order(id: $id) { history { kind message declineCode } } }";
    let shown = stage.data(Some(order.state().buyer), ask, json!({ "id": order.state().id })).await;
    let message = "The payment was declined. Try again, or with another card.";
    let declined =
        json!({ "kind": "PAYMENT_DECLINED", "message": message, "declineCode": "insufficient_funds" });
    assert_eq!(shown["order"]["history"][2], declined, "{shown}");
}

#[tokio::test]
async fn how_a_purchase_ended_is_told_to_its_buyer() {
    let stage = Stage::with(Config { pay_seconds: 1, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let last = async |order: &tickets::domain::entities::Order| {
        let history = stage.tickets.reads().history(order.state().id).await.unwrap();
        ToldStep::all(history).pop().unwrap().kind
    };
    let given_up = stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    stage.tickets.cancel_order(given_up.state().id, given_up.state().buyer).await.unwrap();
    stage.carry(Payments::Wait).await;
    assert_eq!(last(&given_up).await, OrderStepKind::Cancelled);
    let too_late = run_out(&stage, 1).await;
    stage.carry(Payments::Wait).await;
    assert_eq!(last(&too_late).await, OrderStepKind::Expired);
    let paid_unnoticed = run_out(&stage, 2).await;
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    stage.carry(Payments::PaidUnnoticed).await;
    let history = stage.tickets.reads().history(paid_unnoticed.state().id).await.unwrap();
    let kinds: Vec<_> = ToldStep::all(history).iter().map(|told| told.kind).collect();
    let expected = [OrderStepKind::Paid, OrderStepKind::RefundStarted, OrderStepKind::Refunded];
    assert_eq!(kinds[kinds.len() - 3..], expected, "{kinds:?}");
}

#[tokio::test]
async fn a_buyer_who_gives_up_frees_the_seats() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let order = stage.checks_out(&stage.holds(UserId::new(), &[9]).await.unwrap()).await;
    stage.carry(Payments::Wait).await;
    let (id, buyer) = (order.state().id, order.state().buyer);
    assert_eq!(code(stage.tickets.cancel_order(id, UserId::new()).await), "NOT_FOUND");
    stage.tickets.cancel_order(id, buyer).await.unwrap();
    stage.tickets.cancel_order(id, buyer).await.unwrap();
    stage.carry(Payments::Wait).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Cancelled);
    stage.holds(UserId::new(), &[9]).await.unwrap();
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_completed_order_can_no_longer_be_given_up() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let order = stage.checks_out(&stage.holds(UserId::new(), &[9]).await.unwrap()).await;
    stage.carry(Payments::Pay).await;
    assert_eq!(code(stage.tickets.cancel_order(order.state().id, order.state().buyer).await), "CONFLICT");
}

/// An order whose time to pay is over, with the purchase's clock having seen it.
async fn run_out(stage: &Stage, seat: u32) -> tickets::domain::entities::Order {
    let order = stage.checks_out(&stage.holds(UserId::new(), &[seat]).await.unwrap()).await;
    stage.carry(Payments::Wait).await;
    stage
        .until("the end of the order's time", async || {
            stage.tickets.purchase_timed_out(order.state().id).await.unwrap().then_some(())
        })
        .await;
    order
}

#[tokio::test]
async fn an_order_that_nobody_pays_ends_and_frees_its_seats() {
    let stage = Stage::with(Config { pay_seconds: 1, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let order = run_out(&stage, 3).await;
    stage.carry(Payments::Wait).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Expired);
    stage.holds(UserId::new(), &[3]).await.unwrap();
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_payment_that_came_in_time_unnoticed_completes_the_order_when_its_seats_are_free() {
    let stage = Stage::with(Config { pay_seconds: 1, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let order = run_out(&stage, 3).await;
    stage.tickets.tidy_up().await.unwrap();
    stage.carry(Payments::PaidUnnoticed).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Completed);
    assert_eq!(code(stage.holds(UserId::new(), &[3]).await), "SEATS_UNAVAILABLE");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_payment_that_came_when_the_seats_had_gone_is_given_back() {
    let stage = Stage::with(Config { pay_seconds: 1, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let order = run_out(&stage, 3).await;
    let faster = stage.holds(UserId::new(), &[3]).await.unwrap();
    let confirmations = stage.carry(Payments::PaidUnnoticed).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Refunded);
    assert!(confirmations.is_empty());
    assert!(stage.tickets.reads().tickets_of(order.state().id).await.unwrap().is_empty());
    let other = stage.checks_out(&faster).await;
    stage.carry(Payments::Pay).await;
    assert_eq!(stage.status(&other).await, OrderStatus::Completed);
    stage.assert_invariants().await;
}

#[tokio::test]
async fn an_inventory_opens_once_and_waits_for_its_layout() {
    let stage = Stage::empty(Config::default()).await;
    let published = stage.event_changed(2, EventChange::Published, EventStatus::Published);
    let told = contracts::Announcement::of(&published);
    let message = messaging::Message {
        id: uuid::Uuid::from_u128(1),
        subject: told.subject.to_owned(),
        about: told.about,
        version: told.version,
        occurred_at: now(),
        headers: std::collections::BTreeMap::new(),
        payload: told.payload,
    };
    assert!(stage.deliver(&message).await.is_err(), "it comes again later");
    stage.hear(&stage.layout_defined()).await;
    stage.deliver(&message).await.unwrap();
    stage.hear(&stage.event_changed(1, EventChange::Created, EventStatus::Draft)).await;
    let counts = stage.tickets.reads().availability(stage.event).await.unwrap();
    assert_eq!(counts.sections[STALLS].capacity, SEATS);
    stage.sells("Seat", &[STALLS]).await;
    stage.holds(UserId::new(), &[0]).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_event_sells_nothing() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    assert_eq!(code(stage.holds(UserId::new(), &[0]).await), "SALES_CLOSED");
    let query = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { ticketTypes { status } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    let data = stage.data(None, query, of).await;
    assert_eq!(data["_entities"][0]["ticketTypes"][0]["status"], "CANCELLED");
}

#[tokio::test]
async fn an_event_that_is_called_off_while_it_is_paid_for_gives_the_money_back() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let order = stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    // The seats are secured, and the payment is asked for.
    let asked = stage.carry(Payments::Wait).await;
    assert!(asked.is_empty());
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    stage
        .hear(&PurchaseReply {
            order_id: order.state().id,
            step: PurchaseStep::TakePayment,
            way: Way::Do,
            outcome: Outcome::Done,
        })
        .await;
    let confirmations = stage.carry(Payments::Wait).await;
    assert!(confirmations.is_empty());
    assert_eq!(stage.status(&order).await, OrderStatus::Refunded);
    assert!(stage.tickets.reads().tickets_of(order.state().id).await.unwrap().is_empty());
    stage.assert_invariants().await;
}

#[tokio::test]
async fn holders_of_an_event_that_is_called_off_are_told_once_for_each_order() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let mut orders = Vec::new();
    for seat in 0..3 {
        orders.push(stage.checks_out(&stage.holds(UserId::new(), &[seat]).await.unwrap()).await);
    }
    stage.carry(Payments::Pay).await;
    let mut cancelled = stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled);
    cancelled.reason = Some("The singer is ill.".to_owned());
    stage.hear(&cancelled).await;
    while stage.tickets.tell_of_called_off().await.unwrap() {}
    let messages = stage.waiting().await;
    let told: Vec<OrderCalledOff> =
        messages.iter().filter_map(|message| message.read::<OrderCalledOff>().unwrap()).collect();
    let numbers: BTreeSet<_> = told.iter().map(|told| told.number.clone()).collect();
    assert_eq!(numbers, orders.iter().map(|order| order.state().number.clone()).collect());
    assert_eq!(told.len(), 3);
    assert_eq!(told[0].reason.as_deref(), Some("The singer is ill."));
    assert_eq!(told[0].holders.len(), 1);
    stage.hear(&cancelled).await;
    assert!(!stage.tickets.tell_of_called_off().await.unwrap(), "nobody is told again");
}

#[tokio::test]
async fn a_purchase_that_cannot_go_on_keeps_no_other_from_going_on() {
    let stage = Stage::with(Config { pay_seconds: 1, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let broken = stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    let other = stage.checks_out(&stage.holds(UserId::new(), &[1]).await.unwrap()).await;
    stage.carry(Payments::Wait).await;
    let spoil =
        format!("UPDATE sagas SET progress = 'nonsense', deadline = 1 WHERE id = '{}'", broken.state().id);
    stage.database.writes.execute_unprepared(&spoil).await.unwrap();
    stage
        .until("the other order's time", async || {
            stage.ticks().await;
            let moved = stage.waiting().await;
            moved.iter().any(|message| message.about == other.state().id.uuid()).then_some(())
        })
        .await;
    assert!(saga::rows::due(&stage.database.reads, 10).await.unwrap().is_empty(), "the broken one rests");
}

#[tokio::test]
async fn what_nobody_can_pay_is_refused_when_it_is_priced() {
    let stage = Stage::new().await;
    for cents in [1, 49, 100_000_000] {
        let refused = stage.tickets.create_ticket_type(stage.ticket_type("Odd", &[STALLS], cents)).await;
        assert_eq!(code(refused), "BAD_USER_INPUT", "{cents}");
    }
    stage.sells_at("Cheap", &[STALLS], 50).await;
}
