use std::net::IpAddr;

use contracts::account_mail::AccountMail;
use kernel::{EmailAddress, Refusal, Result, TimeZone, UserId, line, together};

use super::{LoggedIn, log_in::WARNED_EVERY, verify_email::mail_to};
use crate::domain::{
    Users,
    entities::{Account, Locale, Password, Profile, Secret, Session},
    ports::Warning,
    reasons,
};

/// What somebody tells to get an account.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// Where mail reaches the person.
    pub email: String,
    /// 8 to 128 characters, not among the first that others would try.
    pub password: String,
    /// How the person wants to be called.
    pub name: String,
    /// English when left out.
    pub locale: Option<String>,
    /// UTC when left out.
    pub timezone: Option<String>,
    /// From where.
    pub client: Option<IpAddr>,
}

impl Users {
    /// Opens an account and logs its owner in. The address must be free; a mail asks its owner to verify it.
    #[tracing::instrument(skip_all)]
    pub async fn register(&self, ask: Register) -> Result<LoggedIn> {
        let client = ask.client;
        let (profile, password) = self.read(&ask)?;
        if let Some(client) = client {
            self.limits.registers(client)?;
        }
        let mut account = Account::open(profile, self.passwords.hash(&password).await?);
        let token = Secret::random();
        let id = account.profile().id;
        let session = Session::open(id, &token, self.clock.now(), self.rules.refresh_lifetime);

        let mut tx = self.store.begin().await?;
        if !tx.add_account(&mut account).await? {
            let since = self.clock.now() - WARNED_EVERY;
            if let Some(owner) = tx.account_by_email(&account.profile().email).await?
                && tx.may_warn(owner.profile().id, Warning::AddressTaken, since).await?
            {
                tx.send(&mail_to(owner.profile(), AccountMail::AddressTaken)).await?;
                tx.commit().await?;
            }
            return Err(taken().into());
        }
        self.ask_to_verify(&mut *tx, account.profile()).await?;
        tx.know_client(id, client).await?;
        tx.save_session(&session).await?;
        tx.commit().await?;
        self.logged_in(account.profile().clone(), &session, &token).await
    }

    /// Opens an account whose address is not asked about: for who fills an empty store with accounts of their own,
    /// such as a demonstration's.
    pub async fn open_account(&self, ask: Register) -> Result<UserId> {
        let (mut profile, password) = self.read(&ask)?;
        profile.email_verified = true;
        let mut account = Account::open(profile, self.passwords.hash(&password).await?);
        let mut tx = self.store.begin().await?;
        if !tx.add_account(&mut account).await? {
            return Err(taken().into());
        }
        tx.commit().await?;
        Ok(account.profile().id)
    }

    fn read(&self, ask: &Register) -> Result<(Profile, Password), Refusal> {
        let (email, name) = (EmailAddress::parse("email", &ask.email), line("name", &ask.name, 100));
        // What is wrong itself, and may be of any length, is not looked for in the password.
        let address = email.as_ref().map_or("", EmailAddress::as_str);
        let whole_name = name.as_deref().unwrap_or_default();
        let mut known = vec![whole_name, address];
        known.extend(whole_name.split_whitespace());
        known.extend(address.split('@').next());
        let password = Password::choose("password", &ask.password, &known);
        let (email, name, locale, timezone, password) = together((
            email,
            name,
            Locale::parse("locale", ask.locale.as_deref().unwrap_or("en")),
            TimeZone::parse("timezone", ask.timezone.as_deref().unwrap_or("UTC")),
            password,
        ))?;
        let profile = Profile {
            id: UserId::new(),
            email,
            name,
            phone: None,
            locale,
            timezone,
            email_verified: false,
            operator_since: None,
            created_at: self.clock.now(),
        };
        Ok((profile, password))
    }

    /// What a client gets whose session has a new refresh token.
    pub(super) async fn logged_in(
        &self,
        profile: Profile,
        session: &Session,
        token: &Secret,
    ) -> Result<LoggedIn> {
        let (operator, now) = (profile.operator_since.is_some(), self.clock.now());
        let access = self.tokens.issue(profile.id, operator, session.state().id, now).await?;
        Ok(LoggedIn {
            profile,
            access_token: access.token,
            expires_at: access.expires_at,
            refresh_token: token.reveal().to_owned(),
        })
    }
}

fn taken() -> Refusal {
    let message = "There is already an account with this e-mail address. Log in, or use another address.";
    Refusal::new(reasons::EMAIL_TAKEN, message).with("field", "email")
}
