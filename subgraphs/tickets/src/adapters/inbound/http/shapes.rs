//! Orders and tickets as JSON, with the graph's names.

use chrono::{DateTime, Utc};
use kernel::EventId;
use serde::Serialize;
use service::rest::Money;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};
use uuid::Uuid;

use super::{Rest, file_url};
use crate::domain::{
    entities::{
        self, Claim, House, OrderStatus, OrderStep as Step, Price, SeatId, TicketSnapshot, TicketStatus,
    },
    ports::OrderView,
};

/// What a buyer is buying.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    /// Its id.
    id: Uuid,
    /// Its number, as people say it.
    #[schema(example = "ODY-7K3MQ2ZT")]
    number: String,
    /// For which event.
    event_id: Uuid,
    /// Who buys.
    buyer_id: Uuid,
    /// Where it stands.
    #[schema(schema_with = order_statuses)]
    status: &'static str,
    /// What it has.
    items: Vec<LineItem>,
    /// What it costs.
    total: PriceBreakdown,
    /// Its tickets, once they are issued.
    tickets: Vec<Ticket>,
    /// When it was placed.
    #[serde(serialize_with = "service::rest::instant")]
    created_at: DateTime<Utc>,
    /// Until when it can be paid; null once that no longer matters.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    expires_at: Option<DateTime<Utc>>,
    /// What happened to it, step by step.
    history: Vec<OrderStep>,
}

/// Places of one type and price.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LineItem {
    /// As which ticket type.
    ticket_type_id: Uuid,
    /// The seat; null where people stand.
    seat: Option<Seat>,
    /// How many; one for a seat.
    #[schema(minimum = 1)]
    quantity: u32,
    /// What each costs, with fees and taxes in it.
    unit_price: Money,
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
struct OrderStep {
    /// When.
    #[serde(serialize_with = "service::rest::instant")]
    at: DateTime<Utc>,
    /// What happened.
    #[schema(example = "TAKE_PAYMENT_DONE")]
    step: String,
    /// For people.
    detail: Option<String>,
}

/// A right to enter.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ticket {
    /// Its id.
    id: Uuid,
    /// Short, for people at the door when no scanner works.
    code: String,
    /// Of which order.
    order_id: Uuid,
    /// To which event.
    event_id: Uuid,
    /// Of which type.
    #[serde(rename = "ticketTypeId")]
    of_type: Uuid,
    /// The seat; null where people stand.
    seat: Option<Seat>,
    /// Who goes in.
    holder_name: String,
    /// Their address.
    holder_email: String,
    /// Where it stands.
    #[schema(schema_with = ticket_statuses)]
    status: &'static str,
    /// What its QR code holds: a token signed with Ed25519.
    qr_payload: String,
    /// Where it is found as a PDF. The address opens it: share it as you would the ticket.
    #[schema(format = "uri")]
    pdf_url: String,
    /// Where its QR code is found as a picture. The address opens it: share it as you would the ticket.
    #[schema(format = "uri")]
    png_url: String,
    /// When its holder went in.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    checked_in_at: Option<DateTime<Utc>>,
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
        tickets: &[TicketSnapshot],
        history: Vec<Step>,
        house: Option<&House>,
    ) -> Self {
        let order = &view.order;
        let payable = matches!(order.status, OrderStatus::AwaitingPayment | OrderStatus::PaymentFailed);
        let claims = &view.reservation.state().claims;
        let step = |step: Step| OrderStep { at: step.at, step: step.step, detail: step.detail };
        Self {
            id: order.id.uuid(),
            number: order.number.clone(),
            event_id: order.event.uuid(),
            buyer_id: order.buyer.uuid(),
            status: order.status.as_str(),
            items: claims.iter().map(|claim| LineItem::of(order.event, claim, house)).collect(),
            total: order.price().into(),
            tickets: tickets.iter().map(|ticket| Ticket::of(rest, ticket, house)).collect(),
            created_at: order.created_at,
            expires_at: payable.then_some(order.expires_at),
            history: history.into_iter().map(step).collect(),
        }
    }
}

