//! The database, through SeaORM.

mod ages;
mod copies;
mod listed;
mod order_rows;
mod reads;
mod reservation_rows;
mod rows;
mod store;
mod totals;

pub use ages::AGES;
pub use reads::SeaReads;
pub use store::SeaStore;
