//! Between the domain and the world.

pub mod inbound;
pub mod outbound;
