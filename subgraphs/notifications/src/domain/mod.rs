//! Who is told what, by which channel, once.

pub mod colour;
pub mod entities;
pub mod letter;
pub mod ports;
pub mod use_cases;

#[cfg(test)]
#[path = "../../tests/it/samples.rs"]
pub(crate) mod samples;
