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
    reservation::{Seats, seat},
    seat_map::Seat,
    ticket_type::TicketType,
};
use crate::{
    adapters::inbound::http::file_url,
    domain::{
        entities::{self, CheckIn, Place, TicketSnapshot},
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
    /// Refuses who sees the ticket as an operator alone: what opens a door is not for support.
    async fn require_own(&self, context: &Context<'_>) -> Result<()> {
        let viewer = viewer(context);
        if viewer.is_operator() && load(context, (viewer.as_person(), self.0.order)).await?.is_none() {
            let message = "Operators do not see what opens a door.";
            return Err(Refusal::new(kernel::reasons::OWNER_ONLY, message)).graph();
        }
        Ok(())
    }
}

/// A right to enter.
#[Object(directive = access::apply([Buyer, Manager, Owner, Operator].into(), None))]
impl Ticket {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Short, for people at the door when no scanner works.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn code(&self, context: &Context<'_>) -> Result<&str> {
        self.require_own(context).await?;
        Ok(&self.0.code)
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

    /// Who goes in.
    async fn holder_name(&self) -> &str {
        &self.0.holder.name
    }

    /// Their address.
    async fn holder_email(&self) -> &str {
        &self.0.holder.email
    }

    /// Where it stands.
    async fn status(&self) -> TicketStatus {
        self.0.status.into()
    }

    /// What its QR code holds: a token signed with Ed25519.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn qr_payload(&self, context: &Context<'_>) -> Result<String> {
        self.require_own(context).await?;
        Ok(context.data::<Tickets>()?.qr_payload(&self.0))
    }

    /// Its QR code as an SVG picture.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn qr_svg(&self, context: &Context<'_>) -> Result<String> {
        self.require_own(context).await?;
        let payload = context.data::<Tickets>()?.qr_payload(&self.0);
        printing::qr_svg(&payload).graph()
    }

    /// Where it is found as a PDF. The address opens it: share it as you would the ticket.
    #[graphql(directive = access::apply([Buyer, Manager, Owner].into(), None))]
    async fn pdf_url(&self, context: &Context<'_>) -> Result<String> {
        self.require_own(context).await?;
        let payload = context.data::<Tickets>()?.qr_payload(&self.0);
        let base = &context.data::<Surroundings>()?.public_url;
        Ok(file_url(base, self.0.id, "pdf", &payload))
    }

    /// When its holder went in.
    async fn checked_in_at(&self) -> Option<DateTime<Utc>> {
        self.0.checked_in_at
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
        self.0.id.into()
    }

    /// Who goes in.
    async fn holder_name(&self) -> Option<&str> {
        Some(&self.0.holder.name)
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
