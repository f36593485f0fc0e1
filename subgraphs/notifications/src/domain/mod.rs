//! Who is told what, by which channel, once.

pub mod colour;
pub mod entities;
pub mod letter;
pub mod ports;
pub mod signer;
pub mod use_cases;
pub mod words;

#[cfg(test)]
#[path = "../../tests/it/samples.rs"]
pub(crate) mod samples;
