//! The settings of notifications, read from the environment as `NOTIFICATIONS__<NAME>`.

use serde::{Deserialize, Serialize};
use service::settings::{self, WrongSetting};

/// Every setting, with its default.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the data lies: `sqlite:<file>` or `postgres://<user>:<password>@<host>/<database>`.
    pub database_url: String,
    /// The most connections to the database at a time.
    pub database_connections: u32,
    /// The mail server: `smtp://<host>:<port>` without encryption, `smtp://<user>:<password>@<host>?tls=required`
    /// with STARTTLS, `smtps://<user>:<password>@<host>` with TLS from the start.
    pub smtp_url: String,
    /// How long one step of the conversation with the mail server may take, in seconds.
    pub smtp_timeout_seconds: u64,
    /// Whom mails come from: `Name <address>`. The address's host is also that of their Message-IDs.
    pub mail_from: String,
    /// How long a mail that cannot be sent is tried again, in hours, before it counts as failed.
    pub mail_patience_hours: u32,
    /// Where people reach the site, for links in mails; no slash at the end.
    pub public_url: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite:notifications.sqlite".to_owned(),
            database_connections: 8,
            smtp_url: "smtp://127.0.0.1:2525".to_owned(),
            smtp_timeout_seconds: 20,
            mail_from: "Odysseus Tickets <tickets@odysseus.test>".to_owned(),
            mail_patience_hours: 72,
            public_url: "http://127.0.0.1:4000".to_owned(),
        }
    }
}

impl Config {
    /// The settings of this process; a mistyped one is an error that names it.
    pub fn from_env() -> Result<Self, WrongSetting> {
        settings::load("NOTIFICATIONS")
    }
}
