//! The world outside the domain.

pub mod inbound;
pub(crate) mod outbound;
