//! `SeaORM` on SQLite or PostgreSQL.

mod ages;
mod feed;
mod images;
mod json_columns;
mod members;
mod motifs;
mod offers;
mod popularity;
mod reads;
mod rows;
mod searching;
mod store;

pub use ages::AGES;
pub use feed::{Feed, Indexed};
pub use members::CopiedMembers;
pub use reads::SeaReads;
pub use store::SeaStore;
