use contracts::{Announcement, tickets::TicketRenamed};
use kernel::{EmailAddress, Error, Refusal, Result, TicketId, UserId};

use super::{
    Tickets,
    read::in_hand,
    run_purchase::on_ticket,
    transfer_ticket::{circumstances, unknown_event},
};
use crate::domain::entities::{TicketSnapshot, not_yours};

/// Another name on a ticket.
#[derive(Clone, Debug)]
pub struct RenameTicketHolder {
    /// Who writes it.
    pub by: UserId,
    /// On which ticket.
    pub ticket: TicketId,
    /// Who goes in.
    pub name: String,
    /// Their address; what it was when left out.
    pub address: Option<EmailAddress>,
}

impl Tickets {
    /// Writes another name on a ticket, whose code stays what it is. The ticket as it is then. A ticket that waits for somebody at
    /// an address waits at the new one from then on.
    #[tracing::instrument(skip_all)]
    pub async fn rename_ticket_holder(&self, ask: RenameTicketHolder) -> Result<TicketSnapshot> {
        let missing = || Refusal::not_found("ticket");
        let known = self.visible_ticket(ask.ticket, ask.by).await?.ok_or_else(missing)?;
        let by_owner = known.owner == Some(ask.by);
        if !by_owner {
            // Whoever sees it besides may not do that; what may be hidden was hidden before.
            self.event_to_manage(known.event, ask.by).await.map_err(|refused| match refused {
                Error::Refused(_) => not_yours().into(),
                broken @ Error::Broken(_) => broken,
            })?;
        }
        let mut tx = self.store.begin().await?;
        let mut order = tx.order(known.order).await?.ok_or_else(missing)?;
        let sold = tx.sold_event(known.event).await?.ok_or_else(unknown_event)?;
        let waits_at = match &ask.address {
            Some(address) if known.owner.is_none() => {
                let address = address.normalised();
                let account = tx.owner_of_address(&address).await?;
                Some((address, account))
            }
            _ => None,
        };
        let Some(mut ticket) = tx.ticket(ask.ticket).await? else {
            let passed_on = tx.replaced_ticket(ask.ticket).await?.ok_or_else(missing)?;
            let refused = passed_on.may_be_passed_on(circumstances(&*tx, &order, &sold));
            return Err(refused.err().unwrap_or_else(missing).into());
        };
        // It may have been claimed since.
        if by_owner && !ticket.state().is_of(ask.by) {
            return Err(not_yours().into());
        }
        let is = circumstances(&*tx, &order, &sold);
        let email = ask.address.as_ref().map(|address| address.as_str().to_owned());
        let Some(before) = ticket.rename(ask.name, email, by_owner, is)? else {
            return Ok(ticket.state().clone());
        };
        if let Some((address, account)) = waits_at {
            ticket.wait_at(address, account);
        }
        let is = ticket.state();
        order.tell(Announcement::of(&TicketRenamed {
            ticket_id: is.id,
            order_id: is.order,
            number: order.state().number.clone(),
            owner_id: is.owner,
            ticket: in_hand(&self.keys, is, &sold.types, sold.house.as_deref()),
            event: on_ticket(&sold.event),
            previous_name: before.name,
            previous_email: before.email,
            by: ask.by,
            at: tx.now(),
        }));
        tx.save_ticket(&mut ticket).await?;
        tx.save_order(&mut order).await?;
        tx.commit().await?;
        Ok(ticket.state().clone())
    }
}
