//! Everything that locks an event or its orders, at once: locks are taken in one order, so that nobody waits in a circle.

use std::time::Duration;

use futures::future::{LocalBoxFuture, join_all};
use kernel::{Rate, TicketTypeId, UserId};
use messaging::Message;
use sea_orm::ConnectionTrait as _;
use tickets::domain::{
    entities::{Order, OrderStatus, Reservation},
    use_cases::{Checkout, CreatePromoCode},
};

use crate::{
    invoices::{kept, number, opera},
    stage::{FLOOR, Payments, SEATS, Stage},
};

/// Does it until it is done: what fails for a moment, or finds too many before it, is done again, as clients and the bus
/// do. A deadlock is no such thing here.
pub(crate) async fn does<T>(
    what: &str,
    mut step: impl AsyncFnMut() -> kernel::Result<T>,
) -> kernel::Result<T> {
    loop {
        match step().await {
            Err(kernel::Error::Broken(fault)) => {
                let chain = fault.chain();
                assert!(fault.passing && !chain.contains("deadlock"), "{what}: {chain}");
            }
            Err(kernel::Error::Refused(refusal)) if refusal.code == kernel::ErrorCode::RateLimited => {}
            done => return done,
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Delivers a message twice at once, and answers it.
async fn delivers(stage: &Stage, message: Message) {
    let deliver = || does(&message.subject, async || stage.handler.handle(&message).await);
    let (first, second) = tokio::join!(deliver(), deliver());
    first.and(second).unwrap();
    stage.answers(&message, Payments::Pay).await;
}

async fn checks_out(stage: &Stage, ask: &Checkout) -> Order {
    does("checkout", async || stage.tickets.checkout(ask.clone()).await).await.unwrap().0
}

/// It is not due, and its buyer may give it up or not any more: that is looked at under its lock.
async fn is_looked_at(stage: &Stage, order: &Order, given_up: bool) {
    let (id, buyer) = (order.state().id, order.state().buyer);
    does("time-out", async || stage.tickets.purchase_timed_out(id).await).await.unwrap();
    if given_up {
        drop(does("cancel", async || stage.tickets.cancel_order(id, buyer).await).await);
    }
}

/// Holds that lapse, so that whoever locks the event has something to give back.
async fn comes_and_goes(stage: &Stage, standing: TicketTypeId) {
    let hold = async || stage.tickets.hold_seats(stage.standing(UserId::new(), standing, 1)).await;
    if let Ok(held) = does("hold", hold).await {
        let of = held.state();
        let code = async || stage.tickets.apply_promo_code(of.id, of.buyer, "CODE").await;
        drop(does("code", code).await); // its time may be over by now
    }
    let lapse = "UPDATE reservations SET expires_at = 1 WHERE status = 'ACTIVE'";
    let lapse = async || Ok(stage.database.writes.execute_unprepared(lapse).await);
    drop(does("lapse", lapse).await);
    does("sweep", async || stage.tickets.tidy_up().await).await.unwrap();
}

#[tokio::test]
async fn checkouts_purchases_and_sweeps_of_one_event_never_deadlock() {
    let stage = opera().await;
    let standing = stage.sells("Standing", &[FLOOR]).await;
    let code = CreatePromoCode {
        by: stage.organizer,
        event: stage.event,
        code: "CODE".to_owned(),
        percent_off: Some(Rate::percent(10)),
        amount_off: None,
        ticket_types: None,
        max_redemptions: Some(1_000),
        max_per_buyer: Some(1),
        valid_from: None,
        valid_until: None,
        idempotency_key: None,
    };
    stage.tickets.create_promo_code(code).await.unwrap();
    let mut held: Vec<Reservation> = Vec::new();
    for seat in 0..SEATS {
        held.push(stage.holds(UserId::new(), &[seat]).await.unwrap());
        held.push(stage.tickets.hold_seats(stage.standing(UserId::new(), standing, 1)).await.unwrap());
    }
    let asks: Vec<Checkout> = held.iter().map(Stage::checkout).collect();
    let thrice = asks.iter().flat_map(|ask| [ask; 3]).map(|ask| checks_out(&stage, ask));
    let orders: Vec<Order> = join_all(thrice).await.into_iter().step_by(3).collect();
    // Those who come and go are told of as well, so at some time no more of them come.
    for round in 0.. {
        let waiting = stage.waiting().await;
        if waiting.is_empty() {
            break;
        }
        let mut crowd: Vec<LocalBoxFuture<'_, ()>> = Vec::new();
        for message in waiting {
            crowd.push(Box::pin(delivers(&stage, message)));
        }
        for (number, (ask, order)) in asks.iter().zip(&orders).enumerate() {
            crowd.push(Box::pin(async {
                let again = checks_out(&stage, ask).await;
                assert_eq!(again.state().id, order.state().id);
            }));
            crowd.push(Box::pin(is_looked_at(&stage, order, number % 4 == 0)));
        }
        for _ in 0..if round < 6 { 5 } else { 0 } {
            crowd.push(Box::pin(comes_and_goes(&stage, standing)));
        }
        join_all(crowd).await;
    }
    let mut ends = Vec::new();
    for order in &orders {
        ends.push(stage.status(order).await);
    }
    assert!(
        ends.iter().all(|end| [OrderStatus::Completed, OrderStatus::Cancelled].contains(end)),
        "{ends:?}"
    );
    let completed = ends.iter().filter(|end| **end == OrderStatus::Completed).count();
    assert!(completed >= 30, "{ends:?}");
    let ids: Vec<_> = orders.iter().map(|order| order.state().id).collect();
    let numbers: Vec<_> = kept(&stage, &ids).await.into_iter().map(|invoice| invoice.number).collect();
    assert_eq!(numbers, (1..=completed).map(number).collect::<Vec<_>>(), "each has an invoice, without gaps");
    stage.assert_invariants().await;
}
