use std::{
    ffi::OsString,
    sync::{Arc, PoisonError, RwLock},
};

use tokio::process::Command;

/// Settings of the platform in its environment, such as `TICKETS__HOLD_SECONDS`.
#[derive(Clone, Debug)]
pub struct Settings(Vec<(String, String)>);

/// Where something is at the moment; after a restart perhaps somewhere else.
#[derive(Clone, Debug, Default)]
pub struct Address(Arc<RwLock<String>>);

impl Default for Settings {
    /// Passwords that cost nothing, limits that one address can live with, and logs for machines.
    fn default() -> Self {
        Self(Vec::new())
            .with("USERS__PASSWORD_MEMORY_KIB", &8)
            .with("USERS__PASSWORD_ITERATIONS", &1)
            // All people of a story come from one address.
            .with("USERS__REGISTRATIONS__BURST", &100_000)
            .with("USERS__LOGINS_ELSEWHERE__BURST", &100_000)
            .with("ODYSSEUS__LOG__FORMAT", &"json")
            // Everybody comes from one address here, and is less patient than anybody is.
            .with("PAYMENTS__TRIES_BY_ACCOUNT__BURST", &100_000)
            .with("PAYMENTS__TRIES_BY_ADDRESS__BURST", &100_000)
            .with("PAYMENTS__DECLINES_BY_ACCOUNT", &10_000)
            .with("PAYMENTS__DECLINES_BY_ADDRESS", &10_000)
            // They all have the same card as well.
            .with("PAYMENTS__DECLINES_BY_CARD", &10_000)
            .with("TICKETS__HOLDS_BY_ADDRESS__BURST", &100_000)
            // Each start has another port, and a settings change between two tries is another story.
            .with("PAYMENTS__RETURN_URL", &"http://tickets.example.test")
    }
}

impl Settings {
    /// None.
    pub fn nothing() -> Self {
        Self(Vec::new())
    }

    /// One more setting, or another value for one.
    #[must_use]
    pub fn with(mut self, name: &str, value: &impl ToString) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value.to_string()));
        self
    }

    /// All of these on top of them.
    #[must_use]
    pub fn and(mut self, more: &Self) -> Self {
        for (name, value) in &more.0 {
            self = self.with(name, value);
        }
        self
    }

    /// Gives them to a process, and of this environment no more than it needs.
    pub(crate) fn give_to(&self, command: &mut Command) {
        let harmless = std::env::vars_os().filter(|(name, _)| is_harmless(name));
        command.env_clear().envs(harmless).envs(self.0.iter().map(|(name, value)| (name, value)));
    }
}

impl Address {
    /// One that stays.
    pub fn at(address: &str) -> Self {
        let fixed = Self::default();
        fixed.set(address);
        fixed
    }

    /// Such as `http://127.0.0.1:4000`.
    pub fn now(&self) -> String {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set(&self, address: &str) {
        address.clone_into(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What a process needs of the environment; settings of whoever runs the test are none of it.
fn is_harmless(name: &OsString) -> bool {
    ["PATH", "HOME", "TMPDIR", "LANG"].iter().any(|known| name == known)
}
