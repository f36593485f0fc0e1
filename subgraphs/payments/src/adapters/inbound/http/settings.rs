use axum::extract::State;
use serde::Serialize;
use service::rest::{Caching, Json};
use utoipa::ToSchema;

use crate::domain::use_cases::Payments;

/// For how many seconds the settings are kept by whoever has asked for them.
const FRESH: u32 = 300;

/// With what a browser speaks to the payment provider by itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentSettings {
    /// Whose library a browser takes: `stripe`.
    #[schema(example = "stripe")]
    provider: &'static str,
    /// The key with which that library says for whom it speaks; it is no secret. Null when browsers do not speak to the
    /// provider here. One that begins with `pk_sandbox_` is that of a stand-in, which takes no money.
    #[schema(example = "pk_live_51H")]
    publishable_key: Option<String>,
}

/// With what a browser speaks to the payment provider by itself.
///
/// It is the same for all orders, and may be kept for five minutes.
#[utoipa::path(get, path = "/settings", operation_id = "getPaymentSettings", tag = "payments",
    extensions(("x-access" = json!({"who": ["PUBLIC"]}))),
    responses((status = 200, description = "The settings.", body = PaymentSettings),
        (status = 304, description = "They are what the client has.")))]
pub(super) async fn payment_settings(State(payments): State<Payments>) -> (Caching, Json<PaymentSettings>) {
    let publishable_key = payments.publishable_key().map(str::to_owned);
    (Caching::same_for_all(FRESH), Json(PaymentSettings { provider: "stripe", publishable_key }))
}
