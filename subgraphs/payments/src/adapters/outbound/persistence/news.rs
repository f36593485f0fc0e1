//! Waking who waits: buyers for what becomes of their payment, in any replica, and whoever asks the provider.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{FutureExt as _, StreamExt as _, stream::BoxStream};
use kernel::OrderId;
use messaging::Bus;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout_at},
};

use crate::domain::ports::Watch;

/// What was committed, for those who wait for it.
#[derive(Clone)]
pub struct News {
    bus: Arc<dyn Bus>,
    due: Arc<Notify>,
}

impl News {
    /// News that travel by this bus.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self { bus, due: Arc::default() }
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
        let heard = self.bus.listen(&topic(order)).await;
        if let Err(fault) = &heard {
            tracing::debug!(%order, error = fault.chain(), "nothing is heard; it is looked for now and then");
        }
        Box::new(Heard(heard.ok()))
    }
}

/// What is heard of one order's payment; none while the bus cannot be reached.
struct Heard(Option<BoxStream<'static, Vec<u8>>>);

#[async_trait]
impl Watch for Heard {
    async fn changed(&mut self, at_most: Duration) {
        let until = Instant::now() + at_most;
        let Some(heard) = &mut self.0 else { return sleep(at_most).await };
        match timeout_at(until, heard.next()).await {
            // One look is enough for all that has been told meanwhile.
            Ok(Some(_)) => while let Some(Some(_)) = heard.next().now_or_never() {},
            Ok(None) => {
                self.0 = None;
                tokio::time::sleep_until(until).await;
            }
            Err(_) => {}
        }
    }
}

fn topic(order: OrderId) -> String {
    format!("payments.{order}")
}
