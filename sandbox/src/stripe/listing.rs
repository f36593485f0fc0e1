//! Stripe's pages of a list: newest first, by `limit`, `starting_after` and `ending_before`.

use serde_json::{Value, json};

use super::form::Params;
use super::refused::Refused;

pub(crate) const PARAMS: &[&str] = &["ending_before", "limit", "starting_after"];

/// `created[gte]` and its like: of what time the entries of a list are asked for.
pub(crate) struct Created {
    least: i64,
    most: i64,
}

impl Created {
    pub(crate) fn read(params: &Params) -> Result<Self, Refused> {
        let bound = |name: &str| params.integer(&format!("created[{name}]"));
        let above = bound("gt")?.map(|seconds| seconds.saturating_add(1));
        let below = bound("lt")?.map(|seconds| seconds.saturating_sub(1));
        let least = bound("gte")?.into_iter().chain(above).max().unwrap_or(i64::MIN);
        let most = bound("lte")?.into_iter().chain(below).min().unwrap_or(i64::MAX);
        Ok(Self { least, most })
    }

    /// Whether an instant, in milliseconds, is of that time.
    pub(crate) fn holds(&self, at_ms: i64) -> bool {
        (self.least..=self.most).contains(&(at_ms / 1000))
    }
}

/// One page of what an iterator tells, newest first.
pub(crate) fn page<'a, T: 'a>(
    params: &Params,
    url: &str,
    all: impl Iterator<Item = &'a T>,
    id: impl Fn(&T) -> &str,
    show: impl Fn(&T) -> Value,
) -> Result<Value, Refused> {
    let limit = params.integer("limit")?.unwrap_or(10);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=100).contains(limit))
        .ok_or_else(|| Refused::invalid("limit is from 1 to 100").param("limit"))?;
    let mut some: Vec<&T> = all.collect();
    if let Some(after) = params.text("starting_after")? {
        let place = some.iter().position(|entry| id(entry) == after);
        let place = place.ok_or_else(|| Refused::missing("object", after, "starting_after"))?;
        some.drain(..=place);
    }
    if let Some(before) = params.text("ending_before")? {
        let place = some.iter().position(|entry| id(entry) == before);
        let place = place.ok_or_else(|| Refused::missing("object", before, "ending_before"))?;
        some.truncate(place);
        some.drain(..place.saturating_sub(limit));
    }
    let data: Vec<_> = some.iter().take(limit).map(|entry| show(entry)).collect();
    Ok(json!({"object": "list", "url": url, "has_more": some.len() > limit, "data": data}))
}
