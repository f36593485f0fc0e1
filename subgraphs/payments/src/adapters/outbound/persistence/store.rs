use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::payments::RefundPayment;
use kernel::{Fault, OrderId, Page, PageAsk, PaymentId, UserId, from_millis, to_millis};
use messaging::{Outbox, trace};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, Statement, Value};
use service::{
    Database,
    database::{fault, now_millis},
    soon::soon,
};
use tracing::{Span, info_span};
use uuid::Uuid;

use super::{
    News, declines,
    locking::{self, Also},
    reading,
    rows::payment,
    transaction::SeaTx,
};
use crate::domain::{
    entities::{Declines, NotPayable, Payment, Suspicion},
    ports::{DueNow, Known, Payable, ProviderEvent, Store, Tx, Watch, Which},
};

/// Payments in the service's database.
#[derive(Clone)]
pub struct SeaStore {
    database: Database,
    outbox: Outbox,
    news: News,
}

impl SeaStore {
    /// The store in this database; commits wake `outbox` and those who wait for `news`.
    pub fn new(database: Database, outbox: Outbox, news: News) -> Self {
        Self { database, outbox, news }
    }

    /// The same on the database's connections for what no request waits for.
    #[must_use]
    pub fn background(&self) -> Self {
        Self { database: self.database.background(), ..self.clone() }
    }

    async fn begin(&self) -> Result<DatabaseTransaction, Fault> {
        self.database.begin().await.map_err(fault("beginning a transaction"))
    }

    fn tx(
        &self,
        transaction: DatabaseTransaction,
        now: DateTime<Utc>,
        loaded: Option<&Payment>,
    ) -> Box<dyn Tx> {
        Box::new(SeaTx::new(transaction, now, loaded, (self.outbox.begin(), self.news.clone())))
    }

    async fn write<const N: usize>(
        &self,
        doing: &'static str,
        sql: &str,
        values: [Value; N],
    ) -> Result<u64, Fault> {
        let statement =
            Statement::from_sql_and_values(self.database.writes.get_database_backend(), sql, values);
        Ok(self.database.writes.execute_raw(statement).await.map_err(fault(doing))?.rows_affected())
    }

    async fn look(&self, order: OrderId, buyer: UserId) -> Result<Option<Payable>, Fault> {
        let (reads, looking) = (&self.database.reads, fault("looking for an order"));
        let query = |sql| {
            let values = [order.uuid().into(), buyer.uuid().into()];
            Statement::from_sql_and_values(reads.get_database_backend(), sql, values)
        };
        let found = query("SELECT id FROM payments WHERE order_id = $1 AND buyer_id = $2");
        if let Some(row) = reads.query_one_raw(found).await.map_err(&looking)? {
            let id: Uuid = row.try_get("", "id").map_err(&looking)?;
            return Ok(Some(Payable::Payment(PaymentId::from_uuid(id))));
        }
        let ended = query("SELECT not_payable FROM orders WHERE order_id = $1 AND buyer_id = $2");
        let Some(row) = reads.query_one_raw(ended).await.map_err(&looking)? else { return Ok(None) };
        let why: Option<String> = row.try_get("", "not_payable").map_err(&looking)?;
        let why = why.and_then(|name| NotPayable::ALL.into_iter().find(|why| why.name() == name));
        Ok(why.map(Payable::Never))
    }
}

#[async_trait]
impl Store for SeaStore {
    async fn begin_on(&self, which: Which<'_>) -> Result<Option<(Box<dyn Tx>, Payment)>, Fault> {
        let transaction = self.begin().await?;
        let locked = locking::lock(&transaction, which, Also::Nothing).await?;
        let Some(locking::Locked { payment, now, .. }) = locked else { return Ok(None) };
        Ok(Some((self.tx(transaction, now, Some(&payment)), payment)))
    }

    async fn begin_paying(
        &self,
        (order, buyer): (OrderId, UserId),
        client: Option<&str>,
        most: Declines,
    ) -> Result<Option<(Box<dyn Tx>, Payment, Suspicion)>, Fault> {
        let transaction = self.begin().await?;
        let also = Also::Declines { buyer, client, most };
        let locked = locking::lock(&transaction, Which::Order(order, Some(buyer)), also).await?;
        let Some(locking::Locked { payment, suspicion, now, .. }) = locked else { return Ok(None) };
        Ok(Some((self.tx(transaction, now, Some(&payment)), payment, suspicion)))
    }

