//! Settings of `tickets`, from the environment: `TICKETS__HOLD_SECONDS` and so on.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use service::{
    clients::Quota,
    settings::{self, WrongSetting},
};

use crate::domain::use_cases::Terms;

/// Every setting, with its default.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the database is: `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// The most connections to it.
    pub database_connections: u32,
    /// How much at a time, and how long.
    pub limits: service::Limits,
    /// How long places are set aside for a buyer who is choosing, in seconds.
    pub hold_seconds: u64,
    /// How long a buyer has to pay, from the checkout, in seconds.
    pub pay_seconds: u64,
    /// How many places of one event a buyer may have set aside at once, not counting orders.
    pub open_places: u32,
    /// How many places of one event one account may set aside in a row: `burst` at once, then one every `every_millis`.
    pub holds_by_account: Quota,
    /// How many may be set aside from one address, by whichever accounts.
    pub holds_by_address: Quota,
    /// How many different access codes may be tried from one address, of all events together.
    pub access_codes: Quota,
    /// How many requests wait for the same event at most, in each process; who comes when it is full is told to come
    /// again.
    pub queue: u32,
    /// Whether what has run out is given back by a worker, too. Nothing depends on it but what subscribers see.
    pub sweep: bool,
    /// Where the platform is reached, for links to tickets.
    pub public_url: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database_url: "sqlite://data/tickets.sqlite?mode=rwc".to_owned(),
            database_connections: 16,
            limits: service::Limits::default(),
            hold_seconds: 600,
            pay_seconds: 900,
            open_places: 50,
            // Who clicks through a hall and changes their mind does not come that far.
            holds_by_account: Quota::new(200, Duration::from_secs(1)),
            // Whole offices buy behind one address; nobody gets a hall through it.
            holds_by_address: Quota::new(400, Duration::from_millis(500)),
            // Nobody is given that many; at this pace eight letters are not guessed in a lifetime.
            access_codes: Quota::new(20, Duration::from_mins(1)),
            queue: 256,
            sweep: true,
            public_url: "http://127.0.0.1:4000".to_owned(),
        }
    }
}

impl Config {
    /// The settings of the environment over the defaults.
    pub fn from_env() -> Result<Self, WrongSetting> {
        settings::load("TICKETS")
    }

    pub(crate) fn terms(&self) -> Terms {
        Terms {
            hold: Duration::from_secs(self.hold_seconds),
            pay: Duration::from_secs(self.pay_seconds),
            open_places: self.open_places,
        }
    }
}
