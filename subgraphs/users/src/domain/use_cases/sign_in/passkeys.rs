use std::net::IpAddr;

use chrono::{DateTime, Utc};
use kernel::{Fault, Refusal, Result, SessionId, UserId, line};

use super::{super::LoggedIn, Arrival, Enrolled, Proof, second_factors::enrolled};
use crate::domain::{
    Users,
    entities::{
        Account, Secret,
        sign_in::{Ceremony, Means, Purpose, over},
    },
    ports::Tx,
    reasons,
};

/// What a browser hands on to a device with passkeys.
#[derive(Clone, Debug)]
pub struct PasskeyBegun {
    /// What the next request names.
    pub challenge: Secret,
    /// For the browser, as JSON.
    pub options: String,
    /// Until when there can be an answer.
    pub expires_at: DateTime<Utc>,
}

/// What the device answers.
#[derive(Clone, Debug, Default)]
pub struct PasskeyAnswer {
    /// The challenge of the first request.
    pub challenge: String,
    /// From the browser, as JSON.
    pub answer: String,
}

/// With what a passkey is added.
#[derive(Clone, Debug, Default)]
pub struct FinishPasskey {
    /// What the device answers.
    pub shown: PasskeyAnswer,
    /// As its owner calls it.
    pub name: Option<String>,
}

impl Users {
    /// Asks for a passkey to be made. Nothing changes before it is.
    pub async fn begin_passkey(
        &self,
        user: UserId,
        session: SessionId,
        proof: &Proof,
    ) -> Result<PasskeyBegun> {
        self.require_account(user).await?;
        self.confirm(user, session, proof, true).await?;
        let profile = self.reads.profiles(&[user]).await?.pop().ok_or_else(Refusal::unauthenticated)?;
        let factors = self.reads.second_factors(&[user]).await?.remove(&user).unwrap_or_default();
        let known = factors.into_iter().filter_map(|factor| match factor.means {
            Means::Passkey { credential, .. } => Some(credential),
            Means::Totp { .. } | Means::RecoveryCodes(_) => None,
        });
        let ask = self.passkeys.ask_to_make(&profile, &known.collect::<Vec<_>>())?;
        self.begin(Purpose::Passkey, Some(user), ask.options, ask.state).await
    }

    /// Adds the passkey that was made. From then on the password alone is not enough.
    pub async fn finish_passkey(&self, user: UserId, ask: FinishPasskey) -> Result<Enrolled> {
        let name = line("name", ask.name.as_deref().unwrap_or("Passkey"), 60)?;
        let token = Secret::read(&ask.shown.challenge).ok_or_else(|| over(Purpose::Passkey))?.hash();
        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let mut ceremony = tx.ceremony(&token).await?.ok_or_else(|| over(Purpose::Passkey))?;
        ceremony.require(Purpose::Passkey, Some(user), now)?;
        let account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        let made = self.passkeys.made(&ask.shown.answer, &ceremony.state)?;
        let mut factors = tx.second_factors(user).await?;
        let (factor, codes) = factors.add_passkey(name, made.credential, made.stored, now)?;
        ceremony.end(now);
        tx.save_ceremony(&ceremony).await?;
        if !tx.save_second_factors(&mut factors).await? {
            let message = "This passkey belongs to an account already. Make another one.";
            return Err(Refusal::new(reasons::PASSKEY_TAKEN, message).into());
        }
        self.tell_of(&mut *tx, account.profile(), "PASSKEY_ADDED").await?;
        tx.commit().await?;
        Ok(enrolled(factor, &codes))
    }

    /// Asks for any passkey of anybody.
    pub async fn begin_passkey_sign_in(&self, client: Option<IpAddr>) -> Result<PasskeyBegun> {
        if let Some(client) = client {
            self.limits.tries_to_log_in(client)?;
        }
        let ask = self.passkeys.ask_to_show()?;
        self.begin(Purpose::PasskeySignIn, None, ask.options, ask.state).await
    }

    /// Logs in whose passkey it is. Its device has recognised them: nothing else is asked for.
    #[tracing::instrument(skip_all)]
    pub async fn finish_passkey_sign_in(&self, shown: PasskeyAnswer, arrival: Arrival) -> Result<LoggedIn> {
        let mut tx = self.store.begin().await?;
        let account = self.shown_by(&mut *tx, &shown).await?;
        self.admit(tx, &account, arrival).await
    }

    /// Confirms who is logged in by a passkey of theirs.
    pub(super) async fn confirm_by_passkey(&self, user: UserId, shown: &PasskeyAnswer) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let account = self.shown_by(&mut *tx, shown).await;
        let theirs = account.as_ref().is_ok_and(|account| account.profile().id == user);
        match account {
            Ok(_) if theirs => Ok(tx.commit().await?),
            Err(kernel::Error::Broken(fault)) => Err(fault.into()),
            _ => {
                let message = "is not a passkey of yours, or was asked for too long ago; begin anew";
                Err(Refusal::bad_input("passkey", message).because(reasons::PASSKEY_WRONG).into())
            }
        }
    }

    /// Whose passkey is shown, with the account locked. A challenge is answered once.
    async fn shown_by(&self, tx: &mut dyn Tx, shown: &PasskeyAnswer) -> Result<Account> {
        let token = Secret::read(&shown.challenge).ok_or_else(|| over(Purpose::PasskeySignIn))?.hash();
        let credential = self.passkeys.shown(&shown.answer)?;
        let now = self.clock.now();
        let mut ceremony = tx.ceremony(&token).await?.ok_or_else(|| over(Purpose::PasskeySignIn))?;
        ceremony.require(Purpose::PasskeySignIn, None, now)?;
        let (user, id) = tx.passkey(&credential).await?.ok_or_else(unknown_passkey)?;
        let account = tx.account(user).await?.ok_or_else(unknown_passkey)?;
        let mut factors = tx.second_factors(user).await?;
        // It may have been removed while the account was waited for.
        let stored =
            factors.all().iter().find(|factor| factor.id == id).and_then(|factor| match &factor.means {
                Means::Passkey { stored, .. } => Some(stored.clone()),
                Means::Totp { .. } | Means::RecoveryCodes(_) => None,
            });
        let stored = stored.ok_or_else(unknown_passkey)?;
        if let Some(now_stored) = self.passkeys.check(&shown.answer, &ceremony.state, &stored)? {
            factors.update_passkey(id, now_stored);
        }
        ceremony.end(now);
        tx.save_ceremony(&ceremony).await?;
        tx.save_second_factors(&mut factors).await?;
        Ok(account)
    }

    async fn begin(
        &self,
        purpose: Purpose,
        account: Option<UserId>,
        options: String,
        state: String,
    ) -> Result<PasskeyBegun, kernel::Error> {
        let (ceremony, challenge) = Ceremony::begin(purpose, account, state, self.clock.now());
        self.keep(&ceremony).await?;
        Ok(PasskeyBegun { challenge, options, expires_at: ceremony.expires_at })
    }

    /// Keeps a ceremony that has begun, and changes nothing else.
    pub(super) async fn keep(&self, ceremony: &Ceremony) -> Result<(), Fault> {
        let mut tx = self.store.begin().await?;
        tx.save_ceremony(ceremony).await?;
        tx.commit().await
    }
}

fn unknown_passkey() -> Refusal {
    let message =
        "This passkey is not known here any more. Log in by your password, and remove it from your device.";
    Refusal::new(reasons::WRONG_PASSKEY, message)
}
