use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    users::{AccountChanged, AddressVerifiedAgain},
};
use kernel::{Change, EmailAddress, Refusal, TimeZone, UserId};

use super::{Locale, PhoneNumber};
use crate::domain::reasons;

/// What a person told about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Whose.
    pub id: UserId,
    /// As typed.
    pub email: EmailAddress,
    /// How the person wants to be called. Only a guest may leave it open.
    pub name: Option<String>,
    /// For messages that cannot wait for mail.
    pub phone: Option<PhoneNumber>,
    /// The person's language.
    pub locale: Locale,
    /// Where the person lives, for showing times.
    pub timezone: TimeZone,
    /// True for who buys without an account: the person has no password, and cannot log in again.
    pub guest: bool,
    /// True once the person has shown that mail to the address arrives.
    pub email_verified: bool,
    /// Since when the person gives support for the platform, if they do.
    pub operator_since: Option<DateTime<Utc>>,
    /// Since when the account exists.
    pub created_at: DateTime<Utc>,
}

impl Profile {
    /// Refuses a guest, for what has to be there still when the guest's tokens have ended.
    pub fn require_registered(&self) -> Result<(), Refusal> {
        if self.guest {
            return Err(Refusal::new(
                reasons::ACCOUNT_REQUIRED,
                "This takes an account, and you are a guest. Register with your address: you keep what you have bought.",
            ));
        }
        Ok(())
    }

    /// True once the person was erased: there is nothing left that tells who it was.
    pub fn is_erased(&self) -> bool {
        self.email.as_str().is_empty()
    }

    /// What everybody knows of the person, which makes no good password.
    pub fn known(&self) -> Vec<&str> {
        known(self.name.as_deref().unwrap_or_default(), self.email.as_str())
    }
}

/// What everybody knows of who has this name and this address.
pub(crate) fn known<'a>(name: &'a str, address: &'a str) -> Vec<&'a str> {
    let mut known = vec![name, address];
    known.extend(name.split_whitespace());
    known.extend(address.split('@').next());
    known
}

/// What a person changes of their profile; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// Another name.
    pub name: Option<String>,
    /// Another number, or none any more.
    pub phone: Change<PhoneNumber>,
    /// Another language.
    pub locale: Option<Locale>,
    /// Another zone.
    pub timezone: Option<TimeZone>,
}

/// What no password's hash is.
const NO_PASSWORD: &str = "-";

/// A person who can log in, or a guest, who cannot: whoever calls with a guest's tokens is the guest.
#[derive(Debug)]
pub struct Account {
    profile: Profile,
    password_hash: Option<String>,
    closed_at: Option<DateTime<Utc>>,
    version: i64,
    pending: Vec<Announcement>,
}

impl Account {
    /// A new account.
    pub fn open(profile: Profile, password_hash: String) -> Self {
        Self::new(Profile { guest: false, ..profile }, Some(password_hash))
    }

    /// Somebody who buys without one. Each is a guest of their own, whatever address they give.
    pub fn guest(profile: Profile) -> Self {
        Self::new(Profile { guest: true, ..profile }, None)
    }

    fn new(profile: Profile, password_hash: Option<String>) -> Self {
        let mut account = Self { profile, password_hash, closed_at: None, version: 0, pending: Vec::new() };
        account.changed();
        account
    }

    /// An account as it was saved; for the store.
    pub fn restore(
        profile: Profile,
        password_hash: Option<String>,
        closed_at: Option<DateTime<Utc>>,
        version: i64,
    ) -> Self {
        Self { profile, password_hash, closed_at, version, pending: Vec::new() }
    }

    /// What the person told about themselves.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What the password is compared with; a guest has none.
    pub fn password_hash(&self) -> Option<&str> {
        self.password_hash.as_deref()
    }

    /// True for a guest who gave this address.
    pub fn is_guest_with(&self, email: &EmailAddress) -> bool {
        self.profile.guest && self.profile.email.normalised() == email.normalised()
    }

