//! How accounts end.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::Announcement;
use kernel::{Fault, UserId};
use saga::{Running, rows};
use service::database::{Writes, fault, now};

use super::{super::accounts, SeaTx};
use crate::domain::{
    entities::Account,
    ports::ErasingTx,
    sagas::erasure::{Erasure, saga_of},
};

#[async_trait]
impl ErasingTx for SeaTx {
    async fn database_now(&mut self) -> Result<DateTime<Utc>, Fault> {
        now(&self.transaction).await.map_err(fault("reading the clock"))
    }

    async fn closed_account(&mut self, id: UserId) -> Result<Option<Account>, Fault> {
        accounts::closed(&self.transaction, id).await
    }

    async fn erasure(&mut self, user: UserId) -> Result<Option<Running<Erasure>>, Fault> {
        let kept = rows::lock(&self.transaction, saga_of(user)).await?;
        kept.map(saga::Kept::restore).transpose()
    }

    async fn save_erasure(&mut self, saga: &Running<Erasure>) -> Result<(), Fault> {
        let mut writes = Writes::default();
        writes.add(rows::save(saga.kept()), &self.transaction).await?;
        writes.send(&self.transaction).await
    }

    async fn ask(&mut self, ask: Announcement) -> Result<(), Fault> {
        self.tell(vec![ask]).await
    }
}
