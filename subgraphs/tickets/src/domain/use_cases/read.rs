use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use contracts::{purchase::TicketInHand, users::Role};
use kernel::{
    EventId, Fault, OrderId, OrganizationId, PromoCodeId, Refusal, ReservationId, Result, TicketId,
    TicketTypeId, UserId, Viewer, spoken_word,
};

use super::Tickets;
use crate::domain::{
    entities::{
        House, KnownEvent, PromoCode, Reservation, SeatChangeLog, TicketKeys, TicketSnapshot, TicketToken,
        TicketType, knows_stock,
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
    pub async fn visible_event(&self, id: EventId, by: impl Into<Viewer>) -> Result<Option<KnownEvent>> {
        let by = by.into();
        Ok(self.visible_events(&[(by, id)]).await?.remove(&(by, id)))
    }

    /// Those of these events that the persons beside them may see. Who is logged in may have made one a moment ago: it
    /// is waited for.
    pub async fn visible_events(
        &self,
        asked: &[(Viewer, EventId)],
    ) -> Result<HashMap<(Viewer, EventId), KnownEvent>> {
        let ids: HashSet<EventId> = asked.iter().map(|(_, id)| *id).collect();
        let ids: Vec<EventId> = ids.into_iter().collect();
        let found = if asked.iter().any(|(by, _)| by.user().is_some()) {
            self.reads.events_soon(&ids).await?
        } else {
            self.reads.events(&ids).await?
        };
        let known: HashMap<EventId, KnownEvent> = found.into_iter().map(|event| (event.id, event)).collect();
        let hidden = asked.iter().filter_map(|(by, id)| {
            let event = known.get(id).filter(|event| !event.is_public())?;
            Some((event.facts.organization_id, by.user()?))
        });
        let managers = self.managers(hidden).await?;
        let seen = asked.iter().filter_map(|(by, id)| {
            let event = known.get(id)?;
            let may = manages(&managers, event.facts.organization_id, *by);
            (event.is_public() || may).then(|| ((*by, *id), event.clone()))
        });
        Ok(seen.collect())
    }

    /// Those of these persons who may manage the events of the organization beside them.
    pub async fn managers(
        &self,
        asked: impl Iterator<Item = (OrganizationId, UserId)>,
    ) -> Result<HashSet<(OrganizationId, UserId)>, Fault> {
        let roles = self.roles(asked).await?;
        Ok(roles.into_iter().filter(|(_, role)| role.manages()).map(|(asked, _)| asked).collect())
    }

    /// The roles of these persons in the organization beside them; none of who has none.
    pub async fn roles(
        &self,
        asked: impl Iterator<Item = (OrganizationId, UserId)>,
    ) -> Result<HashMap<(OrganizationId, UserId), Role>, Fault> {
        let asked: HashSet<_> = asked.collect();
        if asked.is_empty() {
            return Ok(HashMap::new());
        }
        let asked: Vec<_> = asked.into_iter().collect();
        self.members.roles(&asked).await
    }

    /// True when this person is told how many places of the event are left: everybody, unless the organizer hides it; then
    /// those who plan or sell its places, and operators.
    pub async fn tells_stock(&self, event: &KnownEvent, by: impl Into<Viewer>) -> Result<bool, Fault> {
        let by = by.into();
        if event.facts.shows_stock || by.is_operator() {
            return Ok(true);
        }
        let asked = by.user().map(|by| (event.facts.organization_id, by));
        let roles = self.roles(asked.into_iter()).await?;
        Ok(roles.into_values().any(knows_stock))
    }

    /// Those of these ticket types that the persons beside them may see: hidden ones are for organizers only.
    pub async fn visible_types(
        &self,
        asked: &[(Viewer, TicketTypeId)],
    ) -> Result<HashMap<(Viewer, TicketTypeId), TicketType>> {
        let ids: Vec<TicketTypeId> = asked.iter().map(|(_, id)| *id).collect();
        let types = self.reads.ticket_types_by_id(&ids).await?;
        let types: HashMap<TicketTypeId, TicketType> =
            types.into_iter().map(|known| (known.state().id, known)).collect();
        let of_events: Vec<(Viewer, EventId)> =
            asked.iter().filter_map(|(by, id)| Some((*by, types.get(id)?.state().event))).collect();
        let events = self.visible_events(&of_events).await?;
        let event_of = |by: Viewer, known: &TicketType| events.get(&(by, known.state().event));
        let hidden = asked.iter().filter_map(|(by, id)| {
            let known = types.get(id).filter(|known| !known.is_open_to(None))?;
            Some((event_of(*by, known)?.facts.organization_id, by.user()?))
        });
        let managers = self.managers(hidden).await?;
        let seen = asked.iter().filter_map(|(by, id)| {
            let known = types.get(id)?;
            let organization = event_of(*by, known)?.facts.organization_id;
            let may = manages(&managers, organization, *by);
            (known.is_open_to(None) || may).then(|| ((*by, *id), known.clone()))
        });
        Ok(seen.collect())
    }

    /// Those of these promo codes of whose events the persons beside them are organizers.
    pub async fn managed_promo_codes(
        &self,
        asked: &[(UserId, PromoCodeId)],
    ) -> Result<HashMap<(UserId, PromoCodeId), PromoCode>> {
        let ids: Vec<PromoCodeId> = asked.iter().map(|(_, id)| *id).collect();
        let codes = self.reads.promo_codes(&ids).await?;
        let codes: HashMap<PromoCodeId, PromoCode> =
            codes.into_iter().map(|code| (code.state().id, code)).collect();
        let events: HashSet<EventId> = codes.values().map(|code| code.state().event).collect();
        let events = self.reads.events(&events.into_iter().collect::<Vec<_>>()).await?;
        let organizations: HashMap<EventId, OrganizationId> =
            events.into_iter().map(|event| (event.id, event.facts.organization_id)).collect();
        let of = |id: &PromoCodeId| organizations.get(&codes.get(id)?.state().event).copied();
        let managers = self.managers(asked.iter().filter_map(|(by, id)| Some((of(id)?, *by)))).await?;
        let seen = asked.iter().filter(|(by, id)| of(id).is_some_and(|of| managers.contains(&(of, *by))));
        Ok(seen.filter_map(|(by, id)| Some(((*by, *id), codes.get(id)?.clone()))).collect())
    }

    /// Lets somebody try an access code of an event, unless they have tried too many.
    pub fn try_code(&self, event: EventId, code: Option<&str>, by: Option<UserId>) -> Result<()> {
        match code {
            Some(code) => Ok(self.pace.tries_code(by, event, &spoken_word(code))?),
            None => Ok(()),
        }
    }

    /// A buyer's own reservation.
    pub async fn own_reservation(&self, id: ReservationId, by: UserId) -> Result<Option<Reservation>> {
        Ok(self.own_reservations(&[(by, id)]).await?.remove(&(by, id)))
    }

    /// Buyers' own reservations.
    pub async fn own_reservations(
        &self,
        asked: &[(UserId, ReservationId)],
    ) -> Result<HashMap<(UserId, ReservationId), Reservation>> {
        let ids: Vec<ReservationId> = asked.iter().map(|(_, id)| *id).collect();
        let found = self.reads.reservations(&ids).await?;
        let known: HashMap<ReservationId, Reservation> =
            found.into_iter().map(|reservation| (reservation.state().id, reservation)).collect();
        let own = asked.iter().filter_map(|(by, id)| {
            let reservation = known.get(id).filter(|known| known.state().buyer == *by)?;
            Some(((*by, *id), reservation.clone()))
        });
        Ok(own.collect())
    }

    /// An order, for its buyer and for the organizers of its event.
    pub async fn visible_order(&self, id: OrderId, by: impl Into<Viewer>) -> Result<Option<OrderView>> {
        let by = by.into();
        Ok(self.visible_orders(&[(by, id)]).await?.remove(&(by, id)))
    }

    /// Those of these orders that the persons beside them may see: their buyers, the organizers of their events, and
    /// operators.
    pub async fn visible_orders(
        &self,
        asked: &[(Viewer, OrderId)],
    ) -> Result<HashMap<(Viewer, OrderId), OrderView>> {
        let ids: HashSet<OrderId> = asked.iter().map(|(_, id)| *id).collect();
        let ids: Vec<OrderId> = ids.into_iter().collect();
        let views = self.reads.orders(&ids).await?;
        let views: HashMap<OrderId, OrderView> =
            views.into_iter().map(|view| (view.order.id, view)).collect();
        let others: HashSet<EventId> = asked
            .iter()
            .filter_map(|(by, id)| views.get(id).filter(|view| by.user() != Some(view.order.buyer)))
            .map(|view| view.order.event)
            .collect();
        let others: Vec<EventId> = others.into_iter().collect();
        let events = if others.is_empty() { Vec::new() } else { self.reads.events(&others).await? };
        let organizations: HashMap<EventId, OrganizationId> =
            events.into_iter().map(|event| (event.id, event.facts.organization_id)).collect();
        let managers = self.managers(
            asked
                .iter()
                .filter_map(|(by, id)| Some((*organizations.get(&views.get(id)?.order.event)?, by.user()?))),
        );
        let managers = managers.await?;
        let seen = asked.iter().filter_map(|(by, id)| {
            let view = views.get(id)?;
            let organization = organizations.get(&view.order.event);
            let may = organization.is_some_and(|organization| manages(&managers, *organization, *by));
            (by.user() == Some(view.order.buyer) || may).then(|| ((*by, *id), view.clone()))
        });
        Ok(seen.collect())
    }

    /// A ticket that this person may see.
    pub async fn visible_ticket(&self, id: TicketId, by: UserId) -> Result<Option<TicketSnapshot>> {
        let by = by.into();
        Ok(self.visible_tickets(&[(by, id)]).await?.remove(&(by, id)))
    }

    /// Those of these tickets that the persons beside them may see: whose they are, the buyers of their orders, the organizers
    /// of their events, and operators. One that was passed on is seen by who passed it on instead of whose it is.
    pub async fn visible_tickets(
        &self,
        asked: &[(Viewer, TicketId)],
    ) -> Result<HashMap<(Viewer, TicketId), TicketSnapshot>> {
        let ids: Vec<TicketId> = asked.iter().map(|(_, id)| *id).collect();
        let found = self.reads.tickets(&ids).await?;
        let mut tickets: HashMap<TicketId, TicketSnapshot> =
            found.into_iter().map(|ticket| (ticket.id, ticket)).collect();
        let passed_on: Vec<TicketId> = ids.into_iter().filter(|id| !tickets.contains_key(id)).collect();
        if !passed_on.is_empty() {
            tickets.extend(self.reads.replaced_tickets(&passed_on).await?);
        }
        let is_theirs =
            |by: Viewer, ticket: &TicketSnapshot| by.user().is_some_and(|by| ticket.owner == Some(by));
        let others = asked.iter().filter_map(|(by, id)| {
            tickets.get(id).filter(|ticket| !is_theirs(*by, ticket)).map(|ticket| (*by, ticket.order))
        });
        let others: Vec<(Viewer, OrderId)> = others.collect();
        let orders = if others.is_empty() { HashMap::new() } else { self.visible_orders(&others).await? };
        let seen = asked.iter().filter_map(|(by, id)| {
            let ticket = tickets.get(id)?;
            let may = is_theirs(*by, ticket) || orders.contains_key(&(*by, ticket.order));
            may.then(|| ((*by, *id), ticket.clone()))
        });
        Ok(seen.collect())
    }

    /// What a ticket's QR code holds.
    pub fn qr_payload(&self, ticket: &TicketSnapshot) -> String {
        qr_payload(&self.keys, ticket)
    }

    /// The same, as long as the ticket is good for its event; what it does not admit with is shown to nobody.
    pub fn good_code(&self, ticket: &TicketSnapshot, event: &KnownEvent) -> Option<String> {
        ticket.is_good_for(event).then(|| self.qr_payload(ticket))
    }

    /// The seating plan of an event, if it has one.
    pub async fn house_of(&self, event: EventId) -> Result<Option<Arc<House>>, Fault> {
        match self.reads.event(event).await? {
            Some(event) => self.house_in(&event).await,
            None => Ok(None),
        }
    }

    /// The same, of an event in hand.
    pub async fn house_in(&self, event: &KnownEvent) -> Result<Option<Arc<House>>, Fault> {
        match event.facts.layout_id {
            Some(layout) => self.reads.house(layout).await,
            None => Ok(None),
        }
    }

    /// All changes of a seat map after a version, merged, with the plan that has the seats' keys; none when that is too
    /// long ago.
    pub async fn seat_map_changes(
        &self,
        event: EventId,
        since: i64,
        by: impl Into<Viewer>,
    ) -> Result<Option<(SeatChangeLog, Option<Arc<House>>)>> {
        let known = self.visible_event(event, by).await?.ok_or_else(|| Refusal::not_found("event"))?;
        let version = self.reads.seat_map_version(event).await?;
        if since < 0 || since > version {
            return Err(Refusal::bad_input(
                "since",
                format!("must be from 0 to {version}, the present version"),
            )
            .because(kernel::reasons::OUT_OF_RANGE)
            .into());
        }
        match self.reads.seat_changes(event, since).await? {
            Some(changes) => {
                let told = known.facts.shows_stock;
                let changes = if told { changes } else { changes.without_counts() };
                Ok(Some((changes, self.house_in(&known).await?)))
            }
            None => Ok(None),
        }
    }
}

/// True for the managers of an organization, and for operators.
fn manages(managers: &HashSet<(OrganizationId, UserId)>, organization: OrganizationId, by: Viewer) -> bool {
    by.is_operator() || by.user().is_some_and(|by| managers.contains(&(organization, by)))
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
    let Spot { section, row, seat } = spot(ticket, house);
    TicketInHand {
        ticket_id: ticket.id,
        code: ticket.code.clone(),
        qr_payload: qr_payload(keys, ticket),
        ticket_type: ticket_type.map(|known| known.state().name.clone()).unwrap_or_default(),
        section,
        row,
        seat,
        holder_name: ticket.holder.name.clone(),
        holder_email: ticket.holder.email.clone(),
        price: ticket.price,
    }
}

/// Where a ticket is for, in words.
pub(super) struct Spot {
    pub(super) section: Option<String>,
    pub(super) row: Option<String>,
    pub(super) seat: Option<String>,
}

pub(super) fn spot(ticket: &TicketSnapshot, house: Option<&House>) -> Spot {
    let seat = ticket.place.seat().and_then(|number| house?.seat(number));
    let section = house.and_then(|house| house.section(&ticket.section));
    Spot {
        section: section.map(|section| section.name.clone()),
        row: seat.map(|seat| seat.row.label.clone()),
        seat: seat.map(|seat| seat.seat.label.clone()),
    }
}
