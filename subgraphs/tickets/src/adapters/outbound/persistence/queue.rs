//! Requests that want the same event wait here for each other, and not with a connection in hand.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kernel::{ErrorCode, EventId, Refusal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many have a connection at once: one decides, the others wait in the database to go on the moment it has.
const AT_ONCE: usize = 3;
/// How long anybody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(3);

/// A queue for each event that is wanted at this moment: so long, and no longer. An event that everybody wants takes
/// neither connections nor time from the others.
#[derive(Clone, Debug)]
pub(crate) struct Queues(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    places: usize,
    open: Mutex<HashMap<EventId, Queue>>,
}

#[derive(Debug)]
struct Queue {
    turns: Arc<Semaphore>,
    inside: usize,
}

/// A turn with an event; given up when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _turn: OwnedSemaphorePermit,
    _place: InQueue,
}

#[derive(Debug)]
struct InQueue {
    queues: Arc<Inner>,
    event: EventId,
}

impl Queues {
    /// Queues in which so many wait at most.
    pub(crate) fn new(places: u32) -> Self {
        Self(Arc::new(Inner { places: places as usize, open: Mutex::default() }))
    }

    /// Waits for a turn; `RATE_LIMITED` when the queue is full, or the wait long.
    pub(super) async fn turn(&self, event: EventId) -> Result<Turn, Refusal> {
        let (place, turns) = self.stand_in(event).ok_or_else(too_many)?;
        let turn = tokio::time::timeout(PATIENCE, turns.acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or_else(too_many)?;
        Ok(Turn { _turn: turn, _place: place })
    }

    fn stand_in(&self, event: EventId) -> Option<(InQueue, Arc<Semaphore>)> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = open
            .entry(event)
            .or_insert_with(|| Queue { turns: Arc::new(Semaphore::new(AT_ONCE)), inside: 0 });
        if queue.inside >= self.0.places + AT_ONCE {
            return None;
        }
        queue.inside += 1;
        Some((InQueue { queues: self.0.clone(), event }, queue.turns.clone()))
    }
}

impl Drop for InQueue {
    fn drop(&mut self) {
        let mut open = self.queues.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut queue) = open.entry(self.event) {
            queue.get_mut().inside -= 1;
            if queue.get().inside == 0 {
                queue.remove();
            }
        }
    }
}

fn too_many() -> Refusal {
    metrics::counter!("event_queue_refused_total").increment(1);
    let message = "So many want places of this event that the queue is full. Try again in a second.";
    Refusal::new(ErrorCode::RateLimited, message).with("retryAfterSeconds", 1)
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, future::join_all};

    use super::*;

    #[tokio::test]
    async fn who_finds_the_queue_full_is_told_at_once_and_when_to_come_again() {
        let (queues, event) = (Queues::new(2), EventId::new());
        let turns = join_all((0..AT_ONCE).map(|_| queues.turn(event))).await;
        let mut waiting = [Box::pin(queues.turn(event)), Box::pin(queues.turn(event))];
        assert!(waiting.iter_mut().all(|waiting| waiting.now_or_never().is_none()));

        let refused = queues.turn(event).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        assert!(refused.details.contains_key("retryAfterSeconds"), "{refused:?}");
        queues.turn(EventId::new()).await.expect("another event has a queue of its own");

        drop(turns);
        let [first, _] = waiting;
        first.await.expect("a turn was given up");
    }

    #[tokio::test]
    async fn a_queue_that_nobody_stands_in_is_forgotten() {
        let (queues, event) = (Queues::new(2), EventId::new());
        let turn = queues.turn(event).await.unwrap();
        assert_eq!(queues.0.open.lock().unwrap().len(), 1);
        drop(turn);
        assert!(queues.0.open.lock().unwrap().is_empty());
    }
}
