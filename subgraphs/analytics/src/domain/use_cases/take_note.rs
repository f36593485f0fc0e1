use contracts::{
    events::EventChanged,
    payments::{PaymentDeclined, PaymentRefunded, PaymentSucceeded},
    tickets::{
        InventoryOpened, OrderEnded, OrderPlaced, PlacesHeld, ReservationEnded, TicketCheckedIn,
        TicketTypeChanged, TicketsIssued,
    },
    users::MembershipChanged,
};
use kernel::Result;
use uuid::Uuid;

use super::Analytics;
use crate::domain::{entities::EventCopy, ports::Tx};

/// What analytics listens to.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is its contract")]
pub enum Fact {
    EventChanged(EventChanged),
    MembershipChanged(MembershipChanged),
    InventoryOpened(InventoryOpened),
    TicketTypeChanged(TicketTypeChanged),
    PlacesHeld(PlacesHeld),
    ReservationEnded(ReservationEnded),
    OrderPlaced(OrderPlaced),
    TicketsIssued(TicketsIssued),
    OrderEnded(OrderEnded),
    TicketCheckedIn(TicketCheckedIn),
    PaymentSucceeded(PaymentSucceeded),
    PaymentDeclined(PaymentDeclined),
    PaymentRefunded(PaymentRefunded),
}

impl Analytics {
    /// Takes note of something that happened elsewhere. It may be told twice, and late: the totals
    /// are the same in the end.
    pub async fn take_note(&self, message: Uuid, fact: &Fact) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        note(tx.as_mut(), fact).await?;
        tx.commit().await
    }
}

async fn note(tx: &mut dyn Tx, fact: &Fact) -> Result<()> {
    match fact {
        Fact::EventChanged(fact) => tx.note_event(&EventCopy::of(fact)).await,
        Fact::MembershipChanged(fact) => tx.note_membership(fact).await,
        Fact::InventoryOpened(fact) => tx.note_capacity(fact).await,
        Fact::TicketTypeChanged(fact) => tx.note_ticket_type(fact).await,
        Fact::TicketCheckedIn(fact) => tx.check_in(fact).await,
        Fact::PlacesHeld(fact) => {
            let mut reservation = tx.reservation(fact.reservation_id, fact.event_id).await?;
            reservation.held(fact);
            tx.save_reservation(&mut reservation).await
        }
        Fact::ReservationEnded(fact) => {
            let mut reservation = tx.reservation(fact.reservation_id, fact.event_id).await?;
            reservation.ended(fact);
            tx.save_reservation(&mut reservation).await
        }
        Fact::OrderPlaced(fact) => {
            let mut order = tx.order(fact.order_id, fact.event_id).await?;
            order.placed(fact);
            tx.save_order(&mut order).await
        }
        Fact::TicketsIssued(fact) => {
            let mut order = tx.order_to_issue(fact.order_id, fact.event_id).await?;
            order.issued(fact)?;
            tx.save_order(&mut order).await?;
            for line in &fact.lines {
                tx.name_ticket_type(fact.event_id, line).await?;
            }
            Ok(())
        }
        Fact::OrderEnded(fact) => {
            let mut order = tx.order(fact.order_id, fact.event_id).await?;
            order.ended(fact);
            tx.save_order(&mut order).await
        }
        Fact::PaymentSucceeded(fact) => {
            let mut order = tx.order(fact.order_id, fact.event_id).await?;
            order.paid(fact);
            tx.save_order(&mut order).await
        }
        Fact::PaymentDeclined(fact) => {
            let mut order = tx.order(fact.order_id, fact.event_id).await?;
            order.declined(fact);
            tx.save_order(&mut order).await
        }
        Fact::PaymentRefunded(fact) => {
            let mut order = tx.order(fact.order_id, fact.event_id).await?;
            order.refunded(fact);
            tx.save_order(&mut order).await
        }
    }
}
