//! Orders and tickets as JSON, with the graph's names.

use chrono::{DateTime, Utc};
use kernel::{EventId, Fault, Public, kinds};
use serde::Serialize;
use service::rest::Money;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};

use super::{Rest, file_url, invoices::Invoice};
use crate::{
    adapters::inbound::prices::tells_prices,
    domain::{
        entities::{
            self, Claim, FileForm, House, HouseSeat, KnownEvent, OrderStatus, OrderStepKind, Price, SeatId,
            TicketSnapshot, TicketStatus, ToldStep,
        },
        ports::OrderView,
        pricing,
    },
};

/// What a buyer is buying.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    /// Its id.
    #[schema(value_type = String, example = "ord_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Order>,
    /// Its number, as people say it.
    #[schema(example = "ODY-7K3MQ2ZT")]
    number: String,
    /// For which event.
    #[schema(value_type = String, example = "evt_0190163d-8694-739b-aea5-966c26f8ad90")]
    event_id: Public<kinds::Event>,
    /// Who buys.
    #[schema(value_type = String, example = "usr_0190163d-8694-739b-aea5-966c26f8ad90")]
    buyer_id: Public<kinds::User>,
    /// Who was told at the purchase, as the buyer's account said it then: what changes afterwards changes nothing here. Null
    /// once the account is erased. Null also for accounts from before contacts were kept, until they change for the next
    /// time: what they say then is what their orders get.
    contact: Option<Contact>,
    /// Where it stands.
    #[schema(schema_with = order_statuses)]
    status: &'static str,
    /// What it has.
    items: Vec<LineItem>,
    /// What it costs.
    total: PriceBreakdown,
    /// Its tickets, once they are issued.
    tickets: Vec<Ticket>,
    /// What its buyer gets back who returns tickets of it. It was settled when the order was placed: what changes afterwards
    /// changes nothing here.
    refund_policy: RefundPolicy,
    /// Its invoice, and a credit note for each refund of it, in the order in which they were issued. An organization that has
    /// not said its seller's address issues none, and there is none of what is free.
    invoices: Vec<Invoice>,
    /// When it was placed.
    #[serde(serialize_with = "service::rest::instant")]
    created_at: DateTime<Utc>,
    /// Until when it can be paid; null once that no longer matters.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    expires_at: Option<DateTime<Utc>>,
    /// What happened to it, step by step.
    history: Vec<OrderStep>,
}

/// What buyers get back who return tickets themselves.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RefundPolicy {
    /// The same in words, with times by the clocks of the event.
    description: String,
    /// How much goes back until when: the first whose time is not over counts. None where nothing goes back.
    rules: Vec<RefundRule>,
    /// True: fees that were put on for the service do not go back, nor does the tax on them.
    fees_kept: bool,
}

/// How much goes back of what is returned in time.
#[derive(Debug, Serialize, ToSchema)]
struct RefundRule {
    /// Until when.
    #[serde(serialize_with = "service::rest::instant")]
    until: DateTime<Utc>,
    /// How much, in percent of what was paid.
    #[schema(example = "100")]
    percent: String,
}

/// How a buyer is reached.
#[derive(Debug, Serialize, ToSchema)]
struct Contact {
    /// What they want to be called; null where that is not known.
    #[schema(example = "Ada")]
    name: Option<String>,
    /// Their e-mail address; null where it is not known.
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// Their telephone number in international form; null when they gave none.
    #[schema(example = "+4366012345")]
    phone: Option<String>,
    /// Their language tag; null where it is not known.
    #[schema(example = "de-AT")]
    locale: Option<String>,
}

/// Places of one type and price.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LineItem {
    /// As which ticket type.
    #[schema(value_type = String, example = "typ_0190163d-8694-739b-aea5-966c26f8ad90")]
    ticket_type_id: Public<kinds::TicketType>,
    /// The seat; null where people stand.
    seat: Option<Seat>,
    /// How many; one for a seat.
    #[schema(minimum = 1)]
    quantity: u32,
    /// What each costs, with fees and taxes in it.
    unit_price: Money,
    /// What they cost together, and what that is made of. All lines sum to the total of the order.
    total: PriceBreakdown,
}

