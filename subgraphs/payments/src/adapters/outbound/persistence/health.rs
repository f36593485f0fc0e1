//! How it stands with the money, for those who run the platform.

use async_trait::async_trait;
use kernel::{Currency, Fault, Money, from_millis};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use service::{
    Database,
    database::{fault, now_millis},
};

use crate::domain::{
    entities::payout::PayoutState,
    ports::{
        Difference, HealthReads, Latest, MoneyHealth, OpenDifference, OwedRefunds, ParkedWebhook,
        PayoutsInState, UnexplainedMovement, Unfinished, UnfinishedPayments,
    },
};

const DOING: &str = "reading how it stands with the money";
/// So many milliseconds has an hour.
const HOUR: i64 = 60 * 60 * 1_000;
/// And so many a week.
const WEEK: i64 = 7 * 24 * HOUR;

/// The health of the money in the service's database.
#[derive(Clone)]
pub struct SeaHealth {
    database: Database,
}

impl SeaHealth {
    /// That in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    async fn rows(&self, sql: String) -> Result<Vec<QueryResult>, Fault> {
        let reads = &self.database.reads;
        let statement = Statement::from_string(reads.get_database_backend(), sql);
        reads.query_all_raw(statement).await.map_err(fault(DOING))
    }

    async fn count(&self, from: &str) -> Result<u64, Fault> {
        let rows = self.rows(format!("SELECT COUNT(*) AS n FROM {from}")).await?;
        rows.first().map_or(Ok(0), |row| count(row, "n"))
    }

    async fn write(&self, sql: &str, id: &str) -> Result<(), Fault> {
        let writes = &self.database.writes;
        let statement = Statement::from_sql_and_values(writes.get_database_backend(), sql, [id.into()]);
        writes.execute_raw(statement).await.map_err(fault("hearing a webhook once more"))?;
        Ok(())
    }
}

#[async_trait]
impl HealthReads for SeaHealth {
    async fn health(&self, at_most: u32) -> Result<MoneyHealth, Fault> {
        let states = Unfinished::ALL.map(Unfinished::name).join("', '");
        let payments = self.rows(format!(
            "SELECT p.state, COUNT(*) AS n, SUM(CASE WHEN p.created_at < clock.now - {HOUR} THEN 1 ELSE 0 END) AS old, \
             MIN(p.created_at) AS oldest FROM payments AS p CROSS JOIN (SELECT {} AS now) AS clock \
             WHERE p.state IN ('{states}') GROUP BY p.state",
            now_millis(self.database.reads.get_database_backend())
        ));
        let owed = "SELECT currency, COUNT(*) AS n, CAST(SUM(amount_minor) AS BIGINT) AS owed, MIN(created_at) AS oldest \
                    FROM refunds WHERE state = 'OWED' GROUP BY currency ORDER BY currency";
        let payouts = self.rows(format!(
            "SELECT state, currency, COUNT(*) AS n, CAST(SUM(amount_minor) AS BIGINT) AS amount, \
             MIN(created_at) AS oldest FROM payouts CROSS JOIN (SELECT {} AS now) AS clock \
             WHERE state IN ('ASKED', 'SENT') OR state IN ('FAILED', 'REFUSED') AND created_at > clock.now - {WEEK} \
             GROUP BY state, currency ORDER BY state, currency",
            now_millis(self.database.reads.get_database_backend())
        ));
        let unsettled = "reconciliation_differences WHERE settled_at IS NULL";
        let differences = format!(
            "SELECT intent, currency, provider_minor, ledger_minor, found_at FROM {unsettled} \
             ORDER BY found_at DESC, intent LIMIT {at_most}"
        );
        let unexplained = format!(
            "SELECT id, kind, amount_minor, currency, seen_at FROM unexplained_movements \
             ORDER BY seen_at DESC, id LIMIT {at_most}"
        );
        let parked = format!(
            "SELECT id, kind, reason, parked_at FROM parked_events ORDER BY parked_at DESC, id LIMIT {at_most}"
        );
        let payments = payments.await?;
        let mut unfinished = Vec::new();
        for state in Unfinished::ALL {
            let of = payments
                .iter()
                .find(|row| row.try_get::<String>("", "state").is_ok_and(|is| is == state.name()));
            unfinished.extend(of.map(|row| self::unfinished(state, row)).transpose()?);
        }
        Ok(MoneyHealth {
            payments: unfinished,
            owed: all(&self.rows(owed.to_owned()).await?, refunds)?,
            payouts: all(&payouts.await?, payouts_in_state)?,
            differences: Latest {
                items: all(&self.rows(differences).await?, difference)?,
                count: self.count(unsettled).await?,
            },
            unexplained: Latest {
                items: all(&self.rows(unexplained).await?, movement)?,
                count: self.count("unexplained_movements").await?,
            },
            unbooked_sales: self.count("earlier_sales").await?,
            parked: Latest {
                items: all(&self.rows(parked).await?, webhook)?,
                count: self.count("parked_events").await?,
            },
        })
    }

