use std::time::Duration;

use anyhow::bail;
use sea_orm::{ConnectionTrait, Statement};
use service::Database;
use tokio::time::Instant;

use super::Hosted;

/// How often outboxes are looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Waits until every outbox is empty.
pub(crate) async fn at_rest(services: &[Hosted], within: Duration) -> anyhow::Result<()> {
    let patience = Instant::now() + within;
    let mut quiet_before = false;
    loop {
        let mut busy = Vec::new();
        for hosted in services {
            let unsent = unsent(&hosted.database).await?;
            if unsent > 0 {
                busy.push(format!("{} has {unsent} messages to send", hosted.subgraph.name()));
            }
        }
        // Twice in a row: between two looks one service may have handed over to one that was seen idle.
        if busy.is_empty() && quiet_before {
            return Ok(());
        }
        quiet_before = busy.is_empty();
        if Instant::now() >= patience {
            bail!("not at rest after {within:?}: {}", busy.join(", "));
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn unsent(database: &Database) -> anyhow::Result<i64> {
    let backend = database.reads.get_database_backend();
    let query =
        Statement::from_string(backend, "SELECT COUNT(*) AS unsent FROM outbox WHERE sent_at IS NULL");
    let row = database.reads.query_one_raw(query).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "unsent"))?)
}
