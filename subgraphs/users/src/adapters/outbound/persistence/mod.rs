//! Accounts and organizations in SQLite or PostgreSQL.

mod accounts;
mod ages;
pub(crate) mod keys;
mod links;
mod logins;
mod members;
mod organizations;
mod reads;
mod rows;
mod sessions;
mod store;

pub use ages::AGES;
pub use reads::SeaReads;
pub use store::SeaStore;
