//! Lookups of sessions, of passwords' hashes, and of changes of addresses.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Fault, SessionId, UserId};
use sea_orm::{EntityTrait, QuerySelect};
use service::database::fault;

use super::{
    super::{address_changes, rows::account, sessions},
    SeaReads,
};
use crate::domain::{
    entities::AddressChange,
    ports::{SecurityReads, SessionView},
};

#[async_trait]
impl SecurityReads for SeaReads {
    async fn password_hash_of(&self, account: UserId) -> Result<Option<String>, Fault> {
        let found: Option<String> = account::Entity::find_by_id(account.uuid())
            .select_only()
            .column(account::Column::PasswordHash)
            .into_tuple()
            .one(&self.database.reads)
            .await
            .map_err(fault("reading an account"))?;
        Ok(found.filter(|hash| !hash.is_empty()))
    }

    async fn began_after(
        &self,
        session: SessionId,
        account: UserId,
        when: DateTime<Utc>,
    ) -> Result<bool, Fault> {
        sessions::began_after(&self.database.reads, session, account, when).await
    }

    async fn sessions(
        &self,
        accounts: &[UserId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<UserId, Vec<SessionView>>, Fault> {
        sessions::of_accounts(&self.database.reads, accounts, now).await
    }

    async fn address_changes(
        &self,
        accounts: &[UserId],
        now: DateTime<Utc>,
    ) -> Result<HashMap<UserId, AddressChange>, Fault> {
        address_changes::of_accounts(&self.database.reads, accounts, now).await
    }
}
