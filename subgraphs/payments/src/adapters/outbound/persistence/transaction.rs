use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use contracts::Announcement;
use kernel::{Fault, OrderId, PaymentId, RefundId, UserId, to_millis};
use messaging::{Told, trace};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use service::database::{Write, Writes, fault};
use tracing::{Span, info_span};

use super::{News, payments, payouts, rows::attempt};
use crate::domain::{
    entities::{AttemptState, Payment, PaymentSnapshot},
    ports::{ProviderEvent, Tx},
    use_cases::LOOK,
};

/// A transaction, what was loaded in it, what it will write, and whom its commit wakes.
pub(super) struct SeaTx {
    transaction: DatabaseTransaction,
    now: DateTime<Utc>,
    loaded: HashMap<PaymentId, PaymentSnapshot>,
    writes: Writes,
    told: Told,
    news: News,
    /// Of whose orders there is something to be told.
    decided: Vec<OrderId>,
    due: bool,
}

impl SeaTx {
    pub(super) fn new(
        transaction: DatabaseTransaction,
        now: DateTime<Utc>,
        loaded: Option<&Payment>,
        (told, news): (Told, News),
    ) -> Self {
        let loaded = loaded.map(|payment| (payment.snapshot().id, payment.snapshot().clone()));
        Self {
            transaction,
            now,
            loaded: loaded.into_iter().collect(),
            writes: Writes::default(),
            told,
            news,
            decided: Vec::new(),
            due: false,
        }
    }

    /// Gathers a write. All are sent together, before the commit.
    async fn write(&mut self, write: Write) -> Result<(), Fault> {
        self.writes.add(write, &self.transaction).await
    }

    /// Tells with the commit, as a part of this trace.
    async fn tell(&mut self, announcements: Vec<Announcement>, span: Span) -> Result<(), Fault> {
        if announcements.is_empty() {
            return Ok(());
        }
        payments::count(&announcements);
        let backend = self.transaction.get_database_backend();
        let (told, now) = (&mut self.told, self.now);
        for write in span.in_scope(|| Write::telling(told, backend, announcements, now))? {
            self.write(write).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Tx for SeaTx {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    async fn note_return(&mut self, order: OrderId, reason: &str) -> Result<(), Fault> {
        let note = "UPDATE orders SET return_reason = $1 WHERE order_id = $2";
        let values = [reason.into(), order.uuid().into()];
        self.write(Write::new("noting the end of an order", note, values).changes(1)).await
    }

    async fn note_buyer(&mut self, order: OrderId, buyer: UserId) -> Result<(), Fault> {
        let note = "UPDATE orders SET buyer_id = $1, not_payable = COALESCE(not_payable, 'CANCELLED') \
                    WHERE order_id = $2";
        let values = [buyer.uuid().into(), order.uuid().into()];
        self.write(Write::new("noting whose an order is", note, values).changes(1)).await
    }

    async fn note_refused(&mut self, refund: RefundId, reason: &str) -> Result<(), Fault> {
        let note = "INSERT INTO refused_refunds (refund_id, reason, refused_at) VALUES ($1, $2, $3) \
                    ON CONFLICT DO NOTHING";
        let values = [refund.uuid().into(), reason.into(), to_millis(self.now).into()];
        self.write(Write::new("noting that a refund is refused", note, values)).await
    }

    async fn save_payment(&mut self, payment: &mut Payment) -> Result<(), Fault> {
        let (announcements, postings) = (payment.take_announcements(), payment.take_postings());
        for posting in &postings {
            if let Some((cause, minor)) = payment.account_gains(posting)
                && minor != 0
            {
                let currency = posting.amount.currency;
                self.write(payouts::gained(payment.snapshot(), &cause, (minor, currency), self.now)).await?;
            }
        }
        let is = payment.snapshot();
        let before = self.loaded.get(&is.id);
        let backend = self.transaction.get_database_backend();
        let writes = payments::writes(backend, is, &postings, before, self.now);
        if is_decided(is) && before.is_none_or(|before| decided_part(before) != decided_part(is)) {
            self.decided.push(is.order_id);
        }
        let soon = self.now + Duration::from_std(LOOK).unwrap_or_default();
        self.due |= is.due_at.is_some_and(|due| due < soon);
        self.loaded.insert(is.id, is.clone());
        for write in writes {
            self.write(write).await?;
        }
        // Whoever brings the news, a webhook or the buyer's next click: what is told goes on in the purchase's trace.
        let span = info_span!("tell of payment", service = "payments");
        self.tell(announcements, trace::continued(span, is.trace.as_deref())).await
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

    async fn note_page_decline(
        &mut self,
        event: &ProviderEvent,
        payment: &Payment,
        attempt: u32,
        card: Option<&str>,
    ) -> Result<(), Fault> {
        let is = payment.snapshot();
        let client = payment.attempt(attempt).and_then(|attempt| attempt.client.as_deref());
        let note = "INSERT INTO page_declines (id, payment_id, buyer_id, client, card, at) \
                    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let values = [
            event.id.as_str().into(),
            is.id.uuid().into(),
            is.buyer_id.uuid().into(),
            client.into(),
            card.into(),
            to_millis(self.now).into(),
        ];
        self.write(Write::new("noting what was declined on a page", note, values)).await
    }

    async fn answer(&mut self, reply: Announcement) -> Result<(), Fault> {
        self.tell(vec![reply], Span::current()).await
    }

    async fn park(&mut self, event: &ProviderEvent, reason: &str) -> Result<(), Fault> {
        let park = "INSERT INTO parked_events (id, kind, body, reason, parked_at) VALUES ($1, $2, $3, $4, $5) \
                    ON CONFLICT DO NOTHING";
        let values = [
            event.id.as_str().into(),
            event.kind.as_str().into(),
            event.body.as_str().into(),
            reason.into(),
            to_millis(self.now).into(),
        ];
        self.write(Write::new("putting a webhook aside", park, values)).await
    }

    async fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        self.writes.send(&self.transaction).await?;
        self.transaction.commit().await.map_err(fault("committing"))?;
        self.told.is_committed();
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
    !is.attempts.last().is_some_and(|last| last.state == AttemptState::Open)
}

fn decided_part(is: &PaymentSnapshot) -> (Option<&AttemptState>, usize) {
    (is.attempts.last().map(|last| &last.state), is.attempts.len())
}
