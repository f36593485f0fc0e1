use async_trait::async_trait;
use kernel::{EventId, Fault, OrderId, Result};
use saga::{Saga as _, clock::MovesOn, rows::Due};

use super::Tickets;
use crate::domain::sagas::{
    cancellation::Cancellation,
    purchase::Purchase,
    refund::{self, Refunding},
};

#[async_trait]
impl MovesOn for Tickets {
    async fn timed_out(&self, due: &Due) -> Result<()> {
        match due.kind.as_str() {
            Purchase::KIND => self.purchase_timed_out(OrderId::from_uuid(due.about)).await.map(drop),
            Cancellation::KIND => self.cancellation_goes_on(EventId::from_uuid(due.about)).await,
            Refunding::KIND => self.refund_timed_out(refund::refund_of(due.id)).await,
            other => Err(Fault::broken_rule(format!("there are no sagas of the kind {other} here")).into()),
        }
    }
}
