use std::net::IpAddr;

use contracts::account_mail::AccountMail;
use kernel::{EmailAddress, Refusal, Result};

use super::{LoggedIn, sign_in::Arrival, verify_email::mail_to};
use crate::domain::{
    Users,
    entities::{Account, Device, LoginFailures, Password, Place, Secret},
    ports::{Tx, Warning},
    reasons,
};

/// How rarely an account is warned of the same, in hours.
pub(super) const WARNED_EVERY: chrono::Duration = chrono::Duration::hours(12);

/// With what somebody logs in.
#[derive(Clone, Debug, Default)]
pub struct LogIn {
    /// The account's address.
    pub email: String,
    /// Its password.
    pub password: String,
    /// A refresh token of an earlier session on the same device, by which the device is known.
    pub refresh_token: Option<String>,
    /// From where.
    pub client: Option<IpAddr>,
    /// On what.
    pub device: Option<Device>,
}

impl Users {
    /// Begins a session, or asks for the account's second factor. An unknown address and a wrong password are refused alike, after the same time. Whoever sends
    /// wrong ones is slowed down, and nobody else.
    #[tracing::instrument(skip_all)]
    pub async fn log_in(&self, ask: LogIn) -> Result<LoggedIn> {
        let email = EmailAddress::parse("email", &ask.email)?;
        let password = Password::given("password", &ask.password)?;
        let earlier = ask.refresh_token.as_deref().and_then(Secret::read).map(|token| token.hash());
        let limit = self.rules.login_limit;
        let (whose, hash) = self.reads.password_hash(&email).await?.unzip();
        let (place, failures) = self.reads.place(&email, whose, ask.client, earlier.as_ref()).await?;
        failures.check(limit, place.known, self.clock.now())?;
        if let Some(client) = ask.client.filter(|_| !place.known) {
            self.limits.tries_to_log_in(client)?;
        }
        let matches = self.passwords.matches(&password, hash.clone()).await?;

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let mut failures = tx.login_failures(&email, &place).await?;
        // Many tries at once may have passed the first look; here they come one after the other.
        failures.check(limit, place.known, now)?;
        let account = tx.account_by_email(&email).await?;
        let right = |account: &Account| matches && hash.as_deref() == account.password_hash();
        let Some(account) = account.as_ref().filter(|account| right(account)) else {
            failures.count(limit, now);
            tx.save_login_failures(&email, &place, failures).await?;
            if let Some(account) = &account {
                self.warn_of_guessing(&mut *tx, account, &place).await?;
            }
            tx.commit().await?;
            metrics::counter!("users_logins_total", "outcome" => "refused").increment(1);
            let message = "The e-mail address or the password is wrong.";
            return Err(Refusal::new(reasons::WRONG_CREDENTIALS, message).into());
        };
        tx.save_login_failures(&email, &place, LoginFailures::NONE).await?;
        self.let_in(tx, account, Arrival { client: ask.client, device: ask.device }).await
    }

    /// Tells the owner once there were so many wrong ones, from wherever, that they are no slip.
    async fn warn_of_guessing(&self, tx: &mut dyn Tx, account: &Account, place: &Place) -> Result<()> {
        let (limit, now) = (self.rules.login_limit, self.clock.now());
        let profile = account.profile();
        let (attempts, since) = tx.failures_everywhere(&profile.email, now - limit.window).await?;
        // What the owner mistypes at home does not alarm the owner.
        let many = if place.known { limit.failures_where_known } else { limit.failures };
        if attempts >= many && tx.may_warn(profile.id, Warning::PasswordGuessing, now - WARNED_EVERY).await? {
            let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
            tx.send(&mail_to(profile, AccountMail::PasswordGuessing { attempts, since })).await?;
        }
        Ok(())
    }
}
