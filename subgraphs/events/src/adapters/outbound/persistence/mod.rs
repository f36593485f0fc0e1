//! `SeaORM` on SQLite or PostgreSQL.

mod ages;
mod images;
mod json_columns;
mod members;
mod popularity;
mod reads;
mod rows;
mod searching;
mod store;

pub use ages::AGES;
pub use members::CopiedMembers;
pub use reads::SeaReads;
pub use store::SeaStore;
