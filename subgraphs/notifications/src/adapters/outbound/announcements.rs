//! Says on the bus that somebody's list has grown, for every replica's subscribers.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kernel::UserId;
use messaging::Bus;

use crate::domain::ports::{News, Watch};

/// The bus, as far as lists of messages go.
#[derive(Clone)]
pub struct Announcements {
    bus: Arc<dyn Bus>,
    heard: service::news::News,
}

impl Announcements {
    /// By this bus.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self { heard: service::news::News::new(bus.clone()), bus }
    }

    /// Tells whoever listens just now. Failing is no harm: subscribers also look for themselves.
    pub async fn grown(&self, user: UserId) {
        if let Err(fault) = self.bus.announce(&topic(user), Vec::new()).await {
            tracing::warn!(error = fault.chain(), "a new message could not be announced");
        }
    }
}

#[async_trait]
impl News for Announcements {
    async fn watch(&self, user: UserId) -> Box<dyn Watch> {
        Box::new(Heard(self.heard.watch(&topic(user)).await))
    }
}

struct Heard(service::news::Watch);

#[async_trait]
impl Watch for Heard {
    async fn changed(&mut self, at_most: Duration) {
        self.0.changed(at_most).await;
    }
}

fn topic(user: UserId) -> String {
    format!("odysseus.live.notifications.user.{user}")
}
