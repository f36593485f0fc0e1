//! What was touched in this process, and whether the index has it by now: who changes an event finds it as it is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, watch};

/// How long a search waits for what was changed in the same process just before.
const PATIENCE: Duration = Duration::from_millis(500);

/// Changes that were committed in this process. Clones are the same.
#[derive(Clone, Debug)]
pub struct Touches(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    noted: AtomicU64,
    /// How much had been noted when an organizer changed something last.
    said: AtomicU64,
    wake: Notify,
    indexed: watch::Sender<u64>,
}

impl Default for Touches {
    fn default() -> Self {
        let indexed = watch::Sender::new(0);
        Self(Arc::new(Inner {
            noted: AtomicU64::new(0),
            said: AtomicU64::new(0),
            wake: Notify::new(),
            indexed,
        }))
    }
}

impl Touches {
    /// A change was committed that its organizer may look for at once.
    pub(crate) fn note(&self) {
        let noted = self.0.noted.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.said.fetch_max(noted, Ordering::SeqCst);
        self.0.wake.notify_one();
    }

    /// A change was committed that nobody waits for.
    pub(crate) fn wake(&self) {
        self.0.noted.fetch_add(1, Ordering::SeqCst);
        self.0.wake.notify_one();
    }

    /// Waits until something is committed.
    pub(super) async fn woken(&self) {
        self.0.wake.notified().await;
    }

    /// How much was noted so far: to be asked before the database is.
    pub(super) fn noted(&self) -> u64 {
        self.0.noted.load(Ordering::SeqCst)
    }

    /// So much is indexed.
    pub(super) fn indexed(&self, noted: u64) {
        self.0.indexed.send_replace(noted);
    }

    /// Waits, for a moment, until all is indexed that organizers have changed here before.
    pub(super) async fn settled(&self) {
        let said = self.0.said.load(Ordering::SeqCst);
        let mut indexed = self.0.indexed.subscribe();
        drop(tokio::time::timeout(PATIENCE, indexed.wait_for(|indexed| *indexed >= said)).await);
    }

    /// Waits until all is indexed that was changed here before.
    pub(super) async fn caught_up(&self) {
        let noted = self.noted();
        let mut indexed = self.0.indexed.subscribe();
        // The sender is beside the receiver.
        drop(indexed.wait_for(|indexed| *indexed >= noted).await);
    }
}
