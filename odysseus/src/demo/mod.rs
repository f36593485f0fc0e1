//! The demonstration: what is loaded once into an empty store, so that there is something to see.

pub mod programme;
pub mod venues;
