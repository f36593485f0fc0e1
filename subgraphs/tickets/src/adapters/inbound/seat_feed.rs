//! Live seat maps. One task for each event that somebody watches reads what changed and hands it to all
//! watchers on this machine; what it hands on always comes from the database, so it cannot be wrong.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{Stream, StreamExt, stream};
use kernel::{EventId, Fault};
use service::news::{News, Watch};
use tokio::sync::{
    OnceCell,
    broadcast::{self, error::RecvError},
};

use crate::{
    adapters::{inbound::graphql::SeatMapChange, outbound::persistence::seats_topic},
    domain::{
        entities::{House, SeatChangeLog},
        ports::Reads,
    },
};

/// At most ten frames a second.
const FRAME: Duration = Duration::from_millis(100);
/// How long a watcher may be wrong when an announcement was lost.
const LOOK: Duration = Duration::from_secs(1);
/// How many frames a slow watcher may lag before its frames are merged.
const LAG: usize = 64;

/// An event that somebody watches.
#[derive(Clone)]
struct Watched {
    /// Each is made once for all who watch.
    frames: broadcast::Sender<Arc<SeatMapChange>>,
    /// Its plan, which never changes once there are seats to watch: looked up for the first of them.
    house: Arc<OnceCell<Arc<House>>>,
}

/// What one of those who watch has of it.
type Joined = (broadcast::Receiver<Arc<SeatMapChange>>, Arc<OnceCell<Arc<House>>>);

impl Watched {
    fn join(&self) -> Joined {
        (self.frames.subscribe(), self.house.clone())
    }
}

/// All live seat maps.
#[derive(Clone)]
pub(crate) struct SeatFeed {
    reads: Arc<dyn Reads>,
    news: News,
    watched: Arc<Mutex<HashMap<EventId, Watched>>>,
}

impl SeatFeed {
    pub(crate) fn new(reads: Arc<dyn Reads>, news: News) -> Self {
        Self { reads, news, watched: Arc::default() }
    }

    /// What changes on an event's map from now on, after a first frame without changes that tells the present
    /// version: the watcher is there. One that cannot keep up gets merged changes.
    pub(crate) async fn watch(
        &self,
        event: EventId,
    ) -> Result<impl Stream<Item = Arc<SeatMapChange>> + use<>, Fault> {
        let (receiver, house) = self.join(event).await?;
        let last = self.reads.seat_map_version(event).await?;
        metrics::gauge!("seat_map_watchers").increment(1.0);
        let watcher = Watcher { receiver, last, event, house, feed: self.clone() };
        let here = Arc::new(SeatMapChange::of(event, last, SeatChangeLog::nothing(last), None)?);
        let changes = stream::unfold(watcher, async |mut watcher| {
            let change = watcher.next().await?;
            Some((change, watcher))
        });
        Ok(stream::once(std::future::ready(here)).chain(changes).boxed())
    }

    async fn join(&self, event: EventId) -> Result<Joined, Fault> {
        if let Some(watched) = self.watched.lock().unwrap_or_else(PoisonError::into_inner).get(&event) {
            return Ok(watched.join());
        }
        // Listening begins before the version is read, so that nothing falls between the two.
        let news = self.news.watch(&seats_topic(event)).await;
        let version = self.reads.seat_map_version(event).await?;
        let mut all = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watched) = all.get(&event) {
            return Ok(watched.join()); // somebody else was faster
        }
        let (frames, receiver) = broadcast::channel(LAG);
        let watched = Watched { frames, house: Arc::default() };
        let house = watched.house.clone();
        all.insert(event, watched.clone());
        tokio::spawn(self.clone().follow(event, version, watched, news));
        Ok((receiver, house))
    }

    async fn follow(self, event: EventId, mut version: i64, watched: Watched, mut news: Watch) {
        loop {
            // One look tells what all announcements are about.
            news.changed(LOOK).await;
            {
                let mut all = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
                if watched.frames.receiver_count() == 0 {
                    all.remove(&event);
                    return;
                }
            }
            match self.since(event, version, &watched.house).await {
                Ok(Some(change)) => {
                    version = change.version;
                    drop(watched.frames.send(Arc::new(change))); // the last watcher may just have left
                    tokio::time::sleep(FRAME).await;
                }
                Ok(None) => {}
                Err(fault) => {
                    tracing::warn!(%event, error = fault.chain(), "a live seat map could not be read");
                }
            }
        }
    }

    /// What changed since a version, if anything. Where the log does not reach back so far, a change that
    /// fits no version: its reader sees the gap and reads the map again.
    async fn since(
        &self,
        event: EventId,
        version: i64,
        house: &OnceCell<Arc<House>>,
    ) -> Result<Option<SeatMapChange>, Fault> {
        let (previous, change) = if let Some(change) = self.reads.seat_changes(event, version).await? {
            (version, change)
        } else {
            let present = self.reads.seat_map_version(event).await?;
            (present, SeatChangeLog::nothing(present))
        };
        if change.version <= version {
            return Ok(None);
        }
        let house = if change.seats.is_empty() {
            None
        } else {
            Some(house.get_or_try_init(|| self.house_of(event)).await?)
        };
        SeatMapChange::of(event, previous, change, house.map(AsRef::as_ref)).map(Some)
    }

    async fn house_of(&self, event: EventId) -> Result<Arc<House>, Fault> {
        let known = self.reads.event(event).await?;
        let house = match known.and_then(|known| known.facts.layout_id) {
            Some(layout) => self.reads.house(layout).await?,
            None => None,
        };
        house.ok_or_else(|| Fault::broken_rule("seats of an event without a plan"))
    }
}

struct Watcher {
    receiver: broadcast::Receiver<Arc<SeatMapChange>>,
    last: i64,
    event: EventId,
    house: Arc<OnceCell<Arc<House>>>,
    feed: SeatFeed,
}

impl Watcher {
    async fn next(&mut self) -> Option<Arc<SeatMapChange>> {
        loop {
            match self.receiver.recv().await {
                Ok(change) if change.version <= self.last => {}
                Ok(change) => {
                    self.last = change.version;
                    return Some(change);
                }
                Err(RecvError::Lagged(_)) => {
                    match self.feed.since(self.event, self.last, &self.house).await {
                        Ok(Some(change)) => {
                            self.last = change.version;
                            return Some(Arc::new(change));
                        }
                        Ok(None) => {}
                        Err(fault) => {
                            tracing::warn!(error = fault.chain(), "a slow watcher could not catch up");
                        }
                    }
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        metrics::gauge!("seat_map_watchers").decrement(1.0);
    }
}
