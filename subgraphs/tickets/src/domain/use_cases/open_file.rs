use chrono::{DateTime, Utc};
use contracts::purchase::{EventOnTicket, TicketInHand};
use kernel::{Refusal, Result, TicketId};

use super::{Tickets, read::in_hand, run_purchase::on_ticket};
use crate::domain::{
    entities::{FileAddress, FileForm, House, KnownEvent, TicketSnapshot, TicketType},
    errors,
};

impl Tickets {
    /// Where a ticket's file is found from now on, for a day, as long as the ticket is good for its event.
    pub fn file_address(
        &self,
        ticket: &TicketSnapshot,
        event: &KnownEvent,
        form: FileForm,
    ) -> Option<FileAddress> {
        let now = self.clock.now();
        ticket.is_good_for(event).then(|| FileAddress::give_out(ticket, form, &self.keys, now))
    }

    /// The ticket whose file an address opens, with its event. One that is not good any more is as good as missing.
    pub async fn ticket_at(&self, address: &FileAddress) -> Result<(TicketSnapshot, KnownEvent)> {
        // Whoever writes a time that is over reads this; it tells nothing of the ticket.
        if address.has_ended(self.clock.now()) {
            return Err(errors::file_address_ended().into());
        }
        let found = self.reads.ticket(address.ticket).await?;
        self.still_good(found.filter(|ticket| address.is_of(ticket, &self.keys))).await
    }

    /// The same, for whoever has the ticket's present code.
    pub async fn ticket_of_code(&self, id: TicketId, code: &str) -> Result<(TicketSnapshot, KnownEvent)> {
        let token = self.keys.verify(code).filter(|token| token.ticket == id).ok_or_else(missing)?;
        let found = self.reads.ticket(id).await?;
        self.still_good(found.filter(|ticket| ticket.epoch == token.epoch)).await
    }

    async fn still_good(&self, found: Option<TicketSnapshot>) -> Result<(TicketSnapshot, KnownEvent)> {
        let ticket = found.ok_or_else(missing)?;
        let event = self.reads.event(ticket.event).await?;
        let event = event.filter(|event| ticket.is_good_for(event)).ok_or_else(missing)?;
        Ok((ticket, event))
    }

    /// A ticket as its holder has it, with what it says of its event; for printing.
    pub async fn printable(
        &self,
        ticket: &TicketSnapshot,
        event: &KnownEvent,
    ) -> Result<(EventOnTicket, TicketInHand)> {
        let types = self.reads.ticket_types(ticket.event).await?;
        let house = self.house_in(event).await?;
        Ok(self.in_hand(ticket, event, &types, house.as_deref()))
    }

    /// The same, of what was read before.
    pub fn in_hand(
        &self,
        ticket: &TicketSnapshot,
        event: &KnownEvent,
        types: &[TicketType],
        house: Option<&House>,
    ) -> (EventOnTicket, TicketInHand) {
        (on_ticket(event), in_hand(&self.keys, ticket, types, house))
    }

    /// The service's clock, for what is signed now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

fn missing() -> Refusal {
    Refusal::not_found("ticket")
}
