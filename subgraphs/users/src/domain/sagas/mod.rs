//! Business transactions over several services that begin here.

pub mod erasure;
