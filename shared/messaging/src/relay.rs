use std::{sync::Arc, time::Duration};

use kernel::{Clock, Fault, from_millis};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, Statement,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Bus, Message, Outbox, outbox::row};

/// How many messages are on their way at once.
const IN_FLIGHT: usize = 64;
/// How long a claimed row belongs to its relay; longer than the bus takes to deliver or bury.
const LEASE: Duration = Duration::from_mins(10);
/// How often the outbox is looked at when nobody wakes the relay.
const LOOK: Duration = Duration::from_millis(500);
/// How long sent rows are kept, so that a stream can be filled again.
const RETENTION: Duration = Duration::from_hours(7 * 24);
/// How often old rows are swept out.
const SWEEP: Duration = Duration::from_hours(1);

/// Publishes what a service has committed to its outbox.
pub struct Relay {
    /// The service, for logs and metrics.
    pub service: &'static str,
    /// Its database, to write.
    pub database: DatabaseConnection,
    /// What wakes the relay.
    pub outbox: Outbox,
    /// Where it publishes.
    pub bus: Arc<dyn Bus>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Relay {
    /// Works until told to stop; then waits for what is on its way, so that it is marked.
    pub async fn run(self, stop: CancellationToken) {
        if let Err(fault) = self.forget_claims().await {
            tracing::error!(service = self.service, error = fault.chain(), "the outbox cannot be read");
        }
        let mut on_their_way = JoinSet::new();
        let mut next_sweep = tokio::time::Instant::now() + SWEEP;
        loop {
            let room = IN_FLIGHT - on_their_way.len().min(IN_FLIGHT);
            if room > 0 && !stop.is_cancelled() {
                match self.claim(room).await {
                    Ok(rows) => {
                        for row in rows {
                            on_their_way.spawn(publish(self.bus.clone(), row));
                        }
                    }
                    Err(fault) => {
                        tracing::error!(
                            service = self.service,
                            error = fault.chain(),
                            "the outbox cannot be read"
                        );
                    }
                }
            }
            if tokio::time::Instant::now() > next_sweep {
                next_sweep += SWEEP;
                self.sweep().await;
            }
            tokio::select! {
                Some(first) = on_their_way.join_next(), if !on_their_way.is_empty() => {
                    let mut ended = vec![first];
                    while let Some(next) = on_their_way.try_join_next() {
                        ended.push(next);
                    }
                    self.settle(ended.into_iter().flatten()).await;
                }
                () = self.outbox.news.notified(), if !stop.is_cancelled() => {}
                () = tokio::time::sleep(LOOK), if !stop.is_cancelled() => {}
                () = stop.cancelled(), if on_their_way.is_empty() => return,
            }
        }
    }

    /// In the embedded stack nobody else claims: what a killed process had claimed is free again.
    async fn forget_claims(&self) -> Result<(), Fault> {
        if self.database.get_database_backend() == DbBackend::Sqlite {
            self.database
                .execute_unprepared(
                    "UPDATE outbox SET claimed_until = 0 WHERE sent_at IS NULL AND claimed_until > 0",
                )
                .await
                .map_err(|cause| Fault::passing("reading the outbox", cause))?;
        }
        Ok(())
    }

    async fn claim(&self, limit: usize) -> Result<Vec<row::Model>, Fault> {
        let backend = self.database.get_database_backend();
        let skip = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let now = self.clock.now().timestamp_millis();
        let lease = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        // Looking before claiming spares an idle service a write.
        let waiting = row::Entity::find()
            .filter(row::Column::SentAt.is_null())
            .filter(row::Column::ClaimedUntil.lte(now))
            .order_by_asc(row::Column::Seq)
            .one(&self.database)
            .await
            .map_err(|cause| Fault::passing("reading the outbox", cause))?;
        if waiting.is_none() {
            return Ok(Vec::new());
        }
        let claim = Statement::from_sql_and_values(
            backend,
            format!(
                "UPDATE outbox SET claimed_until = $1 WHERE seq IN (SELECT seq FROM outbox \
                 WHERE sent_at IS NULL AND claimed_until <= $2 ORDER BY seq LIMIT {limit} {skip}) RETURNING *"
            ),
            [(now + lease).into(), now.into()],
        );
        let rows = self.database.query_all_raw(claim).await;
        let mut rows = rows
            .and_then(|rows| {
                rows.iter().map(|row| row::Model::from_query_result(row, "")).collect::<Result<Vec<_>, _>>()
            })
            .map_err(|cause| Fault::passing("claiming from the outbox", cause))?;
        rows.sort_by_key(|row| row.seq);
        Ok(rows)
    }

    async fn settle(&self, ended: impl Iterator<Item = (i64, Result<(), Fault>)>) {
        let (mut sent, mut failed) = (Vec::new(), Vec::new());
        for (seq, outcome) in ended {
            match outcome {
                Ok(()) => sent.push(seq),
                Err(fault) => {
                    tracing::warn!(
                        service = self.service,
                        seq,
                        error = fault.chain(),
                        "a message could not be published and will be tried again"
                    );
                    failed.push(seq);
                }
            }
        }
        let now = self.clock.now().timestamp_millis();
        metrics::counter!("outbox_sent_total", "service" => self.service).increment(sent.len() as u64);
        let marks = [(sent, format!("sent_at = {now}")), (failed, format!("claimed_until = {}", now + 1000))];
        for (seqs, change) in marks.into_iter().filter(|(seqs, _)| !seqs.is_empty()) {
            let seqs = seqs.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            let mark = format!("UPDATE outbox SET {change} WHERE seq IN ({seqs})");
            if let Err(error) = self.database.execute_unprepared(&mark).await {
                // Their claims run out and they are published again: consumers know them by their ids.
                tracing::error!(service = self.service, %error, "sent messages could not be marked");
            }
        }
    }

    async fn sweep(&self) {
        let before = (self.clock.now() - RETENTION).timestamp_millis();
        for sweep in [
            format!("DELETE FROM outbox WHERE sent_at < {before}"),
            format!("DELETE FROM inbox WHERE received_at < {before}"),
        ] {
            if let Err(error) = self.database.execute_unprepared(&sweep).await {
                tracing::warn!(service = self.service, %error, "old messages could not be swept out");
            }
        }
    }
}

async fn publish(bus: Arc<dyn Bus>, row: row::Model) -> (i64, Result<(), Fault>) {
    let seq = row.seq;
    let outcome = match read(row) {
        Ok(message) => bus.publish(&message).await,
        Err(fault) => Err(fault),
    };
    (seq, outcome)
}

fn read(row: row::Model) -> Result<Message, Fault> {
    let broken = |cause| Fault::new(format!("reading outbox row {}", row.seq), cause);
    Ok(Message {
        id: row.id,
        subject: row.subject,
        about: row.about,
        version: row.version,
        occurred_at: from_millis(row.occurred_at),
        headers: serde_json::from_str(&row.headers).map_err(broken)?,
        payload: serde_json::from_str(&row.payload).map_err(broken)?,
    })
}
