//! Accounts and organizations in SQLite or PostgreSQL.

mod accounts;
pub(crate) mod keys;
mod links;
mod logins;
mod organizations;
mod reads;
mod rows;
mod sessions;
mod store;
mod sweeping;

pub use reads::SeaReads;
pub use store::SeaStore;
pub(crate) use sweeping::forget_what_ran_out;
