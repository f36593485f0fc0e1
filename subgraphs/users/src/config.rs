//! Every setting of users, its default and its meaning.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Settings of users; each is an environment variable such as `USERS__DATABASE_URL`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where accounts and organizations are kept: `sqlite:` or `postgres:`.
    pub database_url: String,
    /// How many connections to it are held open, at most.
    pub database_connections: u32,
    /// How much at a time, and how long.
    pub limits: service::Limits,
    /// A PEM file (PKCS#8) with the Ed25519 key that signs access tokens. Left out, a key is made once
    /// and kept in the database.
    pub signing_key_file: Option<PathBuf>,
    /// How long an access token holds, in minutes.
    pub access_token_minutes: u32,
    /// How long a refresh token may be used, in days.
    pub refresh_token_days: u32,
    /// How many wrong passwords for one address are taken within `login_failure_minutes`.
    pub login_failures: u32,
    /// In how many minutes wrong passwords are counted, and how long nothing is taken afterwards.
    pub login_failure_minutes: u32,
    /// argon2id: memory of one hash, in KiB.
    pub password_memory_kib: u32,
    /// argon2id: passes over the memory.
    pub password_iterations: u32,
    /// argon2id: lanes.
    pub password_lanes: u32,
    /// How many passwords are hashed at once; the others wait.
    pub password_hashes_at_once: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite:users.db".to_owned(),
            database_connections: 10,
            limits: service::Limits::default(),
            signing_key_file: None,
            access_token_minutes: 15,
            refresh_token_days: 30,
            login_failures: 10,
            login_failure_minutes: 15,
            // What OWASP's cheat sheet on password storage asks for.
            password_memory_kib: 19 * 1024,
            password_iterations: 2,
            password_lanes: 1,
            password_hashes_at_once: 4,
        }
    }
}

impl Config {
    /// The settings of the environment, over the defaults.
    pub fn from_env() -> Result<Self, service::settings::WrongSetting> {
        service::settings::load("USERS")
    }

    /// The defaults with password hashes so cheap that tests need not wait. Not for passwords of
    /// people.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            password_memory_kib: 8,
            password_iterations: 1,
            password_hashes_at_once: 64,
            ..Self::default()
        }
    }
}
