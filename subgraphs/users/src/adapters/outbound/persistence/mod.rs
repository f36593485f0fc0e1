//! Accounts and organizations in SQLite or PostgreSQL.

mod accounts;
pub(crate) mod keys;
mod organizations;
mod reads;
mod rows;
mod sessions;
mod store;

pub use reads::SeaReads;
pub use store::SeaStore;
