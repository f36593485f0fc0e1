use kernel::{Fault, OrderId, Page, PageAsk, PaymentId, UserId};

use super::Payments;
use crate::domain::entities::Payment;

impl Payments {
    /// The payment of an order, for its buyer; for anybody else there is none.
    pub async fn payment_of_order(
        &self,
        order: OrderId,
        reader: Option<UserId>,
    ) -> Result<Option<Payment>, Fault> {
        let found = self.payments_of_orders(&[order]).await?;
        Ok(found.into_iter().next().filter(|payment| may_read(payment, reader)))
    }

    /// Those of these payments that there are. Who may read them, [`may_read`] says.
    pub async fn payments(&self, ids: &[PaymentId]) -> Result<Vec<Payment>, Fault> {
        self.store.payments(ids).await
    }

    /// A buyer's own payments, newest first.
    pub async fn own_payments(&self, buyer: UserId, ask: &PageAsk) -> kernel::Result<Page<Payment>> {
        self.store.payments_of_buyer(buyer, ask).await
    }

    /// The payments of these orders. Who may read them, [`may_read`] says.
    pub async fn payments_of_orders(&self, orders: &[OrderId]) -> Result<Vec<Payment>, Fault> {
        self.store.payments_of_orders(orders).await
    }
}

/// True for the buyer.
pub fn may_read(payment: &Payment, reader: Option<UserId>) -> bool {
    reader == Some(payment.snapshot().buyer_id)
}
