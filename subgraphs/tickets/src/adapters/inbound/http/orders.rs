use axum::extract::State;
use kernel::{OrderId, Refusal};
use serde::Deserialize;
use service::{
    Caller,
    rest::{Answer, Json, NotFound, Path},
};

use super::{Rest, shapes::Order};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Which {
    /// The order's id.
    #[param(value_type = uuid::Uuid)]
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
    let (issued, history, house) = futures::try_join!(
        tickets.reads().tickets_of(which.id),
        tickets.reads().history(which.id),
        tickets.house_of(view.order.event),
    )?;
    Ok(Json(Order::of(&rest, &view, &issued, history, house.as_deref())))
}
