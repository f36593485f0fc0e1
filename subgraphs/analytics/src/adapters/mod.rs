//! Where the domain meets the world.

pub mod inbound;
pub mod outbound;
