//! Whether PostgreSQL answers, found out by asking it.

use std::time::Duration;

use kernel::Fault;
use sea_orm::sqlx::{self, Connection as _, PgConnection};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Database, connecting};

/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(500);
/// How long it may take to connect and to answer.
const LIMIT: Duration = Duration::from_secs(1);

/// Asks the server now and then, on a connection of its own, so that its breaker opens and closes also while only reads
/// come, or nothing at all, and however long requests wait for connections.
pub(crate) async fn watch(database: Database, stop: CancellationToken) {
    let Some(breaker) = &database.breaker else { return };
    let (service, url) = &*database.origin;
    let mut connection = None;
    let asking = async {
        loop {
            // While it is left alone this is refused; afterwards it is the trial.
            let asked = breaker.call(LIMIT, async {
                let cause = |cause: sqlx::Error| Fault::passing("asking the database", cause);
                let mut asked = match connection.take() {
                    Some(connection) => connection,
                    None => connecting::one_postgres(service, url).await.map_err(cause)?,
                };
                PgConnection::ping(&mut asked).await.map_err(cause)?;
                Ok::<_, Fault>(asked)
            });
            // The breaker has taken note of a fault, and the next time another connection is tried.
            connection = asked.await.ok();
            sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = asking => {}
    }
}
