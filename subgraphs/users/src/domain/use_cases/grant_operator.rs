use kernel::{EmailAddress, Refusal, Result};

use crate::domain::Users;

impl Users {
    /// Makes the person with this address an operator, who gives support for the platform: from their next access token on.
    /// False when they are one.
    pub async fn grant_operator(&self, email: &str) -> Result<bool> {
        let email = EmailAddress::parse("email", email)?;
        let mut tx = self.store.begin().await?;
        let mut account = tx.account_by_email(&email).await?.ok_or_else(|| Refusal::not_found("account"))?;
        if !account.make_operator(self.clock.now())? {
            return Ok(false);
        }
        tx.save_account(&mut account).await?;
        tx.commit().await?;
        tracing::info!(user.id = %account.profile().id, "is an operator from now on");
        Ok(true)
    }

    /// Takes that away again: their next access token says nothing of it, and the last one ends soon. False when they are
    /// none.
    pub async fn revoke_operator(&self, email: &str) -> Result<bool> {
        let email = EmailAddress::parse("email", email)?;
        let mut tx = self.store.begin().await?;
        let mut account = tx.account_by_email(&email).await?.ok_or_else(|| Refusal::not_found("account"))?;
        if !account.no_longer_operator() {
            return Ok(false);
        }
        tx.save_account(&mut account).await?;
        tx.commit().await?;
        tracing::info!(user.id = %account.profile().id, "is no operator any more");
        Ok(true)
    }
}
