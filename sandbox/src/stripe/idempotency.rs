//! `Idempotency-Key` as Stripe means it: the first answer is kept for 24 hours and given again, word for word; the same
//! key with other parameters is refused; the same key while the first call still runs is a conflict.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::refused::Refused;
use crate::world::World;

const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
const LONGEST_KEY: usize = 255;

/// The answer that a key stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// As [`name`] makes it.
    pub(crate) key: String,
    pub(crate) path: String,
    pub(crate) fingerprint: String,
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) request_id: String,
    pub(crate) at: i64,
}

/// What a key leads to.
pub(crate) enum Claimed {
    /// It has been answered before.
    Before(Answer),
    /// It is new; the claim keeps others out until it is dropped.
    New(Claim),
}

/// Keys whose first call still runs.
#[derive(Default)]
pub(crate) struct InFlight(Mutex<HashSet<String>>);

/// The right to answer for a key.
pub(crate) struct Claim {
    world: Arc<World>,
    name: String,
}

/// What a key is kept by: it is another one for each account.
pub(crate) fn name(account: Option<&str>, key: &str) -> String {
    // A header has no end of line.
    account.map_or_else(|| key.to_owned(), |account| format!("{account}\n{key}"))
}

/// Claims an account's key for a call, or finds the answer it has.
pub(crate) fn claim(
    world: &Arc<World>,
    account: Option<&str>,
    key: &str,
    path: &str,
    fingerprint: &str,
    now: i64,
) -> Result<Claimed, Refused> {
    if key.is_empty() || key.chars().count() > LONGEST_KEY {
        return Err(Refused::invalid(format!("Idempotency keys have from 1 to {LONGEST_KEY} characters")));
    }
    // Held while the answers are read: a call leaves the set only after its answer is kept.
    let mut running = world.in_flight.lock();
    let name = name(account, key);
    if running.contains(&name) {
        return Err(Refused::new(
            StatusCode::CONFLICT,
            "idempotency_error",
            format!(
                "There is currently another in-progress request using this Idempotent Key (that probably means you \
                 submitted twice, and the other request is still going through): {key}. Try again later."
            ),
        )
        .code("idempotency_key_in_use"));
    }
    let known = world.store.read(|state| state.answers.get(&name).cloned());
    match known.filter(|answer| now - answer.at < KEPT_MS) {
        Some(answer) if answer.path != path => Err(misused(&format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{}' vs \
             '{path}'). Try using a key other than '{key}' if you meant to execute a different request.",
            answer.path
        ))),
        Some(answer) if answer.fingerprint != fingerprint => Err(misused(&format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
             using a key other than '{key}' if you meant to execute a different request."
        ))),
        Some(answer) => Ok(Claimed::Before(answer)),
        None => {
            running.insert(name.clone());
            Ok(Claimed::New(Claim { world: Arc::clone(world), name }))
        }
    }
}

fn misused(message: &str) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, "idempotency_error", message)
}

impl InFlight {
    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.world.in_flight.lock().remove(&self.name);
    }
}
