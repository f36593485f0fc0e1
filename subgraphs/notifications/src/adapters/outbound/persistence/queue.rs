use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Fault, NotificationId, Result, from_millis, to_millis};
use messaging::trace;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait as _, Statement,
    prelude::Expr,
    sea_query::{LockBehavior, LockType, SimpleExpr},
};
use service::database::{fault, now_millis};
use tracing::info_span;

use super::{
    SeaStore,
    rows::{self, notification},
};
use crate::domain::{
    entities::{Channel, DeliveryStatus, Notification},
    ports::{Claimed, Queue, Queued},
};

impl SeaStore {
    /// Tells how many mails and SMS wait to be sent, and for how long. Every replica tells the same.
    pub(crate) async fn measure(&self) -> Result<(), Fault> {
        let fault = fault("measuring what waits to be sent");
        let backend = self.database.reads.get_database_backend();
        for channel in [Channel::Email, Channel::Sms] {
            let query = Statement::from_sql_and_values(
                backend,
                format!(
                    "SELECT CAST(COUNT(*) AS BIGINT) AS n, CAST(COALESCE({} - MIN(created_at), 0) AS BIGINT) AS age \
                     FROM notifications WHERE status = 'QUEUED' AND channel = $1",
                    now_millis(backend)
                ),
                [channel.as_str().into()],
            );
            let row = self.database.reads.query_one_raw(query).await.map_err(&fault)?;
            let read = |column: &str| {
                row.as_ref().map_or(Ok(0), |row| row.try_get::<i64>("", column)).map_err(&fault)
            };
            #[expect(clippy::cast_precision_loss, reason = "counts and milliseconds stay far below 2^52")]
            let (count, age) = (read("n")? as f64, read("age")?.max(0) as f64 / 1000.0);
            metrics::gauge!("notifications_waiting", "channel" => channel.as_str()).set(count);
            metrics::gauge!("notifications_oldest_seconds", "channel" => channel.as_str()).set(age);
        }
        Ok(())
    }

    /// In the embedded stack nobody else sends: what a killed process had claimed is free again.
    pub async fn forget_claims(&self, channel: Channel) -> Result<(), Fault> {
        let writes = &self.database.writes;
        if writes.get_database_backend() == DbBackend::Sqlite {
            notification::Entity::update_many()
                .col_expr(notification::Column::ClaimedUntil, Expr::value(0_i64))
                .filter(queued_ones())
                .filter(notification::Column::Channel.eq(channel.as_str()))
                .filter(notification::Column::ClaimedUntil.gt(0))
                .exec(writes)
                .await
                .map_err(fault("freeing what was claimed"))?;
        }
        Ok(())
    }
}

#[async_trait]
impl Queue for SeaStore {
    async fn next_reminder(&self) -> Result<Option<Duration>> {
        let (doing, reads) = ("looking for who is to be reminded", &self.database.reads);
        let backend = reads.get_database_backend();
        let clock = now_millis(backend);
        let query = Statement::from_string(
            backend,
            format!(
                "SELECT MIN(due_at) - {clock} AS wait FROM reminders WHERE due_at IS NOT NULL AND NOT gone"
            ),
        );
        let row = reads.query_one_raw(query).await.map_err(fault(doing))?;
        let wait = row.map(|row| row.try_get::<Option<i64>>("", "wait")).transpose().map_err(fault(doing))?;
        Ok(wait.flatten().map(|wait| Duration::from_millis(wait.max(0).unsigned_abs())))
    }

