//! How accounts end.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::Announcement;
use kernel::{Fault, UserId};
use saga::Running;

use super::super::{entities::Account, sagas::erasure::Erasure};

/// What a transaction knows of the erasure of accounts.
#[async_trait]
pub trait ErasingTx: Send {
    /// The database's clock when the transaction began: by it the service's sagas wait.
    async fn database_now(&mut self) -> Result<DateTime<Utc>, Fault>;

    /// The account with this id, if it was closed.
    async fn closed_account(&mut self, id: UserId) -> Result<Option<Account>, Fault>;

    /// The erasure of this account, if one was begun and is remembered. Whoever locks the account too does so afterwards.
    async fn erasure(&mut self, user: UserId) -> Result<Option<Running<Erasure>>, Fault>;

    /// Saves an erasure that was begun or went on.
    async fn save_erasure(&mut self, saga: &Running<Erasure>) -> Result<(), Fault>;

    /// Asks another service, together with the commit.
    async fn ask(&mut self, ask: Announcement) -> Result<(), Fault>;
}
