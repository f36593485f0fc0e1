use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use contracts::users::Role;
use kernel::{EventId, Fault, Refusal};
use service::graphql::{
    IntoGraph, Url,
    Who::{Buyer, Manager, Operator, Owner},
    access, viewer,
};

use super::{
    Surroundings,
    event::Event,
    loaders::{TypesOf, load},
    order::Order,
    reservation::{PriceBreakdown, Seats, seat},
    seat_map::Seat,
    ticket_type::{TicketType, now},
};
use crate::{
    adapters::inbound::http::file_url,
    domain::{
        entities::{self, CheckIn, Circumstances, FileForm, KnownEvent, Place, TicketSnapshot},
        use_cases::{CheckInAnswer, Tickets},
    },
};

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::TicketStatus")]
pub(crate) enum TicketStatus {
    /// It admits.
    Valid,
    /// Its holder is in.
    CheckedIn,
    /// It went to somebody else, with a new code.
    Transferred,
    /// The money went back.
    Refunded,
    /// It does not admit.
    Void,
}

/// A right to enter.
pub(crate) struct Ticket(pub(crate) TicketSnapshot);

impl Ticket {
    /// True for the person whose ticket it is.
    fn is_viewers(&self, context: &Context<'_>) -> bool {
        viewer(context).user().is_some_and(|by| self.0.is_of(by))
    }

    /// True for who manages the event as a member of its organization.
    async fn is_managed(&self, context: &Context<'_>) -> Result<bool> {
        let Some(by) = viewer(context).user() else { return Ok(false) };
        let Some(event) = load(context, self.0.event).await? else { return Ok(false) };
        Ok(load(context, (event.facts.organization_id, by)).await?.is_some_and(Role::manages))
    }

    /// True for whose ticket it is and for the organizers: what opens a door is neither for support nor for who has passed it on.
    async fn is_shown_whole(&self, context: &Context<'_>) -> Result<bool> {
        Ok(self.is_viewers(context) || self.is_managed(context).await?)
    }

    /// True for who may know who goes in: besides those, operators, and who bought the ticket as long as nobody but they has
    /// passed it on.
    async fn is_holder_told(&self, context: &Context<'_>) -> Result<bool> {
        let by_buyer = self.0.transfers <= 1 && self.0.status != entities::TicketStatus::Transferred;
        Ok(by_buyer || viewer(context).is_operator() || self.is_shown_whole(context).await?)
    }

    /// The event that it opens, for who may see by what.
    async fn event_it_opens(&self, context: &Context<'_>) -> Result<Option<KnownEvent>> {
        if self.is_shown_whole(context).await? { load(context, self.0.event).await } else { Ok(None) }
    }

    /// What its QR code holds, for who may see that, as long as the ticket is good.
    async fn good_code(&self, context: &Context<'_>) -> Result<Option<String>> {
        let Some(event) = self.event_it_opens(context).await? else { return Ok(None) };
        Ok(context.data::<Tickets>()?.good_code(&self.0, &event))
    }
}

