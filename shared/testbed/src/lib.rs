//! Real servers for tests, which tests start, kill, and start again where they were.
//!
//! The programs come from `.tools`, where `tools/servers/install` puts them. Whoever sets `DATABASE_URL` or
//! `NATS_URL` (as `tools/servers/with` does) has one server for many tests instead of one each. Everything
//! that was started is killed when it is dropped. For tests alone: nothing here runs in production.

mod ages;
mod nats;
mod own_database;
mod ports;
mod postgres;
mod program;
mod rest;
mod signer;
mod slow_proxy;
mod tools;
mod traefik;
mod waiting;

pub use ages::ages_are_declared;
pub use nats::Nats;
pub use own_database::{OwnDatabase, Place, empty_database, own_database};
pub use ports::Port;
pub use postgres::Postgres;
pub use rest::{Served, openapi_is_checked_in, problem};
pub use signer::Signer;
pub use slow_proxy::{Line, SlowProxy};
pub use tools::tool;
pub use traefik::Traefik;
pub use waiting::until;

/// About as much text as a request can bring: the gateway refuses bodies of more than 2 MiB.
pub const LARGEST_TEXT: usize = 2_000_000;
