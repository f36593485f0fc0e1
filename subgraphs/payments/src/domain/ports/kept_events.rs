//! What the payment provider keeps of what it has told.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::Fault;

/// An event as the provider keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    /// The provider's name for it.
    pub id: String,
    /// When it happened, to the second.
    pub at: DateTime<Utc>,
    /// The whole message, as its webhook says it.
    pub body: String,
}

/// The events that the payment provider keeps, whether or not their webhooks arrived.
#[async_trait]
pub trait KeptEvents: Send + Sync {
    /// Those that matter here and happened at `since` or later, from the oldest on and not all at once: whoever has read them
    /// reads on after the last, by its name. None when there are no more.
    async fn kept(&self, since: DateTime<Utc>, after: Option<&str>) -> Result<Vec<KeptEvent>, Fault>;
}
