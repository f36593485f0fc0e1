use kernel::{OrderId, Result, UserId};

use super::Payments;
use crate::domain::entities::NotPayable;

impl Payments {
    /// Takes note of an order that will never have a payment here, so that whoever wants to pay it is told why. It may
    /// come twice and in any order.
    #[tracing::instrument(skip_all)]
    pub async fn hear_of_order(&self, order: OrderId, buyer: UserId, why: NotPayable) -> Result<()> {
        Ok(self.store.note_not_payable(order, buyer, why).await?)
    }

    /// An order was taken into an account: whose it is now sees its payment, and the former buyer no more. What was tried with
    /// whose card stays as it was.
    #[tracing::instrument(skip_all)]
    pub async fn hear_of_claim(&self, order: OrderId, to: UserId) -> Result<()> {
        Ok(self.store.hand_over(order, to).await?)
    }
}
