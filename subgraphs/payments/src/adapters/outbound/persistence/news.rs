//! Waking who waits: buyers for what becomes of their payment, in any replica, and whoever asks the provider.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use kernel::OrderId;
use messaging::Bus;
use tokio::sync::Notify;

use crate::domain::ports::Watch;

/// What was committed, for those who wait for it.
#[derive(Clone)]
pub struct News {
    bus: Arc<dyn Bus>,
    heard: service::news::News,
    due: Arc<Notify>,
}

impl News {
    /// News that travel by this bus.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self { heard: service::news::News::new(bus.clone()), bus, due: Arc::default() }
    }

    /// Tells whoever waits for an order's payment. Nobody answers for its arrival: they look now and then.
    pub(super) fn tell(&self, order: OrderId) {
        let bus = self.bus.clone();
        tokio::spawn(async move { bus.announce(&topic(order), Vec::new()).await });
    }

    /// The provider is to be asked something soon.
    pub(super) fn ring(&self) {
        self.due.notify_one();
    }

    pub(super) async fn rung(&self, at_most: Duration) {
        drop(tokio::time::timeout(at_most, self.due.notified()).await);
    }

    pub(super) async fn watch(&self, order: OrderId) -> Box<dyn Watch> {
        Box::new(Heard(self.heard.watch(&topic(order)).await))
    }
}

/// What is heard of one order's payment.
struct Heard(service::news::Watch);

#[async_trait]
impl Watch for Heard {
    async fn changed(&mut self, at_most: Duration) {
        self.0.changed(at_most).await;
    }
}

fn topic(order: OrderId) -> String {
    format!("payments.{order}")
}
