//! Making the index, and keeping it as the database is.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use kernel::{Clock, EventId, Fault};
use messaging::{Bus, bus::back_off};
use service::{news::News, workers::Worker};
use tokio::{task::JoinSet, time::Instant};

use super::{Replica, at_work, built::Built};
use crate::{adapters::outbound::persistence::Feed, domain::popularity};

/// On which topic replicas tell each other that something was touched.
const TOPIC: &str = "events.touched";
/// How often is looked without being woken.
const LOOK: Duration = Duration::from_secs(2);
/// How often changes are made to be found at most, once several come after each other.
const BREATH: Duration = Duration::from_millis(300);
/// How often is read what sells.
const SALES: Duration = Duration::from_secs(30);
/// How often the index is made anew, whatever may have escaped it.
const RENEWED: Duration = Duration::from_hours(24);
/// How much later than others a transaction may commit that was earlier by its own clock, in milliseconds. So much is looked
/// at again each time.
const OVERLAP: i64 = 60_000;

/// What keeps a replica's index.
#[derive(Clone)]
pub struct Follower {
    /// Which index.
    pub replica: Replica,
    /// Where its events are read.
    pub feed: Feed,
    /// In which folder it makes one of its own.
    pub folder: PathBuf,
    /// By what replicas wake each other.
    pub bus: Arc<dyn Bus>,
    /// The time, by which sales are counted.
    pub clock: Arc<dyn Clock>,
}

/// An index that follows the database.
struct Followed {
    built: Arc<Built>,
    /// How often it had been asked for new indexes when it was begun.
    rebuilds: i64,
    begun: Instant,
    /// The last touch that was seen.
    seen: i64,
    /// What is in the index of what was touched lately, by when it was.
    lately: HashMap<EventId, i64>,
}

impl Follower {
    /// Keeps the index until the service stops.
    pub fn worker(self) -> Worker {
        Worker::new("keeping the index of events", async move |stop| {
            stop.run_until_cancelled(self.keep_on()).await;
        })
    }

    /// Keeps the index. It is made anew after whatever fails.
    pub async fn keep_on(self) {
        let mut failures = 0;
        loop {
            let Err(fault) = self.keep(&mut failures).await else { return };
            failures += 1;
            tracing::warn!(error = fault.chain(), "the index of events cannot be kept; it is made anew");
            tokio::time::sleep(back_off(failures)).await;
        }
    }

    /// Makes an index and follows the database. Each index that follows is made beside the one that answers until then.
    async fn keep(&self, failures: &mut u32) -> Result<(), Fault> {
        let news = News::new(self.bus.clone());
        let mut others = news.watch(TOPIC).await;
        let mut followed = self.renewed(self.clone().build().await?).await?;
        let (mut next, mut sales_read) = (JoinSet::new(), None);
        loop {
            let (noted, round) = (self.replica.touches.noted(), Instant::now());
            let changed = self.catch_up(&mut followed).await?;
            self.replica.touches.indexed(noted);
            *failures = 0;
            if sales_read.is_none_or(|at: Instant| at.elapsed() >= SALES) {
                self.replica.sells(Arc::new(self.feed.sold(popularity::since(self.clock.now())).await?));
                sales_read = Some(Instant::now());
            }
            let due = followed.begun.elapsed() >= RENEWED || self.feed.rebuilds().await? != followed.rebuilds;
            if due && next.is_empty() {
                next.spawn(self.clone().build());
            }
            tokio::select! {
                () = self.replica.touches.woken() => {
                    // Others find it in the database as well; not to hear of it costs them a moment.
                    drop(self.bus.announce(TOPIC, Vec::new()).await);
                }
                _ = others.changed(LOOK) => {}
                Some(made) = next.join_next() => {
                    let made = made.map_err(|cause| Fault::new("making an index", cause))??;
                    followed = self.renewed(made).await?;
                }
            }
            // Many changes at once are one commit; the first after a rest is found at once.
            if changed {
                tokio::time::sleep_until(round + BREATH).await;
            }
        }
    }

    /// Answers from a new index from now on. What was touched while it was made is in it before: nobody who has seen a change
    /// finds the event as it was again.
    async fn renewed(&self, mut made: Followed) -> Result<Followed, Fault> {
        let noted = self.replica.touches.noted();
        self.catch_up(&mut made).await?;
        self.replica.swap(made.built.clone());
        self.replica.touches.indexed(noted);
        Ok(made)
    }

    /// An index of all that is there.
    async fn build(self) -> Result<Followed, Fault> {
        let begun = Instant::now();
        let (rebuilds, seen) = (self.feed.rebuilds().await?, self.feed.newest().await?);
        let folder = self.folder.clone();
        let built = Arc::new(at_work("making an index", move || Built::empty(&folder)).await?);
        let mut last = None;
        loop {
            let these = self.feed.after(last).await?;
            let Some(it) = these.last() else { break };
            last = Some(it.found.event.id());
            let into = built.clone();
            at_work("filling an index", move || into.put(&[], &these)).await?;
        }
        let into = built.clone();
        at_work("filling an index", move || into.commit()).await?;
        let (events, millis) = (built.count(), begun.elapsed().as_millis());
        tracing::info!(events, millis, "the index of events is made");
        Ok(Followed { built, rebuilds, begun, seen, lately: HashMap::new() })
    }

    /// Puts in what was touched. True when there was something.
    async fn catch_up(&self, followed: &mut Followed) -> Result<bool, Fault> {
        // What was never touched since there are touches is in the index since it was made.
        let (mut since, mut after, mut changed) = ((followed.seen - OVERLAP).max(1), None, false);
        loop {
            let touched = self.feed.touched(since, after).await?;
            let Some((id, at)) = touched.last().copied() else { break };
            (since, after) = (at, Some(id));
            let new = |(id, at): &(EventId, i64)| (followed.lately.get(id) != Some(at)).then_some(*id);
            let new: Vec<EventId> = touched.iter().filter_map(new).collect();
            if !new.is_empty() {
                changed = true;
                self.put(&followed.built, &new).await?;
            }
            followed.lately.extend(touched);
            followed.seen = followed.seen.max(at);
        }
        let keep = followed.seen - OVERLAP;
        followed.lately.retain(|_, at| *at >= keep);
        Ok(changed)
    }

    async fn put(&self, built: &Arc<Built>, ids: &[EventId]) -> Result<(), Fault> {
        let these = self.feed.events(ids).await?;
        let public: HashSet<EventId> = these.iter().map(|it| it.found.event.id()).collect();
        let gone: Vec<EventId> = ids.iter().copied().filter(|id| !public.contains(id)).collect();
        let into = built.clone();
        at_work("indexing events", move || {
            into.put(&gone, &these)?;
            into.commit()
        })
        .await
    }
}
