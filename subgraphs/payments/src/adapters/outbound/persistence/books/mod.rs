//! The books of organizations in the service's database.

mod copies;
mod earlier;
mod keeping;
mod reading;

use service::Database;

pub use earlier::SeaEarlierSales;

/// The books in the service's database.
#[derive(Clone)]
pub struct SeaLedger {
    database: Database,
}

impl SeaLedger {
    /// Those in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}
