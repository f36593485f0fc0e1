//! Everything that notifications keep, on SQLite or PostgreSQL.

mod facts;
mod queue;
mod reads;
mod rows;
mod store;

pub use store::SeaStore;
