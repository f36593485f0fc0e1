//! Payments in SQLite or PostgreSQL.

mod payments;
mod rows;
mod store;

pub use store::SeaStore;