/// What a price is made of: subtotal - discount + fees + tax = total.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PriceBreakdown {
    /// All lines together.
    subtotal: Money,
    /// What is taken off.
    discount: Money,
    /// What is put on for the service.
    fees: Money,
    /// Taxes that come on top.
    tax: Money,
    /// Taxes that are inside the total already.
    tax_included: Money,
    /// What is to be paid, with everything in it.
    total: Money,
    /// Each tax, inside or on top.
    taxes: Vec<TaxLine>,
    /// Each fee.
    fee_lines: Vec<FeeLine>,
    /// Each reduction.
    discounts: Vec<DiscountLine>,
}

/// A tax in a price.
#[derive(Debug, Serialize, ToSchema)]
struct TaxLine {
    /// As receipts call it.
    #[schema(example = "VAT")]
    name: String,
    /// In percent.
    #[schema(example = "20")]
    rate: String,
    /// True when it is inside the price, false when it comes on top.
    included: bool,
    /// How much.
    amount: Money,
}

/// A fee in a price.
#[derive(Debug, Serialize, ToSchema)]
struct FeeLine {
    /// As the buyer reads it.
    name: String,
    /// How much.
    amount: Money,
}

/// A reduction of a price.
#[derive(Debug, Serialize, ToSchema)]
struct DiscountLine {
    /// The code that gave it; null when it needs none.
    code: Option<String>,
    /// How much.
    amount: Money,
}

/// A line of an order's history.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrderStep {
    /// When.
    #[serde(serialize_with = "service::rest::instant")]
    at: DateTime<Utc>,
    /// What happened.
    #[schema(schema_with = step_kinds)]
    kind: &'static str,
    /// The same in a sentence for the buyer.
    #[schema(example = "The payment has arrived.")]
    message: String,
    /// Why a card was declined, as the payment provider calls it. Null for all else.
    #[schema(example = "insufficient_funds")]
    decline_code: Option<String>,
}

/// A right to enter.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ticket {
    /// Its id.
    #[schema(value_type = String, example = "tkt_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Ticket>,
    /// Short, for people at the door when no scanner works. Null for who has passed the ticket on to somebody else.
    code: Option<String>,
    /// Of which order.
    #[schema(value_type = String, example = "ord_0190163d-8694-739b-aea5-966c26f8ad90")]
    order_id: Public<kinds::Order>,
    /// To which event.
    #[schema(value_type = String, example = "evt_0190163d-8694-739b-aea5-966c26f8ad90")]
    event_id: Public<kinds::Event>,
    /// Of which type.
    #[serde(rename = "ticketTypeId")]
    #[schema(value_type = String, example = "typ_0190163d-8694-739b-aea5-966c26f8ad90")]
    of_type: Public<kinds::TicketType>,
    /// The seat; null where people stand.
    seat: Option<Seat>,
    /// Who goes in; null where nobody is named, and for who bought a ticket that others have passed on.
    holder_name: Option<String>,
    /// Their address; null where none is known, and where the name is not told.
    holder_email: Option<String>,
    /// Where it stands.
    #[schema(schema_with = ticket_statuses)]
    status: &'static str,
    /// What its QR code holds: a token signed with Ed25519. Null once the ticket no longer admits, and for who has
    /// passed it on.
    qr_payload: Option<String>,
    /// Where it is found as a PDF, for 24 hours from now: then ask again. The address opens it, so share it as you would the
    /// ticket; it holds no code. Null where there is no code to print.
    #[schema(format = "uri")]
    pdf_url: Option<String>,
    /// Where its QR code is found as a picture, for 24 hours from now: then ask again. The address opens it, so share it as
    /// you would the ticket; it holds no code. Null where there is no code.
    #[schema(format = "uri")]
    png_url: Option<String>,
    /// When its holder went in.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    checked_in_at: Option<DateTime<Utc>>,
    /// What was paid for it, and what that is made of. The tickets of an order sum to the order's total.
    price: PriceBreakdown,
}

