use std::sync::Arc;

use contracts::purchase::TicketInHand;
use kernel::{EventId, Fault, OrderId, Refusal, ReservationId, Result, TicketId, UserId};

use super::{Tickets, run_purchase::on_ticket};
use crate::domain::{
    entities::{
        House, KnownEvent, Reservation, SeatChangeLog, TicketKeys, TicketSnapshot, TicketToken, TicketType,
    },
    ports::{OrderView, Reads},
};

impl Tickets {
    /// Lists and views.
    pub fn reads(&self) -> &dyn Reads {
        &*self.reads
    }

    /// The same, to keep.
    pub fn reads_shared(&self) -> Arc<dyn Reads> {
        self.reads.clone()
    }

    /// An event that this person may see. Who is logged in may have made it a moment ago: it is waited for.
    pub async fn visible_event(&self, id: EventId, by: Option<UserId>) -> Result<Option<KnownEvent>> {
        let found = match by {
            Some(_) => self.reads.event_soon(id).await?,
            None => self.reads.event(id).await?,
        };
        let Some(event) = found else { return Ok(None) };
        let visible = event.is_public() || self.manages(&event, by).await?;
        Ok(visible.then_some(event))
    }

    /// True when this person may manage the event.
    pub async fn manages(&self, event: &KnownEvent, by: Option<UserId>) -> Result<bool> {
        let Some(user) = by else { return Ok(false) };
        Ok(self.members.is_manager(event.facts.organization_id, user).await?)
    }

    /// The ticket types of an event that this person may see: hidden ones for its organizers only.
    pub async fn visible_types(&self, event: &KnownEvent, by: Option<UserId>) -> Result<Vec<TicketType>> {
        let manages = self.manages(event, by).await?;
        let types = self.reads.ticket_types(event.id).await?;
        Ok(types.into_iter().filter(|known| manages || known.is_open_to(None)).collect())
    }

    /// Lets somebody try an access code of an event, unless they have tried too many.
    pub fn try_code(&self, event: EventId, code: Option<&str>, by: Option<UserId>) -> Result<()> {
        match code {
            Some(code) => Ok(self.pace.tries_code(by, event, code)?),
            None => Ok(()),
        }
    }

    /// A buyer's own reservation.
    pub async fn own_reservation(&self, id: ReservationId, by: UserId) -> Result<Option<Reservation>> {
        Ok(self.reads.reservation(id).await?.filter(|found| found.state().buyer == by))
    }

    /// An order, for its buyer and for the organizers of its event.
    pub async fn visible_order(&self, id: OrderId, by: UserId) -> Result<Option<OrderView>> {
        let Some(view) = self.reads.order(id).await? else { return Ok(None) };
        if view.order.buyer == by {
            return Ok(Some(view));
        }
        let event = self.reads.event(view.order.event).await?;
        let manages = match &event {
            Some(event) => self.manages(event, Some(by)).await?,
            None => false,
        };
        Ok(manages.then_some(view))
    }

    /// A ticket, for the buyer of its order and for the organizers of its event.
    pub async fn visible_ticket(&self, id: TicketId, by: UserId) -> Result<Option<TicketSnapshot>> {
        let Some(ticket) = self.reads.ticket(id).await? else { return Ok(None) };
        Ok(self.visible_order(ticket.order, by).await?.map(|_| ticket))
    }

    /// A ticket, for whoever has its present code.
    pub async fn ticket_of_code(&self, code: &str) -> Result<Option<TicketSnapshot>> {
        let Some(token) = self.keys.verify(code) else { return Ok(None) };
        Ok(self.reads.ticket(token.ticket).await?.filter(|ticket| ticket.epoch == token.epoch))
    }

    /// What a ticket's QR code holds.
    pub fn qr_payload(&self, ticket: &TicketSnapshot) -> String {
        qr_payload(&self.keys, ticket)
    }

    /// A ticket as its holder has it, with what it says of its event; for printing.
    pub async fn printable(
        &self,
        ticket: &TicketSnapshot,
    ) -> Result<(contracts::purchase::EventOnTicket, TicketInHand)> {
        let event = self.reads.event(ticket.event).await?.ok_or_else(|| Refusal::not_found("event"))?;
        let types = self.reads.ticket_types(ticket.event).await?;
        let house = self.house_of(ticket.event).await?;
        Ok((on_ticket(&event), in_hand(&self.keys, ticket, &types, house.as_deref())))
    }

    /// The seating plan of an event, if it has one.
    pub async fn house_of(&self, event: EventId) -> Result<Option<Arc<House>>, Fault> {
        let event = self.reads.event(event).await?;
        match event.and_then(|event| event.facts.layout_id) {
            Some(layout) => self.reads.house(layout).await,
            None => Ok(None),
        }
    }

    /// All changes of a seat map after a version, merged; none when that is too long ago.
    pub async fn seat_map_changes(
        &self,
        event: EventId,
        since: i64,
        by: Option<UserId>,
    ) -> Result<Option<SeatChangeLog>> {
        self.visible_event(event, by).await?.ok_or_else(|| Refusal::not_found("event"))?;
        let version = self.reads.seat_map_version(event).await?;
        if since < 0 || since > version {
            return Err(Refusal::bad_input(
                "since",
                format!("must be from 0 to {version}, the present version"),
            )
            .into());
        }
        Ok(self.reads.seat_changes(event, since).await?)
    }
}

fn qr_payload(keys: &TicketKeys, ticket: &TicketSnapshot) -> String {
    keys.sign(TicketToken { ticket: ticket.id, event: ticket.event, epoch: ticket.epoch })
}

/// A ticket as its holder has it.
pub(super) fn in_hand(
    keys: &TicketKeys,
    ticket: &TicketSnapshot,
    types: &[TicketType],
    house: Option<&House>,
) -> TicketInHand {
    let ticket_type = types.iter().find(|known| known.state().id == ticket.ticket_type);
    let seat = ticket.place.seat().and_then(|number| house?.seat(number));
    let section = house.and_then(|house| house.section(&ticket.section));
    TicketInHand {
        ticket_id: ticket.id,
        code: ticket.code.clone(),
        qr_payload: qr_payload(keys, ticket),
        ticket_type: ticket_type.map(|known| known.state().name.clone()).unwrap_or_default(),
        section: section.map(|section| section.name.clone()),
        row: seat.map(|seat| seat.row.label.clone()),
        seat: seat.map(|seat| seat.seat.label.clone()),
        holder_name: ticket.holder.name.clone(),
        holder_email: ticket.holder.email.clone(),
        price: ticket.price,
    }
}
