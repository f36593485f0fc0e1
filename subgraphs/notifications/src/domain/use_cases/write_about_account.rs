use contracts::account_mail::{AccountMail, SendAccountMail};
use kernel::{Result, TimeZone};
use uuid::Uuid;

use super::Notifications;
use crate::domain::{
    entities::{Notification, Recipient},
    letter::Letter,
};

impl Notifications {
    /// Writes to the holder of an address, about an account or an invitation. It is a letter to the address and stands
    /// in nobody's list, since its link proves that its reader reads mail there; a warning stands in the list too.
    #[tracing::instrument(skip_all)]
    pub async fn write_about_account(&self, message: Uuid, asked: &SendAccountMail) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !tx.first_time(message).await? {
            return Ok(());
        }
        let mut erased = false;
        if let Some(user) = asked.user_id {
            erased = tx.account(user).await?.is_some_and(|account| account.erased);
        }
        if !erased {
            let timezone = asked.timezone.parse().unwrap_or(TimeZone::UTC);
            let letter = Letter::Account { name: asked.to_name.clone(), timezone, mail: asked.kind.clone() };
            let told = letter.told(format!("account:{}", asked.id), &self.public_url);
            if let (Some(user), AccountMail::PasswordGuessing { .. }) = (asked.user_id, &asked.kind) {
                self.list(tx.as_mut(), user, told.clone()).await?;
            }
            let mail = Notification::mail(
                Recipient::Address(asked.to_email.clone()),
                asked.to_email.clone(),
                asked.to_name.clone().unwrap_or_default(),
                told,
                letter,
                tx.now(),
            );
            tx.add(&mail).await?;
        }
        tx.commit().await
    }
}
