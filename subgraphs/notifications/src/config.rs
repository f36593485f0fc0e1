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
    /// How much at a time, and how long.
    pub limits: service::Limits,
    /// The mail server: `smtp://<host>:<port>` without encryption, `smtp://<user>:<password>@<host>?tls=required`
    /// with STARTTLS, `smtps://<user>:<password>@<host>` with TLS from the start.
    pub smtp_url: String,
    /// How long one step of the conversation with the mail server may take, in seconds.
    pub smtp_timeout_seconds: u64,
    /// When the mail server is left alone for a while. Mails wait meanwhile, and none counts a try.
    pub smtp_breaker: breaker::Settings,
    /// Whom mails come from: `Name <address>`. The address's host is also that of their Message-IDs.
    pub mail_from: String,
    /// How long a mail that cannot be sent is tried again, in hours, before it counts as failed.
    pub mail_patience_hours: u32,
    /// How many mails, and how many SMS, a process sends in a second at most; a fifth of it while the machine is full. In a
    /// crowd they follow, and leave the machine to those who buy.
    pub sent_per_second: u32,
    /// How many mails to others than themselves one buyer may bring about within 24 hours. Beyond it the buyer alone
    /// gets the tickets, and is told so.
    pub mails_to_others_per_day: u32,
    /// Where SMS are handed over in Twilio's way.
    pub sms_url: String,
    /// The account there, `AC…`. Empty: no SMS is sent, and none waits.
    pub sms_account: String,
    /// Its password.
    pub sms_token: String,
    /// Whom SMS come from: a number in international form, or a name where the country allows one.
    pub sms_from: String,
    /// How long handing over one SMS may take, in seconds.
    pub sms_timeout_seconds: u64,
    /// When who takes SMS is left alone for a while. They wait meanwhile, and none counts a try.
    pub sms_breaker: breaker::Settings,
    /// What the mail provider shows when it reports mails that did not arrive, as a bearer token. Empty: it may report none.
    pub bounce_secret: String,
    /// Where people reach the site, for links in mails and SMS; no slash at the end.
    pub public_url: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite:notifications.sqlite".to_owned(),
            database_connections: 8,
            limits: service::Limits::default(),
            smtp_url: "smtp://127.0.0.1:2525".to_owned(),
            smtp_timeout_seconds: 20,
            smtp_breaker: breaker::Settings {
                failures: 4,
                pause_millis: 1_000,
                longest_pause_millis: 15_000,
            },
            mail_from: "Odysseus Tickets <tickets@odysseus.test>".to_owned(),
            mail_patience_hours: 168,
            sent_per_second: 25,
            mails_to_others_per_day: 50,
            sms_url: "https://api.twilio.com/".to_owned(),
            sms_account: String::new(),
            sms_token: String::new(),
            sms_from: String::new(),
            sms_timeout_seconds: 10,
            sms_breaker: breaker::Settings { failures: 4, pause_millis: 1_000, longest_pause_millis: 15_000 },
            bounce_secret: String::new(),
            public_url: "http://127.0.0.1:4000".to_owned(),
        }
    }
}

impl Config {
    /// The settings of this process; a mistyped one is an error that names it.
    pub fn from_env() -> Result<Self, WrongSetting> {
        settings::load("NOTIFICATIONS")
    }

    /// What is wrong, by the name of its setting.
    pub(crate) fn check(&self) -> Result<(), WrongSetting> {
        for (name, settings) in [("SMTP_BREAKER", &self.smtp_breaker), ("SMS_BREAKER", &self.sms_breaker)] {
            settings.check().map_err(|(field, problem)| WrongSetting {
                name: format!("NOTIFICATIONS__{name}__{}", field.to_uppercase()),
                problem: problem.to_owned(),
            })?;
        }
        for (name, value) in [("SMS_TOKEN", &self.sms_token), ("SMS_FROM", &self.sms_from)] {
            if !self.sms_account.is_empty() && value.is_empty() {
                return Err(WrongSetting {
                    name: format!("NOTIFICATIONS__{name}"),
                    problem: "it is needed with NOTIFICATIONS__SMS_ACCOUNT".to_owned(),
                });
            }
        }
        Ok(())
    }
}
