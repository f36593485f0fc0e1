//! What is asked.

pub mod client_limits;
pub mod index;
pub mod persistence;
pub mod rendering;
