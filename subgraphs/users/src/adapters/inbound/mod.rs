//! What comes in.

pub mod graphql;
pub(crate) mod http;
pub(crate) mod jwks;
