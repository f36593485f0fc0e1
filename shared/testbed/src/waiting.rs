use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long a test waits for what must happen, on a machine that is busy with others.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(20);

/// Waits until something holds that nothing tells of.
///
/// Panics where it does not within a minute.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < end, "waited in vain until {what}");
        sleep(LOOK).await;
    }
}
