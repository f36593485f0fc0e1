//! What asks.

pub mod events;
pub mod graphql;
pub(crate) mod http;
