//! Waking who waits for something to change, instead of looking again and again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::StreamExt as _;
use messaging::{Bus, bus::back_off};
use tokio::{sync::watch, time::Instant};

/// How long is waited for the bus to know that a topic is listened to.
const LISTENING: Duration = Duration::from_secs(1);

/// What is announced on the bus, for as many as wait for it.
///
/// Each topic is listened to once, however many watch it, until the last of them has gone. An announcement only wakes:
/// what has changed is read from the database. It may be lost with the bus, so whoever waits looks by itself now and
/// then. Clones share what they listen to.
#[derive(Clone)]
pub struct News(Arc<Inner>);

struct Inner {
    bus: Arc<dyn Bus>,
    topics: Mutex<HashMap<String, watch::Sender<State>>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Whether the bus is listened to; while it is not, nobody is woken.
    listening: bool,
    announcements: u64,
}

/// Somebody who waits for news of one topic.
#[derive(Debug)]
pub struct Watch(watch::Receiver<State>);

impl News {
    /// News from this bus.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self(Arc::new(Inner { bus, topics: Mutex::default() }))
    }

    /// Watches a topic: [`Watch::changed`] tells of everything that is announced after this has returned. To be begun
    /// before the look that decides whether to wait, so that nothing is missed between.
    pub async fn watch(&self, topic: &str) -> Watch {
        let mut state = self.joined(topic);
        // Without a bus that answers there are the looks that the waiting makes by itself.
        drop(tokio::time::timeout(LISTENING, state.wait_for(|state| state.listening)).await);
        state.mark_unchanged();
        Watch(state)
    }

    /// How many topics are listened to.
    pub fn topics(&self) -> usize {
        self.0.topics().len()
    }

    fn joined(&self, topic: &str) -> watch::Receiver<State> {
        let mut topics = self.0.topics();
        if let Some(known) = topics.get(topic) {
            return known.subscribe();
        }
        let (sender, receiver) = watch::channel(State::default());
        topics.insert(topic.to_owned(), sender.clone());
        tokio::spawn(pass_on(self.0.clone(), topic.to_owned(), sender));
        receiver
    }
}

impl Inner {
    fn topics(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<State>>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a topic that nobody watches. False when somebody does.
    fn forgot(&self, topic: &str, sender: &watch::Sender<State>) -> bool {
        let mut topics = self.topics();
        // Under the lock nobody can join.
        let alone = sender.receiver_count() == 0;
        if alone {
            topics.remove(topic);
        }
        alone
    }
}

impl Watch {
    /// Waits for the next announcement, or for as long as this; true when there was one. Several that come before it is
    /// asked again are one.
    pub async fn changed(&mut self, at_most: Duration) -> bool {
        let until = Instant::now() + at_most;
        match tokio::time::timeout_at(until, self.0.changed()).await {
            Ok(Ok(())) => true,
            Err(_) => false,
            Ok(Err(_)) => {
                // Nobody will announce anything any more; whoever asks again must not spin.
                tokio::time::sleep_until(until).await;
                false
            }
        }
    }
}

/// Listens to a topic until nobody watches it, whatever happens to the bus.
async fn pass_on(news: Arc<Inner>, topic: String, sender: watch::Sender<State>) {
    let mut failures = 0;
    loop {
        let listening = tokio::select! {
            listening = news.bus.listen(&topic) => listening,
            () = sender.closed() => {
                if news.forgot(&topic, &sender) { return }
                continue;
            }
        };
        if let Ok(mut heard) = listening {
            failures = 0;
            // Also for those who have waited through a gap, in which something may have been announced.
            sender.send_modify(|state| {
                state.listening = true;
                state.announcements += 1;
            });
            loop {
                tokio::select! {
                    announced = heard.next() => match announced {
                        Some(_) => sender.send_modify(|state| state.announcements += 1),
                        None => break,
                    },
                    () = sender.closed() => if news.forgot(&topic, &sender) { return },
                }
            }
            sender.send_modify(|state| state.listening = false);
        }
        failures += 1;
        tokio::time::sleep(back_off(failures)).await;
    }
}
