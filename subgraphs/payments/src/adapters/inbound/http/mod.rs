//! What comes over HTTP beside the graph.

mod stripe_webhook;

pub use stripe_webhook::{WEBHOOK_PATH, routes};
