use chrono::{DateTime, Duration, Utc};
use contracts::account_mail::{AccountMail, SendAccountMail};
use kernel::{Fault, Id, Refusal, Result, UserId};

use super::{Sight, Sighted};
use crate::domain::{
    Users,
    entities::{AddressProof, Profile, ProofPurpose::VerifyAddress, Secret, worthless},
    ports::Tx,
    reasons,
};

/// How many mails with a link an account may ask for in a day, and how long it waits between two.
const A_DAY: usize = 5;
const BETWEEN: Duration = Duration::minutes(1);

impl Users {
    /// Notes that mail to an account's address arrives, shown by the secret of a link in such a mail.
    pub async fn verify_email(&self, viewer: Option<UserId>, token: &str) -> Result<Sighted> {
        let token = Secret::read(token).ok_or_else(worthless)?;
        let mut tx = self.store.begin().await?;
        let mut proof = tx.address_proof(&token.hash()).await?.ok_or_else(worthless)?;
        let account = tx.account(proof.account).await?;
        let mut account =
            account.ok_or_else(|| Fault::broken_rule("a proof of an address has no account"))?;
        let own = viewer == Some(account.profile().id);
        // The same page once more, after an answer that was lost.
        let done = own
            && proof.purpose == VerifyAddress
            && proof.used_at.is_some()
            && account.profile().email_verified;
        if !done {
            let now = self.clock.now();
            proof.take(VerifyAddress, now)?;
            account.prove_address(now);
            tx.save_address_proof(&proof).await?;
            tx.save_account(&mut account).await?;
            tx.commit().await?;
        }
        let sight = if own { Sight::Own } else { Sight::Fellow };
        Ok(Sighted { profile: account.profile().clone(), sight })
    }

    /// Mails a link to the person's address once more. False when the address is verified already, unless it is to be verified
    /// `again`.
    pub async fn request_email_verification(&self, user: UserId, again: bool) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        account.require_registered()?;
        if account.profile().email_verified && !again {
            return Ok(false);
        }
        let now = self.clock.now();
        let sent = tx.address_proofs_since(user, VerifyAddress, now - Duration::days(1)).await?;
        require_no_mail_lately(&sent, now)?;
        self.ask_to_verify(&mut *tx, account.profile()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Mails a link to a person's address, which verifies it.
    pub(super) async fn ask_to_verify(&self, tx: &mut dyn Tx, profile: &Profile) -> Result<(), Fault> {
        let (secret, now) = (Secret::random(), self.clock.now());
        let proof = AddressProof {
            token: secret.hash(),
            account: profile.id,
            purpose: VerifyAddress,
            created_at: now,
            expires_at: now + self.rules.proof_lifetime,
            used_at: None,
        };
        tx.save_address_proof(&proof).await?;
        let link = format!("{}/account/verify#token={}", self.rules.public_url, secret.reveal());
        tx.send(&mail_to(profile, AccountMail::VerifyAddress { link, expires_at: proof.expires_at })).await
    }
}

/// Refuses one more mail with a link so soon after these, of the last day and the last one first.
pub(super) fn require_no_mail_lately(sent: &[DateTime<Utc>], now: DateTime<Utc>) -> Result<(), Refusal> {
    let free_at = match sent {
        [.., first] if sent.len() >= A_DAY => Some(*first + Duration::days(1)),
        [last, ..] => Some(*last + BETWEEN),
        [] => None,
    };
    let Some(free_at) = free_at.filter(|free_at| now < *free_at) else { return Ok(()) };
    let seconds = (free_at - now).num_seconds() + 1;
    let message = format!("A mail was sent to you not long ago. Ask for another one in {seconds} seconds.");
    Err(Refusal::new(reasons::MAIL_SENT_RECENTLY, message).with("retryAfterSeconds", seconds))
}

/// A mail to somebody who has an account.
pub(super) fn mail_to(profile: &Profile, kind: AccountMail) -> SendAccountMail {
    SendAccountMail {
        id: Id::<SendAccountMail>::new().uuid(),
        user_id: Some(profile.id),
        to_email: profile.email.as_str().to_owned(),
        to_name: profile.name.clone(),
        locale: profile.locale.as_str().to_owned(),
        timezone: profile.timezone.name().to_owned(),
        kind,
    }
}
