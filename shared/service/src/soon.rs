//! Waiting a little for what another service told a moment ago and is on its way.

use std::time::Duration;

use kernel::Id;
use tokio::time::{Instant, sleep};

use crate::request;

/// How long after a thing was made it may still be on its way.
const YOUNG: Duration = Duration::from_secs(10);
/// How long after the first look it is looked for again, and how long at most after each other.
const LOOKS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));

/// Looks until there is something, for a moment: who has just made a thing can go on with it at once.
///
/// Only what was made in the last seconds is waited for, by its id, and a request waits for two seconds in all, however
/// many things it asks for: otherwise anybody could keep a service busy with ids that they made up.
pub async fn soon<T, E, F, K>(id: Id<K>, look: impl Fn() -> F) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    let found = look().await?;
    if found.is_some() || !id.was_made_within(YOUNG) {
        return Ok(found);
    }
    let until = request::waits_until();
    let (mut pause, longest) = LOOKS;
    while Instant::now() < until {
        sleep(pause.min(until - Instant::now())).await;
        pause = (pause * 2).min(longest);
        if let Some(found) = look().await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