/// A seat of an event.
#[derive(Debug, Serialize, ToSchema)]
struct Seat {
    /// Its id, unique among all events.
    id: String,
    /// Its key in the layout.
    key: String,
    /// The key of its section.
    section: String,
    /// Its row, as on the ticket.
    row: String,
    /// Its number, as on the ticket.
    number: String,
}

impl Order {
    pub(super) fn of(
        rest: &Rest,
        view: &OrderView,
        tickets: &[Issued],
        history: Vec<entities::OrderStep>,
        contact: Option<entities::Contact>,
        event: &KnownEvent,
        house: Option<&House>,
    ) -> Result<Self, Fault> {
        let order = &view.order;
        let payable = matches!(order.status, OrderStatus::AwaitingPayment | OrderStatus::PaymentFailed);
        let price = view.price()?;
        let line = |(claim, units): (&Claim, Vec<_>)| {
            Ok(LineItem::of(order.event, claim, price.together(&units)?, house))
        };
        let ticket =
            |issued: &Issued| Ok(Ticket::of(rest, issued, view.price_of(&issued.ticket)?, event, house));
        Ok(Self {
            id: order.id.public(),
            number: order.number.clone(),
            event_id: order.event.public(),
            buyer_id: order.buyer.public(),
            contact: contact.map(Into::into),
            status: order.status.as_str(),
            items: view.reservation.lines().map(line).collect::<Result<_, Fault>>()?,
            total: price.price()?.into(),
            tickets: tickets.iter().map(ticket).collect::<Result<_, Fault>>()?,
            refund_policy: RefundPolicy::of(&order.refund_policy, event),
            invoices: Vec::new(),
            created_at: order.created_at,
            expires_at: payable.then_some(order.expires_at),
            history: ToldStep::all(history).into_iter().map(Into::into).collect(),
        })
    }

    /// The same, with its invoices.
    pub(super) fn with_invoices(
        self,
        rest: &Rest,
        invoices: impl Iterator<Item = contracts::invoices::Invoice>,
    ) -> Self {
        Self { invoices: invoices.map(|invoice| Invoice::of(rest, invoice)).collect(), ..self }
    }
}

impl RefundPolicy {
    fn of(policy: &pricing::RefundPolicy, event: &KnownEvent) -> Self {
        let rule =
            |rule: &pricing::RefundRule| RefundRule { until: rule.until, percent: rule.percent.to_string() };
        Self {
            description: policy.described(event.facts.timezone),
            rules: policy.rules().iter().map(rule).collect(),
            fees_kept: policy.fees_kept(),
        }
    }
}

impl From<entities::Contact> for Contact {
    fn from(told: entities::Contact) -> Self {
        Self { name: told.name, email: told.email, phone: told.phone, locale: told.locale }
    }
}

impl From<ToldStep> for OrderStep {
    fn from(told: ToldStep) -> Self {
        Self { at: told.at, kind: told.kind.as_str(), message: told.message, decline_code: told.decline_code }
    }
}

impl LineItem {
    fn of(event: EventId, claim: &Claim, total: Price, house: Option<&House>) -> Self {
        Self {
            ticket_type_id: claim.ticket_type.public(),
            seat: seat(event, claim.place.seat(), house),
            quantity: claim.quantity,
            unit_price: claim.unit_price.into(),
            total: total.into(),
        }
    }
}

tells_prices!(std::convert::identity);

