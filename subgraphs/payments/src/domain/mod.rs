//! What a payment is and may become. Nothing here knows of databases, the graph or the provider's library.

pub mod entities;
pub mod errors;
pub mod ports;
pub mod reasons;
pub mod use_cases;
