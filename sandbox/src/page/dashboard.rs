//! What people do in Stripe's dashboard: refunds and disputes that no program asked for.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::{broken, checkout, layout, not_found};
use crate::stripe::dashboard::{self, Outcome};
use crate::stripe::dispute::{Dispute, DisputeStatus};
use crate::stripe::intent::Intent;
use crate::stripe::money;
use crate::stripe::refund::{Refund, RefundStatus};
use crate::world::World;

/// What a person may do with a payment in Stripe's dashboard, and what a bank may do.
pub(super) fn offered(intent: &Intent, disputes: &[&Dispute]) -> Markup {
    let is_open = |dispute: &&&Dispute| dispute.status == DisputeStatus::NeedsResponse;
    html! {
        h2 { "As in Stripe's dashboard" }
        div.choice {
            form method="post" action=(format!("/sandbox/payments/{}/refund", intent.id)) {
                label { span { "Cents, or empty for all" } input type="number" name="amount" min="1" max=(intent.amount); }
                @if intent.forwarding.destination.is_some() {
                    label { input type="checkbox" name="from_account" checked; span { "from the account" } }
                }
                button { "Give back" }
            }
            @if let Some(open) = disputes.iter().find(is_open) {
                form method="post" action=(format!("/sandbox/disputes/{}/won", open.id)) { button { "Dispute is won" } }
                form method="post" action=(format!("/sandbox/disputes/{}/lost", open.id)) { button { "Dispute is lost" } }
            } @else {
                form method="post" action=(format!("/sandbox/payments/{}/dispute", intent.id)) { button { "Buyer disputes it" } }
            }
        }
        @for dispute in disputes {
            p { "Dispute of " (money::written(dispute.amount, &dispute.currency)) " " (layout::pill(dispute.status.name()))
                " " code.quiet { (dispute.id) } }
        }
    }
}

/// `POST /sandbox/payments/{id}/refund`
pub(super) async fn refund(
    Shared(world): Shared<Arc<World>>,
    Path(id): Path<String>,
    form: String,
) -> Response {
    let given = |field: &str| {
        let mut fields = form_urlencoded::parse(form.as_bytes());
        fields.find(|(name, _)| name == field).map(|(_, value)| value.into_owned())
    };
    let amount = given("amount").unwrap_or_default();
    let amount = match amount.trim() {
        "" => None,
        number => match number.parse() {
            Ok(number) => Some(number),
            Err(_) => return (StatusCode::BAD_REQUEST, "amount: a whole number of cents").into_response(),
        },
    };
    done(dashboard::refund(&world, &id, amount, given("from_account").is_some()), "payment")
}

/// What a bank may do with a refund.
pub(super) fn offered_for(refund: &Refund) -> Markup {
    html! {
        @if refund.status != RefundStatus::Failed {
            form method="post" action=(format!("/sandbox/refunds/{}/fail", refund.id)) { button { "Bank returns it" } }
        }
    }
}

/// `POST /sandbox/refunds/{id}/fail`
pub(super) async fn fail_refund(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    done(dashboard::fail_refund(&world, &id), "refund")
}

/// `POST /sandbox/payments/{id}/dispute`
pub(super) async fn dispute(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    done(dashboard::dispute(&world, &id, "fraudulent"), "payment")
}

/// `POST /sandbox/disputes/{id}/won` or `/lost`
pub(super) async fn decide_dispute(
    Shared(world): Shared<Arc<World>>,
    Path((id, decision)): Path<(String, String)>,
) -> Response {
    match decision.as_str() {
        "won" | "lost" => done(dashboard::decide(&world, &id, decision == "won"), "dispute"),
        _ => not_found("decision"),
    }
}

/// Back to the payment it is about.
fn done(outcome: std::io::Result<Outcome>, what: &str) -> Response {
    back_to("payments", outcome, what)
}

/// Back to what it is about, of the pages of this kind.
pub(super) fn back_to(pages: &str, outcome: std::io::Result<Outcome>, what: &str) -> Response {
    match outcome {
        Ok(Outcome::Done(id)) => checkout::to(&format!("/sandbox/{pages}/{id}")),
        Ok(Outcome::Refused(why)) => (StatusCode::CONFLICT, why).into_response(),
        Ok(Outcome::Unknown) => not_found(what),
        Err(failed) => broken(&failed),
    }
}
