use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, stream::BoxStream};
use kernel::{EventId, Result};
use messaging::Bus;

use crate::domain::ports::News;

/// Announces on the bus that reports have changed, for every replica's subscribers.
#[derive(Clone)]
pub struct Announcements {
    /// Where.
    pub bus: Arc<dyn Bus>,
}

impl Announcements {
    /// Tells whoever listens just now. Failing is no harm: subscribers also look for themselves.
    pub async fn changed(&self, event: EventId) {
        if let Err(fault) = self.bus.announce(&topic(event), Vec::new()).await {
            tracing::warn!(%event, error = fault.chain(), "a changed report could not be announced");
        }
    }
}

#[async_trait]
impl News for Announcements {
    async fn of(&self, event: EventId) -> Result<BoxStream<'static, ()>> {
        let news = self.bus.listen(&topic(event)).await?;
        Ok(news.map(|_| ()).boxed())
    }
}

fn topic(event: EventId) -> String {
    format!("odysseus.live.analytics.sales.{event}")
}
