//! Stripe's own page, on which a person pays.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::{broken, layout, not_found};
use crate::state::State;
use crate::stripe::intent::{Intent, Status};
use crate::stripe::money;
use crate::stripe::session::{Session, SessionStatus};
use crate::stripe::sessions::{self, Paying};
use crate::world::World;

/// What a person can do, and the card that does it.
const CHOICES: [(&str, &str, &str); 3] = [
    ("pay", "Pay", "pm_card_visa"),
    ("authenticate", "Pay, and authenticate at the bank", "pm_card_authenticationRequired"),
    ("decline", "Decline", "pm_card_chargeDeclined"),
];

/// `GET /sandbox/checkout/{id}`
pub(super) async fn show(Shared(world): Shared<Arc<World>>, Path(id): Path<String>) -> Response {
    let body = world.store.read(|state| state.sessions.get(&id).map(|session| page(state, session)));
    match body {
        Some(body) => super::html(layout::page("Checkout", &body)),
        None => not_found("Checkout session"),
    }
}

/// `POST /sandbox/checkout/{id}/{choice}`
pub(super) async fn choose(
    Shared(world): Shared<Arc<World>>,
    Path((id, choice)): Path<(String, String)>,
) -> Response {
    let Some((_, _, card)) = CHOICES.iter().find(|(name, ..)| *name == choice) else {
        return not_found("choice");
    };
    match sessions::pay(&world, &id, card) {
        Ok(Paying::Tried(tried)) => {
            let (session, intent) = *tried;
            to(&after(&session, &intent))
        }
        Ok(Paying::TooLate(session)) => {
            let body = html! { article.bank { (over(&session)) } };
            (StatusCode::CONFLICT, super::html(layout::page("Checkout", &body))).into_response()
        }
        Ok(Paying::Refused(why)) => {
            let body = html! { article.bank {
                h1 { "This cannot be paid now" }
                p role="alert" { "The shop asked for something that is not possible: " (why) }
                p { a href=(format!("/sandbox/checkout/{id}")) { "Back" } }
            } };
            (StatusCode::CONFLICT, super::html(layout::page("Checkout", &body))).into_response()
        }
        Ok(Paying::Unknown) => not_found("Checkout session"),
        Err(failed) => broken(&failed),
    }
}

/// Where the person goes after a try to pay.
pub(super) fn after(session: &Session, intent: &Intent) -> String {
    match (session.status, &intent.status) {
        (SessionStatus::Complete, _) => session.after_success(),
        (_, Status::RequiresAction) => format!("/sandbox/authenticate/{}", intent.id),
        _ => format!("/sandbox/checkout/{}", session.id),
    }
}

pub(crate) fn to(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, address.to_owned())]).into_response()
}

fn page(state: &State, session: &Session) -> Markup {
    let intent = session.payment_intent.as_deref().and_then(|id| state.intents.get(id));
    let declined = intent.is_some_and(|intent| {
        matches!(&intent.status, Status::RequiresPaymentMethod { last_error: Some(_) })
    });
    html! {
        article.bank {
            @if session.status == SessionStatus::Open {
                h1 { "Pay " (money::written(session.amount, &session.currency)) }
                p { (session.name) }
                @if declined { p role="alert" { strong { "The payment failed. Nothing was charged; try again." } } }
                p { "Stripe's page would ask for a card here." }
                div.choice {
                    @for (choice, label, _) in CHOICES {
                        form method="post" action=(format!("/sandbox/checkout/{}/{choice}", session.id)) {
                            button.primary[choice == "pay"] { (label) }
                        }
                    }
                }
                @if let Some(back) = &session.cancel_url { p { a href=(back) { "Back to the shop" } } }
            } @else {
                (over(session))
            }
            p.quiet { "The sandbox takes no money. Checkout session " code { (session.id) } }
        }
    }
}

/// What a page says on which nobody can pay any more.
fn over(session: &Session) -> Markup {
    html! {
        h1 { @if session.status == SessionStatus::Complete { "Paid" } @else { "Nobody can pay here any more" } }
        @if session.status == SessionStatus::Complete {
            p { a href=(session.after_success()) { "Back to the shop" } }
        } @else if let Some(back) = &session.cancel_url {
            p { a href=(back) { "Back to the shop" } }
        }
    }
}
