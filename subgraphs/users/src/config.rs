//! Every setting of users, its default and its meaning.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};
use service::clients::Quota;

/// A provider of OpenID Connect.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignInProvider {
    /// How clients name it, such as `google`. It stays: it is in no database.
    pub key: String,
    /// How people know it.
    pub label: String,
    /// How it calls itself: an address, below which its description is. Whom it vouches for is known by it.
    pub issuer: String,
    /// How it calls us.
    pub client_id: String,
    /// By what it knows us.
    pub client_secret: String,
}

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
    /// Files with the keys before that one: access tokens that they signed hold still, and what they sealed, such as the
    /// secrets of apps that show codes, can be read. Nothing sealed by a key that is not here can be.
    pub signing_key_files_before: Vec<PathBuf>,
    /// By whose accounts people may sign in, besides their passwords: OpenID Connect. The address that they send people back
    /// to is `/account/foreign-sign-in` under `public_url`.
    pub sign_in_providers: Vec<SignInProvider>,
    /// How long an access token holds, in minutes.
    pub access_token_minutes: u32,
    /// How long a refresh token may be used, in days.
    pub refresh_token_days: u32,
    /// How long a guest's may be, in hours.
    pub guest_token_hours: u32,
    /// Where people reach the platform's pages: what links in mails begin with.
    pub public_url: String,
    /// How many wrong passwords for one address are taken from one client without a pause. Each further one doubles the
    /// pause.
    pub login_failures: u32,
    /// How many where somebody has logged in to the account before.
    pub login_failures_where_known: u32,
    /// The longest pause, and after how many minutes wrong passwords are forgotten.
    pub login_failure_minutes: u32,
    /// The longest pause, in seconds, where somebody has logged in to the account before.
    pub login_pause_seconds_where_known: u32,
    /// How many logins one client may try with addresses that nobody has logged in with from there.
    pub logins_elsewhere: Quota,
    /// How many accounts one client may open; guests count alike.
    pub registrations: Quota,
    /// How long the link of an invitation can be opened, in days.
    pub invitation_days: u32,
    /// How many invitations a person may send in a day.
    pub invitations_a_day: u32,
    /// How long the link can be opened that shows whose an address is, in hours.
    pub verification_hours: u32,
    /// How long the link of a mail can be opened by which a password is chosen anew, in minutes.
    pub password_reset_minutes: u32,
    /// How long the links can be opened that change an address, in hours.
    pub address_change_hours: u32,
    /// How many mails about accounts one client may ask for.
    pub account_mails: Quota,
    /// argon2id: memory of one hash, in KiB.
    pub password_memory_kib: u32,
    /// argon2id: passes over the memory.
    pub password_iterations: u32,
    /// argon2id: lanes.
    pub password_lanes: u32,
    /// How many passwords are hashed at once; the others wait. Left out, as many as there are cores.
    pub password_hashes_at_once: usize,
    /// How many wait for that at most; one more is refused.
    pub password_hashes_waiting: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite:users.db".to_owned(),
            database_connections: 10,
            limits: service::Limits::default(),
            signing_key_file: None,
            signing_key_files_before: Vec::new(),
            sign_in_providers: Vec::new(),
            access_token_minutes: 15,
            refresh_token_days: 30,
            guest_token_hours: 24,
            public_url: "http://127.0.0.1:4000".to_owned(),
            login_failures: 10,
            login_failures_where_known: 20,
            login_failure_minutes: 15,
            login_pause_seconds_where_known: 5,
            logins_elsewhere: Quota::new(100, Duration::from_secs(6)),
            registrations: Quota::new(100, Duration::from_secs(6)),
            invitation_days: 14,
            invitations_a_day: 100,
            verification_hours: 48,
            password_reset_minutes: 30,
            address_change_hours: 24,
            account_mails: Quota::new(20, Duration::from_secs(30)),
            // What OWASP's cheat sheet on password storage asks for.
            password_memory_kib: 19 * 1024,
            password_iterations: 2,
            password_lanes: 1,
            password_hashes_at_once: std::thread::available_parallelism().map_or(2, usize::from),
            password_hashes_waiting: 64,
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
            password_hashes_waiting: 1024,
            ..Self::default()
        }
    }
}
