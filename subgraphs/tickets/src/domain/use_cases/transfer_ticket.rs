use contracts::{
    Announcement,
    tickets::{TicketTransferred, TransferParty},
};
use kernel::{EmailAddress, Fault, Refusal, Result, TicketId, UserId};

use super::{Tickets, made_before, read::in_hand, run_purchase::on_ticket};
use crate::domain::{
    entities::{
        Attendee, Circumstances, Contact, NewHolder, Order, Ticket, TicketSnapshot, Transfer, not_yours,
    },
    ports::{Answered, Key, SoldEvent, Tx},
};

/// A ticket that is passed on to somebody else.
#[derive(Clone, Debug)]
pub struct TransferTicket {
    /// Who passes it on.
    pub by: UserId,
    /// Which ticket.
    pub ticket: TicketId,
    /// The name of who gets it.
    pub name: String,
    /// Their address.
    pub address: EmailAddress,
    /// The same key gives the same answer.
    pub idempotency_key: String,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct TransferredTicket {
    /// The ticket that there is now.
    pub ticket: TicketSnapshot,
    /// The one whose place it took.
    pub replaced: TicketId,
}

impl Tickets {
    /// Passes a ticket on to somebody else: another takes its place, with an id and a code of its own, and the one before admits
    /// nobody any more. Both is one transaction, in which also the mail is asked for: nobody is sent a code that does not admit
    /// yet, and there are never two that do.
    #[tracing::instrument(skip_all)]
    pub async fn transfer_ticket(&self, ask: TransferTicket) -> Result<TransferredTicket> {
        let missing = || Refusal::not_found("ticket");
        let fingerprint = kernel::fingerprint(&(ask.ticket, &ask.name, ask.address.as_str()));
        let known = self.visible_ticket(ask.ticket, ask.by).await?.ok_or_else(missing)?;
        if known.owner != Some(ask.by) {
            return Err(not_yours().into());
        }
        let key = Key { by: ask.by, operation: "transferTicket", key: &ask.idempotency_key };
        let mut tx = self.store.begin().await?;
        // Whatever else changes an order's tickets at this moment has come to its end.
        let mut order = tx.order(known.order).await?.ok_or_else(missing)?;
        if let Some(made) = made_before(tx.answered(key).await?, &fingerprint)? {
            drop(tx);
            return self.transferred_before(TicketId::from_uuid(made), ask.ticket).await;
        }
        let sold = tx.sold_event(known.event).await?.ok_or_else(unknown_event)?;
        let account = tx.owner_of_address(&ask.address.normalised()).await?;
        let Some(mut ticket) = tx.ticket(ask.ticket).await? else {
            let passed_on = tx.replaced_ticket(ask.ticket).await?.ok_or_else(missing)?;
            let is = circumstances(&*tx, &order, &sold);
            return Err(passed_on.may_be_passed_on(is).err().unwrap_or_else(missing).into());
        };
        let from = tx.contact(ask.by).await?;
        let is = circumstances(&*tx, &order, &sold);
        if ticket.state().is_of(ask.by) {
            // Why it cannot be passed on at all comes before what is wrong with to whom.
            ticket.state().may_be_passed_on(is)?;
        }
        if account == Some(ask.by) || from.as_ref().is_some_and(|from| from.is_reached_at(&ask.address)) {
            let message =
                "must be the address of somebody else: this is your own, and the ticket is yours already";
            return Err(Refusal::bad_input("toEmail", message).because(kernel::reasons::INCONSISTENT).into());
        }
        let to = match account {
            Some(account) => tx.contact(account).await?,
            None => None,
        };
        let before = ticket.state().holder.clone();
        let named = Attendee { name: ask.name, email: ask.address.as_str().to_owned() };
        let to_whom = NewHolder { named, address: ask.address.normalised(), account };
        let transfer = ticket.pass_on(ask.by, to_whom, is)?;
        let parties =
            [party(Some(ask.by), &before, from, true), party(account, &ticket.state().holder, to, false)];
        order.tell(Announcement::of(&self.told_of_transfer(&order, &ticket, &transfer, &sold, parties)));
        order.note(tx.now(), "TRANSFERRED", None);
        tx.save_transfer(&transfer, &mut ticket).await?;
        tx.save_order(&mut order).await?;
        tx.remember(key, Answered { fingerprint, made: transfer.ticket.uuid() }).await?;
        tx.commit().await?;
        Ok(TransferredTicket { ticket: ticket.state().clone(), replaced: transfer.replaced })
    }

    /// The answer that was given before, with the ticket as it is now: it may have been passed on since.
    async fn transferred_before(&self, made: TicketId, replaced: TicketId) -> Result<TransferredTicket> {
        let found = self.reads.ticket(made).await?;
        let ticket = match found {
            Some(ticket) => ticket,
            None => self.reads.replaced_tickets(&[made]).await?.remove(&made).ok_or_else(|| {
                Fault::broken_rule(format!("the ticket {made} took the place of another and is not there"))
            })?,
        };
        Ok(TransferredTicket { ticket, replaced })
    }

    fn told_of_transfer(
        &self,
        order: &Order,
        ticket: &Ticket,
        transfer: &Transfer,
        sold: &SoldEvent,
        [from, to]: [TransferParty; 2],
    ) -> TicketTransferred {
        let is = ticket.state();
        TicketTransferred {
            ticket_id: transfer.ticket,
            replaced_ticket_id: transfer.replaced,
            order_id: transfer.order,
            number: order.state().number.clone(),
            ticket_type_id: is.ticket_type,
            ticket: in_hand(&self.keys, is, &sold.types, sold.house.as_deref()),
            event: on_ticket(&sold.event),
            from,
            to,
            sequence: i64::from(transfer.number),
            at: transfer.at,
        }
    }
}

/// How the world is in which a ticket of a locked order changes.
pub(super) fn circumstances<'s>(tx: &dyn Tx, order: &Order, sold: &'s SoldEvent) -> Circumstances<'s> {
    Circumstances { event: &sold.event, standing: order.state().money.standing(), now: tx.now() }
}

pub(super) fn unknown_event() -> Fault {
    Fault::broken_rule("a ticket of an unknown event")
}

/// One of the two, as their account says it where it is `told` so, and else as it stands on the ticket.
fn party(user_id: Option<UserId>, named: &Attendee, contact: Option<Contact>, told: bool) -> TransferParty {
    let locale = contact.as_ref().and_then(|contact| contact.locale.clone());
    let (name, email) =
        contact.filter(|_| told).map(|contact| (contact.name, contact.email)).unwrap_or_default();
    TransferParty {
        user_id,
        name: name.unwrap_or_else(|| named.name.clone()),
        email: email.unwrap_or_else(|| named.email.clone()),
        locale,
    }
}
