use chrono::{DateTime, Utc};
use contracts::{Announcement, users::AccountChanged};
use kernel::{EmailAddress, Refusal, TimeZone, UserId};

use super::{Locale, PhoneNumber};
use crate::domain::reasons;

/// What a person told about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Whose.
    pub id: UserId,
    /// As typed.
    pub email: EmailAddress,
    /// How the person wants to be called.
    pub name: String,
    /// For messages that cannot wait for mail.
    pub phone: Option<PhoneNumber>,
    /// The person's language.
    pub locale: Locale,
    /// Where the person lives, for showing times.
    pub timezone: TimeZone,
    /// True once the person has shown that mail to the address arrives.
    pub email_verified: bool,
    /// Since when the person gives support for the platform, if they do.
    pub operator_since: Option<DateTime<Utc>>,
    /// Since when the account exists.
    pub created_at: DateTime<Utc>,
}

/// What a person changes of their profile; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// Another name.
    pub name: Option<String>,
    /// Another number, or `Some(None)` for none any more.
    pub phone: Option<Option<PhoneNumber>>,
    /// Another language.
    pub locale: Option<Locale>,
    /// Another zone.
    pub timezone: Option<TimeZone>,
}

/// A person who can log in.
#[derive(Debug)]
pub struct Account {
    profile: Profile,
    password_hash: String,
    version: i64,
    pending: Vec<Announcement>,
}

impl Account {
    /// A new account.
    pub fn open(profile: Profile, password_hash: String) -> Self {
        let mut account = Self { profile, password_hash, version: 0, pending: Vec::new() };
        account.changed();
        account
    }

    /// An account as it was saved; for the store.
    pub fn restore(profile: Profile, password_hash: String, version: i64) -> Self {
        Self { profile, password_hash, version, pending: Vec::new() }
    }

    /// What the person told about themselves.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What the password is compared with.
    pub fn password_hash(&self) -> &str {
        &self.password_hash
    }

    /// Rises with each change.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Takes over what the person changed. Nothing is told when nothing differs.
    pub fn update(&mut self, change: ProfileChange) {
        let before = self.profile.clone();
        let profile = &mut self.profile;
        if let Some(name) = change.name {
            profile.name = name;
        }
        if let Some(phone) = change.phone {
            profile.phone = phone;
        }
        if let Some(locale) = change.locale {
            profile.locale = locale;
        }
        if let Some(timezone) = change.timezone {
            profile.timezone = timezone;
        }
        if *profile != before {
            self.changed();
        }
    }

    /// Notes that mail to the address arrives. Nobody else needs to know.
    pub fn verify_address(&mut self) {
        self.profile.email_verified = true;
    }

    /// Makes the person an operator; false when they are one. Only who has shown that mail to the address arrives: others
    /// may have registered with an address that is not theirs.
    pub fn make_operator(&mut self, now: DateTime<Utc>) -> Result<bool, Refusal> {
        if !self.profile.email_verified {
            return Err(Refusal::new(
                reasons::EMAIL_NOT_VERIFIED,
                "This account's address is not verified yet. Its owner has to open the link in our mail first.",
            ));
        }
        let is_new = self.profile.operator_since.is_none();
        self.profile.operator_since.get_or_insert(now);
        Ok(is_new)
    }

    /// Takes that away again; false when they are none.
    pub fn no_longer_operator(&mut self) -> bool {
        self.profile.operator_since.take().is_some()
    }

    /// What is to be told once this is saved; gone from here afterwards.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.pending)
    }

    fn changed(&mut self) {
        self.version += 1;
        self.pending.push(Announcement::of(&AccountChanged {
            user_id: self.profile.id,
            version: self.version,
            email: self.profile.email.as_str().to_owned(),
            name: self.profile.name.clone(),
            locale: self.profile.locale.as_str().to_owned(),
            timezone: self.profile.timezone.name().to_owned(),
            phone: self.profile.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            erased: false,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        let profile = Profile {
            id: UserId::new(),
            email: EmailAddress::parse("email", "ada@example.org").unwrap(),
            name: "Ada".to_owned(),
            phone: None,
            locale: Locale::parse("locale", "en").unwrap(),
            timezone: TimeZone::UTC,
            email_verified: false,
            operator_since: None,
            created_at: DateTime::UNIX_EPOCH,
        };
        Account::open(profile, "hash".to_owned())
    }

    #[test]
    fn a_new_account_is_told_once_without_its_password() {
        let told = account().take_pending();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].version, 1);
        assert!(!told[0].payload.to_string().contains("hash"));
    }

    #[test]
    fn what_does_not_differ_is_not_told() {
        let mut account = account();
        account.take_pending();
        account.update(ProfileChange { name: Some("Ada".to_owned()), ..ProfileChange::default() });
        assert!(account.take_pending().is_empty());
        account.update(ProfileChange { name: Some("Ada L.".to_owned()), ..ProfileChange::default() });
        assert_eq!(account.take_pending()[0].version, 2);
    }

    #[test]
    fn only_who_has_shown_that_an_address_is_theirs_becomes_an_operator() {
        let mut account = account();
        account.make_operator(DateTime::UNIX_EPOCH).unwrap_err();
        assert!(!account.no_longer_operator());
        account.verify_address();
        assert_eq!(account.make_operator(DateTime::UNIX_EPOCH), Ok(true));
        assert_eq!(account.make_operator(DateTime::UNIX_EPOCH), Ok(false));
        assert!(account.no_longer_operator() && account.profile().operator_since.is_none());
    }

    #[test]
    fn a_telephone_number_is_told_and_so_is_that_it_was_taken_away() {
        let mut account = account();
        for phone in [Some(PhoneNumber::parse("phone", "+43 664 1234567").unwrap()), None] {
            account.take_pending();
            account.update(ProfileChange { phone: Some(phone.clone()), ..ProfileChange::default() });
            let told = account.take_pending().remove(0).payload;
            assert_eq!(
                told.get("phone").and_then(|told| told.as_str()),
                phone.as_ref().map(PhoneNumber::as_str)
            );
        }
    }
}
