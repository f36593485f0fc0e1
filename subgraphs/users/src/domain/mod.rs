//! The rules of accounts and organizations. Nothing here knows a database, GraphQL or HTTP.

pub mod entities;
pub mod ports;
pub mod reasons;
pub mod sagas;
pub mod use_cases;
mod users;

pub use users::{Rules, Users};
