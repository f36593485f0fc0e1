use kernel::{Change, Refusal, Result, TimeZone, UserId, line, together};

use crate::domain::{
    Users,
    entities::{Locale, PhoneNumber, Profile, ProfileChange},
};

/// What a person changes of their profile; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateProfile {
    /// Another name.
    pub name: Option<String>,
    /// Another number, or none any more.
    pub phone: Change<String>,
    /// Another language.
    pub locale: Option<String>,
    /// Another zone.
    pub timezone: Option<String>,
}

impl Users {
    /// Changes a person's own profile.
    pub async fn update_profile(&self, user: UserId, ask: UpdateProfile) -> Result<Profile> {
        let (name, phone, locale, timezone) = together((
            ask.name.map(|name| line("name", &name, 100)).transpose(),
            ask.phone.read(|phone| PhoneNumber::parse("phone", &phone).map(Some)),
            ask.locale.map(|locale| Locale::parse("locale", &locale)).transpose(),
            ask.timezone.map(|zone| TimeZone::parse("timezone", &zone)).transpose(),
        ))?;
        let change = ProfileChange { name, phone, locale, timezone };
        let mut tx = self.store.begin().await?;
        let mut account = tx.account(user).await?.ok_or_else(Refusal::unauthenticated)?;
        account.update(change);
        tx.save_account(&mut account).await?;
        tx.commit().await?;
        Ok(account.profile().clone())
    }
}
