//! The settings of events, read from the environment as `EVENTS__<NAME>`.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};
use service::{
    clients::Quota,
    settings::{self, WrongSetting},
};

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
    /// Where clients reach the platform, without a slash at its end: seating plans and pictures have addresses.
    pub public_url: String,
    /// How often one household may look for words among events.
    pub searches: Quota,
    /// How many pictures one organization may send.
    pub pictures: Quota,
    /// The most seats one layout may have.
    pub layout_max_seats: u32,
    /// In which folder each replica makes an index of events of its own; where temporary files go, if left out.
    pub index_folder: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite:events.sqlite".to_owned(),
            database_connections: 8,
            limits: service::Limits::default(),
            public_url: "http://127.0.0.1:4000".to_owned(),
            searches: Quota::new(100, Duration::from_millis(200)),
            pictures: Quota::new(20, Duration::from_mins(3)),
            layout_max_seats: 100_000,
            index_folder: None,
        }
    }
}

impl Config {
    /// The settings of this process; a mistyped one is an error that names it.
    pub fn from_env() -> Result<Self, WrongSetting> {
        settings::load("EVENTS")
    }
}
