use contracts::account_mail::{AccountMail, SendAccountMail};
use kernel::{Result, TimeZone};
use uuid::Uuid;

use super::Notifications;
use crate::domain::{
    entities::{Notification, Reader, Recipient},
    letter::Letter,
    words::Language,
};

impl Notifications {
    /// Writes to the holder of an address, about an account or an invitation. It is a letter to the address and stands
    /// in nobody's list, since its link proves that its reader reads mail there; a warning stands in the list too.
    #[tracing::instrument(skip_all)]
    pub async fn write_about_account(&self, message: Uuid, asked: &SendAccountMail) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let mut reader = None;
        if let Some(user) = asked.user_id {
            reader = Some(tx.reader(user).await?);
        }
        if !reader.as_ref().is_some_and(Reader::erased) {
            let timezone = asked.timezone.parse().unwrap_or(TimeZone::UTC);
            let words = Language::of(&asked.locale);
            let letter = Letter::Account { name: asked.to_name.clone(), timezone, mail: asked.kind.clone() };
            let cause = format!("account:{}", asked.id);
            if let (
                Some(reader),
                AccountMail::PasswordGuessing { .. }
                | AccountMail::PasswordChanged { .. }
                | AccountMail::SecondFactorChanged { .. },
            ) = (&reader, &asked.kind)
            {
                self.list(tx.as_mut(), reader, letter.listed(words, cause.clone())).await?;
            }
            let told = letter.mailed(words, cause, &self.public_url, None);
            let mail = Notification::mail(
                Recipient::Address(asked.to_email.clone()),
                asked.to_email.clone(),
                asked.to_name.clone().unwrap_or_default(),
                told,
                letter,
                tx.now(),
            )
            .written_in(words);
            tx.add(&mail).await?;
        }
        tx.commit().await
    }
}