/// A right to enter.
#[Object(directive = access::apply([Buyer, Manager, Owner, Operator].into(), None))]
impl Ticket {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// Short, for people at the door when no scanner works. Null for who has passed the ticket on.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn code(&self, context: &Context<'_>) -> Result<Option<&str>> {
        if self.0.status == entities::TicketStatus::Transferred {
            return Ok(None);
        }
        if self.is_shown_whole(context).await? {
            return Ok(Some(&self.0.code));
        }
        if !viewer(context).is_operator() {
            return Ok(None);
        }
        let message = "Operators do not see what opens a door.";
        Err(Refusal::new(kernel::reasons::OWNER_ONLY, message)).graph()
    }

    /// Of which order. Null for who was given the ticket: the order is its buyer's.
    #[graphql(directive = access::apply([Buyer, Manager, Owner, Operator].into(), None))]
    async fn order(&self, context: &Context<'_>) -> Result<Option<Order>> {
        let Some(order) = load(context, self.0.order).await? else { return Ok(None) };
        let viewer = viewer(context);
        let is_buyers = viewer.user() == Some(order.order.buyer);
        let may = is_buyers || viewer.is_operator() || self.is_managed(context).await?;
        Ok(may.then_some(Order(order)))
    }

    /// To which event.
    async fn event(&self) -> Option<Event> {
        Some(Event(self.0.event))
    }

    /// Of which type.
    async fn ticket_type(&self, context: &Context<'_>) -> Result<TicketType> {
        type_of(context, &self.0)
            .await?
            .ok_or_else(|| Fault::broken_rule("a ticket without its type"))
            .graph()
    }

    /// The seat; null where people stand.
    async fn seat(&self, context: &Context<'_>) -> Result<Option<Seat>> {
        seat_of(context, &self.0).await
    }

    /// Who goes in; null where nobody is named, and for who bought a ticket that others have passed on.
    async fn holder_name(&self, context: &Context<'_>) -> Result<Option<&str>> {
        let told = self.is_holder_told(context).await?;
        Ok(self.0.holder.known_name().filter(|_| told))
    }

    /// Their address; null where none is known, and where the name is not told.
    async fn holder_email(&self, context: &Context<'_>) -> Result<Option<&str>> {
        let told = self.is_holder_told(context).await?;
        Ok(self.0.holder.known_email().filter(|_| told))
    }

    /// Where it stands.
    async fn status(&self) -> TicketStatus {
        self.0.status.into()
    }

    /// What its QR code holds: a token signed with Ed25519. Null once the ticket no longer admits, and for who may not see
    /// it: who has passed it on, for one.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn qr_payload(&self, context: &Context<'_>) -> Result<Option<String>> {
        self.good_code(context).await
    }

    /// Its QR code as an SVG picture. Null where qrPayload is.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn qr_svg(&self, context: &Context<'_>) -> Result<Option<String>> {
        let code = self.good_code(context).await?;
        code.map(|code| printing::qr_svg(&code)).transpose().graph()
    }

    /// Where it is found as a PDF, for 24 hours from now: then ask again. The address opens it, so share it as you would the
    /// ticket; it holds no code. Null where there is no code to print.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn pdf_url(&self, context: &Context<'_>) -> Result<Option<String>> {
        let Some(event) = self.event_it_opens(context).await? else { return Ok(None) };
        let address = context.data::<Tickets>()?.file_address(&self.0, &event, FileForm::Pdf);
        let base = &context.data::<Surroundings>()?.public_url;
        Ok(address.map(|address| file_url(base, &address)))
    }

    /// Opened in a browser, it puts the ticket into the caller's Google Wallet. It holds the ticket's code: share it as you would the
    /// ticket. Null where there is no code, for who may not see it, and where the platform is not set up for that wallet.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn wallet_url(&self, context: &Context<'_>) -> Result<Option<Url>> {
        let Some(wallet) = &context.data::<Surroundings>()?.wallet else { return Ok(None) };
        let Some(event) = self.event_it_opens(context).await? else { return Ok(None) };
        let tickets = context.data::<Tickets>()?;
        if tickets.good_code(&self.0, &event).is_none() {
            return Ok(None);
        }
        let (types, house) = futures::try_join!(load(context, TypesOf(self.0.event)), async {
            tickets.house_in(&event).await.graph()
        })?;
        let types = types.unwrap_or_default();
        let (on_it, in_hand) = tickets.in_hand(&self.0, &event, &types, house.as_deref());
        let link = wallet.link(on_it, in_hand, tickets.now()).await.graph()?;
        Ok(Some(Url(link)))
    }

    /// When its holder went in.
    async fn checked_in_at(&self) -> Option<DateTime<Utc>> {
        self.0.checked_in_at
    }

    /// True for whose ticket it is: who bought it, and did not pass it on, or who was given it.
    async fn mine(&self, context: &Context<'_>) -> bool {
        self.is_viewers(context)
    }

    /// True when the caller may pass it on at this moment, with transferTicket.
    async fn transferable(&self, context: &Context<'_>) -> Result<bool> {
        if !self.is_viewers(context) {
            return Ok(false);
        }
        let (order, event, now) =
            futures::try_join!(load(context, self.0.order), load(context, self.0.event), now(context))?;
        let Some((order, event)) = order.zip(event) else { return Ok(false) };
        let is = Circumstances { event: &event, standing: order.order.money.standing(), now };
        Ok(self.0.may_be_passed_on(is).is_ok())
    }

    /// Where its event is found as a file for calendars; null once the ticket no longer admits.
    async fn calendar_url(&self, context: &Context<'_>) -> Result<Option<String>> {
        let event = load(context, self.0.event).await?;
        let base = &context.data::<Surroundings>()?.public_url;
        Ok(event.filter(|event| self.0.is_good_for(event)).map(|event| calendar_url(base, event.id)))
    }

    /// What was paid for it, and what that is made of. The tickets of an order sum to the order's total.
    async fn price(&self, context: &Context<'_>) -> Result<PriceBreakdown> {
        let order = load(context, self.0.order).await?;
        let order = order.ok_or_else(|| Fault::broken_rule("a ticket without an order")).graph()?;
        Ok(order.price_of(&self.0).graph()?.into())
    }
}

