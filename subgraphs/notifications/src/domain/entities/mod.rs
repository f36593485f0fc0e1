//! State and rules.

mod kind;
mod notification;
mod preferences;

pub use kind::{Channel, Choice, DeliveryStatus, Kind};
pub use notification::{Delivery, Notification, NotificationSnapshot, Outgoing, Recipient, Told};
pub use preferences::{Preference, Preferences};

use kernel::UserId;

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
    /// True when the person was erased: there is nobody to tell.
    pub erased: bool,
}
