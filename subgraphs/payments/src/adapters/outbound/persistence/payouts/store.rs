use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Currency, Fault, OrganizationId, to_millis};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, Value};
use service::database::{fault, for_update, now_millis};

use super::{SeaPayouts, rows, transaction::SeaPayoutTx};
use crate::domain::{
    entities::payout::{AccountSeen, Payout, PayoutAccount, PayoutAccountStatus, PayoutId},
    ports::{Claimed, Counted, PayoutStore, PayoutTx, ProviderEvent, ProviderPayout},
};

/// How many movements of an account are counted at once.
const COUNTED_AT_ONCE: usize = 2_000;
/// After so long what came to an account is counted also where the books will never hear of what it was for: by then what was
/// captured has become tickets or went back.
const HEARD_BY: i64 = 24 * 60 * 60 * 1_000;

#[async_trait]
impl PayoutStore for SeaPayouts {
    async fn now(&self) -> Result<DateTime<Utc>, Fault> {
        self.database.now().await
    }

    async fn accounts(
        &self,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, PayoutAccount>, Fault> {
        if organizations.is_empty() {
            return Ok(HashMap::new());
        }
        let places: Vec<_> = (1..=organizations.len()).map(|place| format!("${place}")).collect();
        let reads = &self.database.reads;
        let query = Statement::from_sql_and_values(
            reads.get_database_backend(),
            format!(
                "SELECT organization_id, account, status FROM payout_accounts WHERE organization_id IN ({})",
                places.join(", ")
            ),
            organizations.iter().map(|of| of.uuid().into()),
        );
        let rows = reads.query_all_raw(query).await.map_err(fault("reading accounts of organizations"))?;
        let read = |row| rows::account(row).map(|account| (account.organization, account));
        rows.iter().map(read).collect()
    }

    async fn keep_account(
        &self,
        organization: OrganizationId,
        seen: &AccountSeen,
        looked_at: DateTime<Utc>,
    ) -> Result<(), Fault> {
        // One that becomes active is looked at right away: there may be something to be paid out.
        let keep = "INSERT INTO payout_accounts (organization_id, account, status, seen_at, look_at, refusals) \
                    VALUES ($1, $2, $3, $4, $4, 0) ON CONFLICT (organization_id) DO UPDATE SET \
                    status = excluded.status, seen_at = excluded.seen_at, \
                    look_at = CASE WHEN payout_accounts.status = excluded.status THEN payout_accounts.look_at \
                    ELSE excluded.look_at END, \
                    refusals = CASE WHEN payout_accounts.status = excluded.status THEN payout_accounts.refusals ELSE 0 END \
                    WHERE payout_accounts.account = excluded.account AND payout_accounts.seen_at <= excluded.seen_at";
        let values = [
            organization.uuid().into(),
            seen.id.as_str().into(),
            seen.status().name().into(),
            to_millis(looked_at).into(),
        ];
        let writes = &self.database.writes;
        let keep = Statement::from_sql_and_values(writes.get_database_backend(), keep, values);
        writes.execute_raw(keep).await.map_err(fault("keeping an account"))?;
        Ok(())
    }

    async fn hear_of_account(
        &self,
        event: &ProviderEvent,
        seen: Option<&AccountSeen>,
        looked_at: DateTime<Utc>,
    ) -> Result<bool, Fault> {
        let Some(transaction) = self.noted(event).await? else { return Ok(false) };
        if let Some(seen) = seen {
            let keep = "UPDATE payout_accounts SET look_at = CASE WHEN status = $1 THEN look_at ELSE $2 END, \
                        refusals = CASE WHEN status = $1 THEN refusals ELSE 0 END, status = $1, seen_at = $2 \
                        WHERE account = $3 AND seen_at <= $2";
            let values = [seen.status().name().into(), to_millis(looked_at).into(), seen.id.as_str().into()];
            run(&transaction, "keeping an account", keep, values).await?;
        }
        transaction.commit().await.map_err(fault("committing"))?;
        Ok(true)
    }

    async fn begin_hearing(
        &self,
        event: &ProviderEvent,
        told: &ProviderPayout,
    ) -> Result<Option<(Box<dyn PayoutTx>, Option<Payout>)>, Fault> {
        let Some(transaction) = self.noted(event).await? else { return Ok(None) };
        let of = "provider_id = $1 OR id = $2 AND provider_id IS NULL";
        let values = [told.id.as_str().into(), told.payout.map(PayoutId::uuid).into()];
        let (payout, now) = match locked(&transaction, of, values).await? {
            Some((payout, now)) => (Some(payout), now),
            None => (None, service::database::now(&transaction).await.map_err(fault("asking for the time"))?),
        };
        Ok(Some((Box::new(SeaPayoutTx::new(transaction, now)), payout)))
    }

    async fn begin_on(&self, payout: PayoutId) -> Result<Option<(Box<dyn PayoutTx>, Payout)>, Fault> {
        let transaction = self.database.begin().await.map_err(fault("beginning a transaction"))?;
        let found = locked(&transaction, "id = $1", [payout.uuid().into()]).await?;
        let Some((payout, now)) = found else { return Ok(None) };
        Ok(Some((Box::new(SeaPayoutTx::new(transaction, now)), payout)))
    }

    async fn begin_counting(
        &self,
        account: &PayoutAccount,
        currency: Currency,
    ) -> Result<Option<Counted>, Fault> {
        let counting = fault("counting what an account holds");
        let transaction = self.database.begin().await.map_err(&counting)?;
        let backend = transaction.get_database_backend();
        let lock = format!(
            "SELECT {} AS now FROM (SELECT 1 AS one FROM payout_accounts WHERE organization_id = $1 AND status = '{}' \
             AND account = $2{}) AS locked",
            now_millis(backend),
            PayoutAccountStatus::Active.name(),
            for_update(backend),
        );
        let (of, code) = (account.organization.uuid(), currency.code());
        let lock = Statement::from_sql_and_values(backend, lock, [of.into(), account.id.as_str().into()]);
        let Some(row) = transaction.query_one_raw(lock).await.map_err(&counting)? else { return Ok(None) };
        let now = kernel::from_millis(rows::number(&row, "now")?);
        let open = "SELECT id FROM payouts WHERE organization_id = $1 AND currency = $2 AND state = 'ASKED'";
        let open = Statement::from_sql_and_values(backend, open, [of.into(), code.into()]);
        if transaction.query_one_raw(open).await.map_err(&counting)?.is_some() {
            return Ok(None);
        }
        let count = format!(
            "UPDATE account_movements SET counted = TRUE WHERE (payment_id, cause) IN (SELECT m.payment_id, m.cause \
             FROM account_movements AS m WHERE m.organization_id = $1 AND m.currency = $2 AND NOT m.counted \
             AND (m.at < $3 OR EXISTS (SELECT 1 FROM postings AS p WHERE p.order_id = m.order_id AND p.cause = m.cause)) \
             LIMIT {COUNTED_AT_ONCE}) RETURNING amount_minor"
        );
        let values = [of.into(), code.into(), (to_millis(now) - HEARD_BY).into()];
        let count = Statement::from_sql_and_values(backend, count, values);
        let counted = transaction.query_all_raw(count).await.map_err(&counting)?;
        let mut more = 0;
        for row in &counted {
            more += rows::number(row, "amount_minor")?;
        }
        let hold = "INSERT INTO account_holdings (organization_id, currency, held_minor) VALUES ($1, $2, $3) \
                    ON CONFLICT (organization_id, currency) DO UPDATE SET \
                    held_minor = account_holdings.held_minor + excluded.held_minor RETURNING held_minor";
        let hold = Statement::from_sql_and_values(backend, hold, [of.into(), code.into(), more.into()]);
        let row = transaction.query_one_raw(hold).await.map_err(&counting)?;
        let row = row.ok_or_else(|| Fault::broken_rule("what an account holds was not written down"))?;
        Ok(Some(Counted {
            held: rows::number(&row, "held_minor")?,
            is_more: counted.len() >= COUNTED_AT_ONCE,
            tx: Box::new(SeaPayoutTx::new(transaction, now)),
        }))
    }

    async fn claim_payouts(&self, limit: u64, lease: Duration) -> Result<Claimed<Payout>, Fault> {
        self.due_payouts(limit, lease).await
    }

    async fn claim_accounts(&self, limit: u64, lease: Duration) -> Result<Claimed<PayoutAccount>, Fault> {
        self.due_accounts(limit, lease).await
    }

    async fn looked(
        &self,
        account: &PayoutAccount,
        at_most: Duration,
        refused: Option<Duration>,
    ) -> Result<(), Fault> {
        self.note_look(account, at_most, refused).await
    }
}

impl SeaPayouts {
    /// Begins a transaction in which an event is noted; none when it was noted before.
    async fn noted(&self, event: &ProviderEvent) -> Result<Option<DatabaseTransaction>, Fault> {
        let transaction = self.database.begin().await.map_err(fault("beginning a transaction"))?;
        let note = format!(
            "INSERT INTO provider_events (id, kind, received_at) VALUES ($1, $2, {}) ON CONFLICT DO NOTHING",
            now_millis(transaction.get_database_backend())
        );
        let values = [event.id.as_str().into(), event.kind.as_str().into()];
        let is_new = run(&transaction, "noting a webhook", &note, values).await? > 0;
        Ok(is_new.then_some(transaction))
    }
}

async fn run<const N: usize>(
    transaction: &DatabaseTransaction,
    doing: &'static str,
    sql: &str,
    values: [Value; N],
) -> Result<u64, Fault> {
    let statement = Statement::from_sql_and_values(transaction.get_database_backend(), sql, values);
    Ok(transaction.execute_raw(statement).await.map_err(fault(doing))?.rows_affected())
}

/// The payout for which this holds, locked, and when.
async fn locked<const N: usize>(
    transaction: &DatabaseTransaction,
    which: &str,
    values: [Value; N],
) -> Result<Option<(Payout, DateTime<Utc>)>, Fault> {
    let backend = transaction.get_database_backend();
    let query = format!(
        "SELECT {}, {} AS now FROM (SELECT {} FROM payouts WHERE {which}{}) AS locked",
        rows::PAYOUT,
        now_millis(backend),
        rows::PAYOUT,
        for_update(backend)
    );
    let query = Statement::from_sql_and_values(backend, query, values);
    let row = transaction.query_one_raw(query).await.map_err(fault("locking a payout"))?;
    row.map(|row| Ok((rows::payout(&row)?, kernel::from_millis(rows::number(&row, "now")?)))).transpose()
}
