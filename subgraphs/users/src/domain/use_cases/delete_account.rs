use contracts::account_mail::{AccountMail, SendAccountMail};
use kernel::{Refusal, Result};

use super::{Oneself, verify_email::mail_to};
use crate::domain::Users;

impl Users {
    /// Erases somebody, who shows the password: nothing that tells who they were is left here, others are told to forget
    /// it too, and the address is free for a new account. What was sold stays in the books. An organization keeps an
    /// owner: the last one stays until there is another.
    #[tracing::instrument(skip_all)]
    pub async fn delete_account(&self, who: Oneself) -> Result<()> {
        let user = who.user;
        let profile = self.reads.profiles(&[user]).await?.pop().ok_or_else(Refusal::unauthenticated)?;
        profile.require_registered()?;
        self.require_owner(&who, "password").await?;
        let mut roles = self.reads.memberships(&[user]).await?.remove(&user).unwrap_or_default();
        roles.sort_by_key(|(organization, _)| organization.id);

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        tx.open_address_change(user).await?;
        tx.open_sessions(user).await?;
        for (organization, _) in roles {
            let Some(mut organization) = tx.organization(organization.id).await? else { continue };
            organization.dismiss(user, user, now)?;
            tx.save_organization(&mut organization).await?;
        }
        let mut account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        let farewell = mail_to(account.profile(), AccountMail::AccountDeleted);
        tx.end_sessions(user, None, now).await?;
        tx.forget(account.profile()).await?;
        account.erase();
        tx.save_account(&mut account).await?;
        // To an address, about nobody: mails to who is erased are not sent.
        tx.send(&SendAccountMail { user_id: None, ..farewell }).await?;
        Ok(tx.commit().await?)
    }
}
