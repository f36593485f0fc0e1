//! The worker that reminds people of what begins soon.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Notifications;

/// The longest time until it is looked again. Whoever is to be reminded sooner than that has only just bought, or heard that an
/// event was moved; so nobody wakes this worker.
const LOOK: Duration = Duration::from_mins(1);
/// How long to wait when it cannot be looked.
const REST: Duration = Duration::from_secs(5);

/// Sleeps until somebody's time has come, and reminds them; until told to stop.
pub(crate) async fn run(notifications: Notifications, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wait = match notifications.remind().await {
            Ok(wait) => wait.unwrap_or(LOOK).min(LOOK),
            Err(error) => {
                tracing::error!(%error, "nobody could be reminded of what begins soon");
                REST
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => {}
        }
    }
}
