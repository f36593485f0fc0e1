use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Fault, NotificationId, Result, to_millis};
use messaging::trace;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IdenStatic as _, Iterable as _,
    QueryFilter, QuerySelect, Statement, prelude::Expr,
};
use service::database::{fault, now_millis};
use tracing::info_span;

use super::{
    SeaStore,
    rows::{self, notification},
};
use crate::domain::ports::{Queue, Queued};

impl SeaStore {
    /// Tells how many mails wait to be sent, and for how long. Every replica tells the same.
    pub(crate) async fn measure_mails(&self) -> Result<(), Fault> {
        let backend = self.database.reads.get_database_backend();
        let now = now_millis(backend);
        let query = Statement::from_string(
            backend,
            format!(
                "SELECT CAST(COUNT(*) AS BIGINT) AS n, CAST(COALESCE({now} - MIN(created_at), 0) AS BIGINT) AS age \
                 FROM notifications WHERE status = 'QUEUED'"
            ),
        );
        let row = self.database.reads.query_one_raw(query).await.map_err(fault("measuring mails"))?;
        let read = |column: &str| {
            let number = row.as_ref().map_or(Ok(0), |row| row.try_get::<i64>("", column));
            number.map_err(fault("measuring mails"))
        };
        #[expect(clippy::cast_precision_loss, reason = "counts and milliseconds stay far below 2^52")]
        let (count, age) = (read("n")? as f64, read("age")?.max(0) as f64 / 1000.0);
        metrics::gauge!("mails_waiting").set(count);
        metrics::gauge!("mails_oldest_seconds").set(age);
        Ok(())
    }

    /// In the embedded stack nobody else sends: what a killed process had claimed is free again.
    pub async fn forget_claims(&self) -> Result<(), Fault> {
        let writes = &self.database.writes;
        if writes.get_database_backend() == DbBackend::Sqlite {
            let free =
                "UPDATE notifications SET claimed_until = 0 WHERE status = 'QUEUED' AND claimed_until > 0";
            writes.execute_unprepared(free).await.map_err(fault("freeing mails"))?;
        }
        Ok(())
    }
}

#[async_trait]
impl Queue for SeaStore {
    async fn claim(&self, limit: u32, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<Queued>> {
        let writes = &self.database.writes;
        let backend = writes.get_database_backend();
        let (now, until) = (to_millis(now), to_millis(until));
        // Looking before claiming spares an idle service a write.
        let waiting = notification::Entity::find()
            .select_only()
            .column(notification::Column::Id)
            .filter(notification::Column::Status.eq("QUEUED"))
            .filter(notification::Column::DueAt.lte(now))
            .filter(notification::Column::ClaimedUntil.lte(now))
            .into_tuple::<uuid::Uuid>()
            .one(&self.database.reads)
            .await
            .map_err(fault("looking for mails"))?;
        if waiting.is_none() {
            return Ok(Vec::new());
        }
        let skip = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        // By name: an upgrade may add others while this runs.
        let columns: Vec<_> = notification::Column::iter().map(|column| column.as_str().to_owned()).collect();
        let columns = columns.join(", ");
        let claim = Statement::from_sql_and_values(
            backend,
            format!(
                "UPDATE notifications SET claimed_until = $1 WHERE id IN (SELECT id FROM notifications \
                 WHERE status = 'QUEUED' AND due_at <= $2 AND claimed_until <= $3 ORDER BY due_at LIMIT {limit} \
                 {skip}) RETURNING {columns}"
            ),
            [until.into(), now.into(), now.into()],
        );
        let rows = writes.query_all_raw(claim).await.map_err(fault("claiming mails"))?;
        // A row that cannot be read, such as a newer version's, must not hold up the others.
        let readable = rows.iter().filter_map(|row| {
            let row = notification::Model::from_query_result(row, "").map_err(fault("claiming mails"));
            row.and_then(queued)
                .inspect_err(|fault| tracing::error!(error = fault.chain(), "a queued mail cannot be read"))
                .ok()
        });
        Ok(readable.collect())
    }
    async fn renew(&self, ids: &[NotificationId], until: DateTime<Utc>, longer: DateTime<Utc>) -> Result<()> {
        notification::Entity::update_many()
            .col_expr(notification::Column::ClaimedUntil, Expr::value(to_millis(longer)))
            .filter(notification::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .filter(notification::Column::ClaimedUntil.eq(to_millis(until)))
            .exec(&self.database.writes)
            .await
            .map_err(fault("renewing claims on mails"))?;
        Ok(())
    }
}

fn queued(row: notification::Model) -> Result<Queued, Fault> {
    let span = info_span!("send mail", service = "notifications", notification = %row.id, kind = row.kind);
    let span = trace::continued(span, row.traceparent.as_deref());
    Ok(Queued { notification: rows::notification_of(row)?, span })
}
