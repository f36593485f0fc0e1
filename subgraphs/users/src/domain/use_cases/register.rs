use kernel::{EmailAddress, Refusal, Result, TimeZone, UserId, line};

use super::LoggedIn;
use crate::domain::{
    Users,
    entities::{Account, Locale, Password, Profile, RefreshToken, Session},
};

/// What somebody tells to get an account.
#[derive(Clone, Debug)]
pub struct Register {
    /// Where mail reaches the person.
    pub email: String,
    /// 8 to 128 characters.
    pub password: String,
    /// How the person wants to be called.
    pub name: String,
    /// English when left out.
    pub locale: Option<String>,
    /// UTC when left out.
    pub timezone: Option<String>,
}

impl Users {
    /// Opens an account and logs its owner in. The address must be free.
    #[tracing::instrument(skip_all)]
    pub async fn register(&self, ask: Register) -> Result<LoggedIn> {
        let now = self.clock.now();
        let profile = Profile {
            id: UserId::new(),
            email: EmailAddress::parse("email", &ask.email)?,
            name: line("name", &ask.name, 100)?,
            phone: None,
            locale: Locale::parse("locale", ask.locale.as_deref().unwrap_or("en"))?,
            timezone: TimeZone::parse("timezone", ask.timezone.as_deref().unwrap_or("UTC"))?,
            email_verified: false,
            created_at: now,
        };
        let password = Password::choose("password", &ask.password)?;
        let mut account = Account::open(profile, self.passwords.hash(&password).await?);
        let token = RefreshToken::new(rand::random());
        let session =
            Session::open(account.profile().id, &token, self.clock.now(), self.rules.refresh_lifetime);

        let mut tx = self.store.begin().await?;
        if !tx.add_account(&mut account).await? {
            return Err(Refusal::conflict(
                "There is already an account with this e-mail address. Log in, or use another address.",
            )
            .with("field", "email")
            .into());
        }
        tx.save_session(&session).await?;
        tx.commit().await?;
        self.logged_in(account.profile().clone(), &session, &token).await
    }

    /// What a client gets whose session has a new refresh token.
    pub(super) async fn logged_in(
        &self,
        profile: Profile,
        session: &Session,
        token: &RefreshToken,
    ) -> Result<LoggedIn> {
        let access = self.tokens.issue(profile.id, session.state().id, self.clock.now()).await?;
        Ok(LoggedIn {
            profile,
            access_token: access.token,
            expires_at: access.expires_at,
            refresh_token: token.reveal().to_owned(),
        })
    }
}
