use std::sync::Arc;

use chrono::Duration;
use kernel::Clock;

use super::{
    entities::LoginLimit,
    ports::{AccessTokens, Passwords, Reads, Store},
};

/// What can be set differently from one installation to the next.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How many wrong passwords are taken.
    pub login_limit: LoginLimit,
    /// How long a refresh token may be used.
    pub refresh_lifetime: Duration,
}

/// Everything that can be done with accounts, sessions and organizations: one method a use case.
#[derive(Clone)]
pub struct Users {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) reads: Arc<dyn Reads>,
    pub(crate) passwords: Arc<dyn Passwords>,
    pub(crate) tokens: Arc<dyn AccessTokens>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rules: Rules,
}

impl Users {
    /// The use cases over these ports.
    pub fn new(
        store: Arc<dyn Store>,
        reads: Arc<dyn Reads>,
        passwords: Arc<dyn Passwords>,
        tokens: Arc<dyn AccessTokens>,
        clock: Arc<dyn Clock>,
        rules: Rules,
    ) -> Self {
        Self { store, reads, passwords, tokens, clock, rules }
    }
}
