//! Waiting a little for what another service told a moment ago and is on its way.

use std::time::Duration;

use kernel::Id;
use tokio::time::{Instant, sleep};

/// How long that is.
const ON_ITS_WAY: Duration = Duration::from_secs(2);
/// How often it is looked for meanwhile.
const LOOK: Duration = Duration::from_millis(25);

/// Looks until there is something, for a moment: who has just made a thing can go on with it at once. What is no
/// id of ours is not on its way either.
pub async fn soon<T, E, F, K>(id: Id<K>, look: impl Fn() -> F) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    let patience = Instant::now() + ON_ITS_WAY;
    loop {
        let found = look().await?;
        if found.is_some() || id.made_at().is_none() || Instant::now() >= patience {
            return Ok(found);
        }
        sleep(LOOK).await;
    }
}
