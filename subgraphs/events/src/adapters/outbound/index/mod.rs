//! An index of what everybody may see, in each replica: tantivy in a folder of the replica's own.
//!
//! It is made of the database at each start and once a day, beside the one that answers, and follows the database by what was
//! touched ([`following`]). Everything that is found is worth a whole number that depends on the event alone, so all replicas
//! list alike, and a cursor of one is a cursor of the others.

mod asking;
mod built;
mod collecting;
mod counting;
mod document;
pub mod following;
mod touches;
mod words;

pub use touches::Touches;

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{EventId, Fault, Result};
use tokio::sync::watch;

use self::{built::Built, collecting::Sold};
use crate::adapters::outbound::persistence::Indexed;
use crate::domain::{Facet, Guesses, Hits, Listing, ports::EventIndex, search::SimilarAsk};

/// The index of this replica. Clones are the same.
#[derive(Clone)]
pub struct Replica {
    built: Arc<RwLock<Option<Arc<Built>>>>,
    sold: Arc<RwLock<Sold>>,
    touches: Touches,
    made: watch::Sender<u64>,
}

impl Default for Replica {
    fn default() -> Self {
        let (built, sold, touches) = (Arc::default(), Arc::default(), Touches::default());
        Self { built, sold, touches, made: watch::Sender::new(0) }
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replica").field("events", &self.count()).finish_non_exhaustive()
    }
}

impl Replica {
    /// An index of these events in a folder within this, which follows no database. It is for those who measure how fast an
    /// index is.
    pub fn of(these: impl IntoIterator<Item = Indexed>, within: &Path) -> Result<Self, Fault> {
        /// How many are put in at once.
        const AT_ONCE: usize = 1_000;
        let filling = |cause: tantivy::TantivyError| Fault::new("filling an index", cause);
        let built = Built::empty(within).map_err(filling)?;
        let mut these = these.into_iter();
        loop {
            let some: Vec<Indexed> = these.by_ref().take(AT_ONCE).collect();
            if some.is_empty() {
                break;
            }
            built.put(&[], &some).map_err(filling)?;
        }
        built.commit().map_err(filling)?;
        let replica = Self::default();
        replica.swap(Arc::new(built));
        Ok(replica)
    }

    /// What is to be told of each change that is committed in this process.
    pub fn touches(&self) -> Touches {
        self.touches.clone()
    }

    /// How many events it has; none before it is made.
    pub fn count(&self) -> Option<u64> {
        self.current().map(|built| built.count())
    }

    /// Waits until it is made, and has whatever was changed in this process before.
    pub async fn caught_up(&self) {
        let mut made = self.made.subscribe();
        // The sender is beside the receiver.
        drop(made.wait_for(|made| *made > 0).await);
        self.touches.caught_up().await;
    }

    /// How often it was made.
    pub fn times_made(&self) -> u64 {
        *self.made.borrow()
    }

    fn current(&self) -> Option<Arc<Built>> {
        self.built.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn swap(&self, built: Arc<Built>) {
        *self.built.write().unwrap_or_else(PoisonError::into_inner) = Some(built);
        self.made.send_modify(|made| *made += 1);
    }

    fn sold(&self) -> Sold {
        self.sold.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn sells(&self, sold: Sold) {
        *self.sold.write().unwrap_or_else(PoisonError::into_inner) = sold;
    }

    /// What an index that is there answers, worked out where nobody else waits for it.
    async fn answer<T: Send + 'static>(
        &self,
        doing: &'static str,
        answer: impl FnOnce(&Built) -> tantivy::Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        if self.current().is_none() {
            return Ok(None);
        }
        self.touches.settled().await;
        let Some(built) = self.current() else { return Ok(None) };
        Ok(Some(at_work(doing, move || answer(&built)).await?))
    }
}

/// Work on an index, on a thread of its own.
async fn at_work<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> tantivy::Result<T> + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|cause| Fault::new(doing, cause))?;
    done.map_err(|cause| Fault::new(doing, cause))
}

#[async_trait]
impl EventIndex for Replica {
    async fn search(&self, listing: &Listing) -> Result<Option<Hits>> {
        let (listing, sold) = (listing.clone(), self.sold());
        Ok(self.answer("searching the index", move |built| built.search(&listing, sold)).await?.flatten())
    }

    async fn facets(&self, listing: &Listing) -> Result<Option<Vec<Facet>>> {
        let listing = listing.clone();
        self.answer("counting what is found", move |built| built.facets(&listing)).await
    }

    async fn guess(&self, typed: &str, most: u32, now: DateTime<Utc>) -> Result<Option<Guesses>> {
        let (typed, sold) = (typed.to_owned(), self.sold());
        self.answer("guessing what is meant", move |built| built.guess(&typed, most as usize, now, &sold))
            .await
    }

    async fn similar(
        &self,
        asked: &[SimilarAsk],
        now: DateTime<Utc>,
    ) -> Result<Option<HashMap<SimilarAsk, Vec<EventId>>>> {
        let asked = asked.to_vec();
        let all =
            move |built: &Built| asked.into_iter().map(|ask| Ok((ask, built.similar(ask, now)?))).collect();
        self.answer("looking for what is alike", all).await
    }
}

#[cfg(test)]
mod tests;
