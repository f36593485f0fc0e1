//! The page `/sandbox` and the JSON beside it. Every link is below `/sandbox`, so a reverse proxy can show it under that path.

mod accounts;
mod checkout;
mod controls;
mod dashboard;
mod door;
mod json;
pub(crate) mod layout;
mod mail;
mod onboarding;
mod overview;
mod payment;

pub(crate) use self::checkout::to;
pub(crate) use self::controls::reset;

use std::sync::Arc;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;

use crate::world::World;

/// Nothing from elsewhere, nothing inline.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                           img-src 'self' data:; frame-src 'self'; form-action *; base-uri 'none'; frame-ancestors 'self'";

/// Everything under `/sandbox`.
pub(crate) fn routes(world: &Arc<World>) -> Router<Arc<World>> {
    Router::new()
        .route("/sandbox", get(overview::show))
        .route("/sandbox/", get(|| async { Redirect::temporary("/sandbox") }))
        .route("/sandbox/page.css", get(|| async { asset("text/css", include_str!("page.css")) }))
        .route("/sandbox/page.js", get(|| async { asset("text/javascript", include_str!("page.js")) }))
        .route("/sandbox/healthz", get(|| async { "ok" }))
        .route("/sandbox/revision", get(json::revision))
        .route("/sandbox/mails.json", get(json::mails))
        .route("/sandbox/sms.json", get(json::sms))
        .route("/sandbox/payments.json", get(json::payments))
        .route("/sandbox/webhooks.json", get(json::webhooks))
        .route("/sandbox/mails/{id}", get(mail::show))
        .route("/sandbox/mails/{id}/html", get(mail::html))
        .route("/sandbox/mails/{id}/source", get(mail::source))
        .route("/sandbox/mails/{id}/attachments/{number}", get(mail::attachment))
        .route("/sandbox/mails/{id}/bounce", post(mail::bounce))
        .route("/sandbox/payments/{id}", get(payment::show))
        .route("/sandbox/payments/{id}/refund", post(dashboard::refund))
        .route("/sandbox/payments/{id}/dispute", post(dashboard::dispute))
        .route("/sandbox/receipts/{charge}", get(payment::receipt))
        .route("/sandbox/refunds/{id}/fail", post(dashboard::fail_refund))
        .route("/sandbox/disputes/{id}/{decision}", post(dashboard::decide_dispute))
        .route("/sandbox/authenticate/{id}", get(payment::ask))
        .route("/sandbox/authenticate/{id}/{decision}", post(payment::decide))
        .route("/sandbox/checkout/{id}", get(checkout::show))
        .route("/sandbox/checkout/{id}/{choice}", post(checkout::choose))
        .route("/sandbox/checkouts.json", get(json::checkouts))
        .route("/sandbox/accounts.json", get(json::accounts))
        .route("/sandbox/accounts/{id}", get(accounts::show))
        .route("/sandbox/accounts/{id}/{judgement}", post(accounts::judge))
        .route("/sandbox/payouts/{id}/{decision}", post(accounts::decide_payout))
        .route("/sandbox/onboarding/{token}", get(onboarding::open))
        .route("/sandbox/onboarding/{token}/form", get(onboarding::ask))
        .route("/sandbox/onboarding/{token}/{answer}", post(onboarding::answer))
        .route("/sandbox/switches", get(controls::switches).put(controls::set_switches))
        .route("/sandbox/webhook-endpoint", get(controls::endpoint).put(controls::set_endpoint))
        .route("/sandbox/webhooks/{id}/deliver", post(controls::deliver_again))
        .route("/sandbox/reset", post(controls::reset_all))
        .merge(crate::openid::routes())
        .layer(from_fn_with_state(Arc::clone(world), door::refuse_other_sites))
}

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text)
}

pub(crate) fn html(markup: Markup) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Without, browsers keep from the sandbox that a button was pressed on its own page.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, markup.into_string()).into_response()
}

fn not_found(what: &str) -> Response {
    (StatusCode::NOT_FOUND, format!("There is no {what} of this name here (any more)")).into_response()
}

fn broken(failed: &std::io::Error) -> Response {
    tracing::error!(%failed, "the sandbox could not write its journal");
    (StatusCode::INTERNAL_SERVER_ERROR, "The sandbox could not write its journal").into_response()
}
