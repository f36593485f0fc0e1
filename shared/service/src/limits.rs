//! How much at a time, and how long: the limits of a service and its database.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::WrongSetting;

/// The limits of a service, as `TICKETS__LIMITS__REQUESTS` and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Requests that are answered at a time. One more is refused at once, as `SERVICE_UNAVAILABLE`.
    pub requests: usize,
    /// Open sockets of subscribers at a time. One more is refused.
    pub sockets: usize,
    /// Connections to PostgreSQL for what no client waits for: consumers, sagas and workers.
    pub background_connections: u32,
    /// How long a request waits for a connection to PostgreSQL, in milliseconds.
    pub connection_millis: u64,
    /// How long one statement may take on PostgreSQL, in milliseconds.
    pub statement_millis: u64,
    /// How long a statement may wait for a lock on PostgreSQL, in milliseconds.
    pub lock_millis: u64,
    /// How long a transaction may do nothing before PostgreSQL ends it, in milliseconds.
    pub idle_transaction_millis: u64,
    /// How long the start waits for a PostgreSQL that is not up yet, in seconds.
    pub startup_seconds: u64,
    /// When requests are refused because PostgreSQL fails.
    pub database_breaker: breaker::Settings,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 1_024,
            sockets: 20_000,
            background_connections: 8,
            connection_millis: 2_000,
            statement_millis: 5_000,
            lock_millis: 3_000,
            idle_transaction_millis: 15_000,
            startup_seconds: 30,
            database_breaker: breaker::Settings {
                failures: 3,
                pause_millis: 500,
                longest_pause_millis: 5_000,
            },
        }
    }
}

impl Limits {
    /// What is wrong with them, by the name of the setting.
    pub(crate) fn check(&self, prefix: &str) -> Result<(), WrongSetting> {
        let wrong = |name: &str, problem: &str| WrongSetting {
            name: format!("{prefix}__LIMITS__{}", name.to_uppercase()),
            problem: problem.to_owned(),
        };
        if self.requests == 0 {
            return Err(wrong("requests", "it must be at least 1"));
        }
        if self.background_connections == 0 {
            return Err(wrong("background_connections", "it must be at least 1"));
        }
        self.database_breaker
            .check()
            .map_err(|(field, problem)| wrong(&format!("database_breaker__{field}"), problem))
    }

    pub(crate) fn connection(&self) -> Duration {
        Duration::from_millis(self.connection_millis)
    }
}
