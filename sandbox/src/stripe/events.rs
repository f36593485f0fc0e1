//! Events, as Stripe keeps them for those who did not hear of them.

use serde_json::Value;

use super::charging::Changes;
use super::form::Params;
use super::refused::Refused;
use super::{Call, Done, listing};
use crate::webhooks::Event;

/// How many kinds can be asked for at once.
const MOST_TYPES: usize = 20;
/// For how long Stripe keeps them.
const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// `GET /v1/events`, of some kinds and some time if they are named.
pub(crate) fn list(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(&["created", "ending_before", "limit", "starting_after", "types"])?;
    let types = params.list("types");
    if types.len() > MOST_TYPES {
        return Err(Refused::invalid(format!("types names up to {MOST_TYPES} kinds")).param("types"));
    }
    let created = listing::Created::read(params)?;
    let kept_since = call.now / 1000 - KEPT_SECONDS;
    let some = call.state.events.newest_first().filter(|event| {
        event.account.as_deref() == call.account
            && (types.is_empty() || types.contains(&event.kind.as_str()))
            && event.created_at / 1000 >= kept_since
            && created.holds(event.created_at)
    });
    let page = listing::page(params, "/v1/events", some, |event| &event.id, as_it_was_sent)?;
    Ok(Done::new(page, Changes::new(call)))
}

fn as_it_was_sent(event: &Event) -> Value {
    serde_json::from_str(&event.body).expect("an event is sent as JSON")
}
