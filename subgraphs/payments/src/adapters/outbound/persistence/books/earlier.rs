//! What was sold before there were books.

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use kernel::{Fault, PaymentId, from_millis, to_millis};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use service::{
    Database,
    database::{fault, now_millis},
};
use uuid::Uuid;

use crate::{
    adapters::outbound::persistence::{reading, rows::payment},
    domain::ports::{EarlierSales, Taken},
};

const DOING: &str = "looking for what was sold before there were books";
/// For how long after the first replica that keeps books came, payments may be made of whose sale it does not hear: the
/// replicas before it go on until all are replaced.
const REPLACING: Duration = Duration::hours(1);
/// How far replicas' clocks may be apart, of which payments' ids have their time.
const CLOCKS: Duration = Duration::minutes(10);

/// Earlier sales in the service's database.
#[derive(Clone)]
pub struct SeaEarlierSales {
    database: Database,
}

impl SeaEarlierSales {
    /// Those in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl EarlierSales for SeaEarlierSales {
    async fn look_through(&self, at_once: u32) -> Result<bool, Fault> {
        if self.is_through().await? {
            return Ok(false);
        }
        let (transaction, now) = self.database.begin_at().await.map_err(fault(DOING))?;
        // Locked until the commit: of several replicas one after the other goes on.
        let begin = "UPDATE earlier_payments SET books_began_at = COALESCE(books_began_at, $1) \
                     RETURNING books_began_at, read_up_to";
        let marks = rows(&transaction, begin.to_owned(), vec![to_millis(now).into()]).await?;
        let mark = marks.first().ok_or_else(|| Fault::broken_rule("how far it is read is not there"))?;
        let after = read_up_to(mark)?;
        let books_began: i64 = mark.try_get("", "books_began_at").map_err(fault(DOING))?;
        let until = first_of((from_millis(books_began) + REPLACING).min(now - CLOCKS));
        let next = format!(
            "SELECT id FROM payments WHERE id > $1 AND id < $2 ORDER BY id LIMIT 1 OFFSET {}",
            at_once.max(1) - 1
        );
        let next = rows(&transaction, next, vec![after.into(), until.into()]).await?;
        let next = next.first().map(|row| row.try_get::<Uuid>("", "id").map_err(fault(DOING))).transpose()?;
        let up_to = next.unwrap_or(until).max(after);
        let keep = "INSERT INTO earlier_sales (payment_id, due_at) SELECT p.id, $3 FROM payments AS p \
                    WHERE p.id > $1 AND p.id <= $2 AND p.state = 'CAPTURED' AND p.captured_minor > 0 \
                    AND NOT EXISTS (SELECT 1 FROM postings AS q WHERE q.order_id = p.order_id AND q.cause = 'sale') \
                    ON CONFLICT DO NOTHING";
        let values = vec![after.into(), up_to.into(), to_millis(now).into()];
        execute(&transaction, keep.to_owned(), values).await?;
        let read = "UPDATE earlier_payments SET read_up_to = $1".to_owned();
        execute(&transaction, read, vec![up_to.into()]).await?;
        transaction.commit().await.map_err(fault("committing"))?;
        Ok(next.is_some())
    }

    async fn take(&self, at_once: u32, pause: Duration) -> Result<Taken, Fault> {
        let writes = &self.database.writes;
        let backend = writes.get_database_backend();
        let (now, skip) =
            (now_millis(backend), if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" });
        let nothing = Taken { count: 0, payments: Vec::new(), now: DateTime::UNIX_EPOCH };
        // Looking before taking spares an idle service a write.
        let look = format!("SELECT payment_id FROM earlier_sales WHERE due_at <= {now} LIMIT 1");
        if rows(&self.database.reads, look, Vec::new()).await?.is_empty() {
            return Ok(nothing);
        }
        let take = format!(
            "UPDATE earlier_sales SET due_at = {now} + $1 WHERE payment_id IN (SELECT payment_id FROM earlier_sales \
             WHERE due_at <= {now} ORDER BY due_at LIMIT {at_once} {skip}) RETURNING payment_id, {now} AS now"
        );
        let taken = rows(writes, take, vec![pause.num_milliseconds().into()]).await?;
        let Some(first) = taken.first() else { return Ok(nothing) };
        let now: i64 = first.try_get("", "now").map_err(fault(DOING))?;
        let ids = taken.iter().map(|row| row.try_get::<Uuid>("", "payment_id").map_err(fault(DOING)));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        let known = format!(
            "SELECT p.id FROM payments AS p LEFT JOIN order_books AS b ON b.order_id = p.order_id \
             LEFT JOIN events AS e ON e.event_id = p.event_id \
             WHERE p.id IN ({}) AND COALESCE(b.organization_id, e.organization_id) IS NOT NULL",
            places(ids.len())
        );
        let known = rows(writes, known, ids.iter().copied().map(Value::from).collect()).await?;
        let known = known.iter().map(|row| row.try_get::<Uuid>("", "id").map_err(fault(DOING)));
        let known = known.collect::<Result<Vec<_>, _>>()?;
        let payments = reading::all(writes, payment::Column::Id, known).await?;
        Ok(Taken { count: ids.len(), payments, now: from_millis(now) })
    }

    async fn done(&self, payments: &[PaymentId]) -> Result<(), Fault> {
        let done = format!("DELETE FROM earlier_sales WHERE payment_id IN ({})", places(payments.len()));
        let values = payments.iter().map(|id| id.uuid().into()).collect();
        execute(&self.database.writes, done, values).await
    }
}

impl SeaEarlierSales {
    /// True once all payments were looked through that may have been made before there were books.
    async fn is_through(&self) -> Result<bool, Fault> {
        let far = "SELECT books_began_at, read_up_to FROM earlier_payments".to_owned();
        let far = rows(&self.database.reads, far, Vec::new()).await?;
        let Some(far) = far.first() else { return Ok(false) };
        let began: Option<i64> = far.try_get("", "books_began_at").map_err(fault(DOING))?;
        Ok(began.is_some_and(|began| {
            read_up_to(far).is_ok_and(|read| read >= first_of(from_millis(began) + REPLACING))
        }))
    }
}

/// Before all ids that are made then or later.
fn first_of(at: DateTime<Utc>) -> Uuid {
    Uuid::from_u128(u128::from(to_millis(at).max(0).unsigned_abs()) << 80)
}

fn read_up_to(row: &QueryResult) -> Result<Uuid, Fault> {
    let read: Option<Uuid> = row.try_get("", "read_up_to").map_err(fault(DOING))?;
    Ok(read.unwrap_or(Uuid::nil()))
}

fn places(count: usize) -> String {
    (1..=count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

async fn rows(
    connection: &impl ConnectionTrait,
    sql: String,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, Fault> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.query_all_raw(statement).await.map_err(fault(DOING))
}

async fn execute(connection: &impl ConnectionTrait, sql: String, values: Vec<Value>) -> Result<(), Fault> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await.map_err(fault(DOING))?;
    Ok(())
}