    async fn declined_lately(
        &self,
        buyer: UserId,
        client: Option<&str>,
        most: Declines,
    ) -> Result<Suspicion, Fault> {
        declines::of(&self.database.reads, buyer, client, most).await
    }

    async fn card_declined(&self, card: &str, most: u32) -> Result<Option<DateTime<Utc>>, Fault> {
        declines::of_card(&self.database.reads, card, most).await
    }

    async fn begin_handling(
        &self,
        message: Uuid,
        order: OrderId,
    ) -> Result<Option<(Box<dyn Tx>, Known)>, Fault> {
        let transaction = self.begin().await?;
        let handled = locking::handle(&transaction, message, order, None).await?;
        let Some(locking::Handled { known, now, .. }) = handled else { return Ok(None) };
        Ok(Some((self.tx(transaction, now, paid(&known)), known)))
    }

    async fn begin_refunding(
        &self,
        message: Uuid,
        ask: &RefundPayment,
    ) -> Result<Option<(Box<dyn Tx>, Known, Option<String>)>, Fault> {
        let transaction = self.begin().await?;
        let handled = locking::handle(&transaction, message, ask.order_id, Some(ask.refund_id)).await?;
        let Some(locking::Handled { known, refused, now }) = handled else { return Ok(None) };
        Ok(Some((self.tx(transaction, now, paid(&known)), known, refused)))
    }

    async fn begin_hearing(
        &self,
        event: &ProviderEvent,
        about: Option<Which<'_>>,
    ) -> Result<Option<(Box<dyn Tx>, Option<Payment>)>, Fault> {
        let transaction = self.begin().await?;
        let Some((payment, now)) = locking::hear(&transaction, event, about).await? else { return Ok(None) };
        Ok(Some((self.tx(transaction, now, payment.as_ref()), payment)))
    }

    async fn now(&self) -> Result<DateTime<Utc>, Fault> {
        self.database.now().await
    }

    async fn payments(&self, ids: &[PaymentId]) -> Result<Vec<Payment>, Fault> {
        reading::all(&self.database.reads, payment::Column::Id, ids.iter().map(|id| id.uuid())).await
    }

    async fn payments_of_orders(&self, orders: &[OrderId]) -> Result<Vec<Payment>, Fault> {
        let orders = orders.iter().map(|order| order.uuid());
        reading::all(&self.database.reads, payment::Column::OrderId, orders).await
    }

    async fn payable(&self, order: OrderId, buyer: UserId) -> Result<Option<Payable>, Fault> {
        soon(order, || self.look(order, buyer)).await
    }

    async fn is_captured(&self, intent: &str) -> Result<bool, Fault> {
        let reads: &DatabaseConnection = &self.database.reads;
        let captured = Statement::from_sql_and_values(
            reads.get_database_backend(),
            "SELECT id FROM payments WHERE intent_id = $1 AND state = 'CAPTURED'",
            [intent.into()],
        );
        Ok(reads.query_one_raw(captured).await.map_err(fault("looking for a payment"))?.is_some())
    }

    async fn note_not_payable(&self, order: OrderId, buyer: UserId, why: NotPayable) -> Result<(), Fault> {
        let end = if why == NotPayable::Free { None } else { Some(why.name()) };
        let note = format!(
            "INSERT INTO orders (order_id, buyer_id, not_payable, noted_at) VALUES ($1, $2, $3, {}) \
             ON CONFLICT (order_id) DO UPDATE SET buyer_id = excluded.buyer_id, noted_at = excluded.noted_at, \
             not_payable = COALESCE($4, orders.not_payable, excluded.not_payable)",
            now_millis(self.database.writes.get_database_backend())
        );
        let values = [order.uuid().into(), buyer.uuid().into(), why.name().into(), end.into()];
        self.write("noting an order", &note, values).await?;
        Ok(())
    }

    async fn hand_over(&self, order: OrderId, to: UserId) -> Result<(), Fault> {
        // Whoever has the payment locked keeps it waiting; they know it by its order, and write no buyer anew.
        for table in ["payments", "orders"] {
            let sql = format!("UPDATE {table} SET buyer_id = $2 WHERE order_id = $1 AND buyer_id <> $2");
            self.write("handing an order over", &sql, [order.uuid().into(), to.uuid().into()]).await?;
        }
        Ok(())
    }

