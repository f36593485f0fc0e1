//! What the provider says, and where the books say otherwise.

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::Duration;
use kernel::{Currency, Fault, Id, Money, to_millis};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Statement, Value};
use service::{
    Database,
    database::{Write, Writes, fault, now_millis},
};
use uuid::Uuid;

use crate::domain::ports::{Difference, FeeDue, OrderOf, Read, Reconciling};

const DOING: &str = "comparing the books with the provider's";
/// How many fees are booked at once.
const FEES_AT_ONCE: u32 = 200;
/// How many differences are kept at once: with more of them it is not payments that are wrong.
const MOST_DIFFERENCES: u32 = 1_000;

/// The comparison in the service's database.
#[derive(Clone)]
pub struct SeaReconciling {
    database: Database,
}

impl SeaReconciling {
    /// That in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    async fn rows<const N: usize>(&self, sql: String, values: [Value; N]) -> Result<Vec<QueryResult>, Fault> {
        let writes = &self.database.writes;
        let statement = Statement::from_sql_and_values(writes.get_database_backend(), sql, values);
        writes.query_all_raw(statement).await.map_err(fault(DOING))
    }

    fn now(&self) -> &'static str {
        now_millis(self.database.writes.get_database_backend())
    }
}

#[async_trait]
impl Reconciling for SeaReconciling {
    async fn take_turn(&self, lease: Duration) -> Result<Option<Option<String>>, Fault> {
        let now = self.now();
        let take = format!(
            "UPDATE reconciliation SET next_at = {now} + $1 WHERE next_at <= {now} RETURNING read_up_to"
        );
        let rows = self.rows(take, [lease.num_milliseconds().into()]).await?;
        rows.first().map(|row| row.try_get("", "read_up_to").map_err(fault(DOING))).transpose()
    }

    async fn keep_movements(&self, movements: &[Read]) -> Result<(), Fault> {
        let Some(last) = movements.last() else { return Ok(()) };
        let transaction = self.database.begin().await.map_err(fault(DOING))?;
        let mut writes = Writes::default();
        for movement in movements {
            if let Some(odd) = unexplained(movement, self.now()) {
                writes.add(odd, &transaction).await?;
            }
            let Read::Counted(movement) = movement else { continue };
            let (columns, now) = (
                "provider_movements (id, kind, intent, amount_minor, fee_minor, currency, at, fee_due, seen_at)",
                self.now(),
            );
            let keep = format!(
                "INSERT INTO {columns} SELECT c0, c1, c2, c3, c4, c5, c6, c7, {now} FROM {{rows}} WHERE TRUE \
                 ON CONFLICT DO NOTHING"
            );
            let values = [
                movement.id.as_str().into(),
                movement.kind.as_str().into(),
                movement.intent.clone().into(),
                movement.amount.minor.into(),
                movement.fee.minor.into(),
                movement.amount.currency.code().into(),
                to_millis(movement.at).into(),
                (movement.intent.is_some() && !movement.fee.is_zero()).into(),
            ];
            writes.add(Write::rows("keeping what the provider says", keep, values), &transaction).await?;
        }
        let read_on = "UPDATE reconciliation SET read_up_to = $1";
        writes.add(Write::new(DOING, read_on, [last.id().into()]).changes(1), &transaction).await?;
        writes.send(&transaction).await?;
        transaction.commit().await.map_err(fault("committing"))
    }

    async fn fees_due(&self) -> Result<Vec<FeeDue>, Fault> {
        let due = format!(
            "SELECT m.id, m.fee_minor, m.currency, p.order_id, p.event_id, p.currency AS paid_in \
             FROM provider_movements AS m JOIN payments AS p ON p.intent_id = m.intent \
             WHERE m.fee_due ORDER BY m.id LIMIT {FEES_AT_ONCE}"
        );
        self.rows(due, []).await?.iter().map(fee_due).collect()
    }

    async fn fees_booked(&self, movements: &[String]) -> Result<(), Fault> {
        let transaction = self.database.begin().await.map_err(fault(DOING))?;
        let booked = "UPDATE provider_movements SET fee_due = FALSE FROM {rows} WHERE id = c0";
        let mut writes = Writes::default();
        for movement in movements {
            let write = Write::rows("noting that fees are booked", booked, [movement.as_str().into()]);
            writes.add(write, &transaction).await?;
        }
        writes.send(&transaction).await?;
        transaction.commit().await.map_err(fault("committing"))
    }

