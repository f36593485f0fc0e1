//! Settings of analytics: `ANALYTICS__DATABASE_URL` and so on.

use serde::{Deserialize, Serialize};

/// What can be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where its data lies: a `sqlite:` or `postgres:` URL.
    pub database_url: String,
    /// How many connections to the database it may open.
    pub database_connections: u32,
    /// How much at a time, and how long.
    pub limits: service::Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite:analytics.db".to_owned(),
            database_connections: 8,
            limits: service::Limits::default(),
        }
    }
}

impl Config {
    /// The defaults, with what the environment says.
    pub fn from_env() -> Result<Self, service::settings::WrongSetting> {
        service::settings::load("ANALYTICS")
    }
}
