//! Stripe's questions to the owner of a connected account.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::response::Response;
use maud::{Markup, html};

use super::{broken, checkout, layout, not_found};
use crate::state::State;
use crate::stripe::connect::link::{Link, Stage};
use crate::stripe::connect::onboarding::{self, Followed};
use crate::world::World;

/// `GET /sandbox/onboarding/{token}`: the link itself, which can be followed once.
pub(super) async fn open(Shared(world): Shared<Arc<World>>, Path(token): Path<String>) -> Response {
    match onboarding::open(&world, &token) {
        Ok(Followed::Opened) => checkout::to(&format!("/sandbox/onboarding/{token}/form")),
        Ok(Followed::Spent(elsewhere)) => checkout::to(&elsewhere),
        Ok(Followed::Unknown) => not_found("account link"),
        Err(failed) => broken(&failed),
    }
}

/// `GET /sandbox/onboarding/{token}/form`
pub(super) async fn ask(Shared(world): Shared<Arc<World>>, Path(token): Path<String>) -> Response {
    let body = world.store.read(|state| state.links.get(&token).map(|link| form(state, link)));
    match body {
        Some(Ok(body)) => super::html(layout::page("Onboarding", &body)),
        Some(Err(elsewhere)) => checkout::to(&elsewhere),
        None => not_found("account link"),
    }
}

/// `POST /sandbox/onboarding/{token}/finish` or `/later`
pub(super) async fn answer(
    Shared(world): Shared<Arc<World>>,
    Path((token, answer)): Path<(String, String)>,
) -> Response {
    let answered = match answer.as_str() {
        "finish" => true,
        "later" => false,
        _ => return not_found("answer"),
    };
    match onboarding::leave(&world, &token, answered) {
        Ok(Some(elsewhere)) => checkout::to(&elsewhere),
        Ok(None) => not_found("account link"),
        Err(failed) => broken(&failed),
    }
}

/// The questions, while somebody answers them; otherwise where to go.
fn form(state: &State, link: &Link) -> Result<Markup, String> {
    if link.stage != Stage::Opened {
        return Err(link.refresh_url.clone());
    }
    let account = state.accounts.get(&link.account);
    let asked = account.map_or(&[][..], |account| account.asked());
    let name = account.and_then(|account| account.business_profile.get("name").or(account.email.as_ref()));
    Ok(html! {
        article.bank {
            h1 { "Who gets the money?" }
            p { "Stripe would ask " @if let Some(name) = name { (name) } @else { "the account's owner" } " now for:" }
            ul { @for question in asked { li { code { (question) } } } @if asked.is_empty() { li { "nothing more" } } }
            div.choice {
                form method="post" action=(format!("/sandbox/onboarding/{}/finish", link.token)) {
                    button.primary { "Answer all, and finish" }
                }
                form method="post" action=(format!("/sandbox/onboarding/{}/later", link.token)) {
                    button { "Finish later" }
                }
            }
            p.quiet { "The sandbox pays out no money. Account " code { (link.account) } }
        }
    })
}
