//! What a transaction knows of signing in by more than a password.

use async_trait::async_trait;
use kernel::{Fault, ForeignAccountId, SecondFactorId, UserId};

use super::{super::sign_in, SeaTx};
use crate::domain::{
    entities::{
        SecretHash,
        sign_in::{Ceremony, ForeignAccount, SecondFactors},
    },
    ports::SignInTx,
};

#[async_trait]
impl SignInTx for SeaTx {
    async fn second_factors(&mut self, account: UserId) -> Result<SecondFactors, Fault> {
        let all = sign_in::factors_of(&self.transaction, &[account]).await?.remove(&account);
        Ok(SecondFactors::restore(account, all.unwrap_or_default()))
    }

    async fn save_second_factors(&mut self, factors: &mut SecondFactors) -> Result<bool, Fault> {
        sign_in::save_factors(&self.transaction, factors).await
    }

    async fn passkey(&mut self, credential: &str) -> Result<Option<(UserId, SecondFactorId)>, Fault> {
        sign_in::passkey(&self.transaction, credential).await
    }

    async fn ceremony(&mut self, token: &SecretHash) -> Result<Option<Ceremony>, Fault> {
        sign_in::ceremony(&self.transaction, token, true).await
    }

    async fn save_ceremony(&mut self, ceremony: &Ceremony) -> Result<(), Fault> {
        sign_in::save_ceremony(&self.transaction, ceremony).await
    }

    async fn foreign_account(
        &mut self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<ForeignAccount>, Fault> {
        sign_in::foreign_account(&self.transaction, issuer, subject).await
    }

    async fn add_foreign_account(&mut self, foreign: &ForeignAccount) -> Result<bool, Fault> {
        sign_in::add_foreign_account(&self.transaction, foreign).await
    }

    async fn remove_foreign_account(&mut self, account: UserId, id: ForeignAccountId) -> Result<bool, Fault> {
        sign_in::remove_foreign_account(&self.transaction, account, id).await
    }
}
