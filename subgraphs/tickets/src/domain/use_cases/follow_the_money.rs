use contracts::payments::{DisputeState, PaymentDisputed, PaymentRefunded, RefundReturned};
use kernel::{Money, OrderId, RefundId, Result};
use uuid::Uuid;

use super::{Tickets, issue_invoice::issue_credit_note};
use crate::domain::{
    entities::{GoesBack, Order},
    ports::Tx,
};

/// What was bought is worth what the money for it is worth. The places stay sold.
impl Tickets {
    /// The buyer's bank wants a payment back, or has decided about it.
    #[tracing::instrument(skip_all)]
    pub async fn payment_disputed(&self, message: Uuid, told: PaymentDisputed) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        if let Some(mut order) = tx.order(told.order_id).await? {
            if order.disputed(told.version, told.withheld) {
                let step = match told.state {
                    DisputeState::Open => "PAYMENT_DISPUTED",
                    DisputeState::Won => "DISPUTE_WON",
                    DisputeState::Lost => "DISPUTE_LOST",
                };
                order.note(told.at, step, Some(told.reason));
                follow(&mut *tx, &mut order).await?;
            }
        } else {
            of_no_order(told.order_id);
        }
        Ok(tx.commit().await?)
    }

    /// Money went back to the buyer. What was bought is void when none of it is left, and not before.
    #[tracing::instrument(skip_all)]
    pub async fn payment_refunded(&self, message: Uuid, told: PaymentRefunded) -> Result<()> {
        if self.reads.is_refund_of_ours(told.refund_id).await? {
            return Ok(()); // its saga hears it, knows which tickets are meant, and tells it
        }
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        if let Some(mut order) = tx.order(told.order_id).await? {
            if !told.whole {
                // Nobody knows which of the tickets would be meant: all admit, and who looks at the order sees it.
                let detail = format!("{} of {}: {}", told.amount, order.state().total, told.reason);
                order.note(told.at, "PAYMENT_REFUNDED_IN_PART", Some(detail));
                order.returned(told.amount);
                credit(&mut *tx, &order, told.refund_id, told.amount).await?;
                tx.save_order(&mut order).await?;
            } else if order.refund() {
                order.note(told.at, "PAYMENT_REFUNDED", Some(told.reason));
                credit(&mut *tx, &order, told.refund_id, told.amount).await?;
                follow(&mut *tx, &mut order).await?;
            }
        } else {
            of_no_order(told.order_id);
        }
        Ok(tx.commit().await?)
    }

    /// Money that somebody had given back at the provider came back there: so much more of the order can go back another way.
    #[tracing::instrument(skip_all)]
    pub async fn refund_returned(&self, message: Uuid, told: RefundReturned) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        if let Some(mut order) = tx.order(told.order_id).await? {
            order.note(told.at, "REFUND_FAILED", Some(told.amount.to_string()));
            order.came_back(told.amount);
            tx.save_order(&mut order).await?;
        } else {
            of_no_order(told.order_id);
        }
        Ok(tx.commit().await?)
    }
}

/// Issues the credit note of an amount that went back of an order, which is locked, by a refund that nobody here has asked for.
async fn credit(tx: &mut dyn Tx, order: &Order, refund: RefundId, amount: Money) -> Result<()> {
    if order.has_tickets()
        && let Some(sold) = tx.sold_event(order.state().event).await?
    {
        let organization = sold.event.facts.organization_id;
        issue_credit_note(tx, refund, order.state().id, organization, GoesBack::Amount(amount)).await?;
    }
    Ok(())
}

/// The order and its tickets say what they are worth. Tickets that are not issued yet do so as soon as they are.
pub(super) async fn follow(tx: &mut dyn Tx, order: &mut Order) -> Result<()> {
    if order.has_tickets() {
        order.follow_money();
        let standing = order.state().money.standing();
        for ticket in tx.tickets_of(order.state().id).await? {
            // As it is now that it is locked: somebody may just be going in with it.
            if let Some(mut ticket) = tx.ticket(ticket.state().id).await? {
                ticket.follow(standing);
                tx.save_ticket(&mut ticket).await?;
            }
        }
    }
    Ok(tx.save_order(order).await?)
}

fn of_no_order(order: OrderId) {
    tracing::error!(%order, "money went back for an order that is not known");
}
