//! Invoices and credit notes: beside their order, and as files for whoever has an address that was given out for one.

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use contracts::invoices::{self, InvoiceKind};
use kernel::{InvoiceId, Public, Refusal, kinds};
use serde::{Deserialize, Serialize};
use service::rest::{Answer, Money, NotFound, Path, Query};
use utoipa::{ToSchema, openapi::Object};

use super::{
    Rest,
    files::{file, made},
    shapes::one_of,
};
use crate::domain::entities::InvoiceAddress;

/// An invoice, or a credit note that corrects one. It stays as it was issued.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invoice {
    /// Its id.
    #[schema(value_type = String, example = "ivc_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<kinds::Invoice>,
    /// Its number, unique among those of its seller. Invoices and credit notes of a year, in UTC, are counted each for
    /// themselves, without gaps.
    #[schema(example = "2026-000123")]
    number: String,
    /// What it is: an invoice of what was sold, or a credit note of what goes back of it.
    #[schema(schema_with = invoice_kinds)]
    kind: &'static str,
    /// When it was issued.
    #[serde(serialize_with = "service::rest::instant")]
    issued_at: DateTime<Utc>,
    /// What was paid, or goes back. It is never negative.
    total: Money,
    /// Where it is found as a PDF, for 24 hours from now: then ask again. The address opens it, so share it as you would the
    /// invoice.
    #[schema(format = "uri")]
    pdf_url: Option<String>,
}

impl Invoice {
    pub(super) fn of(rest: &Rest, invoice: invoices::Invoice) -> Self {
        let address = rest.tickets.invoice_address(invoice.id);
        Self {
            id: invoice.id.public(),
            number: invoice.number,
            kind: invoice.kind.as_str(),
            issued_at: invoice.issued_at,
            total: invoice.total.into(),
            pdf_url: Some(invoice_url(&rest.public_url, &address)),
        }
    }
}

fn invoice_kinds() -> Object {
    one_of(InvoiceKind::ALL.map(InvoiceKind::as_str))
}

/// An address of an invoice's file as clients have it.
pub(crate) fn invoice_url(public_url: &str, address: &InvoiceAddress) -> String {
    let InvoiceAddress { invoice, until, signature } = address;
    let (base, invoice) = (public_url.trim_end_matches('/'), invoice.public());
    format!("{base}/api/tickets/v1/invoices/{invoice}.pdf?until={until}&signature={signature}")
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Named {
    /// The invoice's id with `.pdf`.
    #[param(pattern = r"^(ivc_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.pdf$")]
    file: String,
}

// What else mail programs put behind a link is no reason to refuse it.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Opened {
    /// When the address ends, in seconds since 1970, as `pdfUrl` has it.
    #[param(value_type = Option<i64>, example = 1_796_169_600)]
    until: Option<String>,
    /// Shows that the address was given out here: an Ed25519 signature in base64 for addresses.
    #[param(pattern = "^[A-Za-z0-9_-]{86}$")]
    signature: Option<String>,
}

/// An invoice or a credit note as a file, at the address that was given out as its `pdfUrl`.
///
/// Whoever has the address opens the file, for 24 hours from when it was given out. Then ask for `pdfUrl` again.
#[utoipa::path(get, path = "/invoices/{file}", operation_id = "getInvoiceFile", tag = "orders",
    params(Named, Opened),
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses((status = 200, description = "Pages of A4.", content(("application/pdf"))), NotFound))]
pub(super) async fn invoice_file(
    State(Rest { tickets, .. }): State<Rest>,
    Path(named): Path<Named>,
    Query(opened): Query<Opened>,
) -> Answer<Response> {
    let id = named.file.strip_suffix(".pdf").ok_or_else(missing)?;
    let invoice = InvoiceId::parse("file", id).map_err(|_| missing())?;
    let Opened { until: Some(until), signature: Some(signature) } = opened else {
        return Err(missing().into());
    };
    let until = until.parse().map_err(|_| missing())?;
    let invoice = tickets.invoice_at(&InvoiceAddress { invoice, until, signature }).await?;
    let pdf = made(move || printing::invoice_pdf(&invoice)).await?;
    Ok(file("application/pdf", "invoice.pdf", pdf))
}

fn missing() -> Refusal {
    Refusal::not_found("invoice")
}
