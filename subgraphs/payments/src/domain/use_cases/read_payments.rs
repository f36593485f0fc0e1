use kernel::{Fault, OrderId, PaymentId, UserId};

use super::Payments;
use crate::domain::entities::Payment;

impl Payments {
    /// A payment, for its buyer; for anybody else there is none.
    pub async fn payment(&self, id: PaymentId, reader: Option<UserId>) -> Result<Option<Payment>, Fault> {
        Ok(self.store.payment(id).await?.filter(|payment| may_read(payment, reader)))
    }

    /// The payment of an order, for its buyer; for anybody else there is none.
    pub async fn payment_of_order(
        &self,
        order: OrderId,
        reader: Option<UserId>,
    ) -> Result<Option<Payment>, Fault> {
        Ok(self.store.payment_of_order(order).await?.filter(|payment| may_read(payment, reader)))
    }
}

fn may_read(payment: &Payment, reader: Option<UserId>) -> bool {
    reader == Some(payment.snapshot().buyer_id)
}
