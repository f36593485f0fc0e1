//! One payment with its refunds and webhooks, and the bank's question.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::{broken, checkout, layout, not_found};
use crate::state::State;
use crate::stripe::authentication::{self, Decided};
use crate::stripe::intent::{Intent, Status};
use crate::stripe::money;
use crate::webhooks::{Event, EventState};
use crate::world::World;

/// `GET /sandbox/payments/{id}`
pub(super) async fn show(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    let body = world.store.read(|state| state.intents.get(&id).map(|intent| details(state, intent)));
    match body {
        Some(body) => super::html(layout::page("Payment", &body)),
        None => not_found("payment"),
    }
}

/// `GET /sandbox/receipts/{charge}`, for whoever paid.
pub(super) async fn receipt(Shared(world): Shared<Arc<World>>, Path(charge): Path<String>) -> Response {
    let paid = world
        .store
        .read(|state| state.charges.get(&charge).filter(|charge| charge.declined.is_none()).cloned());
    let Some(charge) = paid else { return not_found("receipt") };
    let body = html! {
        article.bank {
            h1 { "Receipt" }
            dl.facts {
                dt { "Paid" } dd { (money::written(charge.amount, &charge.currency)) }
                dt { "On" } dd { (layout::time(charge.created_at)) }
                dt { "With" } dd { (charge.brand) " ···· " (charge.last4) }
                @if charge.amount_refunded > 0 {
                    dt { "Given back" } dd { (money::written(charge.amount_refunded, &charge.currency)) }
                }
            }
            p.quiet { "The sandbox takes no money. Charge " code { (charge.id) } }
        }
    };
    super::html(layout::page("Receipt", &body))
}

/// `GET /sandbox/authenticate/{id}`
pub(super) async fn ask(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    let Some(intent) = world.store.read(|state| state.intents.get(&id).cloned()) else {
        return not_found("payment");
    };
    let amount = money::written(intent.amount, &intent.currency);
    let body = html! {
        article.bank {
            h1 { "Is it you who pays?" }
            p { "Your bank would ask you now, by its app or a code, before it pays " strong { (amount) } "." }
            @if let Status::RequiresAction = intent.status {
                div.choice {
                    form method="post" action=(format!("/sandbox/authenticate/{id}/approve")) {
                        button.primary { "Authenticate" }
                    }
                    form method="post" action=(format!("/sandbox/authenticate/{id}/fail")) {
                        button { "Fail" }
                    }
                }
            } @else {
                p { "This payment does not wait for you any more: it is " (state_of(&intent)) "." }
            }
            p.quiet { "The sandbox takes no money. Payment " code { (id) } }
        }
    };
    super::html(layout::page("Authenticate", &body))
}

/// `POST /sandbox/authenticate/{id}/approve` or `/fail`
pub(super) async fn decide(
    Shared(world): Shared<Arc<World>>,
    Path((id, decision)): Path<(String, String)>,
) -> Response {
    let agreed = match decision.as_str() {
        "approve" => true,
        "fail" => false,
        _ => return not_found("decision"),
    };
    match authentication::decide(&world, &id, agreed) {
        Ok(Decided::Payment(intent, Some(session))) => checkout::to(&checkout::after(&session, &intent)),
        Ok(Decided::Payment(intent, None)) => after(&intent),
        Ok(Decided::TooLate(intent)) => (StatusCode::CONFLICT, after(&intent)).into_response(),
        Ok(Decided::Unknown) => not_found("payment"),
        Err(failed) => broken(&failed),
    }
}

