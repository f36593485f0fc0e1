//! What is on its way from a service to the bus.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, Utc};
use fail::fail_point;
use futures::FutureExt as _;
use kernel::Fault;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::{Bus, Message, refilling::Stores, trace};

/// How many messages that transactions have handed over are on their way at once. More of them wait in the outbox.
pub(crate) const ROOM: usize = 256;

/// What came of a message.
pub(crate) struct Ended {
    /// Which.
    pub(crate) id: Uuid,
    /// Its number in the store that keeps it, or why it has not arrived.
    pub(crate) outcome: Result<Option<i64>, Fault>,
    /// Its place, until what came of it is written down.
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

/// Publishes messages, each in a task of its own.
#[derive(Clone)]
pub(crate) struct Sending(Arc<Inner>);

struct Inner {
    service: &'static str,
    bus: Arc<dyn Bus>,
    stores: Stores,
    /// Each that is on its way, or whose end is not written down yet, with the age of the store that is to keep it, as
    /// far as is known.
    under_way: Mutex<HashMap<Uuid, Option<DateTime<Utc>>>>,
    room: Arc<Semaphore>,
    takes_over: AtomicBool,
    ended: mpsc::UnboundedSender<Ended>,
    stop: CancellationToken,
    gone: CancellationToken,
}

impl Sending {
    /// For a service, and where it tells what came of each. Once it is to stop it takes nothing over any more; when the
    /// guard is dropped, what is on its way is given up.
    pub(crate) fn new(
        service: &'static str,
        bus: Arc<dyn Bus>,
        stores: Stores,
        stop: CancellationToken,
    ) -> (Self, mpsc::UnboundedReceiver<Ended>, DropGuard) {
        let (ended, ends) = mpsc::unbounded_channel();
        let gone = CancellationToken::new();
        let guard = gone.clone().drop_guard();
        let inner = Inner {
            service,
            bus,
            stores,
            under_way: Mutex::default(),
            room: Arc::new(Semaphore::new(ROOM)),
            takes_over: AtomicBool::new(true),
            ended,
            stop,
            gone,
        };
        (Self(Arc::new(inner)), ends, guard)
    }

    /// Room for so many messages that are about to be committed; none while nothing gets through, or where too many are
    /// on their way.
    pub(crate) fn room_for(&self, messages: usize) -> Option<OwnedSemaphorePermit> {
        let Inner { stop, gone, .. } = &*self.0;
        let ends = stop.is_cancelled() || gone.is_cancelled();
        let takes_over = self.0.takes_over.load(Ordering::Acquire) && !ends;
        let messages = u32::try_from(messages).ok().filter(|_| takes_over)?;
        self.0.room.clone().try_acquire_many_owned(messages).ok()
    }

    /// Whether messages are taken over from transactions.
    pub(crate) fn takes_over(&self, does: bool) {
        self.0.takes_over.store(does, Ordering::Release);
    }

    /// Sends a message on its way. It keeps its room until what came of it is written down.
    pub(crate) fn send(&self, message: Message, room: Option<OwnedSemaphorePermit>) {
        let Self(inner) = self;
        self.under_way().insert(message.id, inner.stores.since(&message.subject));
        let (inner, gone) = (inner.clone(), inner.gone.clone());
        tokio::spawn(gone.run_until_cancelled_owned(async move {
            let publishing = AssertUnwindSafe(inner.publish(&message)).catch_unwind().await;
            let panicked = |_| Err(Fault::passing("publishing", "it panicked"));
            let outcome = publishing.unwrap_or_else(panicked);
            // Nobody waits for it when the relay was given up: the message is sent again.
            drop(inner.ended.send(Ended { id: message.id, outcome, room }));
        }));
    }

    /// Its end is written down, or about to be; since when the store has been there that keeps it, as far as is known.
    pub(crate) fn forget(&self, id: Uuid) -> Option<DateTime<Utc>> {
        self.under_way().remove(&id).flatten()
    }

    /// True when it is on its way, or its end is not written down yet.
    pub(crate) fn has(&self, id: Uuid) -> bool {
        self.under_way().contains_key(&id)
    }

    /// How many those are.
    pub(crate) fn count(&self) -> usize {
        self.under_way().len()
    }

    /// All of those.
    pub(crate) fn all(&self) -> Vec<Uuid> {
        self.under_way().keys().copied().collect()
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Uuid, Option<DateTime<Utc>>>> {
        self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    async fn publish(&self, message: &Message) -> Result<Option<i64>, Fault> {
        fail_point!("relay-before-publish");
        let published = self.bus.publish(message).instrument(trace::publishing(self.service, message)).await;
        if published.is_ok() {
            fail_point!("relay-published");
        }
        published
    }
}
