use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use kernel::{Fault, Refusal};
use service::graphql::{
    IntoGraph,
    Who::{Buyer, Manager, Operator, Owner},
    access, viewer,
};

use super::{
    Surroundings,
    event::Event,
    loaders::load,
    order::Order,
    reservation::{PriceBreakdown, Seats, seat},
    seat_map::Seat,
    ticket_type::TicketType,
};
use crate::{
    adapters::inbound::http::file_url,
    domain::{
        entities::{self, CheckIn, FileForm, KnownEvent, Place, TicketSnapshot},
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
    /// False for who sees the ticket as an operator alone: what opens a door is not for support.
    async fn is_shown_whole(&self, context: &Context<'_>) -> Result<bool> {
        let viewer = viewer(context);
        Ok(!viewer.is_operator() || load(context, (viewer.as_person(), self.0.order)).await?.is_some())
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

    /// Short, for people at the door when no scanner works.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn code(&self, context: &Context<'_>) -> Result<&str> {
        if self.is_shown_whole(context).await? {
            return Ok(&self.0.code);
        }
        let message = "Operators do not see what opens a door.";
        Err(Refusal::new(kernel::reasons::OWNER_ONLY, message)).graph()
    }

    /// Of which order.
    async fn order(&self, context: &Context<'_>) -> Result<Option<Order>> {
        Ok(load(context, self.0.order).await?.map(Order))
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

    /// Who goes in; null where nobody is named.
    async fn holder_name(&self) -> Option<&str> {
        self.0.holder.known_name()
    }

    /// Their address; null where none is known.
    async fn holder_email(&self) -> Option<&str> {
        self.0.holder.known_email()
    }

    /// Where it stands.
    async fn status(&self) -> TicketStatus {
        self.0.status.into()
    }

    /// What its QR code holds: a token signed with Ed25519. Null once the ticket no longer admits, and for who may not see
    /// it.
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

    /// When its holder went in.
    async fn checked_in_at(&self) -> Option<DateTime<Utc>> {
        self.0.checked_in_at
    }

    /// What was paid for it, and what that is made of. The tickets of an order sum to the order's total.
    async fn price(&self, context: &Context<'_>) -> Result<PriceBreakdown> {
        let order = load(context, self.0.order).await?;
        let order = order.ok_or_else(|| Fault::broken_rule("a ticket without an order")).graph()?;
        Ok(order.price_of(&self.0).graph()?.into())
    }
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
            CheckIn::Void | CheckIn::Refunded | CheckIn::Withheld | CheckIn::CalledOff => {
                CheckInOutcome::Void
            }
            CheckIn::Invalid => CheckInOutcome::Invalid,
        };
        let message = answer.message();
        Self { outcome, ticket: answer.ticket.map(ScannedTicket), at: answer.at, gate: answer.gate, message }
    }
}
