use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, future::join_all, stream::BoxStream};
use kernel::Fault;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio_stream::wrappers::BroadcastStream;

use crate::{
    Bus, Consumer, Message,
    bus::{MAX_DELIVERIES, back_off},
    handling,
};

/// How long a message waits for the consumers to be there.
const OPENING: Duration = Duration::from_mins(1);

/// The bus of the embedded stack: every service in one process.
///
/// It keeps nothing. [`Bus::publish`] returns when every consumer has acknowledged, or has buried the
/// message; a process killed before finds the message in the outbox again, and the inboxes of those
/// who had handled it already know it.
pub struct InProcessBus {
    consumers: RwLock<Vec<(Consumer, Arc<Semaphore>)>>,
    open: watch::Sender<bool>,
    topics: Mutex<HashMap<String, broadcast::Sender<Vec<u8>>>>,
    deliver_twice: bool,
    pause: fn(u32) -> Duration,
}

impl InProcessBus {
    /// A bus without consumers, still closed.
    pub fn new() -> Self {
        Self {
            consumers: RwLock::default(),
            open: watch::Sender::new(false),
            topics: Mutex::default(),
            deliver_twice: false,
            pause: back_off,
        }
    }

    /// A bus that delivers everything twice, for tests of consumers.
    #[must_use]
    pub fn delivering_twice(mut self) -> Self {
        self.deliver_twice = true;
        self
    }

    /// A bus that hardly waits before it delivers again, for tests of consumers that fail.
    #[must_use]
    pub fn hurrying(mut self) -> Self {
        self.pause = |_| Duration::from_millis(1);
        self
    }

    async fn deliver(&self, consumer: &Consumer, slots: &Semaphore, message: &Message) -> Result<(), Fault> {
        let Some(message) = consumer.meant_by(message) else { return Ok(()) };
        handling::to_the_end(consumer, slots, self.pause, |_| MAX_DELIVERIES, &message).await
    }
}

impl Default for InProcessBus {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Bus for InProcessBus {
    async fn publish(&self, message: &Message) -> Result<Option<i64>, Fault> {
        tokio::time::timeout(OPENING, self.open.subscribe().wait_for(|open| *open))
            .await
            .map_err(|cause| Fault::passing("waiting for the bus to open", cause))?
            .map_err(|cause| Fault::new("waiting for the bus to open", cause))?;
        let readers: Vec<_> = self
            .consumers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .filter(|(consumer, _)| consumer.reads(&message.subject))
            .cloned()
            .collect();
        let times = if self.deliver_twice { 2 } else { 1 };
        for _ in 0..times {
            join_all(readers.iter().map(|(consumer, slots)| self.deliver(consumer, slots, message)))
                .await
                .into_iter()
                .collect::<Result<Vec<()>, Fault>>()?;
        }
        Ok(None)
    }

    async fn subscribe(&self, consumer: Consumer) -> Result<(), Fault> {
        let mut consumers = self.consumers.write().unwrap_or_else(PoisonError::into_inner);
        let room = Arc::new(Semaphore::new(consumer.handler.at_once()));
        consumers.push((consumer, room));
        Ok(())
    }

    async fn open(&self) -> Result<(), Fault> {
        self.open.send_replace(true);
        Ok(())
    }

    async fn announce(&self, topic: &str, payload: Vec<u8>) -> Result<(), Fault> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = topics.get(topic)
            && sender.send(payload).is_err()
        {
            topics.remove(topic); // the last listener has left
        }
        Ok(())
    }

    async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Vec<u8>>, Fault> {
        let mut topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = topics.entry(topic.to_owned()).or_insert_with(|| broadcast::channel(64).0).subscribe();
        Ok(BroadcastStream::new(receiver).filter_map(|payload| std::future::ready(payload.ok())).boxed())
    }

    async fn ready(&self) -> Result<(), Fault> {
        Ok(())
    }
}
