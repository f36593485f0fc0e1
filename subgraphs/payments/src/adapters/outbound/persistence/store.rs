use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{Announcement, purchase::PurchaseReply};
use kernel::{Fault, OrderId, PaymentId, UserId, to_millis};
use messaging::{Outbox, trace};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QueryResult,
    QuerySelect, Statement, Value,
};
use service::{
    Database,
    database::{self, fault, now_millis},
};
use tracing::{Span, info_span};
use uuid::Uuid;

use super::{payments, rows::attempt, rows::payment};
use crate::domain::{
    entities::Payment,
    ports::{Due, Store, Tx},
};

/// The durable name of this service's consumer.
const CONSUMER: &str = "payments";

/// Payments in the service's database.
#[derive(Clone)]
pub struct SeaStore {
    database: Database,
    outbox: Outbox,
}

impl SeaStore {
    /// The store in this database; commits wake `outbox`.
    pub fn new(database: Database, outbox: Outbox) -> Self {
        Self { database, outbox }
    }
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, Fault> {
        let transaction = self.database.begin().await.map_err(fault("beginning a transaction"))?;
        let now = database::now(&transaction).await.map_err(fault("asking for the time"))?;
        Ok(Box::new(SeaTx { transaction, now, outbox: self.outbox.clone() }))
    }

    async fn now(&self) -> Result<DateTime<Utc>, Fault> {
        database::now(&self.database.reads).await.map_err(fault("asking for the time"))
    }

    async fn payment(&self, id: PaymentId) -> Result<Option<Payment>, Fault> {
        payments::load(&self.database.reads, id, false).await
    }

    async fn payment_of_order(&self, order: OrderId) -> Result<Option<Payment>, Fault> {
        match payments::find(&self.database.reads, payment::Column::OrderId, order.uuid()).await? {
            Some(id) => self.payment(id).await,
            None => Ok(None),
        }
    }

    async fn returned_before(&self, order: OrderId) -> Result<Option<String>, Fault> {
        return_reason(&self.database.reads, order, "").await
    }

    async fn span_of(&self, payment: PaymentId) -> Result<Span, Fault> {
        let query =
            payment::Entity::find_by_id(payment.uuid()).select_only().column(payment::Column::Traceparent);
        let kept = query.into_tuple::<Option<String>>().one(&self.database.reads).await;
        let kept = kept.map_err(fault("reading a payment's trace"))?.flatten();
        Ok(settling(payment, kept.as_deref()))
    }

    async fn claim_due(&self, limit: u64, lease: Duration) -> Result<Vec<Due>, Fault> {
        let claiming = fault("claiming payments to settle");
        let now = self.now().await?;
        let (now, until) = (to_millis(now), to_millis(now + lease));
        // Looking before claiming spares an idle service a write.
        let waiting = payment::Entity::find()
            .filter(payment::Column::DueAt.lte(now))
            .filter(payment::Column::ClaimedUntil.lte(now))
            .one(&self.database.reads)
            .await
            .map_err(&claiming)?;
        if waiting.is_none() {
            return Ok(Vec::new());
        }
        let backend = self.database.writes.get_database_backend();
        let skip = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let claim = Statement::from_sql_and_values(
            backend,
            format!(
                "UPDATE payments SET claimed_until = $1 WHERE id IN (SELECT id FROM payments \
                 WHERE due_at <= $2 AND claimed_until <= $3 ORDER BY due_at LIMIT {limit} {skip}) RETURNING id, traceparent"
            ),
            [until.into(), now.into(), now.into()],
        );
        let rows = self.database.writes.query_all_raw(claim).await.map_err(&claiming)?;
        let due = |row: &QueryResult| {
            let payment = PaymentId::from_uuid(row.try_get("", "id")?);
            let kept: Option<String> = row.try_get("", "traceparent")?;
            Ok(Due { payment, span: settling(payment, kept.as_deref()) })
        };
        rows.iter().map(|row| due(row).map_err(&claiming)).collect()
    }

    async fn hasten(&self) -> Result<(), Fault> {
        let backend = self.database.writes.get_database_backend();
        let now = now_millis(backend);
        let hasten = Statement::from_string(
            backend,
            format!("UPDATE payments SET due_at = {now}, claimed_until = 0 WHERE due_at IS NOT NULL"),
        );
        self.database.writes.execute_raw(hasten).await.map_err(fault("hastening payments"))?;
        Ok(())
    }

    async fn forget_keys(&self, before: DateTime<Utc>, limit: u64) -> Result<u64, Fault> {
        // Whose key is forgotten has one that says so, different from all others.
        let backend = self.database.writes.get_database_backend();
        let payment = if backend == DbBackend::Postgres { "payment_id::text" } else { "hex(payment_id)" };
        let forget = Statement::from_sql_and_values(
            backend,
            format!(
                "UPDATE attempts SET client_key = 'forgotten ' || {payment} || ' ' || number \
                 WHERE (payment_id, number) IN (SELECT payment_id, number FROM attempts \
                 WHERE started_at < $1 AND client_key NOT LIKE 'forgotten %' LIMIT {limit})"
            ),
            [to_millis(before).into()],
        );
        let forgotten = self.database.writes.execute_raw(forget).await;
        Ok(forgotten.map_err(fault("forgetting idempotency keys"))?.rows_affected())
    }

