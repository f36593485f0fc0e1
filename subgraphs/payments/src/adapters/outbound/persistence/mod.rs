//! Payments in the service's database.

mod ages;
mod books;
mod declines;
mod health;
mod locking;
mod means;
mod news;
mod parts;
mod payments;
mod payouts;
mod reading;
mod reconciling;
mod rows;
mod store;
mod transaction;

pub use ages::AGES;
pub use books::{SeaEarlierSales, SeaLedger};
pub use health::SeaHealth;
pub use news::News;
pub use payouts::SeaPayouts;
pub use reconciling::SeaReconciling;
pub use store::SeaStore;

/// The durable name of this service's consumer.
const CONSUMER: &str = "payments";
