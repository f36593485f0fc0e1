//! What tickets are, and the rules of selling them. Nothing here knows of databases, the graph or the bus.

pub mod entities;
pub mod errors;
pub mod ports;
pub mod pricing;
pub mod reasons;
pub mod sagas;
pub mod use_cases;
