//! What is due, by the clock of the database; taken by one replica at a time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::settings::OrganizationSettings;
use kernel::{Fault, from_millis};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use service::database::{fault, now_millis};

use super::{SeaPayouts, rows};
use crate::domain::{
    entities::payout::{Payout, PayoutAccount},
    ports::Claimed,
};

const DOING: &str = "looking what is to be paid out";
/// So many milliseconds has a day.
const DAY: i64 = 24 * 60 * 60 * 1_000;
/// After so many refusals the pause grows no longer.
const MOST_REFUSALS: i64 = 8;

/// A table with what is due by one of its columns.
struct Due {
    table: &'static str,
    key: &'static str,
    at: &'static str,
    only: &'static str,
    columns: &'static str,
}

impl SeaPayouts {
    pub(super) async fn due_payouts(&self, limit: u64, lease: Duration) -> Result<Claimed<Payout>, Fault> {
        let due = Due {
            table: "payouts",
            key: "id",
            at: "due_at",
            only: "due_at IS NOT NULL",
            columns: rows::PAYOUT,
        };
        self.claim(&due, limit, lease, rows::payout).await
    }

    pub(super) async fn due_accounts(
        &self,
        limit: u64,
        lease: Duration,
    ) -> Result<Claimed<PayoutAccount>, Fault> {
        let due = Due {
            table: "payout_accounts",
            key: "organization_id",
            at: "look_at",
            only: "status = 'ACTIVE'",
            columns: "organization_id, account, status",
        };
        self.claim(&due, limit, lease, rows::account).await
    }

    pub(super) async fn note_look(
        &self,
        account: &PayoutAccount,
        at_most: Duration,
        refused: Option<Duration>,
    ) -> Result<(), Fault> {
        let writes = &self.database.writes;
        let now = now_millis(writes.get_database_backend());
        let (week, smaller) = (OrganizationSettings::default().payout_delay_days, self.smaller());
        let next = format!(
            "{smaller}({now} + $2, COALESCE((SELECT MIN(e.ends_at + COALESCE(t.delay_days, {week}) * {DAY}) \
             FROM events AS e LEFT JOIN payout_terms AS t ON t.organization_id = e.organization_id \
             WHERE e.organization_id = $1 AND e.ends_at + COALESCE(t.delay_days, {week}) * {DAY} > {now}), {now} + $2))"
        );
        let of = account.organization.uuid();
        let (sql, values) = match refused {
            None => (
                format!(
                    "UPDATE payout_accounts SET refusals = 0, look_at = {next} WHERE organization_id = $1"
                ),
                [of.into(), millis(at_most).into()],
            ),
            Some(pause) => (
                format!(
                    "UPDATE payout_accounts SET refusals = refusals + 1, \
                     look_at = {now} + {smaller}({DAY}, $2 * (1 << CAST({smaller}(refusals, {MOST_REFUSALS}) AS INTEGER))) \
                     WHERE organization_id = $1"
                ),
                [of.into(), millis(pause).into()],
            ),
        };
        let statement = Statement::from_sql_and_values(writes.get_database_backend(), sql, values);
        writes.execute_raw(statement).await.map_err(fault(DOING))?;
        Ok(())
    }

    /// What the database calls the smaller of two values.
    fn smaller(&self) -> &'static str {
        match self.database.writes.get_database_backend() {
            DbBackend::Postgres => "LEAST",
            _ => "MIN",
        }
    }

    async fn claim<T>(
        &self,
        due: &Due,
        limit: u64,
        lease: Duration,
        read: impl Fn(&QueryResult) -> Result<T, Fault>,
    ) -> Result<Claimed<T>, Fault> {
        let Due { table, key, at, only, columns } = due;
        let backend = self.database.writes.get_database_backend();
        let now = now_millis(backend);
        // Looking before claiming spares an idle service a write.
        let look = format!("SELECT {at} - {now} AS wait FROM {table} WHERE {only} ORDER BY {at} LIMIT 1");
        let first = self.database.reads.query_one_raw(Statement::from_string(backend, look)).await;
        let nothing = |next| Claimed { items: Vec::new(), now: DateTime::<Utc>::UNIX_EPOCH, next };
        let Some(first) = first.map_err(fault(DOING))? else { return Ok(nothing(None)) };
        let wait = rows::number(&first, "wait")?;
        if wait > 0 {
            return Ok(nothing(Some(Duration::from_millis(wait.unsigned_abs()))));
        }
        let skip = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let claim = format!(
            "UPDATE {table} SET {at} = {now} + {} WHERE {key} IN (SELECT {key} FROM {table} \
             WHERE {only} AND {at} <= {now} ORDER BY {at} LIMIT {limit} {skip}) RETURNING {columns}, {now} AS now",
            millis(lease)
        );
        let rows = self.database.writes.query_all_raw(Statement::from_string(backend, claim)).await;
        let rows = rows.map_err(fault(DOING))?;
        // Somebody else was faster.
        let Some(any) = rows.first() else { return Ok(nothing(Some(Duration::ZERO))) };
        let now = from_millis(rows::number(any, "now")?);
        let items = rows.iter().filter_map(|row| {
            read(row)
                .inspect_err(|fault| tracing::error!(table, error = fault.chain(), "a row cannot be read"))
                .ok()
        });
        Ok(Claimed { items: items.collect(), now, next: Some(Duration::ZERO) })
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(DAY)
}
