//! Sessions, links to choose a password, and changes of addresses.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{Fault, SessionId, UserId};

use super::{
    super::{address_changes, erasing, links, sessions},
    SeaTx,
};
use crate::domain::{
    entities::{AddressChange, Profile, ProofPurpose, SecretHash, Session},
    ports::SecurityTx,
};

#[async_trait]
impl SecurityTx for SeaTx {
    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, Fault> {
        sessions::by_id(&self.transaction, id).await
    }

    async fn end_sessions(
        &mut self,
        account: UserId,
        but: Option<SessionId>,
        now: DateTime<Utc>,
    ) -> Result<usize, Fault> {
        let ended = sessions::end_of(&self.transaction, account, but, now).await?;
        let how_many = ended.len();
        self.ended.extend(ended);
        Ok(how_many)
    }

    async fn end_password_resets(&mut self, account: UserId, now: DateTime<Utc>) -> Result<(), Fault> {
        links::use_up_proofs(&self.transaction, account, ProofPurpose::ResetPassword, now).await
    }

    async fn close_other_ways_in(&mut self, account: UserId) -> Result<(), Fault> {
        erasing::close_other_ways_in(&self.transaction, account).await
    }

    async fn forget(&mut self, person: &Profile) -> Result<(), Fault> {
        erasing::forget(&self.transaction, person).await
    }

    async fn address_change(&mut self, token: &SecretHash) -> Result<Option<AddressChange>, Fault> {
        address_changes::by_token(&self.transaction, token).await
    }

    async fn open_address_change(&mut self, account: UserId) -> Result<Option<AddressChange>, Fault> {
        address_changes::open_of(&self.transaction, account).await
    }

    async fn save_address_change(&mut self, change: &AddressChange) -> Result<(), Fault> {
        address_changes::save(&self.transaction, change).await
    }

    async fn address_changes_since(
        &mut self,
        account: UserId,
        since: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>, Fault> {
        address_changes::since(&self.transaction, account, since).await
    }
}