    /// Refuses a guest, for what has to be there still when the guest's tokens have ended.
    pub fn require_registered(&self) -> Result<(), Refusal> {
        self.profile.require_registered()
    }

    /// Makes an account of a guest, with all that the guest has bought. That the address is theirs is not shown by it.
    pub fn register(&mut self, change: ProfileChange, password_hash: String) {
        self.profile.guest = false;
        self.password_hash = Some(password_hash);
        self.apply(change);
        self.changed();
    }

    /// Rises with each change.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Takes over what the person changed. Nothing is told when nothing differs.
    pub fn update(&mut self, change: ProfileChange) {
        let before = self.profile.clone();
        self.apply(change);
        if self.profile != before {
            self.changed();
        }
    }

    fn apply(&mut self, change: ProfileChange) {
        let profile = &mut self.profile;
        if let Some(name) = change.name {
            profile.name = Some(name);
        }
        change.phone.apply(&mut profile.phone);
        if let Some(locale) = change.locale {
            profile.locale = locale;
        }
        if let Some(timezone) = change.timezone {
            profile.timezone = timezone;
        }
    }

    /// Notes that mail to the address arrives. It is told once: what was sent to the address is theirs from then on.
    pub fn verify_address(&mut self) {
        if !self.profile.email_verified {
            self.profile.email_verified = true;
            self.changed();
        }
    }

    /// Notes that mail to the address arrives, as its owner has just shown. It is told also where it was verified before: mail
    /// may have come back in between.
    pub fn prove_address(&mut self, at: DateTime<Utc>) {
        if self.profile.email_verified {
            let email = self.profile.email.as_str().to_owned();
            self.pending.push(Announcement::of(&AddressVerifiedAgain {
                user_id: self.profile.id,
                email,
                at,
            }));
        } else {
            self.verify_address();
        }
    }

    /// Gives the account another password.
    pub fn set_password(&mut self, password_hash: String) {
        self.password_hash = Some(password_hash);
    }

    /// Gives the account another address, whose reader has shown that mail to it arrives.
    pub fn change_address(&mut self, email: EmailAddress) {
        self.profile.email = email;
        self.profile.email_verified = true;
        self.changed();
    }

    /// Lets nobody log in to the account any more, as its owner wants it: the address is free for another. What the person told is
    /// kept until [`Account::erase`], and changes no more.
    pub fn close(&mut self, now: DateTime<Utc>) {
        self.closed_at.get_or_insert(now);
        self.password_hash = Some(NO_PASSWORD.to_owned());
        self.profile.operator_since = None;
    }

    /// True once its owner has closed it.
    pub fn is_closed(&self) -> bool {
        self.closed_at.is_some()
    }

