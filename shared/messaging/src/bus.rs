//! The bus port. Two adapters: [`crate::InProcessBus`] for one machine, and `JetStream` for production.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use kernel::{Fault, Result};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::{DeadLetters, Message};

/// How often a message is delivered before it becomes a dead letter.
pub const MAX_DELIVERIES: u32 = 10;

/// The same where JetStream delivers and only what surrounds the handler fails, such as its database: some ten
/// minutes. That the message is to blame is not likely then.
pub const MAX_PASSING_DELIVERIES: u32 = 60;

/// How long one delivery may take.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(30);

/// Carries messages between services, at least once each.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Hands a message over. Once this returns, the bus answers for its delivery to every consumer,
    /// whatever is killed afterwards; until then the caller does.
    ///
    /// What keeps it until then may number what it keeps, each message higher than those before, and this is the number
    /// of this one.
    async fn publish(&self, message: &Message) -> Result<Option<i64>, Fault>;

    /// How long [`Bus::publish`] may take.
    fn patience(&self) -> Duration {
        Duration::from_mins(10)
    }

    /// Adds a durable consumer; it gets what is published on its subjects from now on, and what it has
    /// not acknowledged before.
    async fn subscribe(&self, consumer: Consumer) -> Result<(), Fault>;

    /// Consumers are all there: deliveries may begin.
    async fn open(&self) -> Result<(), Fault>;

    /// Tells whoever listens just now, at most once; for things of the moment that are also in a
    /// database, such as seat maps.
    async fn announce(&self, topic: &str, payload: Vec<u8>) -> Result<(), Fault>;

    /// What is announced on a topic from now on, and perhaps what was on its way. A listener that lags skips what it
    /// missed.
    async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Vec<u8>>, Fault>;

    /// What keeps messages between publisher and consumer, and can lose them; nothing, where publishing means
    /// that consumers are done.
    async fn stores(&self) -> Result<Vec<Store>, Fault> {
        Ok(Vec::new())
    }

    /// Takes no more deliveries, and waits for those in hand, within a limit.
    async fn close(&self) {}

    /// An error when the bus cannot be reached.
    async fn ready(&self) -> Result<(), Fault>;
}

/// Something that keeps messages of some subjects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// What its subjects begin with.
    pub kinds: Vec<String>,
    /// Since when it has been there. Whatever was published before is lost, as far as this store goes.
    pub since: DateTime<Utc>,
}

impl Store {
    /// True when it keeps this subject.
    pub fn keeps(&self, subject: &str) -> bool {
        self.kinds.iter().any(|kind| subject.starts_with(kind.as_str()))
    }
}

/// What happens with a message.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Does what the message asks for and commits it together with its inbox row. It may come twice.
    /// An error brings it again, after a while.
    async fn handle(&self, message: &Message) -> Result<()>;

    /// How many messages it handles at once, in each process: as many as it has connections, and more where what comes
    /// at the same time is done together.
    fn at_once(&self) -> usize {
        8
    }
}

/// A durable reader of subjects.
#[derive(Clone)]
pub struct Consumer {
    /// Durable name, such as `tickets`.
    pub name: &'static str,
    /// Subjects; `*` stands for one part and a last `>` for all that follow.
    pub subjects: Vec<&'static str>,
    /// What is done with each message.
    pub handler: Arc<dyn Handler>,
    /// Where goes what cannot be handled.
    pub dead_letters: DeadLetters,
}

impl Consumer {
    /// True when the consumer reads this subject.
    pub fn reads(&self, subject: &str) -> bool {
        subject == self.replays() || self.subjects.iter().any(|pattern| matches(pattern, subject))
    }

    /// Where its dead letters are published to be tried again: nobody else reads this subject.
    pub(crate) fn replays(&self) -> String {
        replays(self.name)
    }

    /// The message that a delivery means: itself, or the dead letter inside. None: it is not for this consumer.
    pub(crate) fn meant_by(&self, message: &Message) -> Option<Message> {
        if message.subject == self.replays() {
            return serde_json::from_value(message.payload.clone()).ok();
        }
        self.reads(&message.subject).then(|| message.clone())
    }
}

/// The subject on which a consumer of that name gets its dead letters again.
pub(crate) fn replays(consumer: &str) -> String {
    format!("odysseus.replay.{consumer}.message")
}

/// True when a subject is one of those of a pattern.
pub(crate) fn matches(pattern: &str, subject: &str) -> bool {
    let mut subject = subject.split('.');
    for part in pattern.split('.') {
        match (part, subject.next()) {
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (part, Some(other)) if part == other => {}
            _ => return false,
        }
    }
    subject.next().is_none()
}

/// How long to wait before delivery number `delivery` + 1: from a tenth of a second, doubling, to ten
/// seconds, each shifted at random by up to half.
pub fn back_off(delivery: u32) -> Duration {
    let base = Duration::from_millis(100 << delivery.saturating_sub(1).min(7)).min(Duration::from_secs(10));
    base.mul_f64(rand::rng().random_range(0.5..1.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_reads_its_subjects_and_no_others() {
        assert!(matches("odysseus.users.>", "odysseus.users.account.changed.v1"));
        assert!(matches("odysseus.*.account.changed.v1", "odysseus.users.account.changed.v1"));
        assert!(!matches("odysseus.users.>", "odysseus.users"));
        assert!(!matches("odysseus.users", "odysseus.users.account"));
        assert!(!matches("odysseus.events.>", "odysseus.users.account"));
    }

    #[test]
    fn waits_grow_and_end() {
        assert!(back_off(1) < Duration::from_millis(200));
        assert!(back_off(1000) <= Duration::from_secs(15));
    }
}
