//! What is asked.

pub mod persistence;
