use kernel::{EmailAddress, ErrorCode, Refusal, Result};

use super::LoggedIn;
use crate::domain::{
    Users,
    entities::{LoginFailures, Password, RefreshToken, Session},
};

/// With what somebody logs in.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// The account's address.
    pub email: String,
    /// Its password.
    pub password: String,
}

impl Users {
    /// Begins a session. An unknown address and a wrong password are refused alike, after the same time.
    #[tracing::instrument(skip_all)]
    pub async fn log_in(&self, ask: LogIn) -> Result<LoggedIn> {
        let email = EmailAddress::parse("email", &ask.email)?;
        let password = Password::given("password", &ask.password)?;
        let limit = self.rules.login_limit;
        self.reads.login_failures(&email).await?.check(limit, self.clock.now())?;
        let hash = self.reads.password_hash(&email).await?;
        let matches = self.passwords.matches(&password, hash.clone()).await?;

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let mut failures = tx.login_failures(&email).await?;
        // Many tries at once may have passed the first look; here they come one after the other.
        failures.check(limit, now)?;
        let account = tx.account_by_email(&email).await?;
        let Some(account) =
            account.filter(|account| matches && hash.as_deref() == Some(account.password_hash()))
        else {
            failures.count(limit, now);
            tx.save_login_failures(&email, failures).await?;
            tx.commit().await?;
            metrics::counter!("users_logins_total", "outcome" => "refused").increment(1);
            let message = "The e-mail address or the password is wrong.";
            return Err(Refusal::new(ErrorCode::Unauthenticated, message).into());
        };
        if failures != LoginFailures::NONE {
            tx.save_login_failures(&email, LoginFailures::NONE).await?;
        }
        let token = RefreshToken::new(rand::random());
        let session = Session::open(account.profile().id, &token, now, self.rules.refresh_lifetime);
        tx.save_session(&session).await?;
        tx.commit().await?;
        metrics::counter!("users_logins_total", "outcome" => "accepted").increment(1);
        self.logged_in(account.profile().clone(), &session, &token).await
    }
}
