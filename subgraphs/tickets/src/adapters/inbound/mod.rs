//! What the world asks of the domain.

pub mod graphql;
pub(crate) mod http;
pub(crate) mod messages;
mod prices;
pub(crate) mod seat_feed;
pub(crate) mod waitlists;
