//! Things of the moment: over core NATS, kept nowhere.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_nats::{Client, Subscriber};
use futures::{StreamExt as _, stream::BoxStream};
use kernel::Fault;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

/// How far a listener may lag before it skips.
const LAG: usize = 64;
/// How long an announcement may wait for room on the line, and a listener for the server to know of it.
const MOMENT: Duration = Duration::from_secs(1);

type Topics = Arc<Mutex<HashMap<String, broadcast::Sender<Vec<u8>>>>>;

/// The topics that are listened to in this process: one subscription each, however many listen.
pub(super) struct Live {
    client: Client,
    topics: Topics,
}

impl Live {
    pub(super) fn new(client: Client) -> Self {
        Self { client, topics: Topics::default() }
    }

    pub(super) async fn announce(&self, topic: &str, payload: Vec<u8>) -> Result<(), Fault> {
        let fault = "announcing";
        tokio::time::timeout(MOMENT, self.client.publish(subject(topic), payload.into()))
            .await
            .map_err(|cause| Fault::passing(fault, cause))?
            .map_err(|cause| Fault::passing(fault, cause))
    }

    pub(super) async fn listen(&self, topic: &str) -> Result<BoxStream<'static, Vec<u8>>, Fault> {
        let subject = subject(topic);
        let fault = |cause| Fault::passing("listening", cause);
        if let Some(receiver) = joined(&self.topics, &subject) {
            return Ok(heard(receiver));
        }
        let subscriber = self.client.subscribe(subject.clone()).await.map_err(fault)?;
        // Once the server has answered what was said after the subscription, it knows of the subscription. Without
        // an answer there is no server just now: it is told of the subscription as soon as there is.
        drop(tokio::time::timeout(MOMENT, self.echo()).await);
        if let Some(receiver) = joined(&self.topics, &subject) {
            return Ok(heard(receiver)); // somebody else was faster
        }
        let (sender, receiver) = broadcast::channel(LAG);
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).insert(subject.clone(), sender.clone());
        tokio::spawn(pass_on(subject, subscriber, sender, self.topics.clone()));
        Ok(heard(receiver))
    }

    async fn echo(&self) -> Option<()> {
        let inbox = self.client.new_inbox();
        let mut answers = self.client.subscribe(inbox.clone()).await.ok()?;
        self.client.publish(inbox, Vec::new().into()).await.ok()?;
        answers.next().await.map(drop)
    }
}

fn joined(topics: &Topics, subject: &str) -> Option<broadcast::Receiver<Vec<u8>>> {
    let topics = topics.lock().unwrap_or_else(PoisonError::into_inner);
    topics.get(subject).map(broadcast::Sender::subscribe)
}

fn heard(receiver: broadcast::Receiver<Vec<u8>>) -> BoxStream<'static, Vec<u8>> {
    BroadcastStream::new(receiver).filter_map(|payload| std::future::ready(payload.ok())).boxed()
}

/// Passes on what comes, until the last listener has left.
async fn pass_on(
    subject: String,
    mut subscriber: Subscriber,
    sender: broadcast::Sender<Vec<u8>>,
    topics: Topics,
) {
    loop {
        let message = tokio::select! {
            message = subscriber.next() => message,
            () = sender.closed() => {
                let mut topics = topics.lock().unwrap_or_else(PoisonError::into_inner);
                // Under the lock nobody can join.
                if sender.receiver_count() == 0 {
                    topics.remove(&subject);
                    return;
                }
                continue;
            }
        };
        let Some(message) = message else {
            topics.lock().unwrap_or_else(PoisonError::into_inner).remove(&subject);
            return;
        };
        // Nobody listening is seen above.
        drop(sender.send(message.payload.to_vec()));
    }
}

/// What is not a subject of ours already becomes one.
fn subject(topic: &str) -> String {
    if topic.starts_with("odysseus.live.") { topic.to_owned() } else { format!("odysseus.live.{topic}") }
}
