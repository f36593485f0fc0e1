mod erasing;
mod security;
mod sign_in;

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use contracts::{
    Announcement,
    account_mail::SendAccountMail,
    users::{SESSION_ENDED, SessionEnded},
};
use kernel::{Clock, EmailAddress, Fault, InvitationId, OrganizationId, SessionId, UserId};
use messaging::{Bus, Outbox, Told, inbox};
use sea_orm::DatabaseTransaction;
use service::{Database, database::fault};
use uuid::Uuid;

use super::{accounts, links, logins, organizations, sessions};
use crate::domain::{
    entities::{
        Account, AddressProof, Invitation, LoginFailures, Organization, Place, ProofPurpose, SecretHash,
        Session,
    },
    ports::{Store, Tx, Warning},
};

/// The consumer's name in the inbox.
const CONSUMER: &str = "users";

/// The store, through SeaORM.
#[derive(Clone)]
pub struct SeaStore {
    database: Database,
    outbox: Outbox,
    bus: Arc<dyn Bus>,
    clock: Arc<dyn Clock>,
    access_lifetime: Duration,
}

impl SeaStore {
    /// The store in this database, whose commits wake this outbox. That a session has ended is announced on the bus:
    /// its access tokens hold for `access_lifetime` by themselves.
    pub fn new(
        database: Database,
        outbox: Outbox,
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        access_lifetime: Duration,
    ) -> Self {
        Self { database, outbox, bus, clock, access_lifetime }
    }

    fn tx(&self, transaction: DatabaseTransaction) -> SeaTx {
        let (told, now) = (self.outbox.begin(), self.clock.now());
        SeaTx { transaction, store: self.clone(), told, now, ended: Vec::new() }
    }
}

#[async_trait]
impl Store for SeaStore {
    async fn begin(&self) -> Result<Box<dyn Tx>, Fault> {
        let transaction = self.database.begin().await.map_err(fault("beginning a transaction"))?;
        Ok(Box::new(self.tx(transaction)))
    }

    async fn begin_handling(&self, message: Uuid) -> Result<Option<Box<dyn Tx>>, Fault> {
        let transaction = self.database.begin().await.map_err(fault("beginning a transaction"))?;
        let noted = inbox::noted(&transaction, CONSUMER, message).await.map_err(fault("noting a message"))?;
        Ok(noted.map(|_| Box::new(self.tx(transaction)) as Box<dyn Tx>))
    }
}

struct SeaTx {
    transaction: DatabaseTransaction,
    store: SeaStore,
    told: Told,
    now: DateTime<Utc>,
    /// Sessions that everybody is to hear of once their end lasts.
    ended: Vec<SessionId>,
}

impl SeaTx {
    async fn tell(&mut self, announcements: Vec<Announcement>) -> Result<(), Fault> {
        let append = self.told.append(&self.transaction, announcements, self.now);
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

    async fn claim_address(&mut self, account: &mut Account) -> Result<bool, Fault> {
        let claimed = accounts::claim(&self.transaction, account).await?;
        if claimed {
            self.tell(account.take_pending()).await?;
        }
        Ok(claimed)
    }

    async fn login_failures(&mut self, email: &EmailAddress, place: &Place) -> Result<LoginFailures, Fault> {
        logins::failures(&self.transaction, email, place, true).await
    }

    async fn save_login_failures(
        &mut self,
        email: &EmailAddress,
        place: &Place,
        failures: LoginFailures,
    ) -> Result<(), Fault> {
        logins::save_failures(&self.transaction, email, place, failures).await
    }

    async fn failures_everywhere(
        &mut self,
        email: &EmailAddress,
        since: DateTime<Utc>,
    ) -> Result<(i64, DateTime<Utc>), Fault> {
        logins::failures_everywhere(&self.transaction, email, since).await
    }

    async fn know_client(&mut self, account: UserId, client: Option<IpAddr>) -> Result<(), Fault> {
        logins::know_client(&self.transaction, account, client, self.now).await
    }

    async fn may_warn(
        &mut self,
        account: UserId,
        warning: Warning,
        unless_since: DateTime<Utc>,
    ) -> Result<bool, Fault> {
        logins::may_warn(&self.transaction, account, warning, unless_since, self.now).await
    }

    async fn session_of(&mut self, token: &SecretHash) -> Result<Option<Session>, Fault> {
        sessions::by_token(&self.transaction, token).await
    }

    async fn open_sessions(&mut self, account: UserId) -> Result<Vec<Session>, Fault> {
        sessions::open_of(&self.transaction, account).await
    }

    async fn save_session(&mut self, session: &Session) -> Result<(), Fault> {
        if session.state().ended.is_some() {
            self.ended.push(session.state().id);
        }
        sessions::save(&self.transaction, session).await
    }

    async fn address_proof(&mut self, token: &SecretHash) -> Result<Option<AddressProof>, Fault> {
        links::proof(&self.transaction, token).await
    }

    async fn save_address_proof(&mut self, proof: &AddressProof) -> Result<(), Fault> {
        links::save_proof(&self.transaction, proof).await
    }

    async fn address_proofs_since(
        &mut self,
        account: UserId,
        purpose: ProofPurpose,
        since: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, Fault> {
        links::proofs_since(&self.transaction, account, purpose, since).await
    }

    async fn invitation_by_token(&mut self, token: &SecretHash) -> Result<Option<Invitation>, Fault> {
        links::by_token(&self.transaction, token).await
    }

    async fn invitation(&mut self, id: InvitationId) -> Result<Option<Invitation>, Fault> {
        links::by_id(&self.transaction, id).await
    }

    async fn open_invitation(
        &mut self,
        organization: OrganizationId,
        email: &EmailAddress,
    ) -> Result<Option<Invitation>, Fault> {
        links::open(&self.transaction, organization, email).await
    }

    async fn count_invitations(
        &mut self,
        organization: OrganizationId,
        by: UserId,
        now: DateTime<Utc>,
        since: DateTime<Utc>,
    ) -> Result<(u64, u64), Fault> {
        links::count(&self.transaction, organization, by, now, since).await
    }

    async fn save_invitation(&mut self, invitation: &Invitation) -> Result<(), Fault> {
        links::save(&self.transaction, invitation).await
    }

    async fn send(&mut self, mail: &SendAccountMail) -> Result<(), Fault> {
        self.tell(vec![Announcement::of(mail)]).await
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

    async fn release_key(&mut self, organization: OrganizationId) -> Result<(), Fault> {
        organizations::release_key(&self.transaction, organization).await
    }

    async fn add_organization(&mut self, organization: &mut Organization) -> Result<bool, Fault> {
        let added = organizations::add(&self.transaction, organization).await?;
        if added {
            self.save_organization(organization).await?;
        }
        Ok(added)
    }

    async fn save_organization(&mut self, organization: &mut Organization) -> Result<(), Fault> {
        if organization.take_altered() {
            organizations::save(&self.transaction, organization).await?;
        }
        let changed = organization.take_changed();
        organizations::save_members(&self.transaction, organization.state().id, changed).await?;
        self.tell(organization.take_pending()).await
    }

    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.transaction.commit().await.map_err(fault("committing"))?;
        self.told.is_committed();
        let until = self.store.clock.now() + self.store.access_lifetime;
        for session_id in self.ended {
            let told = serde_json::json!(SessionEnded { session_id, until });
            // Whoever misses it believes the last access token until that runs out.
            if let Err(fault) = self.store.bus.announce(SESSION_ENDED, told.to_string().into_bytes()).await {
                tracing::warn!(error = fault.chain(), "nobody was told that a session has ended");
            }
        }
        Ok(())
    }
}
