//! Says on the bus that somebody's list has grown, for every replica's subscribers.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, stream::BoxStream};
use kernel::{Result, UserId};
use messaging::Bus;

use crate::domain::ports::News;

/// The bus, as far as lists of messages go.
#[derive(Clone)]
pub struct Announcements {
    /// Where.
    pub bus: Arc<dyn Bus>,
}

impl Announcements {
    /// Tells whoever listens just now. Failing is no harm: subscribers also look for themselves.
    pub async fn grown(&self, user: UserId) {
        if let Err(fault) = self.bus.announce(&topic(user), Vec::new()).await {
            tracing::warn!(error = fault.chain(), "a new message could not be announced");
        }
    }
}

#[async_trait]
impl News for Announcements {
    async fn of(&self, user: UserId) -> Result<BoxStream<'static, ()>> {
        let news = self.bus.listen(&topic(user)).await?;
        Ok(news.map(|_| ()).boxed())
    }
}

fn topic(user: UserId) -> String {
    format!("odysseus.live.notifications.user.{user}")
}