    async fn parked(&self, id: &str) -> Result<Option<(ParkedWebhook, String)>, Fault> {
        let reads = &self.database.reads;
        let query = "SELECT id, kind, reason, parked_at, body FROM parked_events WHERE id = $1";
        let query = Statement::from_sql_and_values(reads.get_database_backend(), query, [id.into()]);
        let row = reads.query_one_raw(query).await.map_err(fault(DOING))?;
        row.map(|row| Ok((webhook(&row)?, text(&row, "body")?))).transpose()
    }

    async fn forget_heard(&self, id: &str) -> Result<(), Fault> {
        self.write("DELETE FROM provider_events WHERE id = $1", id).await
    }

    async fn unpark(&self, id: &str) -> Result<(), Fault> {
        self.write("DELETE FROM parked_events WHERE id = $1", id).await
    }
}

fn all<T>(rows: &[QueryResult], read: impl Fn(&QueryResult) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    rows.iter().map(read).collect()
}

fn unfinished(state: Unfinished, row: &QueryResult) -> Result<UnfinishedPayments, Fault> {
    let (count, older_than_an_hour) = (count(row, "n")?, count(row, "old")?);
    Ok(UnfinishedPayments { state, count, older_than_an_hour, oldest: from_millis(number(row, "oldest")?) })
}

fn refunds(row: &QueryResult) -> Result<OwedRefunds, Fault> {
    Ok(OwedRefunds {
        count: count(row, "n")?,
        amount: Money::new(number(row, "owed")?, currency(row)?),
        oldest: from_millis(number(row, "oldest")?),
    })
}

fn payouts_in_state(row: &QueryResult) -> Result<PayoutsInState, Fault> {
    let name = text(row, "state")?;
    let unknown = || Fault::broken_rule(format!("a payout is {name}"));
    Ok(PayoutsInState {
        state: PayoutState::from_name(&name).ok_or_else(unknown)?,
        count: count(row, "n")?,
        amount: Money::new(number(row, "amount")?, currency(row)?),
        oldest: from_millis(number(row, "oldest")?),
    })
}

fn difference(row: &QueryResult) -> Result<OpenDifference, Fault> {
    let money = |column| Ok::<_, Fault>(Money::new(number(row, column)?, currency(row)?));
    let (provider, ledger) = (money("provider_minor")?, money("ledger_minor")?);
    Ok(OpenDifference {
        difference: Difference { intent: text(row, "intent")?, provider, ledger },
        found_at: from_millis(number(row, "found_at")?),
    })
}

fn movement(row: &QueryResult) -> Result<UnexplainedMovement, Fault> {
    let minor: Option<i64> = row.try_get("", "amount_minor").map_err(fault(DOING))?;
    let amount = minor.map(|minor| Ok::<_, Fault>(Money::new(minor, currency(row)?))).transpose()?;
    let seen_at = from_millis(number(row, "seen_at")?);
    Ok(UnexplainedMovement { id: text(row, "id")?, kind: text(row, "kind")?, amount, seen_at })
}

fn webhook(row: &QueryResult) -> Result<ParkedWebhook, Fault> {
    Ok(ParkedWebhook {
        id: text(row, "id")?,
        kind: text(row, "kind")?,
        reason: text(row, "reason")?,
        parked_at: from_millis(number(row, "parked_at")?),
    })
}

fn currency(row: &QueryResult) -> Result<Currency, Fault> {
    text(row, "currency")?.parse()
}

fn text(row: &QueryResult, column: &str) -> Result<String, Fault> {
    row.try_get("", column).map_err(fault(DOING))
}

fn number(row: &QueryResult, column: &str) -> Result<i64, Fault> {
    row.try_get("", column).map_err(fault(DOING))
}

fn count(row: &QueryResult, column: &str) -> Result<u64, Fault> {
    Ok(number(row, column)?.unsigned_abs())
}
