use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use kernel::Fault;
use service::graphql::{
    IntoGraph, Url,
    Who::{Buyer, Manager, Operator, Owner},
    access,
    terms::SalesTerms,
    viewer,
};

use super::{
    contact::Contact,
    event::{Event, User, manages},
    invoice::{Invoice, InvoicesOf},
    loaders::{ContactOf, GivenBackOf, HistoryOf, TicketsOf, load},
    refund::{RefundPolicy, RefundQuote, ticket_ids as ticket_ids_of},
    reservation::{LineItem, PriceBreakdown, Reservation, Seats, lines},
    ticket::Ticket,
    ticket_type::now,
};
use crate::domain::{
    entities::{self, KnownEvent, ToldStep},
    ports::OrderView,
    use_cases::{self, GivenBackBy},
};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::OrderStatus")]
pub(crate) enum OrderStatus {
    /// The buyer can pay.
    AwaitingPayment,
    /// The money is there; tickets follow.
    Paid,
    /// The tickets are issued.
    Completed,
    /// The last card was declined; another can be tried until time is over.
    PaymentFailed,
    /// Time ran out; its places are free again.
    Expired,
    /// The buyer gave it up, or it could not be fulfilled before payment.
    Cancelled,
    /// Some of its tickets were given back.
    PartiallyRefunded,
    /// The money went back.
    Refunded,
}

/// What a buyer is buying.
pub(crate) struct Order(pub(crate) OrderView);

/// What happened to an order. More values may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entities::OrderStepKind")]
pub(crate) enum OrderStepKind {
    /// It was placed.
    Placed,
    /// Its places are kept for it.
    SeatsSecured,
    /// A card was declined; `declineCode` says why.
    PaymentDeclined,
    /// The money has arrived.
    Paid,
    /// Its tickets were issued.
    TicketsIssued,
    /// The mail with its tickets is on its way.
    ConfirmationSent,
    /// Time ran out before it was paid.
    Expired,
    /// It was given up, or could not be fulfilled.
    Cancelled,
    /// The tickets could not be issued: the money is on its way back.
    RefundStarted,
    /// Money went back: all of it, or a part.
    Refunded,
    /// Money could not be sent back yet.
    RefundFailed,
    /// The event has another time; its tickets stay valid.
    Rescheduled,
    /// One of its tickets was passed on to somebody else.
    Transferred,
    /// The buyer's bank wants the money back.
    Disputed,
    /// The bank has decided: the payment stands.
    DisputeWon,
    /// The bank has decided: the buyer keeps the money.
    DisputeLost,
    /// A guest's order was taken into an account.
    Claimed,
}

/// A line of an order's history.
#[derive(SimpleObject)]
pub(crate) struct OrderStep {
    /// When.
    at: DateTime<Utc>,
    /// What happened.
    kind: OrderStepKind,
    /// The same in a sentence for the buyer.
    message: String,
    /// Why a card was declined, as the payment provider calls it: `insufficient_funds`. Null for all else.
    decline_code: Option<String>,
}

impl From<ToldStep> for OrderStep {
    fn from(told: ToldStep) -> Self {
        Self { at: told.at, kind: told.kind.into(), message: told.message, decline_code: told.decline_code }
    }
}

impl Order {
    async fn known_event(&self, context: &Context<'_>) -> Result<KnownEvent> {
        let event = load(context, self.0.order.event).await?;
        event.ok_or_else(|| Fault::broken_rule("an order of an unknown event")).graph()
    }
}

