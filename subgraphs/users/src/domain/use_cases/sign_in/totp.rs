use kernel::{Refusal, Result, SessionId, UserId, line};

use super::{Enrolled, Proof, second_factors::enrolled};
use crate::domain::{
    Users,
    entities::{
        Secret,
        sign_in::{Ceremony, Purpose, TotpSecret, TypedCode, over},
    },
    reasons,
};

/// What somebody needs to add an app that shows codes.
#[derive(Clone, Debug)]
pub struct TotpBegun {
    /// What the next request names.
    pub challenge: Secret,
    /// For who types it into the app.
    pub secret: String,
    /// For an app that reads it.
    pub uri: String,
    /// Until when it can be confirmed.
    pub expires_at: chrono::DateTime<chrono::Utc>,
}

/// With what an app is added.
#[derive(Clone, Debug, Default)]
pub struct ConfirmTotp {
    /// The challenge of the first request.
    pub challenge: String,
    /// What the app shows.
    pub code: String,
    /// As its owner calls it.
    pub name: Option<String>,
}

impl Users {
    /// Makes a secret for an app that shows codes. Nothing changes before a code of it was shown.
    pub async fn begin_totp(&self, user: UserId, session: SessionId, proof: &Proof) -> Result<TotpBegun> {
        self.require_account(user).await?;
        self.confirm(user, session, proof, true).await?;
        let secret = TotpSecret::random();
        let seals = self.vault.open().await?;
        let state = seals.seal(user, secret.as_bytes())?;
        let (ceremony, challenge) = Ceremony::begin(Purpose::Totp, Some(user), state, self.clock.now());
        let mut tx = self.store.begin().await?;
        let account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        tx.save_ceremony(&ceremony).await?;
        tx.commit().await?;
        let (typed, uri) = secret.for_the_app(account.profile().email.as_str())?;
        Ok(TotpBegun { challenge, secret: typed, uri, expires_at: ceremony.expires_at })
    }

    /// Adds the app, which has shown a right code. From then on the password alone is not enough.
    pub async fn confirm_totp(&self, user: UserId, ask: ConfirmTotp) -> Result<Enrolled> {
        let name = line("name", ask.name.as_deref().unwrap_or("Authenticator app"), 60)?;
        let TypedCode::OneTime(digits) = TypedCode::read("code", &ask.code)? else {
            return Err(wrong_code().into());
        };
        let token = Secret::read(&ask.challenge).ok_or_else(|| over(Purpose::Totp))?.hash();
        let seals = self.vault.open().await?;

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let mut ceremony = tx.ceremony(&token).await?.ok_or_else(|| over(Purpose::Totp))?;
        ceremony.require(Purpose::Totp, Some(user), now)?;
        let account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        let secret = TotpSecret::restore(&seals.unseal(user, &ceremony.state)?)?;
        let Some(step) = secret.step_of(&digits, now)? else {
            ceremony.count_wrong();
            tx.save_ceremony(&ceremony).await?;
            tx.commit().await?;
            return Err(wrong_code().into());
        };
        let mut factors = tx.second_factors(user).await?;
        let (factor, codes) = factors.add_totp(name, ceremony.state.clone(), step, now)?;
        ceremony.end(now);
        tx.save_ceremony(&ceremony).await?;
        tx.save_second_factors(&mut factors).await?;
        self.tell_of(&mut *tx, account.profile(), "TOTP_ADDED").await?;
        tx.commit().await?;
        Ok(enrolled(factor, &codes))
    }
}

fn wrong_code() -> Refusal {
    let message =
        "is not what your app shows now; see that the clock of its device is right, and take the next one";
    Refusal::bad_input("code", message).because(reasons::CODE_WRONG)
}
