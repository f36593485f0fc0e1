//! `SeaORM` on SQLite or PostgreSQL.

mod json_columns;
mod members;
mod reads;
mod rows;
mod searching;
mod store;

pub use members::CopiedMembers;
pub use reads::SeaReads;
pub use store::SeaStore;
