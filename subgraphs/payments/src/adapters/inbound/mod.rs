//! What comes in: queries, messages, webhooks.

pub mod events;
pub mod graphql;
pub mod http;
