use std::net::IpAddr;

use contracts::account_mail::AccountMail;
use kernel::{Change, EmailAddress, Fault, Refusal, Result, TimeZone, UserId, line, together};

use super::{LoggedIn, log_in::WARNED_EVERY, verify_email::mail_to};
use crate::domain::{
    Users,
    entities::{Account, Device, Locale, Password, Profile, ProfileChange, Secret, Session, known},
    ports::{Tx, Warning},
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
    /// English when left out, or what the guest said before.
    pub locale: Option<String>,
    /// UTC when left out, or what the guest said before.
    pub timezone: Option<String>,
    /// From where.
    pub client: Option<IpAddr>,
    /// On what.
    pub device: Option<Device>,
}

impl Users {
    /// Opens an account and logs its owner in. The address must be free; a mail asks its owner to verify it.
    ///
    /// A guest who asks gets the account as the person they are, so that they keep what they have bought. Only the holder
    /// of the guest's tokens can ask so: to know the address is not enough.
    #[tracing::instrument(skip_all)]
    pub async fn register(&self, viewer: Option<UserId>, ask: Register) -> Result<LoggedIn> {
        let (client, device) = (ask.client, ask.device.clone());
        let (profile, password) = self.read(&ask)?;
        if let Some(client) = client {
            self.limits.registers(client)?;
        }
        let hash = self.passwords.hash(&password).await?;
        let email = profile.email.clone();

        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        let (account, is_free) =
            if let Some((mut account, sessions)) = guest(&mut *tx, viewer, &email).await? {
                account.register(change(profile, &ask), hash);
                // Whoever else may have the guest's tokens must not get into the account by them.
                for mut session in sessions {
                    session.log_out(now);
                    tx.save_session(&session).await?;
                }
                let is_free = tx.claim_address(&mut account).await?;
                (account, is_free)
            } else {
                let mut account = Account::open(profile, hash);
                let is_free = tx.add_account(&mut account).await?;
                (account, is_free)
            };
        if !is_free {
            drop(tx);
            return Err(self.already_taken(&email, "email").await?.into());
        }
        let profile = account.profile();
        let token = Secret::random();
        let session = Session::open(profile.id, &token, now, self.rules.refresh_lifetime).on(device);
        self.ask_to_verify(&mut *tx, profile).await?;
        tx.know_client(profile.id, client).await?;
        tx.save_session(&session).await?;
        tx.commit().await?;
        self.logged_in(profile.clone(), &session, &token).await
    }

    /// The refusal of an address that has an account, which was given in `field`. Its owner is told by mail, now and then.
    pub(super) async fn already_taken(&self, email: &EmailAddress, field: &str) -> Result<Refusal, Fault> {
        let since = self.clock.now() - WARNED_EVERY;
        let mut tx = self.store.begin().await?;
        if let Some(owner) = tx.account_by_email(email).await?
            && tx.may_warn(owner.profile().id, Warning::AddressTaken, since).await?
        {
            tx.send(&mail_to(owner.profile(), AccountMail::AddressTaken)).await?;
            tx.commit().await?;
        }
        Ok(taken(field))
    }

    /// Opens an account whose address is not asked about: for who fills an empty store with accounts of their own,
    /// such as a demonstration's.
    pub async fn open_account(&self, ask: Register) -> Result<UserId> {
        let (mut profile, password) = self.read(&ask)?;
        profile.email_verified = true;
        let mut account = Account::open(profile, self.passwords.hash(&password).await?);
        let mut tx = self.store.begin().await?;
        if !tx.add_account(&mut account).await? {
            return Err(taken("email").into());
        }
        tx.commit().await?;
        Ok(account.profile().id)
    }

    fn read(&self, ask: &Register) -> Result<(Profile, Password), Refusal> {
        let (email, name) = (EmailAddress::parse("email", &ask.email), line("name", &ask.name, 100));
        // What is wrong itself, and may be of any length, is not looked for in the password.
        let address = email.as_ref().map_or("", EmailAddress::as_str);
        let whole_name = name.as_deref().unwrap_or_default();
        let password = Password::choose("password", &ask.password, &known(whole_name, address));
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
            name: Some(name),
            phone: None,
            locale,
            timezone,
            guest: false,
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
            refresh_expires_at: session.state().expires_at,
        })
    }
}

/// The guest who asks, when it is with their own address, and the sessions that they have.
async fn guest(
    tx: &mut dyn Tx,
    viewer: Option<UserId>,
    email: &EmailAddress,
) -> Result<Option<(Account, Vec<Session>)>, Fault> {
    let Some(viewer) = viewer else { return Ok(None) };
    let sessions = tx.open_sessions(viewer).await?;
    let account = tx.account(viewer).await?.filter(|account| account.is_guest_with(email));
    Ok(account.map(|account| (account, sessions)))
}

/// What a guest tells anew who registers; what is left out stays.
fn change(profile: Profile, ask: &Register) -> ProfileChange {
    ProfileChange {
        name: profile.name,
        phone: Change::Keep,
        locale: ask.locale.is_some().then_some(profile.locale),
        timezone: ask.timezone.is_some().then_some(profile.timezone),
    }
}

fn taken(field: &str) -> Refusal {
    let message = "There is already an account with this e-mail address. Log in, or use another address.";
    Refusal::new(reasons::EMAIL_TAKEN, message).with("field", field)
}
