use kernel::{Refusal, Result};

use super::Oneself;
use crate::domain::{
    Users,
    entities::{Password, Profile},
};

/// What somebody tells who wants another password.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// Who, with the password so far.
    pub who: Oneself,
    /// 8 to 128 characters, not among the first that others would try.
    pub new_password: String,
}

impl Users {
    /// Changes one's own password and ends all other sessions of the account.
    #[tracing::instrument(skip_all)]
    pub async fn change_password(&self, ask: ChangePassword) -> Result<Profile> {
        let ChangePassword { who, new_password } = ask;
        let profile = self.reads.profiles(&[who.user]).await?.pop().ok_or_else(Refusal::unauthenticated)?;
        profile.require_registered()?;
        let password = Password::choose("newPassword", &new_password, &profile.known())?;
        self.require_owner(&who, "currentPassword").await?;
        let hash = self.passwords.hash(&password).await?;

        let mut tx = self.store.begin().await?;
        let mut account = self.account_to_secure(&mut *tx, who.user).await?;
        account.set_password(hash);
        self.secured(&mut *tx, &mut account, Some(who.session)).await?;
        tx.commit().await?;
        Ok(account.profile().clone())
    }
}
