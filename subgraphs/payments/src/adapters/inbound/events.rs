//! What comes from the bus: the asks of the purchase.

use async_trait::async_trait;
use contracts::{
    Contract,
    purchase::{ReturnPayment, TakePayment},
};
use kernel::Result;
use messaging::{Handler, Message};

use crate::domain::use_cases::Payments;

/// The subjects that are read.
pub const SUBJECTS: [&str; 2] = [TakePayment::SUBJECT, ReturnPayment::SUBJECT];

/// Passes asks on to the use cases.
#[derive(Clone)]
pub struct Asks(pub Payments);

#[async_trait]
impl Handler for Asks {
    async fn handle(&self, message: &Message) -> Result<()> {
        if let Some(ask) = message.read::<TakePayment>()? {
            return self.0.take_payment(message.id, &ask).await;
        }
        if let Some(ask) = message.read::<ReturnPayment>()? {
            return self.0.return_payment(message.id, &ask).await;
        }
        Ok(())
    }
}
