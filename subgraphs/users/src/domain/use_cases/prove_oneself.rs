use std::net::IpAddr;

use kernel::{Refusal, Result, SessionId, UserId};

use crate::domain::{
    Users,
    entities::{FRESH, LoginFailures, Password},
    reasons,
};

/// Who asks for what takes more than an access token.
#[derive(Clone, Debug)]
pub struct Oneself {
    /// Who.
    pub user: UserId,
    /// By which login.
    pub session: SessionId,
    /// The account's password; may be left out a moment after logging in.
    pub password: Option<String>,
    /// From where.
    pub client: Option<IpAddr>,
}

impl Users {
    /// Refuses whoever cannot be the owner: an access token may be a borrowed telephone's. The password shows it, which
    /// the client gave in `field`, and so does a login a moment ago. Wrong passwords are counted as those of a login.
    pub(super) async fn require_owner(&self, who: &Oneself, field: &str) -> Result<()> {
        let Some(password) = who.password.as_deref() else {
            return self.require_fresh_login(who, field).await;
        };
        let password = Password::given(field, password)?;
        let profile = self.reads.profiles(&[who.user]).await?.pop().ok_or_else(Refusal::unauthenticated)?;
        profile.require_registered()?;
        let (email, limit) = (&profile.email, self.rules.login_limit);
        let (place, failures) = self.reads.place(email, Some(who.user), who.client, None).await?;
        failures.check(limit, place.known, self.clock.now())?;
        let hash = self.reads.password_hash_of(who.user).await?;
        let matches = self.passwords.matches(&password, hash).await?;

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let mut failures = tx.login_failures(email, &place).await?;
        // Many tries at once may have passed the first look; here they come one after the other.
        failures.check(limit, place.known, now)?;
        if matches {
            failures = LoginFailures::NONE;
        } else {
            failures.count(limit, now);
        }
        tx.save_login_failures(email, &place, failures).await?;
        tx.commit().await?;
        if matches {
            return Ok(());
        }
        Err(Refusal::bad_input(field, "is not the password of your account")
            .because(reasons::PASSWORD_WRONG)
            .into())
    }

    async fn require_fresh_login(&self, who: &Oneself, field: &str) -> Result<()> {
        if self.reads.began_after(who.session, who.user, self.clock.now() - FRESH).await? {
            return Ok(());
        }
        let message = "must be your password, because you logged in more than ten minutes ago";
        Err(Refusal::bad_input(field, message).because(kernel::reasons::REQUIRED).into())
    }
}