    async fn forget_events(&self, before: DateTime<Utc>) -> Result<u64, Fault> {
        let forget = Statement::from_sql_and_values(
            self.database.writes.get_database_backend(),
            "DELETE FROM provider_events WHERE received_at < $1",
            [to_millis(before).into()],
        );
        let forgotten = self.database.writes.execute_raw(forget).await;
        Ok(forgotten.map_err(fault("forgetting old webhooks"))?.rows_affected())
    }
}

struct SeaTx {
    transaction: DatabaseTransaction,
    now: DateTime<Utc>,
    outbox: Outbox,
}

impl SeaTx {
    async fn execute<const N: usize>(
        &self,
        doing: &'static str,
        sql: &str,
        values: [Value; N],
    ) -> Result<u64, Fault> {
        let statement = Statement::from_sql_and_values(self.transaction.get_database_backend(), sql, values);
        Ok(self.transaction.execute_raw(statement).await.map_err(fault(doing))?.rows_affected())
    }
}

#[async_trait]
impl Tx for SeaTx {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    async fn lock_order(&mut self, order: OrderId) -> Result<Option<String>, Fault> {
        let insert = "INSERT INTO orders (order_id) VALUES ($1) ON CONFLICT DO NOTHING";
        self.execute("locking an order", insert, [order.uuid().into()]).await?;
        let lock = match self.transaction.get_database_backend() {
            DbBackend::Postgres => "FOR UPDATE",
            _ => "", // the transaction is the only one that writes
        };
        return_reason(&self.transaction, order, lock).await
    }

    async fn note_return(&mut self, order: OrderId, reason: &str) -> Result<(), Fault> {
        let note = "UPDATE orders SET return_reason = $1 WHERE order_id = $2";
        self.execute("noting the end of an order", note, [reason.into(), order.uuid().into()]).await?;
        Ok(())
    }

    async fn payment(&mut self, id: PaymentId) -> Result<Option<Payment>, Fault> {
        payments::load(&self.transaction, id, true).await
    }

    async fn payment_of_order(&mut self, order: OrderId) -> Result<Option<Payment>, Fault> {
        match payments::find(&self.transaction, payment::Column::OrderId, order.uuid()).await? {
            Some(id) => self.payment(id).await,
            None => Ok(None),
        }
    }

    async fn payment_of_intent(&mut self, intent: &str) -> Result<Option<Payment>, Fault> {
        match payments::find(&self.transaction, payment::Column::IntentId, intent).await? {
            Some(id) => self.payment(id).await,
            None => Ok(None),
        }
    }

    async fn save_payment(&mut self, payment: &mut Payment) -> Result<(), Fault> {
        payments::save(&self.transaction, payment, self.now).await
    }

    async fn attempt_with_key(
        &mut self,
        buyer: UserId,
        key: &str,
    ) -> Result<Option<(PaymentId, u32, String)>, Fault> {
        let query = attempt::Entity::find()
            .filter(attempt::Column::BuyerId.eq(buyer.uuid()))
            .filter(attempt::Column::ClientKey.eq(key));
        let row = query.one(&self.transaction).await.map_err(fault("looking for an attempt"))?;
        Ok(row.map(|row| (PaymentId::from_uuid(row.payment_id), row.number.unsigned_abs(), row.fingerprint)))
    }

    async fn answer(&mut self, reply: &PurchaseReply) -> Result<(), Fault> {
        messaging::outbox::append(&self.transaction, [Announcement::of(reply)], self.now)
            .await
            .map_err(fault("answering an ask"))
    }

    async fn first_time(&mut self, message: Uuid) -> Result<bool, Fault> {
        messaging::inbox::first_time(&self.transaction, CONSUMER, message, self.now)
            .await
            .map_err(fault("noting a message"))
    }

    async fn first_time_told(&mut self, event: &str, kind: &str) -> Result<bool, Fault> {
        let note = "INSERT INTO provider_events (id, kind, received_at) VALUES ($1, $2, $3) \
                    ON CONFLICT DO NOTHING";
        let at = to_millis(self.now);
        Ok(self.execute("noting a webhook", note, [event.into(), kind.into(), at.into()]).await? == 1)
    }

    async fn park(&mut self, event: &str, kind: &str, body: &str, reason: &str) -> Result<(), Fault> {
        let park = "INSERT INTO parked_events (id, kind, body, reason, parked_at) VALUES ($1, $2, $3, $4, $5) \
                    ON CONFLICT DO NOTHING";
        let at = to_millis(self.now);
        let values = [event.into(), kind.into(), body.into(), reason.into(), at.into()];
        self.execute("putting a webhook aside", park, values).await?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.transaction.commit().await.map_err(fault("committing"))?;
        self.outbox.wake();
        Ok(())
    }
}

fn settling(payment: PaymentId, kept: Option<&str>) -> Span {
    trace::continued(info_span!("settle payment", service = "payments", %payment), kept)
}

async fn return_reason(
    connection: &impl ConnectionTrait,
    order: OrderId,
    lock: &str,
) -> Result<Option<String>, Fault> {
    let reading = fault("reading an order's end");
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        format!("SELECT return_reason FROM orders WHERE order_id = $1 {lock}"),
        [order.uuid().into()],
    );
    match connection.query_one_raw(query).await.map_err(&reading)? {
        Some(row) => row.try_get("", "return_reason").map_err(&reading),
        None => Ok(None),
    }
}
