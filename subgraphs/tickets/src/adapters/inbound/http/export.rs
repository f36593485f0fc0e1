use std::collections::HashMap;

use axum::{Extension, extract::State};
use contracts::invoices::Invoice;
use kernel::{OrderId, Page, PageAsk, Result, UserId, rfc3339};
use serde_json::{Value, json};
use service::{
    Caller,
    rest::{Answer, ExportAsk, ExportPage, Exports, Money, Query},
};

use super::Rest;
use crate::domain::{
    entities::{Claim, Contact, OrderStep, Reservation, TicketSnapshot, ToldStep},
    ports::{OnlyReservations, OrderView, Reads, WaitlistView},
};

/// What is exported, in this order.
pub(super) const KINDS: [&str; 4] = ["orders", "tickets", "reservations", "waitlistEntries"];

/// All that is kept here about the caller: orders with who goes in, who was told, what happened and their invoices; tickets, also
/// those that were passed on to the caller; reservations; and entries of waiting lists. Each kind comes newest first.
#[utoipa::path(get, path = "/me/export", operation_id = "exportTickets", tag = "orders", params(ExportAsk),
    security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["SELF"]}))),
    responses((status = 200, description = "A page of it.", body = ExportPage)))]
pub(super) async fn export(
    State(rest): State<Rest>,
    Extension(exports): Extension<Exports>,
    caller: Caller,
    Query(ask): Query<ExportAsk>,
) -> Answer<ExportPage> {
    let (kind, ask) = exports.asked(caller.user, &ask)?;
    let (reads, of) = (rest.tickets.reads(), caller.user);
    let page = match kind {
        "tickets" => {
            reads.tickets_of_owner(of, None, &ask, false).await?.map(|ticket| ticket_record(&ticket))
        }
        "reservations" => {
            let only = OnlyReservations::default();
            reads.reservations_of(of, only, &ask, false).await?.map(|held| reservation_record(&held))
        }
        "waitlistEntries" => {
            reads.waitlist_entries_of(of, &ask, false).await?.map(|view| entry_record(&view))
        }
        _ => orders(reads, of, &ask).await?,
    };
    Ok(exports.page(kind, page))
}

/// A page of orders, each with all that belongs to it.
async fn orders(reads: &dyn Reads, of: UserId, ask: &PageAsk) -> Result<Page<Value>> {
    let page = reads.orders_of(of, None, ask, false).await?;
    let ids: Vec<OrderId> = page.items.iter().map(|(_, view)| view.order.id).collect();
    let (mut contacts, histories, mut invoices) =
        futures::try_join!(reads.contacts_of(&ids), reads.histories(&ids), reads.invoices_of(&ids))?;
    let mut steps: HashMap<OrderId, Vec<OrderStep>> = HashMap::new();
    for (order, step) in histories {
        steps.entry(order).or_default().push(step);
    }
    Ok(page.map(|view| {
        let id = view.order.id;
        let history = steps.remove(&id).unwrap_or_default();
        order_record(&view, contacts.remove(&id).as_ref(), history, &invoices.remove(&id).unwrap_or_default())
    }))
}

fn order_record(
    view: &OrderView,
    contact: Option<&Contact>,
    history: Vec<OrderStep>,
    invoices: &[Invoice],
) -> Value {
    let is = &view.order;
    let told = ToldStep::all(history).into_iter().map(|step| {
        json!({ "at": rfc3339(step.at), "kind": step.kind.as_str(), "message": step.message, "declineCode": step.decline_code })
    });
    json!({
        "id": is.id.public().to_string(),
        "number": is.number,
        "eventId": is.event.public().to_string(),
        "reservationId": is.reservation.public().to_string(),
        "status": is.status.as_str(),
        "total": Money::from(is.total),
        "quantity": is.quantity,
        "attendees": is.attendees,
        "contact": contact,
        "acceptedTerms": is.given.terms,
        "createdAt": rfc3339(is.created_at),
        "history": told.collect::<Vec<_>>(),
        "invoices": invoices,
    })
}

fn ticket_record(is: &TicketSnapshot) -> Value {
    json!({
        "id": is.id.public().to_string(),
        "orderId": is.order.public().to_string(),
        "eventId": is.event.public().to_string(),
        "ticketTypeId": is.ticket_type.public().to_string(),
        "section": is.section,
        "code": is.code,
        "holderName": is.holder.name,
        "holderEmail": is.holder.email,
        "price": Money::from(is.price),
        "status": is.status.as_str(),
        "checkedInAt": is.checked_in_at.map(rfc3339),
        "gate": is.gate,
        "transfers": is.transfers,
    })
}

fn reservation_record(held: &Reservation) -> Value {
    let is = held.state();
    let claim = |claim: &Claim| json!({ "ticketTypeId": claim.ticket_type.public().to_string(), "quantity": claim.quantity });
    json!({
        "id": is.id.public().to_string(),
        "eventId": is.event.public().to_string(),
        "createdAt": rfc3339(is.created_at),
        "expiresAt": rfc3339(is.expires_at),
        "promoCodeId": is.promo_code.map(|code| code.public().to_string()),
        "items": is.claims.iter().map(claim).collect::<Vec<_>>(),
    })
}

fn entry_record(view: &WaitlistView) -> Value {
    let is = view.entry.state();
    json!({
        "id": is.id.public().to_string(),
        "eventId": is.event.public().to_string(),
        "ticketTypeIds": is.wish.types.iter().map(|id| id.public().to_string()).collect::<Vec<_>>(),
        "quantity": is.wish.quantity,
        "status": view.entry.status(view.fate).as_str(),
        "createdAt": rfc3339(is.joined_at),
        "endedAt": is.ended_at.map(rfc3339),
    })
}
