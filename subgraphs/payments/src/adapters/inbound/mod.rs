//! What comes in: queries, messages, webhooks.

mod bookkeeping;
pub mod events;
pub mod graphql;
pub mod http;
