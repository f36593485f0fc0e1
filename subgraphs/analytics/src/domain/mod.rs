//! What was sold, counted from what others told. No I/O here.

pub mod entities;
pub mod ports;
pub mod use_cases;

pub use use_cases::Analytics;