    async fn compare(&self, rest: Duration) -> Result<Vec<Difference>, Fault> {
        let (transaction, now) = self.database.begin_at().await.map_err(fault(DOING))?;
        let until = to_millis(now - rest);
        let known = unsettled(&transaction).await?;
        let since = "SELECT compared_until FROM reconciliation";
        let since = one(&transaction, since).await?.map_or(Ok(0), |row| number(&row, "compared_until"))?;
        let found = differing(&transaction, since, until).await?;
        let mut writes = Writes::default();
        let settle = "UPDATE reconciliation_differences SET settled_at = $1 WHERE settled_at IS NULL";
        writes.add(Write::new("settling differences", settle, [to_millis(now).into()]), &transaction).await?;
        writes.send(&transaction).await?;
        for difference in &found {
            let columns =
                "reconciliation_differences (intent, currency, provider_minor, ledger_minor, found_at)";
            let again = "ON CONFLICT (intent, currency) DO UPDATE SET provider_minor = excluded.provider_minor, \
                         ledger_minor = excluded.ledger_minor, settled_at = NULL";
            let values = [
                difference.intent.as_str().into(),
                difference.ledger.currency.code().into(),
                difference.provider.minor.into(),
                difference.ledger.minor.into(),
                to_millis(now).into(),
            ];
            writes.add(Write::insert("keeping differences", columns, again, values), &transaction).await?;
        }
        let compared = "UPDATE reconciliation SET compared_until = $1";
        writes.add(Write::new(DOING, compared, [until.into()]).changes(1), &transaction).await?;
        writes.send(&transaction).await?;
        transaction.commit().await.map_err(fault("committing"))?;
        let is_new = |found: &Difference| {
            !known.contains(&(found.intent.clone(), found.ledger.currency.code().to_owned()))
        };
        Ok(found.into_iter().filter(is_new).collect())
    }

    async fn end_turn(&self, pause: Duration) -> Result<(), Fault> {
        let end = format!("UPDATE reconciliation SET next_at = {} + $1 RETURNING id", self.now());
        self.rows(end, [pause.num_milliseconds().into()]).await?;
        Ok(())
    }

    async fn differences(&self) -> Result<u64, Fault> {
        let left = "SELECT COUNT(*) AS left_over FROM reconciliation_differences WHERE settled_at IS NULL";
        let rows = self.rows(left.to_owned(), []).await?;
        rows.first().map_or(Ok(0), |row| Ok(number(row, "left_over")?.unsigned_abs()))
    }
}

/// Lets people look at a movement of which nobody knows what it is for.
fn unexplained(movement: &Read, now: &str) -> Option<Write> {
    let (kind, amount) = match movement {
        Read::Counted(movement) if movement.is_explained() => return None,
        Read::Counted(movement) => (&movement.kind, Some(movement.amount)),
        Read::Uncountable { kind, .. } => (kind, None),
    };
    let columns = "unexplained_movements (id, kind, amount_minor, currency, seen_at)";
    let keep = format!(
        "INSERT INTO {columns} SELECT c0, c1, c2, c3, {now} FROM {{rows}} WHERE TRUE ON CONFLICT DO NOTHING"
    );
    let values = [
        movement.id().into(),
        kind.as_str().into(),
        amount.map(|amount| amount.minor).into(),
        amount.map(|amount| amount.currency.code()).into(),
    ];
    Some(Write::rows("keeping what nobody knows of", keep, values))
}

