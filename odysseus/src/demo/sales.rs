//! What was bought before anybody came.

use std::time::Duration;

use anyhow::{Context as _, bail};
use futures::future::try_join_all;
use kernel::{ErrorCode, EventId, OrderId, UserId};
use payments::{Pay, domain::entities::Means};
use tickets::domain::{
    entities::{Attendee, OrderStatus, Wish, Wishes},
    use_cases::{Checkout, HoldSeats, RefundOrder},
};

use super::{UseCases, accounts};

/// Orders, and tickets in each: of the sixty places of a cellar four are left, and two more once two tickets went back.
const ORDERS: u32 = 7;
const EACH: u32 = 8;
/// How long an order may take from checkout to its tickets.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// Orders of an event that is called off afterwards, and seats in each.
const LOST_ORDERS: u32 = 3;
const LOST_SEATS: u32 = 2;

/// Buys all but a few places of a small house, as a buyer would: hold, checkout, card. The orders.
pub(super) async fn sell_almost_all(
    to: &UseCases,
    buyer: UserId,
    event: EventId,
) -> anyhow::Result<Vec<OrderId>> {
    let types = to.tickets.reads().ticket_types(event).await?;
    let [only] = types.as_slice() else { bail!("a small house has one ticket type, not {}", types.len()) };
    let ticket_type = only.state().id;
    let wishes = (0..ORDERS).map(|_| vec![Wish::Standing { ticket_type, quantity: EACH }]);
    sell(to, buyer, event, wishes).await
}

/// Buys a few seats of an event that is to be called off.
pub(super) async fn sell_some_seats(
    to: &UseCases,
    buyer: UserId,
    event: EventId,
) -> anyhow::Result<Vec<OrderId>> {
    let seats = |order| (0..LOST_SEATS).map(move |seat| order * LOST_SEATS + seat);
    let wish = |number| Wish::Seat { number, ticket_type: None };
    sell(to, buyer, event, (0..LOST_ORDERS).map(|order| seats(order).map(wish).collect())).await
}

/// Gives two tickets of an order back.
pub(super) async fn give_two_back(to: &UseCases, by: UserId, order: OrderId) -> anyhow::Result<()> {
    let tickets = to.tickets.reads().tickets_of(order).await?;
    let ask = RefundOrder {
        by,
        order,
        tickets: Some(tickets.iter().take(2).map(|ticket| ticket.id).collect()),
        reason: Some("Two of the party have fallen ill.".to_owned()),
        keep_places_back: false,
        idempotency_key: "demo".to_owned(),
    };
    to.tickets.refund_order(ask).await.context("giving tickets back")?;
    reaches(to, order, OrderStatus::PartiallyRefunded, &[OrderStatus::Completed]).await
}

/// Waits until the money of orders is back, whose event was called off.
pub(super) async fn all_is_back(to: &UseCases, orders: Vec<OrderId>) -> anyhow::Result<()> {
    let back = |order| reaches(to, order, OrderStatus::Refunded, &[OrderStatus::Completed]);
    try_join_all(orders.into_iter().map(back)).await.map(drop)
}

/// Buys, one order after the other: what is held and not yet checked out is limited.
async fn sell(
    to: &UseCases,
    buyer: UserId,
    event: EventId,
    of_orders: impl Iterator<Item = Vec<Wish>>,
) -> anyhow::Result<Vec<OrderId>> {
    let mut orders = Vec::new();
    for (number, wishes) in (1..).zip(of_orders) {
        let key = format!("demo-{event}-{number}");
        orders.push((order(to, buyer, event, wishes, key.clone()).await?, key));
    }
    let paying = orders.iter().map(|(order, key)| pay(to, buyer, *order, key.clone()));
    try_join_all(paying).await?;
    Ok(orders.into_iter().map(|(order, _)| order).collect())
}

async fn order(
    to: &UseCases,
    buyer: UserId,
    event: EventId,
    wishes: Vec<Wish>,
    key: String,
) -> anyhow::Result<OrderId> {
    let wishes = Wishes { wishes, access_code: None };
    let hold = HoldSeats { buyer, event, wishes, idempotency_key: key.clone() };
    let reservation = to.tickets.hold_seats(hold).await.context("holding")?.state().id;
    let regular = accounts::REGULAR;
    let attendee = Attendee { name: regular.name.to_owned(), email: regular.email.to_owned() };
    let checkout = Checkout {
        buyer,
        reservation,
        attendees: vec![attendee],
        items: Vec::new(),
        contact: None,
        accepted_terms: None,
        idempotency_key: key,
    };
    let (order, _) = to.tickets.checkout(checkout).await.context("checking out")?;
    Ok(order.state().id)
}

async fn pay(to: &UseCases, buyer: UserId, order: OrderId, key: String) -> anyhow::Result<()> {
    let means = Means::Method { name: "pm_card_visa".to_owned(), return_url: None };
    let pay = Pay { buyer, order, means, key, client: None };
    let paid = tokio::time::timeout(PATIENCE, async {
        loop {
            match to.payments.pay(pay.clone()).await {
                // As the answer says: the order is still on its way to payments.
                Err(kernel::Error::Refused(refused)) if refused.code == ErrorCode::ServiceUnavailable => {
                    tokio::time::sleep(LOOK).await;
                }
                answered => return answered,
            }
        }
    });
    paid.await.context("a payment takes too long")?.context("paying")?;
    let on_its_way = [OrderStatus::AwaitingPayment, OrderStatus::Paid];
    reaches(to, order, OrderStatus::Completed, &on_its_way).await
}

/// Waits until an order is as it is wanted, by way of these.
async fn reaches(
    to: &UseCases,
    order: OrderId,
    wanted: OrderStatus,
    by_way_of: &[OrderStatus],
) -> anyhow::Result<()> {
    let done = tokio::time::timeout(PATIENCE, async {
        loop {
            let view = to.tickets.reads().order(order).await?.context("an order that was placed is there")?;
            match view.order.status {
                status if status == wanted => return Ok(()),
                status if by_way_of.contains(&status) => tokio::time::sleep(LOOK).await,
                status => bail!("order {} ended as {status:?}", view.order.number),
            }
        }
    });
    done.await.context("an order takes too long")?
}
