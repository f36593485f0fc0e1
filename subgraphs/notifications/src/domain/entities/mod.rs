//! State and rules.

mod kind;
mod notification;
mod organizer;
mod outgoing;
mod preferences;
mod reminder;

pub use kind::{Channel, Choice, DeliveryStatus, Kind};
pub use notification::{About, Delivery, Notification, NotificationSnapshot, Recipient, Told};
pub use organizer::Organizer;
pub use outgoing::{Hindrance, Outgoing};
pub use preferences::{Preference, Preferences};
pub use reminder::{DueReminder, Holder, RemindedTicket, reminds_at};

use chrono::{DateTime, Utc};
use contracts::purchase::PurchaseContact;
use kernel::{Money, OrganizationId, TimeZone, UserId};

use super::words::Language;

/// What is known of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub user_id: UserId,
    /// Their address, as typed.
    pub email: String,
    /// Their telephone number, if they gave one.
    pub phone: Option<String>,
    /// How they want to be called.
    pub name: String,
    /// In which language.
    pub language: Language,
    /// True once they have shown that mail to the address arrives; not known of what was heard of before that was kept.
    pub verified: Option<bool>,
    /// True as long as they buy without an account.
    pub guest: bool,
    /// True when the person was erased: there is nobody to tell.
    pub erased: bool,
}

impl Account {
    /// The same person, written to as they asked for when they bought: under another name, and at another address. What they
    /// left out is as their account says.
    #[must_use]
    pub fn told_as(self, contact: PurchaseContact) -> Self {
        Self {
            email: contact.email,
            name: contact.name,
            phone: contact.phone.or(self.phone),
            language: contact.locale.as_deref().map_or(self.language, Language::of),
            ..self
        }
    }

    /// True when its owner has shown since what was known `before` that mail to its address arrives.
    pub fn is_newly_verified(&self, before: Option<&Self>) -> bool {
        let was_verified = |before: &Self| before.verified == Some(true) && before.email == self.email;
        self.verified == Some(true) && !self.erased && !before.is_some_and(was_verified)
    }
}

/// Somebody who may be told something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Who.
    pub user_id: UserId,
    /// What is known of them; none while nothing was heard.
    pub account: Option<Account>,
    /// What they chose to be told.
    pub preferences: Preferences,
}

impl Reader {
    /// In which language they read.
    pub fn language(&self) -> Language {
        self.account.as_ref().map(|account| account.language).unwrap_or_default()
    }

    /// True when the person was erased.
    pub fn erased(&self) -> bool {
        self.account.as_ref().is_some_and(|account| account.erased)
    }
}

/// What is known of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its title.
    pub title: String,
    /// True when it was called off.
    pub called_off: bool,
    /// Who sells its tickets; not known of what was heard of before that was kept.
    pub organization: Option<OrganizationId>,
    /// In which its times are shown; not known of what was heard of before that was kept.
    pub timezone: Option<TimeZone>,
    /// When it begins; not known of what was heard of before that was kept.
    pub starts_at: Option<DateTime<Utc>>,
    /// When doors open.
    pub doors_at: Option<DateTime<Utc>>,
    /// The venue's name; not known of what was heard of before that was kept.
    pub venue_name: Option<String>,
}

/// What is known of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// As people say it.
    pub number: String,
    /// What was to be paid.
    pub total: Money,
    /// Until when it can be paid; not known of what was heard of before that was kept.
    pub payable_until: Option<DateTime<Utc>>,
}
