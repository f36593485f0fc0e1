use chrono::Duration;
use contracts::account_mail::{AccountMail, SendAccountMail};
use kernel::{EmailAddress, Fault, Refusal, Result, UserId};

use super::{
    Oneself,
    verify_email::{mail_to, require_no_mail_lately},
};
use crate::domain::{
    Users,
    entities::{AddressChange, AddressChangeEnd, Secret, no_such_change},
};

/// What somebody tells whose address is to be another one.
#[derive(Clone, Debug)]
pub struct ChangeEmail {
    /// Who.
    pub who: Oneself,
    /// Where mail reaches the person from then on.
    pub new_email: String,
}

impl Users {
    /// Mails a link to the new address, and one to the address so far where mail to that was shown to arrive. Once both
    /// are opened, the account has the new address; until then nothing changes. It replaces a change asked for before.
    #[tracing::instrument(skip_all)]
    pub async fn change_email(&self, ask: ChangeEmail) -> Result<AddressChange> {
        let ChangeEmail { who, new_email } = ask;
        let new_email = EmailAddress::parse("newEmail", &new_email)?;
        if let Some(client) = who.client {
            self.limits.asks_for_mail(client)?;
        }
        self.require_owner(&who, "password").await?;
        // Looked at without a lock: who has the address is decided when the last link is opened.
        let taken_by = self.reads.password_hash(&new_email).await?.map(|(account, _)| account);
        if taken_by.is_some_and(|account| account != who.user) {
            return Err(self.already_taken(&new_email, "newEmail").await?.into());
        }

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let earlier = tx.open_address_change(who.user).await?;
        let account = tx.account(who.user).await?.ok_or_else(Refusal::unauthenticated)?;
        account.require_registered()?;
        let profile = account.profile();
        if profile.email.as_str() == new_email.as_str() {
            let message = "is the address of your account already";
            return Err(Refusal::bad_input("newEmail", message).because(kernel::reasons::DUPLICATE).into());
        }
        let sent = tx.address_changes_since(who.user, now - Duration::days(1)).await?;
        require_no_mail_lately(&sent, now)?;
        if let Some(mut earlier) = earlier {
            earlier.end(AddressChangeEnd::Replaced, now);
            tx.save_address_change(&earlier).await?;
        }
        let (old, new) = (Secret::random(), Secret::random());
        let lifetime = self.rules.address_change_lifetime;
        let change = AddressChange::begin(profile, new_email, (&old, &new), now, lifetime);
        tx.save_address_change(&change).await?;
        let to_new = self
            .letter_of(&change, &new, |link, expires_at| AccountMail::ConfirmNewAddress { link, expires_at });
        let to_email = change.new_email.as_str().to_owned();
        tx.send(&SendAccountMail { to_email, ..mail_to(profile, to_new) }).await?;
        if change.old.is_some() {
            let new_email = change.new_email.as_str().to_owned();
            let to_old = self.letter_of(&change, &old, |link, expires_at| {
                AccountMail::ConfirmAddressChange { link, expires_at, new_email }
            });
            tx.send(&mail_to(profile, to_old)).await?;
        }
        tx.commit().await?;
        Ok(change)
    }

    fn letter_of(
        &self,
        change: &AddressChange,
        secret: &Secret,
        letter: impl FnOnce(String, chrono::DateTime<chrono::Utc>) -> AccountMail,
    ) -> AccountMail {
        let link = format!("{}/account/change-address#token={}", self.rules.public_url, secret.reveal());
        letter(link, change.expires_at)
    }

    /// Notes that one of the two links was opened; with the last the account has the new address. An account that has got
    /// that address meanwhile keeps it.
    #[tracing::instrument(skip_all)]
    pub async fn confirm_email_change(&self, token: &str) -> Result<AddressChange> {
        let token = Secret::read(token).ok_or_else(no_such_change)?.hash();
        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let mut change = tx.address_change(&token).await?.ok_or_else(no_such_change)?;
        if !change.agree(&token, now)? {
            tx.save_address_change(&change).await?;
            tx.commit().await?;
            return Ok(change);
        }
        change.end(AddressChangeEnd::Done, now);
        tx.save_address_change(&change).await?;
        let account = tx.account(change.account).await?;
        let mut account = account.ok_or_else(|| Fault::broken_rule("a change of address has no account"))?;
        let before = account.profile().clone();
        account.change_address(change.new_email.clone());
        // They went to the address that is no longer the account's.
        tx.end_password_resets(before.id, now).await?;
        if before.email_verified {
            let new_email = change.new_email.as_str().to_owned();
            tx.send(&mail_to(&before, AccountMail::AddressChanged { new_email, at: now })).await?;
        }
        if !tx.claim_address(&mut account).await? {
            drop(tx);
            return Err(self.already_taken(&change.new_email, "token").await?.into());
        }
        tx.commit().await?;
        Ok(change)
    }

    /// Takes a change of one's address back; false when there is none.
    pub async fn cancel_email_change(&self, user: UserId) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let Some(mut change) = tx.open_address_change(user).await? else { return Ok(false) };
        let could_be_opened = now < change.expires_at;
        change.end(AddressChangeEnd::Cancelled, now);
        tx.save_address_change(&change).await?;
        tx.commit().await?;
        Ok(could_be_opened)
    }
}
