//! Hosting of a service: what every one of the six needs around its domain and adapters.
//!
//! A service assembles itself into [`Assembled`]: its GraphQL endpoint, its routes, its consumers, its
//! workers. This crate gives it settings, a database, tokens and the GraphQL types that services
//! share, and runs it until it is told to stop.

pub mod clients;
pub mod database;
mod ended_sessions;
mod faults;
pub mod graphql;
pub mod hosting;
pub mod limits;
pub mod memberships;
pub mod news;
pub mod request;
pub mod rest;
pub mod retention;
pub mod settings;
mod shedding;
pub mod soon;
pub mod telemetry;
pub mod tokens;
mod unread;
pub mod workers;

pub use database::Database;
pub use hosting::{Assembled, Foundation, Running};
pub use limits::Limits;
pub use memberships::Memberships;
pub use tokens::{Caller, TokenVerifier};