    async fn claim(&self, channel: Channel, limit: u32, lease: Duration) -> Result<Claimed> {
        // Only SMS have the one, and none is ever due by the other.
        let due = match channel {
            Channel::Sms => notification::Column::SmsDueAt,
            _ => notification::Column::DueAt,
        };
        let backend = self.database.reads.get_database_backend();
        let clock = now_millis(backend);
        let waiting = notification::Entity::find().select_only().filter(queued_ones()).order_by_asc(due);
        // Looking before claiming spares an idle service a write, and tells it how long it may sleep.
        let looked = waiting
            .clone()
            .filter(due.is_not_null())
            .filter(Expr::cust(format!("claimed_until <= {clock}")))
            .column(due)
            .expr_as(Expr::cust(clock), "now")
            .into_tuple::<(i64, i64)>();
        let next = looked.one(&self.database.reads).await.map_err(fault("looking for what is to be sent"))?;
        let Some((next, now)) = next else { return Ok(Claimed::default()) };
        let until = from_millis(now) + lease;
        if next > now {
            let wait = Some(Duration::from_millis(next.abs_diff(now)));
            return Ok(Claimed { queued: Vec::new(), until, wait });
        }
        let free = waiting.filter(notification::Column::ClaimedUntil.lte(now));
        let free = free.column(notification::Column::Id).filter(due.lte(now));
        let first =
            free.limit(u64::from(limit)).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let rows = notification::Entity::update_many()
            .col_expr(notification::Column::ClaimedUntil, Expr::value(to_millis(until)))
            .filter(notification::Column::Id.in_subquery(first.into_query()))
            .exec_with_returning(&self.database.writes)
            .await
            .map_err(fault("claiming messages"))?;
        // A row that cannot be read, such as a newer version's, must not hold up the others.
        let readable = rows.into_iter().filter_map(|row| {
            queued(row)
                .inspect_err(|fault| {
                    tracing::error!(error = fault.chain(), "a queued message cannot be read");
                })
                .ok()
        });
        Ok(Claimed { queued: readable.collect(), until, wait: None })
    }

    async fn renew(
        &self,
        id: NotificationId,
        until: DateTime<Utc>,
        lease: Duration,
    ) -> Result<DateTime<Utc>> {
        let writes = &self.database.writes;
        let backend = writes.get_database_backend();
        let renew = Statement::from_sql_and_values(
            backend,
            format!(
                "UPDATE notifications SET claimed_until = {} + $1 WHERE id = $2 AND claimed_until = $3 \
                 RETURNING claimed_until",
                now_millis(backend)
            ),
            [
                i64::try_from(lease.as_millis()).unwrap_or(i64::MAX).into(),
                id.uuid().into(),
                to_millis(until).into(),
            ],
        );
        let row = writes.query_one_raw(renew).await.map_err(fault("renewing a claim"))?;
        let longer = row.map(|row| row.try_get("", "claimed_until")).transpose();
        Ok(longer.map_err(fault("renewing a claim"))?.map_or(until, from_millis))
    }

    async fn note(&self, notification: &Notification) -> Result<bool> {
        let row = rows::became_of(notification);
        let mut update = notification::Entity::update_many()
            .set(row)
            .filter(notification::Column::Id.eq(notification.id().uuid()));
        if notification.status() != DeliveryStatus::Sent {
            // What was taken back meanwhile is not queued again; what was sent all the same is noted as that.
            update = update
                .filter(notification::Column::SentAt.is_null())
                .filter(notification::Column::WithdrawnAt.is_null());
        }
        let noted =
            update.exec(&self.database.writes).await.map_err(fault("noting what became of a message"))?;
        Ok(noted.rows_affected > 0)
    }
}

/// That a message waits, in words and not as a value: only so a plan that is made for all values knows the index of what
/// waits. It would read the whole history instead.
fn queued_ones() -> SimpleExpr {
    Expr::cust("status = 'QUEUED'")
}

fn queued(row: notification::Model) -> Result<Queued, Fault> {
    let (id, kind) = (row.id, row.kind.as_str());
    let span = if row.channel == Channel::Sms.as_str() {
        info_span!("send SMS", service = "notifications", notification = %id, kind)
    } else {
        info_span!("send mail", service = "notifications", notification = %id, kind)
    };
    let span = trace::continued(span, row.traceparent.as_deref());
    Ok(Queued { notification: rows::notification_of(row)?, span })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_found_by_its_index_whatever_the_values_are() {
        let look = notification::Entity::find().filter(queued_ones()).build(DbBackend::Postgres);
        assert!(look.sql.ends_with("WHERE status = 'QUEUED'"), "{}", look.sql);
        assert!(look.values.is_none_or(|values| values.0.is_empty()));
    }
}
