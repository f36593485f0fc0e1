use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::Announcement;
use kernel::{Clock, EmailAddress, Fault, OrganizationId, UserId};
use messaging::Outbox;
use sea_orm::DatabaseTransaction;
use service::{Database, database::fault};

use super::{accounts, organizations, sessions};
use crate::domain::{
    entities::{Account, LoginFailures, Organization, Session, TokenHash},
    ports::{Store, Tx},
};

/// The store, through SeaORM.
#[derive(Clone)]
pub struct SeaStore {
    database: Database,
    outbox: Outbox,
    clock: Arc<dyn Clock>,
}

impl SeaStore {
    /// The store in this database, whose commits wake this outbox.
    pub fn new(database: Database, outbox: Outbox, clock: Arc<dyn Clock>) -> Self {
        Self { database, outbox, clock }
    }
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, Fault> {
        let transaction = self.database.begin().await.map_err(fault("beginning a transaction"))?;
        Ok(Box::new(SeaTx { transaction, outbox: self.outbox.clone(), now: self.clock.now() }))
    }

    async fn forget_before(&self, now: DateTime<Utc>, failures_since: DateTime<Utc>) -> Result<bool, Fault> {
        sessions::forget_before(&self.database.writes, now, failures_since).await
    }
}

struct SeaTx {
    transaction: DatabaseTransaction,
    outbox: Outbox,
    now: DateTime<Utc>,
}

impl SeaTx {
    async fn tell(&self, announcements: Vec<Announcement>) -> Result<(), Fault> {
        let append = messaging::outbox::append(&self.transaction, announcements, self.now);
        append.await.map_err(fault("writing to the outbox"))
    }
}

#[async_trait]
impl Tx for SeaTx {
    async fn account(&mut self, id: UserId) -> Result<Option<Account>, Fault> {
        accounts::by_id(&self.transaction, id).await
    }

    async fn account_by_email(&mut self, email: &EmailAddress) -> Result<Option<Account>, Fault> {
        accounts::by_email(&self.transaction, email).await
    }

    async fn add_account(&mut self, account: &mut Account) -> Result<bool, Fault> {
        let added = accounts::add(&self.transaction, account).await?;
        if added {
            self.tell(account.take_pending()).await?;
        }
        Ok(added)
    }

    async fn save_account(&mut self, account: &mut Account) -> Result<(), Fault> {
        accounts::save(&self.transaction, account).await?;
        self.tell(account.take_pending()).await
    }

    async fn login_failures(&mut self, email: &EmailAddress) -> Result<LoginFailures, Fault> {
        accounts::failures(&self.transaction, email, true).await
    }

    async fn save_login_failures(
        &mut self,
        email: &EmailAddress,
        failures: LoginFailures,
    ) -> Result<(), Fault> {
        accounts::save_failures(&self.transaction, email, failures).await
    }

    async fn session_of(&mut self, token: &TokenHash) -> Result<Option<Session>, Fault> {
        sessions::by_token(&self.transaction, token).await
    }

    async fn save_session(&mut self, session: &Session) -> Result<(), Fault> {
        sessions::save(&self.transaction, session).await
    }

    async fn organization(&mut self, id: OrganizationId) -> Result<Option<Organization>, Fault> {
        organizations::by_id(&self.transaction, id).await
    }

    async fn organization_founded(
        &mut self,
        founder: UserId,
        key: &str,
    ) -> Result<Option<Organization>, Fault> {
        organizations::by_founding(&self.transaction, founder, key).await
    }

    async fn add_organization(&mut self, organization: &mut Organization) -> Result<bool, Fault> {
        let added = organizations::add(&self.transaction, organization).await?;
        if added {
            self.save_organization(organization).await?;
        }
        Ok(added)
    }

    async fn save_organization(&mut self, organization: &mut Organization) -> Result<(), Fault> {
        let changed = organization.take_changed();
        organizations::save_members(&self.transaction, organization.state().id, changed).await?;
        self.tell(organization.take_pending()).await
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.transaction.commit().await.map_err(fault("committing"))?;
        self.outbox.wake();
        Ok(())
    }
}
