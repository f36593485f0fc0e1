use std::net::IpAddr;

use contracts::account_mail::AccountMail;
use kernel::{Fault, Refusal, Result};

use super::super::{LoggedIn, verify_email::mail_to};
use crate::domain::{
    Users,
    entities::{
        Account, Device, Profile, Secret, SecretHash, Session,
        sign_in::{Ceremony, FactorKind, Purpose, SecondFactors, TotpSecret, TypedCode, over},
    },
    ports::{Seals, Tx},
    reasons,
};

/// From where somebody comes.
#[derive(Clone, Debug, Default)]
pub struct Arrival {
    /// The client's address.
    pub client: Option<IpAddr>,
    /// On what.
    pub device: Option<Device>,
}

/// With what somebody completes a login that was asked for a second factor.
#[derive(Clone, Debug, Default)]
pub struct CompleteLogin {
    /// The challenge of the refusal.
    pub challenge: String,
    /// Six digits of an app, or a recovery code.
    pub code: String,
    /// A refresh token of an earlier session on the same device, by which the device is known.
    pub refresh_token: Option<String>,
    /// From where.
    pub arrival: Arrival,
}

impl Users {
    /// Completes a login by a code of an app or a recovery code.
    #[tracing::instrument(skip_all)]
    pub async fn complete_login(&self, ask: CompleteLogin) -> Result<LoggedIn> {
        let code = TypedCode::read("code", &ask.code)?;
        let token = Secret::read(&ask.challenge).ok_or_else(|| over(Purpose::Login))?.hash();
        let earlier = ask.refresh_token.as_deref().and_then(Secret::read).map(|token| token.hash());
        let begun = self.reads.ceremony(&token).await?.and_then(|ceremony| ceremony.account);
        let begun = begun.ok_or_else(|| over(Purpose::Login))?;
        let profile = self.reads.profiles(&[begun]).await?.pop().ok_or_else(|| over(Purpose::Login))?;
        let (place, _) =
            self.reads.place(&profile.email, Some(begun), ask.arrival.client, earlier.as_ref()).await?;
        let seals = self.vault.open().await?;

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let mut ceremony = tx.ceremony(&token).await?.ok_or_else(|| over(Purpose::Login))?;
        ceremony.require(Purpose::Login, Some(begun), now)?;
        let account = tx.account(begun).await?.ok_or_else(|| over(Purpose::Login))?;
        if ceremony.state != password_of(&account) {
            // It was changed meanwhile, by somebody who then wanted this login to end.
            return Err(over(Purpose::Login).into());
        }
        let mut factors = tx.second_factors(begun).await?;
        let shown = show(&mut factors, &code, place.known, now, &*seals)?;
        tx.save_second_factors(&mut factors).await?;
        let Some(kind) = shown else {
            ceremony.count_wrong();
            tx.save_ceremony(&ceremony).await?;
            tx.commit().await?;
            metrics::counter!("users_second_factors_total", "outcome" => "refused").increment(1);
            let message = "This code is wrong, was used before, or its time is over. Take the next one that your app shows.";
            return Err(Refusal::new(reasons::WRONG_CODE, message).with("field", "code").into());
        };
        ceremony.end(now);
        tx.save_ceremony(&ceremony).await?;
        if kind == FactorKind::RecoveryCodes {
            self.tell_of(&mut *tx, account.profile(), "RECOVERY_CODE_USED").await?;
        }
        metrics::counter!("users_second_factors_total", "outcome" => "accepted").increment(1);
        self.admit(tx, &account, ask.arrival).await
    }

    /// Lets in whoever has shown one factor. Where the account has a second, it is asked for, and nobody is in yet. What
    /// else has changed in the transaction lasts in either case.
    pub(in crate::domain::use_cases) async fn let_in(
        &self,
        mut tx: Box<dyn Tx>,
        account: &Account,
        arrival: Arrival,
    ) -> Result<LoggedIn> {
        let factors = tx.second_factors(account.profile().id).await?;
        if !factors.are_asked_for() {
            return self.admit(tx, account, arrival).await;
        }
        let id = account.profile().id;
        let (ceremony, challenge) =
            Ceremony::begin(Purpose::Login, Some(id), password_of(account), self.clock.now());
        tx.save_ceremony(&ceremony).await?;
        tx.commit().await?;
        metrics::counter!("users_logins_total", "outcome" => "second_factor").increment(1);
        let methods: Vec<_> = factors.methods().into_iter().map(FactorKind::as_str).collect();
        let message = "The password is right. Now show a second factor: the code that your app shows, a passkey, or a recovery code.";
        Err(Refusal::new(reasons::SECOND_FACTOR_REQUIRED, message)
            .with("challenge", challenge.reveal())
            .with("methods", methods)
            .into())
    }

    /// Begins the session of somebody who has shown all that there is to show.
    pub(super) async fn admit(
        &self,
        mut tx: Box<dyn Tx>,
        account: &Account,
        arrival: Arrival,
    ) -> Result<LoggedIn> {
        let profile = account.profile();
        tx.know_client(profile.id, arrival.client).await?;
        let token = Secret::random();
        let session = Session::open(profile.id, &token, self.clock.now(), self.rules.refresh_lifetime)
            .on(arrival.device);
        tx.save_session(&session).await?;
        tx.commit().await?;
        metrics::counter!("users_logins_total", "outcome" => "accepted").increment(1);
        self.logged_in(profile.clone(), &session, &token).await
    }

    /// Mails the owner what has changed of their second factors.
    pub(super) async fn tell_of(&self, tx: &mut dyn Tx, owner: &Profile, what: &str) -> Result<(), Fault> {
        let kind = AccountMail::SecondFactorChanged { what: what.to_owned(), at: self.clock.now() };
        tx.send(&mail_to(owner, kind)).await
    }
}

/// What kind of factor the code shows, with the secrets of the account's apps unsealed.
pub(super) fn show(
    factors: &mut SecondFactors,
    code: &TypedCode,
    known: bool,
    now: chrono::DateTime<chrono::Utc>,
    seals: &dyn Seals,
) -> Result<Option<FactorKind>> {
    let account = factors.account();
    factors.show(code, known, now, |sealed| TotpSecret::restore(&seals.unseal(account, sealed)?))
}

/// By which password the login began; another one ends it.
fn password_of(account: &Account) -> String {
    SecretHash::of(account.password_hash().unwrap_or_default()).as_str().to_owned()
}