/// What a buyer is buying.
#[Object(directive = access::apply([Buyer, Manager, Owner, Operator].into(), None))]
impl Order {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.order.id.public().into()
    }

    /// Its number, as people say it: ODY-7K3MQ2ZT.
    async fn number(&self) -> &str {
        &self.0.order.number
    }

    /// For which event.
    async fn event(&self) -> Option<Event> {
        Some(Event(self.0.order.event))
    }

    /// Who buys.
    async fn buyer(&self) -> Option<User> {
        Some(User(self.0.order.buyer))
    }

    /// Who was told at the purchase, as the buyer said it at the checkout, or else as their account did then: what changes
    /// afterwards changes nothing here. For
    /// the buyer and the organizers of the event. Null once the account is erased. Null also for accounts from before
    /// contacts were kept, until they change for the next time: what they say then is what their orders get.
    async fn contact(&self, context: &Context<'_>) -> Result<Option<Contact>> {
        Ok(load(context, ContactOf(self.0.order.id)).await?.map(Into::into))
    }

    /// Which terms of the organizer's the buyer accepted at the checkout; null where there were none to accept.
    async fn accepted_terms(&self) -> Option<SalesTerms> {
        let terms = self.0.order.given.terms.clone();
        terms.map(|terms| SalesTerms { url: Url(terms.url), version: terms.version })
    }

    /// Where it stands.
    async fn status(&self) -> OrderStatus {
        self.0.order.status.into()
    }

    /// The reservation that it came from. For the buyer; null for others.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn reservation(&self, context: &Context<'_>) -> Option<Reservation> {
        let is_buyer = viewer(context).user() == Some(self.0.order.buyer);
        is_buyer.then(|| Reservation(self.0.reservation.clone()))
    }

    /// What it has.
    async fn items(&self) -> Result<Vec<LineItem>> {
        let reservation = &self.0.reservation;
        let completed = self.0.order.status == entities::OrderStatus::Completed;
        let seats = if completed { Seats::Sold } else { Seats::of(reservation) };
        Ok(lines(reservation, self.0.price().graph()?, seats))
    }

    /// What it costs.
    async fn total(&self) -> Result<PriceBreakdown> {
        let price = self.0.price().and_then(|price| price.price());
        Ok(price.graph()?.into())
    }

    /// Its tickets, once they are issued.
    async fn tickets(&self, context: &Context<'_>) -> Result<Vec<Ticket>> {
        let tickets = load(context, TicketsOf(self.0.order.id)).await?.unwrap_or_default();
        Ok(tickets.into_iter().map(Ticket).collect())
    }

    /// When it was placed.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.order.created_at
    }

    /// Until when it can be paid; null once that no longer matters.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        let payable = matches!(
            self.0.order.status,
            entities::OrderStatus::AwaitingPayment | entities::OrderStatus::PaymentFailed
        );
        payable.then_some(self.0.order.expires_at)
    }

    /// What its buyer gets back who returns tickets of it. It was settled when the order was placed: what changes afterwards
    /// changes nothing here.
    async fn refund_policy(&self, context: &Context<'_>) -> Result<RefundPolicy> {
        let event = self.known_event(context).await?;
        Ok(RefundPolicy::of(&self.0.order.refund_policy, event.facts.timezone))
    }

    /// What would go back if the caller called refundOrder at this moment: to the buyer by its refundPolicy, and all of what was
    /// paid where the event was called off, or was moved afterwards and there is time to decide. To owners and managers all of
    /// what was paid; to operators what is told to the buyer.
    #[graphql(directive = access::apply([Buyer, Manager, Owner, Operator].into(), None))]
    async fn refund_quote(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of which of its tickets; of all that may go back when left out.")]
        ticket_ids: Option<Vec<ID>>,
    ) -> Result<Option<RefundQuote>> {
        let named = ticket_ids_of(ticket_ids.as_deref()).graph()?;
        let (event, now, tickets) = futures::try_join!(
            self.known_event(context),
            now(context),
            load(context, TicketsOf(self.0.order.id)),
        )?;
        let by = match viewer(context) {
            viewer if viewer.is_operator() => GivenBackBy::Buyer,
            _ if manages(context, event.facts.organization_id).await? => GivenBackBy::Organizer,
            _ => GivenBackBy::Buyer,
        };
        let tickets = tickets.unwrap_or_default();
        let order = &self.0.order;
        // What tickets took away they had of their own, as long as nobody else took of it.
        let given_back =
            if order.money.returned == 0 { None } else { load(context, GivenBackOf(order.id)).await? };
        let given_back = given_back.unwrap_or_else(|| kernel::Money::zero(order.total.currency));
        let named = named.as_deref();
        let quote =
            use_cases::RefundQuote::of(&self.0, &tickets, &event, by, named, given_back, now).graph()?;
        Ok(Some(quote.into()))
    }

    /// Its invoice, and a credit note for each refund of it, in the order in which they were issued. An organization that has
    /// not said its seller's address issues none, and there is none of what is free: then the list is empty.
    async fn invoices(&self, context: &Context<'_>) -> Result<Option<Vec<Invoice>>> {
        let invoices = load(context, InvoicesOf(self.0.order.id)).await?.unwrap_or_default();
        Ok(Some(invoices.into_iter().map(Invoice).collect()))
    }

    /// What happened to it, step by step.
    async fn history(&self, context: &Context<'_>) -> Result<Vec<OrderStep>> {
        let history = load(context, HistoryOf(self.0.order.id)).await?.unwrap_or_default();
        Ok(ToldStep::all(history).into_iter().map(Into::into).collect())
    }
}
