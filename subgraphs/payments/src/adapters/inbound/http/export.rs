use axum::{Extension, extract::State};
use kernel::rfc3339;
use serde_json::{Value, json};
use service::{
    Caller,
    rest::{Answer, ExportAsk, ExportPage, Exports, Query},
};

use super::payments::Payment;
use crate::domain::{
    entities::{self, Attempt},
    use_cases::Payments,
};

/// What is exported.
pub(super) const KINDS: [&str; 1] = ["payments"];

/// All that is kept here about the caller: payments, newest first, with how each was tried, and from which address.
#[utoipa::path(get, path = "/me/export", operation_id = "exportPayments", tag = "payments", params(ExportAsk),
    security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["SELF"]}))),
    responses((status = 200, description = "A page of it.", body = ExportPage)))]
pub(super) async fn export(
    State(payments): State<Payments>,
    Extension(exports): Extension<Exports>,
    caller: Caller,
    Query(ask): Query<ExportAsk>,
) -> Answer<ExportPage> {
    let (kind, ask) = exports.asked(caller.user, &ask)?;
    let page = payments.own_payments(caller.user, &ask).await?;
    Ok(exports.page(kind, page.map(|payment| record(&payments, &payment))))
}

fn record(payments: &Payments, payment: &entities::Payment) -> Value {
    let is = payment.snapshot();
    let mut record = json!(Payment::of(payment, payments.attempts_left(payment)));
    record["number"] = is.number.as_str().into();
    record["description"] = is.description.as_str().into();
    let tried = |attempt: &Attempt| {
        json!({
            "at": rfc3339(attempt.started_at),
            "address": attempt.client,
            "cardFingerprint": attempt.card,
        })
    };
    record["tries"] = is.attempts.iter().map(tried).collect();
    record
}
