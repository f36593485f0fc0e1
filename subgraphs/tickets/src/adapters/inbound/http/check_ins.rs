use axum::extract::State;
use chrono::{DateTime, Utc};
use kernel::EventId;
use serde::{Deserialize, Serialize};
use service::{
    Caller,
    rest::{Answer, Forbidden, Json, NotFound, OptionalIdempotencyKey},
};
use utoipa::ToSchema;

use super::{
    Rest,
    shapes::{ScannedTicket, one_of},
};
use crate::domain::{entities::CheckIn, use_cases::CheckInAsk};

/// A ticket shown at a door.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CheckInInput {
    /// To which event.
    #[schema(value_type = String, pattern = "^(evt_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "evt_0190163d-8694-739b-aea5-966c26f8ad90")]
    event_id: EventId,
    /// What the QR code holds; or the ticket's short code, or the order's number, where no scanner works.
    #[schema(max_length = 500, example = "ODY1.AZqj")]
    code: String,
    /// At which gate.
    #[schema(max_length = 60, pattern = "^[ -~]*$", example = "North")]
    gate: Option<String>,
    /// The scanner's own mark of this scan: the same scan, sent again, gets the same answer.
    #[schema(max_length = 100, pattern = "^[ -~]*$")]
    nonce: Option<String>,
}

/// What the door is told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CheckInResult {
    /// `ADMITTED`: let them in. `ALREADY_CHECKED_IN`: they, or somebody with a copy, went in before.
    /// `WRONG_EVENT`: the ticket is for another event. `VOID`: it was given back, passed on or withdrawn, its money went
    /// back or is disputed at the bank, or the event was called off; `message` says which.
    /// `INVALID`: it is no ticket of ours.
    #[schema(schema_with = outcomes)]
    outcome: &'static str,
    /// The ticket, where it is one of this event.
    ticket: Option<ScannedTicket>,
    /// When they went in.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    at: Option<DateTime<Utc>>,
    /// Through which gate.
    gate: Option<String>,
    /// For the person at the door.
    message: String,
}

fn outcomes() -> utoipa::openapi::Object {
    one_of(CheckIn::NAMES)
}

/// Admits the holder of a ticket, once.
///
/// For members of the event's organization. A ticket that does not admit is an answer as well: look at
/// `outcome`. The mark of a scan may be sent as `nonce` or as `Idempotency-Key`.
#[utoipa::path(post, path = "/check-ins", operation_id = "createCheckIn", tag = "check-in",
    params(OptionalIdempotencyKey), request_body = CheckInInput, security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["SCANNER", "BOX_OFFICE", "MANAGER", "OWNER"]}))),
    responses((status = 200, description = "What the scan came to.", body = CheckInResult), Forbidden, NotFound))]
pub(super) async fn check_in(
    State(rest): State<Rest>,
    caller: Caller,
    key: OptionalIdempotencyKey,
    Json(input): Json<CheckInInput>,
) -> Answer<Json<CheckInResult>> {
    let CheckInInput { event_id, code, gate, nonce } = input;
    let nonce = key.or_said_in("nonce", nonce)?;
    let ask = CheckInAsk::parse(caller.user, event_id, code, gate.as_deref(), nonce.as_deref())?;
    let answer = rest.tickets.check_in(ask).await?;
    let ticket = match &answer.ticket {
        Some(ticket) => {
            let house = rest.tickets.house_of(ticket.event).await?;
            let order = rest.tickets.reads().order(ticket.order).await?;
            Some(ScannedTicket::of(ticket, order.map(|view| view.order.number), house.as_deref()))
        }
        None => None,
    };
    Ok(Json(CheckInResult {
        outcome: answer.outcome.name(),
        message: answer.message(),
        ticket,
        at: answer.at,
        gate: answer.gate,
    }))
}
