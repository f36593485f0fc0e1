//! Whether PostgreSQL answers, found out by asking it.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Database;

/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(500);
/// How long it may take to get a connection and an answer. Requests wait longer for theirs: when this is
/// not met time after time, nobody gets anywhere.
const LIMIT: Duration = Duration::from_secs(1);

/// Asks the database now and then, so that its breaker opens and closes also while only reads come, or
/// nothing at all.
pub(crate) async fn watch(database: Database, stop: CancellationToken) {
    let Some(breaker) = &database.breaker else { return };
    let asking = async {
        loop {
            // While it is left alone this is refused; afterwards it is the trial.
            let asked = breaker.call(LIMIT, database.ready()).await;
            drop(asked); // the breaker has taken note
            sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = asking => {}
    }
}
