use std::sync::Arc;

use chrono::Duration;
use kernel::Clock;

use super::{
    entities::{LoginLimit, Profile},
    ports::{ClientLimits, ForeignProviders, Passkeys, Passwords, Reads, Store, Tokens, Vault},
};

/// What can be set differently from one installation to the next.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Where people reach the platform's pages, without a slash at the end.
    pub public_url: String,
    /// How wrong passwords slow down whoever sends them.
    pub login_limit: LoginLimit,
    /// How long the link of an invitation can be opened.
    pub invitation_lifetime: Duration,
    /// How many invitations a person may send in a day.
    pub invitations_a_day: u64,
    /// How long the link can be opened that shows whose an address is.
    pub proof_lifetime: Duration,
    /// How long the link can be opened by which a password is chosen anew.
    pub reset_lifetime: Duration,
    /// How long the links can be opened that change an address.
    pub address_change_lifetime: Duration,
    /// How long a refresh token may be used.
    pub refresh_lifetime: Duration,
    /// How long a guest's may be.
    pub guest_refresh_lifetime: Duration,
}

impl Rules {
    /// How long a refresh token of this person may be used.
    pub fn refresh_lifetime_of(&self, person: &Profile) -> Duration {
        if person.guest { self.guest_refresh_lifetime } else { self.refresh_lifetime }
    }
}

/// Everything that can be done with accounts, sessions and organizations: one method a use case.
#[derive(Clone)]
pub struct Users {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) reads: Arc<dyn Reads>,
    pub(crate) passwords: Arc<dyn Passwords>,
    pub(crate) tokens: Arc<dyn Tokens>,
    pub(crate) limits: Arc<dyn ClientLimits>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) passkeys: Arc<dyn Passkeys>,
    pub(crate) foreign: Arc<dyn ForeignProviders>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rules: Rules,
}
