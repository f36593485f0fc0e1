use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use contracts::{Announcement, purchase::PurchaseReply};
use kernel::{Fault, OrderId, PaymentId, UserId, from_millis, to_millis};
use messaging::Outbox;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Statement, Value,
};
use service::database::{self, fault, now_millis};
use uuid::Uuid;

use super::{
    News, payments, reading,
    rows::{attempt, payment},
};
use crate::domain::{
    entities::{AttemptState, Payment, PaymentSnapshot},
    ports::Tx,
    use_cases::LOOK,
};

/// The durable name of this service's consumer.
const CONSUMER: &str = "payments";

/// A transaction, what was loaded in it, and whom its commit wakes.
pub(super) struct SeaTx {
    transaction: DatabaseTransaction,
    now: Option<DateTime<Utc>>,
    loaded: HashMap<PaymentId, PaymentSnapshot>,
    outbox: Outbox,
    news: News,
    /// Of whose orders there is something to be told.
    decided: Vec<OrderId>,
    due: bool,
    told: bool,
}

impl SeaTx {
    pub(super) fn new(transaction: DatabaseTransaction, outbox: Outbox, news: News) -> Self {
        Self {
            transaction,
            now: None,
            loaded: HashMap::new(),
            outbox,
            news,
            decided: Vec::new(),
            due: false,
            told: false,
        }
    }

    fn statement<const N: usize>(&self, sql: &str, values: [Value; N]) -> Statement {
        Statement::from_sql_and_values(self.transaction.get_database_backend(), sql, values)
    }

    async fn execute<const N: usize>(
        &self,
        doing: &'static str,
        sql: &str,
        values: [Value; N],
    ) -> Result<u64, Fault> {
        let done = self.transaction.execute_raw(self.statement(sql, values)).await;
        Ok(done.map_err(fault(doing))?.rows_affected())
    }

    async fn locked(&mut self, column: payment::Column, value: Value) -> Result<Option<Payment>, Fault> {
        let Some((payment, now)) = reading::locked(&self.transaction, column, value).await? else {
            return Ok(None);
        };
        self.now = Some(now);
        self.loaded.insert(payment.snapshot().id, payment.snapshot().clone());
        Ok(Some(payment))
    }
}

#[async_trait]
impl Tx for SeaTx {
    async fn now(&mut self) -> Result<DateTime<Utc>, Fault> {
        if let Some(now) = self.now {
            return Ok(now);
        }
        let now = database::now(&self.transaction).await.map_err(fault("asking for the time"))?;
        Ok(*self.now.insert(now))
    }

    async fn lock_order(&mut self, order: OrderId) -> Result<Option<String>, Fault> {
        let locking = fault("locking an order");
        // Changing nothing locks it, whether it was there or not.
        let lock = format!(
            "INSERT INTO orders (order_id, noted_at) VALUES ($1, {}) \
             ON CONFLICT (order_id) DO UPDATE SET noted_at = excluded.noted_at RETURNING return_reason",
            now_millis(self.transaction.get_database_backend())
        );
        let lock = self.statement(&lock, [order.uuid().into()]);
        let row = self.transaction.query_one_raw(lock).await.map_err(&locking)?;
        let row = row.ok_or_else(|| Fault::broken_rule("an order that was locked is not there"))?;
        row.try_get("", "return_reason").map_err(&locking)
    }

    async fn note_return(&mut self, order: OrderId, reason: &str) -> Result<(), Fault> {
        let note = "UPDATE orders SET return_reason = $1 WHERE order_id = $2";
        self.execute("noting the end of an order", note, [reason.into(), order.uuid().into()]).await?;
        Ok(())
    }

    async fn note_buyer(&mut self, order: OrderId, buyer: UserId) -> Result<(), Fault> {
        let note = "UPDATE orders SET buyer_id = $1, not_payable = COALESCE(not_payable, 'CANCELLED') \
                    WHERE order_id = $2";
        self.execute("noting whose an order is", note, [buyer.uuid().into(), order.uuid().into()]).await?;
        Ok(())
    }

    async fn payment(&mut self, id: PaymentId) -> Result<Option<Payment>, Fault> {
        self.locked(payment::Column::Id, id.uuid().into()).await
    }

    async fn payment_of_order(&mut self, order: OrderId) -> Result<Option<Payment>, Fault> {
        self.locked(payment::Column::OrderId, order.uuid().into()).await
    }

    async fn payment_of_intent(&mut self, intent: &str) -> Result<Option<Payment>, Fault> {
        self.locked(payment::Column::IntentId, intent.into()).await
    }

    async fn save_payment(&mut self, payment: &mut Payment) -> Result<(), Fault> {
        let now = self.now().await?;
        let before = self.loaded.get(&payment.snapshot().id);
        self.told |= payments::save(&self.transaction, payment, before, now).await?;
        let is = payment.snapshot();
        if is_decided(is) && before.is_none_or(|before| decided_part(before) != decided_part(is)) {
            self.decided.push(is.order_id);
        }
        let soon = now + Duration::from_std(LOOK).unwrap_or_default();
        self.due |= is.due_at.is_some_and(|due| due < soon);
        self.loaded.insert(is.id, is.clone());
        Ok(())
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
        let now = self.now().await?;
        self.told = true;
        messaging::outbox::append(&self.transaction, [Announcement::of(reply)], now)
            .await
            .map_err(fault("answering an ask"))
    }

    async fn first_time(&mut self, message: Uuid) -> Result<bool, Fault> {
        let noted = messaging::inbox::noted(&self.transaction, CONSUMER, message).await;
        let noted = noted.map_err(fault("noting a message"))?;
        self.now = noted.or(self.now);
        Ok(noted.is_some())
    }

    async fn first_time_told(&mut self, event: &str, kind: &str) -> Result<bool, Fault> {
        let noting = fault("noting a webhook");
        let note = format!(
            "INSERT INTO provider_events (id, kind, received_at) VALUES ($1, $2, {}) ON CONFLICT DO NOTHING \
             RETURNING received_at",
            now_millis(self.transaction.get_database_backend())
        );
        let note = self.statement(&note, [event.into(), kind.into()]);
        let noted = self.transaction.query_one_raw(note).await.map_err(&noting)?;
        if let Some(row) = &noted {
            self.now = Some(from_millis(row.try_get("", "received_at").map_err(&noting)?));
        }
        Ok(noted.is_some())
    }

    async fn park(&mut self, event: &str, kind: &str, body: &str, reason: &str) -> Result<(), Fault> {
        let park = "INSERT INTO parked_events (id, kind, body, reason, parked_at) VALUES ($1, $2, $3, $4, $5) \
                    ON CONFLICT DO NOTHING";
        let at = to_millis(self.now().await?);
        let values = [event.into(), kind.into(), body.into(), reason.into(), at.into()];
        self.execute("putting a webhook aside", park, values).await?;
        Ok(())
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.transaction.commit().await.map_err(fault("committing"))?;
        if self.told {
            self.outbox.wake();
        }
        for order in self.decided {
            self.news.tell(order);
        }
        if self.due {
            self.news.ring();
        }
        Ok(())
    }
}

/// What buyers who wait want to know: no more than that the provider is being asked is not worth to wake them.
fn is_decided(is: &PaymentSnapshot) -> bool {
    !is.attempts.last().is_some_and(|last| matches!(last.state, AttemptState::Open | AttemptState::Confirmed))
}

fn decided_part(is: &PaymentSnapshot) -> (Option<&AttemptState>, usize) {
    (is.attempts.last().map(|last| &last.state), is.attempts.len())
}
