use axum::extract::State;
use kernel::{Fault, OrderId, Refusal};
use serde::Deserialize;
use service::{
    Caller,
    rest::{Answer, Json, NotFound, Path},
};

use super::{
    Rest,
    shapes::{Issued, Order},
};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Which {
    /// The order's id.
    #[param(value_type = String, pattern = "^(ord_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "ord_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: OrderId,
}

/// An order with its tickets, for its buyer and for the organizers of its event.
#[utoipa::path(get, path = "/orders/{id}", operation_id = "getOrder", tag = "orders",
    params(Which), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["BUYER", "MANAGER", "OWNER"]}))),
    responses((status = 200, description = "The order.", body = Order), NotFound))]
pub(super) async fn order(
    State(rest): State<Rest>,
    caller: Caller,
    Path(which): Path<Which>,
) -> Answer<Json<Order>> {
    let tickets = &rest.tickets;
    let found = tickets.visible_order(which.id, caller.user).await?;
    let view = found.ok_or_else(|| Refusal::not_found("order"))?;
    let these = [which.id];
    let (issued, invoices, history, contact, event) = futures::try_join!(
        tickets.reads().tickets_of(which.id),
        tickets.reads().invoices_of(&these),
        tickets.reads().history(which.id),
        tickets.reads().contact_of(which.id),
        tickets.reads().event(view.order.event),
    )?;
    let event = event.ok_or_else(|| Fault::broken_rule("an order of an unknown event"))?;
    let house = tickets.house_in(&event).await?;
    let mut issued: Vec<Issued> = issued
        .into_iter()
        .map(|ticket| Issued { is_shown_whole: ticket.is_of(caller.user), ticket })
        .collect();
    if issued.iter().any(|issued| !issued.is_shown_whole) {
        let asked = (event.facts.organization_id, caller.user);
        let manages = tickets.managers([asked].into_iter()).await?.contains(&asked);
        for issued in &mut issued {
            issued.is_shown_whole |= manages;
        }
    }
    let order = Order::of(&rest, &view, &issued, history, contact, &event, house.as_deref())?;
    Ok(Json(order.with_invoices(&rest, invoices.into_values().flatten())))
}
