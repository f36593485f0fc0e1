//! Tickets as files. Whoever has a ticket's code has the ticket, so the code opens them.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Fault, Refusal, Result, TicketId};
use printing::{PrintedTicket, qr_png, ticket_pdf};
use serde::Deserialize;
use service::rest::{Answer, NotFound, Path, Query};

use super::Rest;
use crate::domain::{entities::TicketSnapshot, use_cases::Tickets};

/// Pixels for each module of a QR code: sharp on a phone held to a scanner.
const SCALE: u32 = 8;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Named {
    /// The ticket's id with `.pdf`, for the ticket to be printed, or `.png`, for its QR code as a picture.
    #[param(pattern = r"^(tkt_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.(pdf|png)$")]
    file: String,
}

// What else mail programs put behind a link is no reason to refuse it.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Code {
    /// What the ticket's QR code holds.
    #[param(required, example = "ODY1.AZqj")]
    #[serde(default)]
    code: String,
}

/// A ticket as a file, opened by the ticket's code.
///
/// The code is in the query, which no log keeps.
#[utoipa::path(get, path = "/tickets/{file}", operation_id = "getTicketFile", tag = "tickets",
    params(Named, Code),
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses(
    (status = 200, description = "A page of A6, or a picture, black on white.", content(("application/pdf"), ("image/png"))),
    NotFound,
))]
pub(super) async fn ticket_file(
    State(rest): State<Rest>,
    Path(named): Path<Named>,
    Query(code): Query<Code>,
) -> Answer<Response> {
    let (id, form) = named.file.rsplit_once('.').ok_or_else(missing)?;
    let id = TicketId::parse("file", id).map_err(|_| missing())?;
    let found = rest.tickets.ticket_of_code(&code.code).await?;
    let ticket = found.filter(|ticket| ticket.id == id).ok_or_else(missing)?;
    match form {
        "pdf" => Ok(pdf(&rest.tickets, ticket).await?),
        "png" => Ok(png(code.code).await?),
        _ => Err(missing().into()),
    }
}

fn missing() -> Refusal {
    Refusal::not_found("ticket")
}

async fn pdf(tickets: &Tickets, ticket: TicketSnapshot) -> Result<Response> {
    let (event, in_hand) = tickets.printable(&ticket).await?;
    let order = tickets.reads().order(ticket.order).await?.ok_or_else(missing)?;
    let pdf = made(move || {
        ticket_pdf(&[PrintedTicket { event: &event, order_number: &order.order.number, ticket: &in_hand }])
    });
    Ok(file("application/pdf", "ticket.pdf", pdf.await?))
}

async fn png(code: String) -> Result<Response> {
    Ok(file("image/png", "ticket.png", made(move || qr_png(code.trim(), SCALE)).await?))
}

/// Drawing takes a while, so it is done beside the tasks that answer.
async fn made(draw: impl FnOnce() -> Result<Vec<u8>, Fault> + Send + 'static) -> Result<Vec<u8>, Fault> {
    tokio::task::spawn_blocking(draw).await.map_err(|cause| Fault::new("drawing a ticket", cause))?
}

fn file(media_type: &'static str, name: &str, content: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (StatusCode::OK, headers, content).into_response()
}
