//! What comes in.

pub(crate) mod browser;
pub(crate) mod ended;
pub mod graphql;
pub(crate) mod http;
pub(crate) mod jwks;
pub(crate) mod replies;
