//! What comes in.

pub mod graphql;
pub(crate) mod jwks;
