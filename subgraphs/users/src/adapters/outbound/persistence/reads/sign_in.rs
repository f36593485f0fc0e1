//! Lookups of what people sign in by, besides passwords.

use std::collections::HashMap;

use async_trait::async_trait;
use kernel::{Fault, UserId};

use super::{super::sign_in, SeaReads};
use crate::domain::{
    entities::{
        SecretHash,
        sign_in::{Ceremony, ForeignAccount, SecondFactor},
    },
    ports::SignInReads,
};

#[async_trait]
impl SignInReads for SeaReads {
    async fn second_factors(&self, of: &[UserId]) -> Result<HashMap<UserId, Vec<SecondFactor>>, Fault> {
        sign_in::factors_of(&self.database.reads, of).await
    }

    async fn foreign_accounts(&self, of: &[UserId]) -> Result<HashMap<UserId, Vec<ForeignAccount>>, Fault> {
        sign_in::foreign_accounts_of(&self.database.reads, of).await
    }

    async fn ceremony(&self, token: &SecretHash) -> Result<Option<Ceremony>, Fault> {
        sign_in::ceremony(&self.database.reads, token, false).await
    }
}