/// Payments of which the provider has another amount than the books say: those that were touched in this time and not since,
/// and those that differed before. What a bank has while a dispute is open, the provider has not.
async fn differing(
    transaction: &DatabaseTransaction,
    since: i64,
    until: i64,
) -> Result<Vec<Difference>, Fault> {
    let left_alone = |intent: &str| {
        format!(
            "NOT EXISTS (SELECT 1 FROM provider_movements AS q WHERE q.intent = {intent} AND q.seen_at > $2) \
             AND NOT EXISTS (SELECT 1 FROM ledger_entries AS q JOIN payments AS r ON r.id = q.payment_id \
             WHERE r.intent_id = {intent} AND q.at > $2)"
        )
    };
    let query = format!(
        "WITH touched AS (SELECT m.intent FROM provider_movements AS m \
             WHERE m.seen_at > $1 AND m.seen_at <= $2 AND m.intent IS NOT NULL AND {} \
           UNION SELECT p.intent_id FROM ledger_entries AS l JOIN payments AS p ON p.id = l.payment_id \
             WHERE l.at > $1 AND l.at <= $2 AND p.intent_id IS NOT NULL AND {} \
           UNION SELECT d.intent FROM reconciliation_differences AS d WHERE d.settled_at IS NULL), \
         sides AS (SELECT t.intent, m.currency, m.amount_minor AS provider, 0 AS ledger \
             FROM touched AS t JOIN provider_movements AS m ON m.intent = t.intent \
           UNION ALL SELECT t.intent, l.currency, 0, l.amount_minor FROM touched AS t \
             JOIN payments AS p ON p.intent_id = t.intent \
             JOIN ledger_entries AS l ON l.payment_id = p.id AND l.account = 'PROVIDER' \
           UNION ALL SELECT t.intent, d.currency, 0, -d.amount_minor FROM touched AS t \
             JOIN payments AS p ON p.intent_id = t.intent \
             JOIN disputes AS d ON d.payment_id = p.id AND d.state = 'OPEN') \
         SELECT intent, currency, CAST(SUM(provider) AS BIGINT) AS provider, CAST(SUM(ledger) AS BIGINT) AS ledger \
         FROM sides GROUP BY intent, currency HAVING SUM(provider) <> SUM(ledger) \
         ORDER BY intent, currency LIMIT {MOST_DIFFERENCES}",
        left_alone("m.intent"),
        left_alone("p.intent_id")
    );
    let backend = transaction.get_database_backend();
    let query = Statement::from_sql_and_values(backend, query, [since.into(), until.into()]);
    let rows = transaction.query_all_raw(query).await.map_err(fault(DOING))?;
    let difference = |row: &QueryResult| {
        let currency = currency(row, "currency")?;
        Ok(Difference {
            intent: row.try_get("", "intent").map_err(fault(DOING))?,
            provider: Money::new(number(row, "provider")?, currency),
            ledger: Money::new(number(row, "ledger")?, currency),
        })
    };
    rows.iter().map(difference).collect()
}

async fn unsettled(transaction: &DatabaseTransaction) -> Result<HashSet<(String, String)>, Fault> {
    let query = "SELECT intent, currency FROM reconciliation_differences WHERE settled_at IS NULL";
    let query = Statement::from_string(transaction.get_database_backend(), query);
    let rows = transaction.query_all_raw(query).await.map_err(fault(DOING))?;
    let text = |row: &QueryResult, column| row.try_get("", column).map_err(fault(DOING));
    rows.iter().map(|row| Ok((text(row, "intent")?, text(row, "currency")?))).collect()
}

async fn one(transaction: &DatabaseTransaction, query: &str) -> Result<Option<QueryResult>, Fault> {
    let query = Statement::from_string(transaction.get_database_backend(), query);
    transaction.query_one_raw(query).await.map_err(fault(DOING))
}

fn fee_due(row: &QueryResult) -> Result<FeeDue, Fault> {
    let id = |column| row.try_get::<Uuid>("", column).map_err(fault(DOING));
    Ok(FeeDue {
        movement: row.try_get("", "id").map_err(fault(DOING))?,
        of: OrderOf {
            order: Id::from_uuid(id("order_id")?),
            event: Id::from_uuid(id("event_id")?),
            organization: None,
            currency: currency(row, "paid_in")?,
        },
        fee: Money::new(number(row, "fee_minor")?, currency(row, "currency")?),
    })
}

fn currency(row: &QueryResult, column: &str) -> Result<Currency, Fault> {
    let code: String = row.try_get("", column).map_err(fault(DOING))?;
    code.parse()
}

fn number(row: &QueryResult, column: &str) -> Result<i64, Fault> {
    row.try_get("", column).map_err(fault(DOING))
}
