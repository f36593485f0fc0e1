//! What connects the rules with the world.

pub mod inbound;
pub mod outbound;
