use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Fault, to_millis};
use sea_orm::DatabaseTransaction;
use service::database::{Write, Writes, fault};

use crate::domain::{
    entities::{
        books::{Line, PostingId},
        payout::Payout,
    },
    ports::PayoutTx,
};

/// A transaction of payouts, and what it will write.
pub(super) struct SeaPayoutTx {
    transaction: DatabaseTransaction,
    now: DateTime<Utc>,
    writes: Writes,
}

impl SeaPayoutTx {
    pub(super) fn new(transaction: DatabaseTransaction, now: DateTime<Utc>) -> Self {
        Self { transaction, now, writes: Writes::default() }
    }

    async fn write(&mut self, write: Write) -> Result<(), Fault> {
        self.writes.add(write, &self.transaction).await
    }

    fn posting(&self, payout: &Payout, cause: &str, line: &Line) -> Write {
        let columns = "postings (id, organization_id, currency, kind, account, amount_minor, cause, at)";
        let values = [
            PostingId::new().uuid().into(),
            payout.organization.uuid().into(),
            payout.amount.currency.code().into(),
            line.kind.name().into(),
            line.account.name().into(),
            line.minor.into(),
            cause.into(),
            to_millis(self.now).into(),
        ];
        Write::insert("adding to the books", columns, "", values)
    }
}

#[async_trait]
impl PayoutTx for SeaPayoutTx {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    async fn save(&mut self, payout: &mut Payout) -> Result<(), Fault> {
        let columns = "payouts (id, organization_id, account, kind, transfer, currency, amount_minor, state, provider_id, looks, \
                       due_at, failure, created_at, ended_at)";
        let again = "ON CONFLICT (id) DO UPDATE SET state = excluded.state, provider_id = excluded.provider_id, \
                     looks = excluded.looks, due_at = excluded.due_at, failure = excluded.failure, \
                     ended_at = excluded.ended_at";
        let values = [
            payout.id.uuid().into(),
            payout.organization.uuid().into(),
            payout.account.as_str().into(),
            payout.kind.name().into(),
            payout.kind.transfer().map(str::to_owned).into(),
            payout.amount.currency.code().into(),
            payout.amount.minor.into(),
            payout.state.name().into(),
            payout.provider_id.clone().into(),
            i64::from(payout.looks).into(),
            payout.due_at.map(to_millis).into(),
            payout.failure.clone().into(),
            to_millis(payout.created_at).into(),
            payout.ended_at.map(to_millis).into(),
        ];
        self.write(Write::insert("saving a payout", columns, again, values)).await?;
        for booked in payout.take_booked() {
            for line in &booked.lines {
                let posting = self.posting(payout, &booked.cause, line);
                self.write(posting).await?;
            }
            let held = "INSERT INTO account_holdings (organization_id, currency, held_minor) VALUES ($1, $2, $3) \
                        ON CONFLICT (organization_id, currency) DO UPDATE SET \
                        held_minor = account_holdings.held_minor + excluded.held_minor";
            let values =
                [payout.organization.uuid().into(), payout.amount.currency.code().into(), booked.held.into()];
            let write = Write::new("noting what an account holds", held, values);
            self.write(write.of(payout.organization.uuid())).await?;
        }
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        self.writes.send(&self.transaction).await?;
        self.transaction.commit().await.map_err(fault("committing"))
    }
}
