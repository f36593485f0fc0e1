//! What the world asks of the domain.

pub mod graphql;
pub(crate) mod messages;
pub(crate) mod rest;
pub(crate) mod seat_feed;
