//! What comes from the bus: what is asked of payments, and orders that will never ask.

use async_trait::async_trait;
use contracts::{
    Contract,
    payments::RefundPayment,
    purchase::{ReturnPayment, TakePayment},
    tickets::{OrderClaimed, OrderEnded, OrderPlaced},
};
use kernel::Result;
use messaging::{Handler, Message};

use super::bookkeeping;
use crate::domain::{
    entities::NotPayable,
    use_cases::{Books, Payments},
};

/// The subjects that are read.
pub fn subjects() -> Vec<&'static str> {
    SUBJECTS.into_iter().chain(bookkeeping::SUBJECTS).collect()
}

/// Those that are read for payments.
const SUBJECTS: [&str; 6] = [
    TakePayment::SUBJECT,
    ReturnPayment::SUBJECT,
    RefundPayment::SUBJECT,
    OrderPlaced::SUBJECT,
    OrderEnded::SUBJECT,
    OrderClaimed::SUBJECT,
];

/// Passes asks and facts on to the use cases.
#[derive(Clone)]
pub struct Asks {
    /// What payments are asked, and told of orders.
    pub payments: Payments,
    /// What the books are told.
    pub books: Books,
}

#[async_trait]
impl Handler for Asks {
    async fn handle(&self, message: &Message) -> Result<()> {
        if let Some(ask) = message.read::<TakePayment>()? {
            return self.payments.take_payment(message.id, &ask).await;
        }
        if let Some(ask) = message.read::<ReturnPayment>()? {
            return self.payments.return_payment(message.id, &ask).await;
        }
        if let Some(ask) = message.read::<RefundPayment>()? {
            return self.payments.refund_payment(message.id, &ask).await;
        }
        if let Some(placed) = message.read::<OrderPlaced>()? {
            // For all others the money is asked for.
            if placed.total.is_zero() {
                return self.payments.hear_of_order(placed.order_id, placed.buyer_id, NotPayable::Free).await;
            }
        }
        if let Some(ended) = message.read::<OrderEnded>()? {
            return self.payments.hear_of_order(ended.order_id, ended.buyer_id, ended.how.into()).await;
        }
        if let Some(claimed) = message.read::<OrderClaimed>()? {
            return self.payments.hear_of_claim(claimed.order_id, claimed.to).await;
        }
        bookkeeping::hear(&self.books, message).await
    }
}