/// Back to where the buyer came from, as Stripe does it; otherwise a page that says how it went.
fn after(intent: &Intent) -> Response {
    let outcome = if matches!(intent.status, Status::Succeeded) { "succeeded" } else { "failed" };
    if let Some(url) = &intent.return_url {
        let joint = if url.contains('?') { '&' } else { '?' };
        let back = format!(
            "{url}{joint}payment_intent={}&payment_intent_client_secret={}&redirect_status={outcome}",
            intent.id, intent.client_secret
        );
        return (StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response();
    }
    let body = html! {
        article.bank {
            h1 { @if outcome == "succeeded" { "Paid" } @else { "Not paid" } }
            p { "The payment is " (state_of(intent)) ". You can close this page and go back to the shop." }
        }
    };
    let page = super::html(layout::page("Authenticate", &body));
    ([(HeaderName::from_static("x-payment-status"), intent.status.name())], page).into_response()
}

/// The state of a payment, with the reason of a failure.
pub(super) fn state_of(intent: &Intent) -> Markup {
    let reason = match &intent.status {
        Status::RequiresPaymentMethod { last_error: Some(error) } => {
            error["decline_code"].as_str().or(error["code"].as_str()).map(|code| code.replace('_', " "))
        }
        _ => None,
    };
    html! {
        (layout::pill(intent.status.name()))
        @if let Some(reason) = reason { " " span.quiet { (reason) } }
        @if let Status::RequiresAction = intent.status {
            " " a href=(format!("/sandbox/authenticate/{}", intent.id)) { "authenticate" }
        }
    }
}

/// The refunds of a payment, briefly.
pub(super) fn refunds_of(state: &State, intent: &str) -> Markup {
    let refunds = state.refunds.oldest_first().filter(|refund| refund.payment_intent == intent);
    html! {
        @for refund in refunds {
            div { (money::written(refund.amount, &refund.currency)) " " (layout::pill(refund.status.name())) }
        }
    }
}

/// An event and how its delivery went.
pub(super) fn event_row(event: &Event) -> Markup {
    let state = match event.state {
        EventState::Waiting { .. } => "waiting",
        EventState::Delivered => "delivered",
        EventState::GivenUp => "given_up",
    };
    html! {
        tr {
            td { (layout::time(event.created_at)) }
            td { (event.kind) br; code.quiet { (event.id) } }
            td { code { (event.about) } }
            td { (layout::pill(state)) @if event.tried > 1 { " " span.quiet { (event.tried) " attempts" } } }
            td { @if let Some(last) = event.attempts.last() { (layout::time(last.at)) br; span.quiet { (last.outcome) } } }
            td { button type="button" data-deliver=(event.id) { "Deliver again" } }
        }
    }
}

fn details(state: &State, intent: &Intent) -> Markup {
    let mine = |payment: &str| payment == intent.id;
    let charges: Vec<_> =
        state.charges.oldest_first().filter(|charge| mine(&charge.payment_intent)).collect();
    let refunds: Vec<_> =
        state.refunds.oldest_first().filter(|refund| mine(&refund.payment_intent)).collect();
    let disputes: Vec<_> =
        state.disputes.oldest_first().filter(|dispute| mine(&dispute.payment_intent)).collect();
    let events = state.events.oldest_first().filter(|event| {
        mine(&event.about)
            || charges.iter().any(|charge| charge.id == event.about)
            || refunds.iter().any(|refund| refund.id == event.about)
            || disputes.iter().any(|dispute| dispute.id == event.about)
    });
    html! {
        article {
            h1 { (money::written(intent.amount, &intent.currency)) " " (state_of(intent)) }
            dl.facts {
                dt { "Payment" } dd { code { (intent.id) } }
                dt { "Created" } dd { (layout::time(intent.created_at)) }
                @if let Some(card) = &intent.payment_method { dt { "Card" } dd { (card) } }
                @if let Some(text) = &intent.description { dt { "Description" } dd { (text) } }
                @for (key, value) in &intent.metadata { dt { (key) } dd { (value) } }
                @if let Some(account) = &intent.forwarding.destination {
                    dt { "Goes on to" } dd { a href=(format!("/sandbox/accounts/{account}")) { code { (account) } } }
                }
                @if let Some(fee) = intent.forwarding.fee {
                    dt { "Application fee" } dd { (money::written(fee, &intent.currency)) }
                }
            }
            @if let Status::Succeeded = intent.status { (super::dashboard::offered(intent, &disputes)) }
            @if !charges.is_empty() {
                h2 { "Attempts" }
                div.wide { table { tbody { @for charge in &charges { tr {
                    td { (layout::time(charge.created_at)) }
                    td { code { (charge.id) } }
                    td { (charge.brand) " ···· " (charge.last4) }
                    td { @match &charge.declined {
                        None => (layout::pill("succeeded")),
                        Some([_, reason, _]) => { (layout::pill("failed")) " " span.quiet { (reason.replace('_', " ")) } }
                    } }
                } } } } }
            }
            @if !refunds.is_empty() {
                h2 { "Refunds" }
                div.wide { table { tbody { @for refund in &refunds { tr {
                    td { (layout::time(refund.created_at)) }
                    td { code { (refund.id) } }
                    td.number { (money::written(refund.amount, &refund.currency)) }
                    td { (layout::pill(refund.status.name())) }
                    td { (refund.reason.as_deref().unwrap_or_default().replace('_', " ")) }
                    td { (super::dashboard::offered_for(refund)) }
                } } } } }
            }
            h2 { "Webhooks" }
            div.wide { table { tbody { @for event in events { (event_row(event)) } } } }
        }
    }
}