/// Where `events` has an event as a file for calendars.
fn calendar_url(public_url: &str, event: EventId) -> String {
    format!("{}/api/events/v1/events/{}/calendar.ics", public_url.trim_end_matches('/'), event.public())
}

async fn type_of(context: &Context<'_>, ticket: &TicketSnapshot) -> Result<Option<TicketType>> {
    Ok(load(context, ticket.ticket_type).await?.map(TicketType::alone))
}

async fn seat_of(context: &Context<'_>, ticket: &TicketSnapshot) -> Result<Option<Seat>> {
    let Place::Seat(number) = ticket.place else { return Ok(None) };
    let seats = if ticket.status.has_its_place() { Seats::Sold } else { Seats::GivenBack };
    seat(context, ticket.event, number, seats).await
}

/// A ticket as the door sees it: no code, no address, no price.
pub(crate) struct ScannedTicket(TicketSnapshot);

/// A ticket as the door sees it: no code, no address, no price.
#[Object]
impl ScannedTicket {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// Who goes in; null where nobody is named.
    async fn holder_name(&self) -> Option<&str> {
        self.0.holder.known_name()
    }

    /// Of which type.
    async fn ticket_type(&self, context: &Context<'_>) -> Result<Option<TicketType>> {
        type_of(context, &self.0).await
    }

    /// The seat; null where people stand.
    async fn seat(&self, context: &Context<'_>) -> Result<Option<Seat>> {
        seat_of(context, &self.0).await
    }

    /// Where it stands.
    async fn status(&self) -> TicketStatus {
        self.0.status.into()
    }

    /// When its holder went in.
    async fn checked_in_at(&self) -> Option<DateTime<Utc>> {
        self.0.checked_in_at
    }

    /// The number of its order, as its buyer knows it.
    async fn order_number(&self, context: &Context<'_>) -> Result<Option<String>> {
        let order = load(context, self.0.order).await?;
        Ok(order.map(|view| view.order.number))
    }

    /// What you should know of the place, such as that it is for a wheelchair; null where there is nothing.
    async fn note(&self, context: &Context<'_>) -> Result<Option<&'static str>> {
        Ok(seat_of(context, &self.0).await?.and_then(|seat| seat.seat().note()))
    }
}

/// What a scan came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum CheckInOutcome {
    /// Let them in.
    Admitted,
    /// They, or somebody with a copy, went in before.
    AlreadyCheckedIn,
    /// The ticket is for another event.
    WrongEvent,
    /// The ticket was given back, passed on or withdrawn, its money went back or is disputed at the bank; or the event was
    /// called off. `message` says which.
    Void,
    /// It is no ticket of ours.
    Invalid,
}

/// What the door is told.
#[derive(SimpleObject)]
pub(crate) struct CheckInResult {
    /// Let them in or not.
    outcome: CheckInOutcome,
    /// The ticket, where it is one of this event.
    ticket: Option<ScannedTicket>,
    /// When they went in.
    at: Option<DateTime<Utc>>,
    /// Through which gate.
    gate: Option<String>,
    /// For the person at the door.
    message: String,
}

impl From<CheckInAnswer> for CheckInResult {
    fn from(answer: CheckInAnswer) -> Self {
        let outcome = match &answer.outcome {
            CheckIn::Admitted => CheckInOutcome::Admitted,
            CheckIn::Already { .. } => CheckInOutcome::AlreadyCheckedIn,
            CheckIn::WrongEvent => CheckInOutcome::WrongEvent,
            CheckIn::Void
            | CheckIn::PassedOn
            | CheckIn::Refunded
            | CheckIn::Withheld
            | CheckIn::CalledOff => CheckInOutcome::Void,
            CheckIn::Invalid => CheckInOutcome::Invalid,
        };
        let message = answer.message();
        Self { outcome, ticket: answer.ticket.map(ScannedTicket), at: answer.at, gate: answer.gate, message }
    }
}