    /// When its owner closed it, if they did.
    pub fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.closed_at
    }

    /// What is told once it is erased, for those who forget the person before.
    pub fn as_erased(&self) -> AccountChanged {
        let (profile, closed_at) = (self.profile.clone(), self.closed_at);
        let mut erased = Self::restore(profile, None, closed_at, self.version);
        erased.erase();
        erased.told()
    }

    /// Takes away all that tells who the person was. Nobody can log in to what is left, which others point at.
    pub fn erase(&mut self) {
        let Profile { id, created_at, .. } = self.profile;
        self.profile = Profile {
            id,
            email: EmailAddress::restore(String::new()),
            name: None,
            phone: None,
            locale: Locale::default(),
            timezone: TimeZone::UTC,
            guest: false,
            email_verified: false,
            operator_since: None,
            created_at,
        };
        self.password_hash = Some(NO_PASSWORD.to_owned());
        self.changed();
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
        self.pending.push(Announcement::of(&self.told()));
    }

    fn told(&self) -> AccountChanged {
        AccountChanged {
            user_id: self.profile.id,
            version: self.version,
            email: self.profile.email.as_str().to_owned(),
            // As of a person who is erased: without a name nobody is greeted by one.
            name: self.profile.name.clone().unwrap_or_default(),
            locale: self.profile.locale.as_str().to_owned(),
            timezone: self.profile.timezone.name().to_owned(),
            phone: self.profile.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            email_verified: self.profile.email_verified,
            guest: self.profile.guest,
            erased: self.profile.is_erased(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn profile() -> Profile {
        Profile {
            id: UserId::new(),
            email: EmailAddress::parse("email", "ada@example.org").unwrap(),
            name: Some("Ada".to_owned()),
            phone: None,
            locale: Locale::parse("locale", "en").unwrap(),
            timezone: TimeZone::UTC,
            guest: false,
            email_verified: false,
            operator_since: None,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn account() -> Account {
        Account::open(profile(), "hash".to_owned())
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
    fn that_an_address_is_verified_is_told_once() {
        let mut account = account();
        assert_eq!(account.take_pending()[0].payload["email_verified"], false);
        account.verify_address();
        let told = account.take_pending();
        assert_eq!((told.len(), told[0].version), (1, 2));
        assert_eq!(told[0].payload["email_verified"], true);
        account.verify_address();
        assert!(account.take_pending().is_empty());
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
    fn an_account_that_is_closed_says_beforehand_what_is_told_once_it_is_erased() {
        let mut account = account();
        account.take_pending();
        account.close(DateTime::UNIX_EPOCH);
        assert!(account.is_closed() && account.password_hash() == Some(NO_PASSWORD));
        assert!(account.take_pending().is_empty());
        assert_eq!(account.profile().email.as_str(), "ada@example.org");
        let beforehand = account.as_erased();
        assert!(beforehand.erased && beforehand.email.is_empty() && beforehand.name.is_empty());
        account.erase();
        assert_eq!(account.take_pending(), [Announcement::of(&beforehand)]);
    }

    #[test]
    fn a_guest_has_no_password_until_an_account_is_made_of_them() {
        let mut guest = Account::guest(Profile { name: None, ..profile() });
        let (id, told) = (guest.profile().id, guest.take_pending().remove(0));
        assert_eq!((told.version, &told.payload["name"]), (1, &"".into()));
        assert_eq!((guest.password_hash(), guest.profile().guest), (None, true));
        let refusal = guest.require_registered().unwrap_err();
        assert_eq!(refusal.code, kernel::ErrorCode::Forbidden);
        let change = ProfileChange { name: Some("Ada".to_owned()), ..ProfileChange::default() };
        guest.register(change, "hash".to_owned());
        let now = guest.profile();
        assert_eq!(
            (now.id, now.guest, now.email_verified, now.name.as_deref()),
            (id, false, false, Some("Ada"))
        );
        assert_eq!(guest.password_hash(), Some("hash"));
        assert_eq!(guest.take_pending().iter().map(|told| told.version).collect::<Vec<_>>(), [2]);
        guest.require_registered().unwrap();
    }

    #[test]
    fn a_guest_is_known_by_their_own_address_and_an_account_is_no_guest() {
        let address = |text| EmailAddress::parse("email", text).unwrap();
        let guest = Account::guest(profile());
        assert!(guest.is_guest_with(&address("ADA@Example.org")));
        assert!(!guest.is_guest_with(&address("eve@example.org")));
        assert!(!account().is_guest_with(&address("ada@example.org")));
    }

    #[test]
    fn a_telephone_number_is_told_and_so_is_that_it_was_taken_away() {
        let mut account = account();
        for phone in [Some(PhoneNumber::parse("phone", "+43 664 1234567").unwrap()), None] {
            account.take_pending();
            let change = phone.clone().map_or(Change::Clear, Change::Set);
            account.update(ProfileChange { phone: change, ..ProfileChange::default() });
            let told = account.take_pending().remove(0).payload;
            assert_eq!(
                told.get("phone").and_then(|told| told.as_str()),
                phone.as_ref().map(PhoneNumber::as_str)
            );
        }
    }
}
