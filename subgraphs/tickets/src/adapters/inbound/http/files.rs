//! Tickets as files, for whoever has an address that was given out for one, or the ticket's code.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Fault, Refusal, Result, TicketId};
use printing::{Language, PrintedTicket, qr_png, ticket_pdf};
use serde::Deserialize;
use service::rest::{Answer, NotFound, Path, Query};

use super::Rest;
use crate::domain::{
    entities::{FileAddress, FileForm, KnownEvent, TicketSnapshot},
    use_cases::Tickets,
};

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
pub(super) struct Opened {
    /// When the address ends, in seconds since 1970. With `signature`, as `pdfUrl` and `pngUrl` have both.
    #[param(value_type = Option<i64>, example = 1_796_169_600)]
    until: Option<String>,
    /// Shows that the address was given out here: an Ed25519 signature in base64 for addresses.
    #[param(pattern = "^[A-Za-z0-9_-]{86}$")]
    signature: Option<String>,
    /// The other way, without `until` and `signature`: what the ticket's QR code holds. It opens the file as long as the
    /// ticket admits.
    #[param(example = "ODY1.AZqj")]
    code: Option<String>,
}

/// A ticket as a file, at the address that was given out as the ticket's `pdfUrl` or `pngUrl`.
///
/// Whoever has the address opens the file: for 24 hours from when it was given out, and only while the ticket admits or has
/// admitted. Then ask for `pdfUrl` again. The ticket's code opens its files, too, and does not end by itself. Both are in the
/// query, which no log keeps. The ticket is printed in the language of whoever bought it.
#[utoipa::path(get, path = "/tickets/{file}", operation_id = "getTicketFile", tag = "tickets",
    params(Named, Opened),
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses(
    (status = 200, description = "A page of A6, or a picture, black on white.", content(("application/pdf"), ("image/png"))),
    NotFound,
))]
pub(super) async fn ticket_file(
    State(Rest { tickets, .. }): State<Rest>,
    Path(named): Path<Named>,
    Query(opened): Query<Opened>,
) -> Answer<Response> {
    let (id, form) = named.file.rsplit_once('.').ok_or_else(missing)?;
    let ticket = TicketId::parse("file", id).map_err(|_| missing())?;
    let form = FileForm::parse(form).ok_or_else(missing)?;
    let (ticket, event) = match opened {
        Opened { until: Some(until), signature: Some(signature), .. } => {
            let until = until.parse().map_err(|_| missing())?;
            tickets.ticket_at(&FileAddress { ticket, form, until, signature }).await?
        }
        Opened { code: Some(code), .. } => tickets.ticket_of_code(ticket, &code).await?,
        Opened { .. } => return Err(missing().into()),
    };
    match form {
        FileForm::Pdf => Ok(pdf(&tickets, &ticket, &event).await?),
        FileForm::Png => Ok(png(tickets.qr_payload(&ticket)).await?),
    }
}

fn missing() -> Refusal {
    Refusal::not_found("ticket")
}

async fn pdf(tickets: &Tickets, ticket: &TicketSnapshot, event: &KnownEvent) -> Result<Response> {
    let (event, in_hand) = tickets.printable(ticket, event).await?;
    let order = tickets.reads().order(ticket.order).await?.ok_or_else(missing)?;
    let contact = tickets.reads().contact_of(ticket.order).await?;
    let locale = contact.and_then(|contact| contact.locale);
    let words = locale.as_deref().map(Language::of).unwrap_or_default();
    let pdf = made(move || {
        let printed = PrintedTicket { event: &event, order_number: &order.order.number, ticket: &in_hand };
        ticket_pdf(&[printed], words)
    });
    Ok(file("application/pdf", "ticket.pdf", pdf.await?))
}

async fn png(code: String) -> Result<Response> {
    Ok(file("image/png", "ticket.png", made(move || qr_png(&code, SCALE)).await?))
}

/// Drawing takes a while, so it is done beside the tasks that answer.
pub(super) async fn made(
    draw: impl FnOnce() -> Result<Vec<u8>, Fault> + Send + 'static,
) -> Result<Vec<u8>, Fault> {
    tokio::task::spawn_blocking(draw).await.map_err(|cause| Fault::new("drawing a file", cause))?
}

pub(super) fn file(media_type: &'static str, name: &str, content: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (StatusCode::OK, headers, content).into_response()
}
