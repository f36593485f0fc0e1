//! Payments in the service's database.

mod ages;
mod locking;
mod news;
mod parts;
mod payments;
mod reading;
mod rows;
mod store;
mod transaction;

pub use ages::AGES;
pub use news::News;
pub use store::SeaStore;