    async fn payments_of_buyer(&self, buyer: UserId, ask: &PageAsk) -> kernel::Result<Page<Payment>> {
        reading::page_of_buyer(&self.database.reads, buyer, ask).await
    }

    async fn watch(&self, order: OrderId) -> Box<dyn Watch> {
        self.news.watch(order).await
    }

    async fn something_due(&self, at_most: Duration) {
        self.news.rung(at_most).await;
    }

    fn span_of(&self, payment: &Payment) -> Span {
        let is = payment.snapshot();
        let span = info_span!("settle payment", service = "payments", payment = %is.id);
        trace::continued(span, is.trace.as_deref())
    }

    async fn claim_due(&self, limit: u64, lease: Duration) -> Result<DueNow, Fault> {
        let claiming = fault("claiming payments to settle");
        let backend = self.database.writes.get_database_backend();
        let now = now_millis(backend);
        // Looking before claiming spares an idle service a write.
        let look = format!(
            "SELECT due_at - {now} AS wait FROM payments WHERE due_at IS NOT NULL AND claimed_until <= {now} \
             ORDER BY due_at LIMIT 1"
        );
        let first = self.database.reads.query_one_raw(Statement::from_string(backend, look)).await;
        let nothing = |next| DueNow { payments: Vec::new(), now: DateTime::UNIX_EPOCH, next };
        let Some(first) = first.map_err(&claiming)? else { return Ok(nothing(None)) };
        let wait: i64 = first.try_get("", "wait").map_err(&claiming)?;
        if wait > 0 {
            return Ok(nothing(Some(Duration::from_millis(wait.unsigned_abs()))));
        }
        let skip = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let columns: Vec<_> = reading::columns().collect();
        let claim = format!(
            "UPDATE payments SET claimed_until = {now} + {} WHERE id IN (SELECT id FROM payments \
             WHERE due_at <= {now} AND claimed_until <= {now} ORDER BY due_at LIMIT {limit} {skip}) \
             RETURNING {}, {now} AS now",
            lease.as_millis(),
            columns.join(", "),
        );
        let rows = self.database.writes.query_all_raw(Statement::from_string(backend, claim)).await;
        let rows = rows.map_err(&claiming)?;
        // Somebody else was faster.
        let Some(any) = rows.first() else { return Ok(nothing(Some(Duration::ZERO))) };
        let now = from_millis(any.try_get("", "now").map_err(&claiming)?);
        let payments = reading::readable(&self.database.reads, &rows).await?;
        Ok(DueNow { payments, now, next: Some(Duration::ZERO) })
    }

    async fn hasten(&self) -> Result<(), Fault> {
        let backend = self.database.writes.get_database_backend();
        if backend == DbBackend::Postgres {
            return Ok(()); // other replicas work on what is theirs; what a killed one had comes when its lease is over
        }
        let hasten = format!(
            "UPDATE payments SET due_at = {}, claimed_until = 0 WHERE due_at IS NOT NULL",
            now_millis(backend)
        );
        self.write("hastening payments", &hasten, []).await?;
        Ok(())
    }

    async fn forget_keys(&self, before: DateTime<Utc>, limit: u64) -> Result<u64, Fault> {
        // Whose key is forgotten has one that says so, different from all others.
        let backend = self.database.writes.get_database_backend();
        let payment = if backend == DbBackend::Postgres { "payment_id::text" } else { "hex(payment_id)" };
        let forget = Statement::from_sql_and_values(
            backend,
            format!(
                "UPDATE attempts SET client_key = 'forgotten ' || {payment} || ' ' || number, client = NULL, card = NULL \
                 WHERE (payment_id, number) IN (SELECT payment_id, number FROM attempts \
                 WHERE started_at < $1 AND client_key NOT LIKE 'forgotten %' LIMIT {limit})"
            ),
            [to_millis(before).into()],
        );
        let forgotten = self.database.writes.execute_raw(forget).await;
        Ok(forgotten.map_err(fault("forgetting idempotency keys"))?.rows_affected())
    }
}

fn paid(known: &Known) -> Option<&Payment> {
    if let Known::Payment(payment) = known { Some(payment) } else { None }
}
