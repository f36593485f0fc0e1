//! What can be moved: switches, the webhook endpoint, deliveries, and everything back to nothing.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{broken, not_found};
use crate::clock;
use crate::state::Change;
use crate::switches::Switches;
use crate::webhooks::WebhookEndpoint;
use crate::world::World;

pub(super) async fn switches(State(world): State<Arc<World>>) -> Json<Switches> {
    Json(world.board.now())
}

pub(super) async fn set_switches(State(world): State<Arc<World>>, Json(named): Json<Value>) -> Response {
    match world.board.merge(&named) {
        Ok(switches) => Json(switches).into_response(),
        Err(wrong) => refused(&wrong),
    }
}

pub(super) async fn endpoint(State(world): State<Arc<World>>) -> Json<Value> {
    let url = world.store.read(|state| state.endpoint.as_ref().map(|known| known.url.clone()));
    Json(json!({ "url": url }))
}

/// Where webhooks go, and what signs them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Signed {
    url: String,
    secret: String,
    /// Of what happens in connected accounts, if that is another.
    connect_secret: Option<String>,
}

pub(super) async fn set_endpoint(State(world): State<Arc<World>>, Json(signed): Json<Signed>) -> Response {
    let Signed { url, secret, connect_secret } = signed;
    let endpoint = WebhookEndpoint { url: url.clone(), secret };
    if let Err(wrong) = endpoint.check() {
        return refused(&wrong.to_string());
    }
    if connect_secret.as_deref() == Some("") {
        return refused("connectSecret: it may not be empty");
    }
    let changes = vec![Change::Endpoint(endpoint), Change::ConnectSecret(connect_secret)];
    match world.store.write(|_| ((), changes)) {
        Ok(()) => Json(json!({ "url": url })).into_response(),
        Err(failed) => broken(&failed),
    }
}

/// Sends an event (again), whatever became of it before.
pub(super) async fn deliver_again(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    let done = world.store.write(|state| {
        let known = state.events.get(&id).is_some();
        let again = Change::DeliverAgain { event: id.clone(), at: clock::now_ms() };
        (known, if known { vec![again] } else { Vec::new() })
    });
    match done {
        Ok(true) => StatusCode::ACCEPTED.into_response(),
        Ok(false) => not_found("event"),
        Err(failed) => broken(&failed),
    }
}

pub(super) async fn reset_all(State(world): State<Arc<World>>) -> Response {
    match reset(&world) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(failed) => broken(&failed),
    }
}

/// Forgets everything but where webhooks go, and turns the switches off.
pub(crate) fn reset(world: &World) -> std::io::Result<()> {
    world.store.change(Change::Reset)?;
    world.board.set(Switches::default());
    Ok(())
}

fn refused(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response()
}
