use contracts::tickets::{HeldTicket, OrderRescheduled};
use kernel::{Error, EventId, Fault, Result};
use saga::clock::SET_ASIDE;

use super::{
    Tickets,
    read::{Spot, spot},
    run_purchase::on_ticket,
};
use crate::domain::{
    entities::{Inventory, Ticket},
    ports::{Look, MovedOrder},
};

/// How many orders one transaction tells of.
const AT_ONCE: u64 = 50;

impl Tickets {
    /// Tells of some orders with tickets whose event was moved to another time, each once for a move, wherever it was
    /// interrupted before. An event that was moved again goes on with the last move alone. An event of which they cannot be told
    /// rests for a while. True when there may be more.
    pub async fn tell_of_moves(&self) -> Result<bool> {
        let Some(event) = self.reads.event_with_untold_move().await? else { return Ok(false) };
        match self.tell_some_of_move(event).await {
            Err(Error::Broken(fault)) if fault.passing => return Err(fault.into()),
            Err(error) => {
                metrics::counter!("holders_not_told_total").increment(1);
                tracing::error!(%event, %error, "holders cannot be told that their event was moved; it is set aside for a while");
                self.store.set_move_aside(event, SET_ASIDE).await?;
            }
            Ok(()) => {}
        }
        Ok(true)
    }

    async fn tell_some_of_move(&self, event: EventId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        // As everywhere, its row is locked before those of its orders: nothing moves or cancels it meanwhile.
        let locked = tx.lock_event(event, Look::default()).await?;
        let locked = locked.ok_or_else(|| Fault::broken_rule("an event that was moved is not known"))?;
        let event = locked.inventory.event();
        let held = |ticket: &Ticket| held(ticket, &locked.inventory);
        let Some(moved) = tx.next_moved(event.id, AT_ONCE).await? else { return Ok(()) };
        let now = tx.now();
        for MovedOrder { mut order, tickets, previous_start } in moved.orders {
            let of = order.state();
            let told = OrderRescheduled {
                order_id: of.id,
                number: of.number.clone(),
                buyer_id: of.buyer,
                event: on_ticket(event),
                previous_start,
                reason: moved.reason.clone(),
                refundable_until: event.refundable_until.filter(|until| *until > now),
                sequence: moved.sequence,
                tickets: tickets.iter().filter(|ticket| !ticket.has_gone_back()).map(held).collect(),
                at: now,
            };
            order.event_moved(&told);
            tx.save_order(&mut order).await?;
        }
        tx.told_of_move(event.id, moved.sequence, moved.through).await?;
        Ok(tx.commit().await?)
    }
}

fn held(ticket: &Ticket, of: &Inventory) -> HeldTicket {
    let is = ticket.state();
    let ticket_type = of.types().iter().find(|known| known.state().id == is.ticket_type);
    let Spot { section, row, seat } = spot(is, Some(of.house().as_ref()));
    HeldTicket {
        ticket_id: is.id,
        ticket_type: ticket_type.map(|known| known.state().name.clone()).unwrap_or_default(),
        section,
        row,
        seat,
        holder_name: is.holder.name.clone(),
        holder_email: is.holder.email.clone(),
    }
}
