//! The books of organizations, as they are kept and read.

mod arrears;
mod keep;
mod read;

use std::sync::Arc;

use crate::domain::ports::{Ledger, Members};

pub use arrears::Arrears;

/// Everything that can be done with the books of organizations.
#[derive(Clone)]
pub struct Books {
    ledger: Arc<dyn Ledger>,
    members: Arc<dyn Members>,
}

impl Books {
    /// The use cases over these ports.
    pub fn new(ledger: Arc<dyn Ledger>, members: Arc<dyn Members>) -> Self {
        Self { ledger, members }
    }
}
