use std::net::IpAddr;

use contracts::account_mail::AccountMail;
use kernel::{EmailAddress, Refusal, Result, TimeZone, UserId, line};

use super::{LoggedIn, log_in::WARNED_EVERY, verify_email::mail_to};
use crate::domain::{
    Users,
    entities::{Account, Locale, Password, Profile, Secret, Session},
    ports::Warning,
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
        let profile = Profile {
            id: UserId::new(),
            email: EmailAddress::parse("email", &ask.email)?,
            name: line("name", &ask.name, 100)?,
            phone: None,
            locale: Locale::parse("locale", ask.locale.as_deref().unwrap_or("en"))?,
            timezone: TimeZone::parse("timezone", ask.timezone.as_deref().unwrap_or("UTC"))?,
            email_verified: false,
            created_at: self.clock.now(),
        };
        let address = profile.email.as_str();
        let mut known = vec![profile.name.as_str(), address];
        known.extend(profile.name.split_whitespace());
        known.extend(address.split('@').next());
        let password = Password::choose("password", &ask.password, &known)?;
        Ok((profile, password))
    }

    /// What a client gets whose session has a new refresh token.
    pub(super) async fn logged_in(
        &self,
        profile: Profile,
        session: &Session,
        token: &Secret,
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

fn taken() -> Refusal {
    Refusal::conflict("There is already an account with this e-mail address. Log in, or use another address.")
        .with("field", "email")
}
