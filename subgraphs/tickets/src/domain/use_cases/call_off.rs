use contracts::{
    Announcement,
    tickets::{OrderCalledOff, TicketHolder},
};
use kernel::{Error, Fault, RefundId, Result};
use saga::clock::SET_ASIDE;

use super::{Tickets, run_purchase::on_ticket};
use crate::domain::{
    entities::Ticket,
    ports::{CalledOff, Tx},
};

/// How many orders one transaction tells of.
const AT_ONCE: u64 = 50;

impl Tickets {
    /// Tells of some orders with tickets whose event was called off, each once, wherever it was interrupted before.
    /// An event of which they cannot be told rests for a while. True when there may be more.
    pub async fn tell_of_called_off(&self) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let Some(off) = tx.next_called_off(AT_ONCE).await? else { return Ok(false) };
        let event = off.event;
        match tell_some(tx, off).await {
            Err(Error::Broken(fault)) if fault.passing => return Err(fault.into()),
            Err(error) => {
                metrics::counter!("holders_not_told_total").increment(1);
                tracing::error!(%event, %error, "holders cannot be told that their event is off; it is set aside for a while");
                self.store.set_called_off_aside(event, SET_ASIDE).await?;
            }
            Ok(()) => {}
        }
        Ok(true)
    }
}

async fn tell_some(mut tx: Box<dyn Tx>, off: CalledOff) -> Result<()> {
    let unknown = || Fault::broken_rule("an event that was called off is not known");
    let sold = tx.sold_event(off.event).await?.ok_or_else(unknown)?;
    for order in &off.orders {
        let of = order.state();
        let tickets = tx.tickets_of(of.id).await?;
        // Looked for behind the tickets: one of which they tell is there.
        let refund = if tickets.iter().any(Ticket::has_gone_back) {
            tx.refund_of_called_off(of.id).await?
        } else {
            None
        };
        let holder = |holds: &Ticket| TicketHolder {
            ticket_id: holds.state().id,
            name: holds.state().holder.name.clone(),
            email: holds.state().holder.email.clone(),
        };
        let told = OrderCalledOff {
            order_id: of.id,
            number: of.number.clone(),
            buyer_id: of.buyer,
            total: of.total,
            event: on_ticket(&sold.event),
            reason: off.reason.clone(),
            holders: tickets.iter().filter(|ticket| had_it(ticket, refund)).map(holder).collect(),
            at: tx.now(),
        };
        tx.tell(Announcement::of(&told)).await?;
    }
    tx.told_of_called_off(off.event, off.through).await?;
    Ok(tx.commit().await?)
}

/// True of a ticket that had not gone back before its event was called off.
fn had_it(ticket: &Ticket, refund: Option<RefundId>) -> bool {
    !ticket.has_gone_back() || (refund.is_some() && ticket.state().refund == refund)
}