impl LineItem {
    fn of(event: EventId, claim: &Claim, house: Option<&House>) -> Self {
        Self {
            ticket_type_id: claim.ticket_type.uuid(),
            seat: seat(event, claim.place.seat(), house),
            quantity: claim.quantity,
            unit_price: claim.unit_price.into(),
        }
    }
}

impl From<Price> for PriceBreakdown {
    fn from(price: Price) -> Self {
        let tax = |line: entities::TaxLine| TaxLine {
            name: line.name,
            rate: line.rate,
            included: line.included,
            amount: line.amount.into(),
        };
        let fee = |line: entities::FeeLine| FeeLine { name: line.name, amount: line.amount.into() };
        let off = |line: entities::DiscountLine| DiscountLine { code: line.code, amount: line.amount.into() };
        Self {
            subtotal: price.subtotal.into(),
            discount: price.discount.into(),
            fees: price.fees.into(),
            tax: price.tax.into(),
            tax_included: price.tax_included.into(),
            total: price.total.into(),
            taxes: price.taxes.into_iter().map(tax).collect(),
            fee_lines: price.fee_lines.into_iter().map(fee).collect(),
            discounts: price.discounts.into_iter().map(off).collect(),
        }
    }
}

/// A ticket as the door sees it: no code, no address, no price.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScannedTicket {
    /// Its id.
    id: Uuid,
    /// Of which type.
    ticket_type_id: Uuid,
    /// The seat; null where people stand.
    seat: Option<Seat>,
    /// Who goes in.
    holder_name: String,
    /// Where it stands.
    #[schema(schema_with = ticket_statuses)]
    status: &'static str,
    /// When its holder went in.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    checked_in_at: Option<DateTime<Utc>>,
    /// The number of its order, as its buyer knows it.
    order_number: Option<String>,
}

impl ScannedTicket {
    pub(super) fn of(ticket: &TicketSnapshot, order_number: Option<String>, house: Option<&House>) -> Self {
        Self {
            id: ticket.id.uuid(),
            ticket_type_id: ticket.ticket_type.uuid(),
            seat: seat(ticket.event, ticket.place.seat(), house),
            holder_name: ticket.holder.name.clone(),
            status: ticket.status.as_str(),
            checked_in_at: ticket.checked_in_at,
            order_number,
        }
    }
}

impl Ticket {
    pub(super) fn of(rest: &Rest, ticket: &TicketSnapshot, house: Option<&House>) -> Self {
        let qr_payload = rest.tickets.qr_payload(ticket);
        Self {
            id: ticket.id.uuid(),
            code: ticket.code.clone(),
            order_id: ticket.order.uuid(),
            event_id: ticket.event.uuid(),
            of_type: ticket.ticket_type.uuid(),
            seat: seat(ticket.event, ticket.place.seat(), house),
            holder_name: ticket.holder.name.clone(),
            holder_email: ticket.holder.email.clone(),
            status: ticket.status.as_str(),
            pdf_url: file_url(&rest.public_url, ticket.id, "pdf", &qr_payload),
            png_url: file_url(&rest.public_url, ticket.id, "png", &qr_payload),
            qr_payload,
            checked_in_at: ticket.checked_in_at,
        }
    }
}

fn seat(event: EventId, number: Option<u32>, house: Option<&House>) -> Option<Seat> {
    let found = house?.seat(number?)?;
    Some(Seat {
        id: SeatId { event, number: found.number }.to_string(),
        key: found.seat.key.clone(),
        section: found.section.key.clone(),
        row: found.row.label.clone(),
        number: found.seat.label.clone(),
    })
}

fn order_statuses() -> Object {
    one_of(OrderStatus::ALL.map(OrderStatus::as_str))
}

fn ticket_statuses() -> Object {
    one_of(TicketStatus::ALL.map(TicketStatus::as_str))
}

/// The schema of a text that is one of these.
pub(super) fn one_of<const N: usize>(names: [&'static str; N]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}
