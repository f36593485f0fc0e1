//! Accounts and organizations in SQLite or PostgreSQL.

mod accounts;
mod address_changes;
mod ages;
mod erasing;
pub(crate) mod keys;
mod links;
mod logins;
mod members;
mod organizations;
mod reads;
mod rows;
mod sessions;
mod sign_in;
mod store;

pub use ages::AGES;
pub use reads::SeaReads;
pub use store::SeaStore;
