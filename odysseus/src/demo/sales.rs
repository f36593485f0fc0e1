//! What was bought before anybody came.

use std::time::Duration;

use anyhow::{Context as _, bail};
use futures::future::try_join_all;
use kernel::{ErrorCode, EventId, OrderId, TicketTypeId, UserId};
use payments::Pay;
use tickets::domain::{
    entities::{Attendee, OrderStatus, Wish, Wishes},
    use_cases::{Checkout, HoldSeats},
};

use super::{UseCases, accounts};

/// Orders, and tickets in each: of the sixty places of a cellar four are left.
const ORDERS: u32 = 7;
const EACH: u32 = 8;
/// How long an order may take from checkout to its tickets.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// Buys all but a few places of a small house, as a buyer would: hold, checkout, card.
pub(super) async fn sell_almost_all(to: &UseCases, buyer: UserId, event: EventId) -> anyhow::Result<()> {
    let types = to.tickets.reads().ticket_types(event).await?;
    let [only] = types.as_slice() else { bail!("a small house has one ticket type, not {}", types.len()) };
    let ticket_type = only.state().id;
    let mut orders = Vec::new();
    // One after the other: what is held and not yet checked out is limited.
    for number in 1..=ORDERS {
        let key = format!("demo-{number}");
        orders.push((order(to, buyer, event, ticket_type, key.clone()).await?, key));
    }
    try_join_all(orders.into_iter().map(|(order, key)| pay(to, buyer, order, key))).await?;
    Ok(())
}

async fn order(
    to: &UseCases,
    buyer: UserId,
    event: EventId,
    ticket_type: TicketTypeId,
    key: String,
) -> anyhow::Result<OrderId> {
    let wishes = Wishes { wishes: vec![Wish::Standing { ticket_type, quantity: EACH }], access_code: None };
    let hold = HoldSeats { buyer, event, wishes, idempotency_key: key.clone() };
    let reservation = to.tickets.hold_seats(hold).await.context("holding")?.state().id;
    let regular = accounts::REGULAR;
    let attendee = Attendee { name: regular.name.to_owned(), email: regular.email.to_owned() };
    let checkout = Checkout { buyer, reservation, attendees: vec![attendee], idempotency_key: key };
    let (order, _) = to.tickets.checkout(checkout).await.context("checking out")?;
    Ok(order.state().id)
}

async fn pay(to: &UseCases, buyer: UserId, order: OrderId, key: String) -> anyhow::Result<()> {
    let pay = Pay { buyer, order, method: "pm_card_visa".to_owned(), key };
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
    completed(to, order).await
}

async fn completed(to: &UseCases, order: OrderId) -> anyhow::Result<()> {
    let done = tokio::time::timeout(PATIENCE, async {
        loop {
            let view = to.tickets.reads().order(order).await?.context("an order that was placed is there")?;
            match view.order.status {
                OrderStatus::Completed => return Ok(()),
                OrderStatus::AwaitingPayment | OrderStatus::Paid => tokio::time::sleep(LOOK).await,
                status => bail!("order {} ended as {status:?}", view.order.number),
            }
        }
    });
    done.await.context("an order takes too long")?
}
