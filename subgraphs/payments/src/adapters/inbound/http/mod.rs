//! REST: the payment of an order, with what browsers speak to the payment provider, and what that one tells; and the books of
//! an organization, as JSON and as a table.

mod csv;
mod export;
mod parked;
mod payments;
mod payout_account;
mod settings;
mod statement;
mod stripe_webhook;
mod told;

use std::sync::Arc;

use axum::{Extension, extract::DefaultBodyLimit};
use kernel::Clock;
use service::rest::{About, Exports, OpenApiRouter, document, routes};

use self::stripe_webhook::{Ear, LARGEST};
use crate::domain::use_cases::{Books, Payments};

pub(crate) use parked::StripesWords;
pub use stripe_webhook::WEBHOOK_PATH;

/// What the document says of this service.
pub(crate) const ABOUT: About = About {
    service: "payments",
    description: "The payment of an order, with what a browser speaks to the payment provider, the statement of an organization's books, and the webhook for Stripe. Paying is done in the graph.",
};

/// `/api/payments/v1/…`
pub(crate) fn routes(ear: Ear, books: Books) -> OpenApiRouter {
    let payments = ear.payments.clone();
    let api = api().with_state(payments).merge(statements().with_state(books));
    api.merge(webhooks().with_state(Arc::new(ear)))
}

/// The OpenAPI document, as it is checked in.
pub fn openapi() -> serde_json::Value {
    let mut whole = api().into_openapi();
    whole.merge(statements().into_openapi());
    whole.merge(webhooks().into_openapi());
    document(ABOUT, whole)
}

/// What webhooks are verified with and told to. Each may be signed with any of the secrets.
pub(crate) fn ear(payments: Payments, secrets: Vec<String>, clock: Arc<dyn Clock>) -> Ear {
    Ear { payments, secrets, clock }
}

fn api() -> OpenApiRouter<Payments> {
    OpenApiRouter::new()
        .routes(routes!(payments::payment_of_order))
        .routes(routes!(settings::payment_settings))
        .routes(routes!(payout_account::open))
        .merge(exports())
}

fn exports() -> OpenApiRouter<Payments> {
    OpenApiRouter::new()
        .routes(routes!(export::export))
        .layer(Extension(Exports::new("payments", &export::KINDS)))
}

fn statements() -> OpenApiRouter<Books> {
    OpenApiRouter::new().routes(routes!(statement::statement)).routes(routes!(statement::statement_csv))
}

fn webhooks() -> OpenApiRouter<Arc<Ear>> {
    OpenApiRouter::new().routes(routes!(stripe_webhook::hear)).layer(DefaultBodyLimit::max(LARGEST))
}
