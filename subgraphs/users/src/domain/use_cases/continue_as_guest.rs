use std::net::IpAddr;

use kernel::{EmailAddress, Fault, Result, TimeZone, UserId, optional_line, together};

use super::LoggedIn;
use crate::domain::{
    Users,
    entities::{Account, Device, Locale, Profile, Secret, Session},
};

/// What somebody tells to buy without an account.
#[derive(Clone, Debug, Default)]
pub struct ContinueAsGuest {
    /// Where mail reaches the person.
    pub email: String,
    /// How the person wants to be called.
    pub name: Option<String>,
    /// English when left out.
    pub locale: Option<String>,
    /// UTC when left out.
    pub timezone: Option<String>,
    /// From where.
    pub client: Option<IpAddr>,
    /// On what.
    pub device: Option<Device>,
}

impl Users {
    /// Begins a session of a new guest. Anybody can give any address: so nothing is seen that a guest before had with
    /// the same one, and an address that has an account is refused as by `register`.
    #[tracing::instrument(skip_all)]
    pub async fn continue_as_guest(&self, ask: ContinueAsGuest) -> Result<LoggedIn> {
        let (email, name, locale, timezone) = together((
            EmailAddress::parse("email", &ask.email),
            optional_line("name", ask.name.as_deref(), 100),
            Locale::parse("locale", ask.locale.as_deref().unwrap_or("en")),
            TimeZone::parse("timezone", ask.timezone.as_deref().unwrap_or("UTC")),
        ))?;
        if let Some(client) = ask.client {
            self.limits.registers(client)?;
        }
        let now = self.clock.now();
        let mut account = Account::guest(Profile {
            id: UserId::new(),
            email,
            name,
            phone: None,
            locale,
            timezone,
            guest: true,
            email_verified: false,
            operator_since: None,
            created_at: now,
        });

        let mut tx = self.store.begin().await?;
        let email = &account.profile().email;
        if tx.account_by_email(email).await?.is_some() {
            drop(tx);
            return Err(self.already_taken(email, "email").await?.into());
        }
        if !tx.add_account(&mut account).await? {
            return Err(Fault::broken_rule("another guest has this guest's id").into());
        }
        let profile = account.profile();
        let token = Secret::random();
        let session =
            Session::open(profile.id, &token, now, self.rules.guest_refresh_lifetime).on(ask.device);
        tx.save_session(&session).await?;
        tx.commit().await?;
        self.logged_in(profile.clone(), &session, &token).await
    }
}
