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
    let bound = |name: &str| params.integer(&format!("created[{name}]"));
    let (least, above) = (bound("gte")?, bound("gt")?);
    let (most, below) = (bound("lte")?, bound("lt")?);
    let kept_since = call.now / 1000 - KEPT_SECONDS;
    let some = call.state.events.newest_first().filter(|event| {
        let at = event.created_at / 1000;
        (types.is_empty() || types.contains(&event.kind.as_str()))
            && at >= least.unwrap_or(i64::MIN).max(kept_since)
            && above.is_none_or(|bound| at > bound)
            && most.is_none_or(|bound| at <= bound)
            && below.is_none_or(|bound| at < bound)
    });
    let page = listing::page(params, "/v1/events", some, |event| &event.id, as_it_was_sent)?;
    Ok(Done::new(page, Changes::new(call)))
}

fn as_it_was_sent(event: &Event) -> Value {
    serde_json::from_str(&event.body).expect("an event is sent as JSON")
}
