use std::{net::IpAddr, time::Duration};

use contracts::account_mail::AccountMail;
use kernel::{EmailAddress, Fault, Result, UserId};

use super::{
    LoggedIn,
    sign_in::Arrival,
    verify_email::{mail_to, require_no_mail_lately},
};
use crate::domain::{
    Users,
    entities::{
        Account, AddressChangeEnd, AddressProof, Password, ProofPurpose::ResetPassword as Resetting, Secret,
        worthless_for,
    },
    ports::Tx,
};

/// Whoever asks for a link waits so long at least, so that the time tells no more than the answer.
const ANSWERED_AFTER: Duration = Duration::from_millis(250);

/// By what somebody chooses a new password.
#[derive(Clone, Debug, Default)]
pub struct ResetPassword {
    /// The secret of the mail's link.
    pub token: String,
    /// 8 to 128 characters, not among the first that others would try.
    pub new_password: String,
    /// From where.
    pub arrival: Arrival,
}

impl Users {
    /// Mails a link to this address by which its owner chooses a new password, where it has an account. Whether it has
    /// one is told by nothing: nor whether a link was mailed a moment ago.
    #[tracing::instrument(skip_all)]
    pub async fn request_password_reset(&self, email: &str, client: Option<IpAddr>) -> Result<()> {
        let email = EmailAddress::parse("email", email)?;
        if let Some(client) = client {
            self.limits.asks_for_mail(client)?;
        }
        let answered = tokio::time::Instant::now() + ANSWERED_AFTER;
        let mailed = self.mail_reset(&email).await;
        tokio::time::sleep_until(answered).await;
        Ok(mailed?)
    }

    async fn mail_reset(&self, email: &EmailAddress) -> Result<(), Fault> {
        let mut tx = self.store.begin().await?;
        let Some(account) = tx.account_by_email(email).await? else { return Ok(()) };
        let (profile, now) = (account.profile(), self.clock.now());
        let sent = tx.address_proofs_since(profile.id, Resetting, now - chrono::Duration::days(1)).await?;
        if require_no_mail_lately(&sent, now).is_err() {
            return Ok(());
        }
        let secret = Secret::random();
        let proof = AddressProof {
            token: secret.hash(),
            account: profile.id,
            purpose: Resetting,
            created_at: now,
            expires_at: now + self.rules.reset_lifetime,
            used_at: None,
        };
        tx.save_address_proof(&proof).await?;
        let link = format!("{}/account/reset-password#token={}", self.rules.public_url, secret.reveal());
        tx.send(&mail_to(profile, AccountMail::PasswordReset { link, expires_at: proof.expires_at })).await?;
        tx.commit().await
    }

    /// Sets the password that the reader of such a mail chooses, ends every session of the account, and logs the reader
    /// in; where the account has a second factor, that is asked for first. The link can be opened once, and every other
    /// like it is worth nothing afterwards.
    #[tracing::instrument(skip_all)]
    pub async fn reset_password(&self, ask: ResetPassword) -> Result<LoggedIn> {
        let worthless = || worthless_for(Resetting);
        let token = Secret::read(&ask.token).ok_or_else(worthless)?.hash();
        let mut tx = self.store.begin().await?;
        let mut proof = tx.address_proof(&token).await?.ok_or_else(worthless)?;
        drop(tx);
        // Looked at first: a hash takes long, and nobody gets one for nothing.
        proof.take(Resetting, self.clock.now())?;
        let profile = self.reads.profiles(&[proof.account]).await?.pop().ok_or_else(worthless)?;
        let password = Password::choose("newPassword", &ask.new_password, &profile.known())?;
        let hash = self.passwords.hash(&password).await?;

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let mut proof = tx.address_proof(&token).await?.ok_or_else(worthless)?;
        proof.take(Resetting, now)?;
        tx.save_address_proof(&proof).await?;
        let mut account = self.account_to_secure(&mut *tx, proof.account).await?;
        account.set_password(hash);
        if !account.profile().email_verified {
            // Perhaps somebody else registered with this address: then they keep no way in.
            tx.close_other_ways_in(proof.account).await?;
        }
        account.verify_address();
        self.secured(&mut *tx, &mut account, None).await?;
        self.let_in(tx, &account, ask.arrival).await
    }

    /// The account, whose password is about to change, with all that this ends: each is locked before the account, in the
    /// one order.
    pub(super) async fn account_to_secure(&self, tx: &mut dyn Tx, id: UserId) -> Result<Account, Fault> {
        if let Some(mut change) = tx.open_address_change(id).await? {
            change.end(AddressChangeEnd::Cancelled, self.clock.now());
            tx.save_address_change(&change).await?;
        }
        tx.open_sessions(id).await?;
        tx.account(id).await?.ok_or_else(|| Fault::broken_rule("an account that was there is gone"))
    }

    /// Saves an account that has another password, and ends what others may have by the old one: its sessions, but for
    /// one, and links in older mails. Its owner is told.
    pub(super) async fn secured(
        &self,
        tx: &mut dyn Tx,
        account: &mut Account,
        but: Option<kernel::SessionId>,
    ) -> Result<(), Fault> {
        let (id, now) = (account.profile().id, self.clock.now());
        // Also of whoever logged in before the account was locked.
        tx.end_sessions(id, but, now).await?;
        tx.end_password_resets(id, now).await?;
        tx.save_account(account).await?;
        tx.send(&mail_to(account.profile(), AccountMail::PasswordChanged { at: now })).await
    }
}
