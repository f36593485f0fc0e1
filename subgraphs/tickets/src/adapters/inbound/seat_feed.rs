//! Live seat maps. One task for each event that somebody watches reads what changed and hands it to all
//! watchers on this machine; what it hands on always comes from the database, so it cannot be wrong.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use futures::{Stream, StreamExt, stream};
use kernel::{EventId, Fault};
use service::news::{News, Watch};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{
    adapters::{inbound::graphql::SeatMapChange, outbound::persistence::seats_topic},
    domain::{entities::SeatChangeLog, ports::Reads},
};

/// At most ten frames a second.
const FRAME: Duration = Duration::from_millis(100);
/// How long a watcher may be wrong when an announcement was lost.
const LOOK: Duration = Duration::from_secs(1);
/// How many frames a slow watcher may lag before its frames are merged.
const LAG: usize = 64;

/// Changes of a seat map from one version to another.
pub(crate) struct SeatDelta {
    event: EventId,
    /// What it is to be applied on.
    previous: i64,
    /// The version afterwards, and what changed.
    change: SeatChangeLog,
    frame: OnceLock<Arc<SeatMapChange>>,
}

impl SeatDelta {
    fn new(event: EventId, previous: i64, change: SeatChangeLog) -> Self {
        Self { event, previous, change, frame: OnceLock::new() }
    }

    /// What viewers are shown of it: made for the first of them, and shared by all.
    pub(crate) fn frame(&self) -> Arc<SeatMapChange> {
        let make = || Arc::new(SeatMapChange::of(self.event, self.previous, &self.change));
        self.frame.get_or_init(make).clone()
    }
}

/// All live seat maps.
#[derive(Clone)]
pub(crate) struct SeatFeed {
    reads: Arc<dyn Reads>,
    news: News,
    channels: Arc<Mutex<HashMap<EventId, broadcast::Sender<Arc<SeatDelta>>>>>,
}

impl SeatFeed {
    pub(crate) fn new(reads: Arc<dyn Reads>, news: News) -> Self {
        Self { reads, news, channels: Arc::default() }
    }

    /// What changes on an event's map from now on, after a first frame without changes that tells the present
    /// version: the watcher is there. One that cannot keep up gets merged changes.
    pub(crate) async fn watch(
        &self,
        event: EventId,
    ) -> Result<impl Stream<Item = Arc<SeatDelta>> + use<>, Fault> {
        let receiver = self.join(event).await?;
        let last = self.reads.seat_map_version(event).await?;
        metrics::gauge!("seat_map_watchers").increment(1.0);
        let watcher = Watcher { receiver, last, event, feed: self.clone() };
        let here = Arc::new(SeatDelta::new(event, last, SeatChangeLog::nothing(last)));
        let changes = stream::unfold(watcher, async |mut watcher| {
            let delta = watcher.next().await?;
            Some((delta, watcher))
        });
        Ok(stream::once(std::future::ready(here)).chain(changes).boxed())
    }

    async fn join(&self, event: EventId) -> Result<broadcast::Receiver<Arc<SeatDelta>>, Fault> {
        if let Some(channel) = self.channels.lock().unwrap_or_else(PoisonError::into_inner).get(&event) {
            return Ok(channel.subscribe());
        }
        // Listening begins before the version is read, so that nothing falls between the two.
        let news = self.news.watch(&seats_topic(event)).await;
        let version = self.reads.seat_map_version(event).await?;
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(channel) = channels.get(&event) {
            return Ok(channel.subscribe()); // somebody else was faster
        }
        let (channel, receiver) = broadcast::channel(LAG);
        channels.insert(event, channel.clone());
        tokio::spawn(self.clone().follow(event, version, channel, news));
        Ok(receiver)
    }

    async fn follow(
        self,
        event: EventId,
        mut version: i64,
        channel: broadcast::Sender<Arc<SeatDelta>>,
        mut news: Watch,
    ) {
        loop {
            // One look tells what all announcements are about.
            news.changed(LOOK).await;
            {
                let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
                if channel.receiver_count() == 0 {
                    channels.remove(&event);
                    return;
                }
            }
            match self.since(event, version).await {
                Ok(Some(delta)) => {
                    version = delta.change.version;
                    drop(channel.send(Arc::new(delta))); // the last watcher may just have left
                    tokio::time::sleep(FRAME).await;
                }
                Ok(None) => {}
                Err(fault) => {
                    tracing::warn!(%event, error = fault.chain(), "a live seat map could not be read");
                }
            }
        }
    }

    /// What changed since a version, if anything. Where the log does not reach back so far, a delta that
    /// fits no version: its reader sees the gap and reads the map again.
    async fn since(&self, event: EventId, version: i64) -> Result<Option<SeatDelta>, Fault> {
        let delta = if let Some(change) = self.reads.seat_changes(event, version).await? {
            SeatDelta::new(event, version, change)
        } else {
            let version = self.reads.seat_map_version(event).await?;
            SeatDelta::new(event, version, SeatChangeLog::nothing(version))
        };
        Ok((delta.change.version > version).then_some(delta))
    }
}

struct Watcher {
    receiver: broadcast::Receiver<Arc<SeatDelta>>,
    last: i64,
    event: EventId,
    feed: SeatFeed,
}

impl Watcher {
    async fn next(&mut self) -> Option<Arc<SeatDelta>> {
        loop {
            match self.receiver.recv().await {
                Ok(delta) if delta.change.version <= self.last => {}
                Ok(delta) => {
                    self.last = delta.change.version;
                    return Some(delta);
                }
                Err(RecvError::Lagged(_)) => match self.feed.since(self.event, self.last).await {
                    Ok(Some(delta)) => {
                        self.last = delta.change.version;
                        return Some(Arc::new(delta));
                    }
                    Ok(None) => {}
                    Err(fault) => tracing::warn!(error = fault.chain(), "a slow watcher could not catch up"),
                },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entities::SeatStatus;

    #[tokio::test]
    async fn fifty_viewers_share_one_frame() {
        let (sender, _) = broadcast::channel(LAG);
        let mut viewers: Vec<_> = (0..50).map(|_| sender.subscribe()).collect();
        let change = SeatChangeLog { version: 8, seats: vec![(3, SeatStatus::Held)], sections: Vec::new() };
        drop(sender.send(Arc::new(SeatDelta::new(EventId::new(), 7, change))));
        let mut frames = Vec::new();
        for viewer in &mut viewers {
            frames.push(viewer.recv().await.unwrap().frame());
        }
        assert_eq!(frames.len(), 50);
        assert!(frames.iter().all(|frame| Arc::ptr_eq(frame, &frames[0])));
    }
}