/// A ticket as the door sees it: no code, no address, no price.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScannedTicket {
    /// Its id.
    #[schema(value_type = String, example = "tkt_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Ticket>,
    /// Of which type.
    #[schema(value_type = String, example = "typ_0190163d-8694-739b-aea5-966c26f8ad90")]
    ticket_type_id: Public<kinds::TicketType>,
    /// The seat; null where people stand.
    seat: Option<Seat>,
    /// Who goes in; null where nobody is named.
    holder_name: Option<String>,
    /// Where it stands.
    #[schema(schema_with = ticket_statuses)]
    status: &'static str,
    /// When its holder went in.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    checked_in_at: Option<DateTime<Utc>>,
    /// The number of its order, as its buyer knows it.
    order_number: Option<String>,
    /// What you should know of the place, such as that it is for a wheelchair; null where there is nothing.
    #[schema(example = "Wheelchair place")]
    note: Option<&'static str>,
}

impl ScannedTicket {
    pub(super) fn of(ticket: &TicketSnapshot, order_number: Option<String>, house: Option<&House>) -> Self {
        Self {
            id: ticket.id.public(),
            ticket_type_id: ticket.ticket_type.public(),
            seat: seat(ticket.event, ticket.place.seat(), house),
            holder_name: ticket.holder.known_name().map(ToOwned::to_owned),
            status: ticket.status.as_str(),
            checked_in_at: ticket.checked_in_at,
            order_number,
            note: house_seat(ticket.place.seat(), house).and_then(|seat| seat.note()),
        }
    }
}

/// A ticket of an order, for somebody who sees that.
pub(super) struct Issued {
    /// The ticket.
    pub(super) ticket: TicketSnapshot,
    /// False for who has passed it on: what opens the door is not theirs any more.
    pub(super) is_shown_whole: bool,
}

impl Ticket {
    fn of(
        rest: &Rest,
        Issued { ticket, is_shown_whole }: &Issued,
        price: Price,
        event: &KnownEvent,
        house: Option<&House>,
    ) -> Self {
        let opens = Some(ticket).filter(|_| *is_shown_whole);
        let url = |form| {
            let address = rest.tickets.file_address(opens?, event, form)?;
            Some(file_url(&rest.public_url, &address))
        };
        let told = Some(&ticket.holder).filter(|_| *is_shown_whole || ticket.transfers <= 1);
        Self {
            id: ticket.id.public(),
            code: opens.map(|ticket| ticket.code.clone()),
            order_id: ticket.order.public(),
            event_id: ticket.event.public(),
            of_type: ticket.ticket_type.public(),
            seat: seat(ticket.event, ticket.place.seat(), house),
            holder_name: told.and_then(|holder| holder.known_name()).map(ToOwned::to_owned),
            holder_email: told.and_then(|holder| holder.known_email()).map(ToOwned::to_owned),
            status: ticket.status.as_str(),
            qr_payload: opens.and_then(|ticket| rest.tickets.good_code(ticket, event)),
            pdf_url: url(FileForm::Pdf),
            png_url: url(FileForm::Png),
            checked_in_at: ticket.checked_in_at,
            price: price.into(),
        }
    }
}

fn seat(event: EventId, number: Option<u32>, house: Option<&House>) -> Option<Seat> {
    let found = house_seat(number, house)?;
    Some(Seat {
        id: SeatId { event, number: found.number }.to_string(),
        key: found.seat.key.clone(),
        section: found.section.key.clone(),
        row: found.row.label.clone(),
        number: found.seat.label.clone(),
    })
}

fn house_seat(number: Option<u32>, house: Option<&House>) -> Option<HouseSeat<'_>> {
    house?.seat(number?)
}

fn order_statuses() -> Object {
    one_of(OrderStatus::ALL.map(OrderStatus::as_str))
}

fn step_kinds() -> Object {
    one_of(OrderStepKind::ALL.map(OrderStepKind::as_str))
}

fn ticket_statuses() -> Object {
    one_of(TicketStatus::ALL.map(TicketStatus::as_str))
}

/// The schema of a text that is one of these.
pub(super) fn one_of<const N: usize>(names: [&'static str; N]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}
