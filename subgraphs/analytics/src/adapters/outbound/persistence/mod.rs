//! The database, through SeaORM.

mod order_rows;
mod reads;
mod rows;
mod store;
mod totals;

pub use reads::SeaReads;
pub use store::SeaStore;
