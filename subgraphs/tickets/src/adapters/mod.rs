//! The world outside the domain.

pub(crate) mod inbound;
pub(crate) mod outbound;
