use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{Clock as _, SystemClock};
use tokio::time::{Instant, sleep, timeout};

/// The longest anything is waited for: far longer than it takes, and short enough when something hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How often is looked at what cannot be waited for.
const LOOK: Duration = Duration::from_millis(40);

/// What comes of `what`, which has to come in time.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let came = timeout(PATIENCE, future).await;
    came.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"))
}

/// Looks again and again until there is something to see.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let patience = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < patience, "{what}: not within {PATIENCE:?}");
        sleep(LOOK).await;
    }
}

/// Looks again and again until it is so.
pub async fn once(what: &str, mut look: impl AsyncFnMut() -> bool) {
    eventually(what, async || look().await.then_some(())).await;
}

/// Looks again and again until nothing is missing any more; what still is, is told.
pub async fn nothing_missing(of: &str, mut look: impl AsyncFnMut() -> Vec<String>) {
    let patience = Instant::now() + PATIENCE;
    loop {
        let missing = look().await;
        if missing.is_empty() {
            return;
        }
        assert!(
            Instant::now() < patience,
            "{of}: after {PATIENCE:?} there is no\n  {}",
            missing.join("\n  ")
        );
        sleep(LOOK).await;
    }
}

/// Waits until the machine's clock shows that instant, which the platform itself has named.
pub async fn until(instant: DateTime<Utc>) {
    let ahead = instant - SystemClock.now();
    if let Ok(ahead) = ahead.to_std() {
        assert!(ahead < PATIENCE, "{instant} is too far ahead to wait for");
        sleep(ahead).await;
    }
}
