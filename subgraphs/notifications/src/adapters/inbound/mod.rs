//! Who asks.

pub mod events;
pub mod graphql;
