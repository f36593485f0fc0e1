//! Tickets as files, and the key that scanners verify them with.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use kernel::{Error, ErrorCode, Refusal, Result, TicketId};
use printing::{PrintedTicket, ticket_pdf};
use serde::Deserialize;

use crate::domain::use_cases::Tickets;

/// `/api/tickets/v1/…`
pub(crate) fn routes(tickets: Tickets) -> Router {
    Router::new()
        .route("/api/tickets/v1/tickets/{file}", get(pdf))
        .route("/api/tickets/v1/keys", get(keys))
        .with_state(tickets)
}

/// Where a ticket's PDF is found. Whoever has the code has the ticket, so the code opens it.
pub(crate) fn pdf_path(id: TicketId, code: &str) -> String {
    format!("/api/tickets/v1/tickets/{id}.pdf?code={code}")
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    code: String,
}

async fn pdf(State(tickets): State<Tickets>, Path(file): Path<String>, Query(code): Query<Code>) -> Response {
    match print(&tickets, &file, &code.code).await {
        Ok(pdf) => (
            [
                (header::CONTENT_TYPE, "application/pdf"),
                (header::CONTENT_DISPOSITION, "inline; filename=\"ticket.pdf\""),
                (header::CACHE_CONTROL, "private, no-store"),
            ],
            pdf,
        )
            .into_response(),
        Err(error) => problem(error),
    }
}

async fn print(tickets: &Tickets, file: &str, code: &str) -> Result<Vec<u8>> {
    let missing = || Refusal::not_found("ticket");
    let id: TicketId = file.strip_suffix(".pdf").and_then(|id| id.parse().ok()).ok_or_else(missing)?;
    let ticket = tickets.ticket_of_code(id, code).await?.ok_or_else(missing)?;
    let (event, in_hand) = tickets.printable(&ticket).await?;
    let order = tickets.reads().order(ticket.order).await?.ok_or_else(missing)?;
    let printed = tokio::task::spawn_blocking(move || {
        ticket_pdf(&[PrintedTicket { event: &event, order_number: &order.order.number, ticket: &in_hand }])
    });
    Ok(printed.await.map_err(|cause| kernel::Fault::new("printing a ticket", cause))??)
}

async fn keys(State(tickets): State<Tickets>) -> Json<serde_json::Value> {
    Json(
        serde_json::json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "x": tickets.public_key() }] }),
    )
}

/// Problem details after RFC 9457, with the graph's codes.
fn problem(error: Error) -> Response {
    let (status, code, detail) = match error {
        Error::Refused(refusal) => {
            let status = if refusal.code == ErrorCode::NotFound {
                StatusCode::NOT_FOUND
            } else {
                StatusCode::BAD_REQUEST
            };
            (status, refusal.code, refusal.message)
        }
        Error::Broken(fault) => {
            tracing::error!(error = fault.chain(), "a fault");
            let detail = "Something went wrong on our side. It has been noted; try again later.".to_owned();
            (StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal, detail)
        }
    };
    let body = serde_json::json!({ "type": "about:blank", "status": status.as_u16(), "code": code, "detail": detail });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
