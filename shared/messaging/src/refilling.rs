//! What was sent to a stream that is gone is sent to the one in its place.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::{Bus, bus::Store, rows::Rows};

/// How often it is looked again at streams that were looked at.
const SECOND_LOOK: Duration = Duration::from_mins(1);

/// The bus's streams, as far as a relay knows them.
#[derive(Clone, Default)]
pub(crate) struct Stores(Arc<RwLock<Vec<Store>>>);

impl Stores {
    /// Since when the stream has been there that keeps a subject, as far as is known.
    pub(crate) fn since(&self, subject: &str) -> Option<DateTime<Utc>> {
        self.any(|store| store.keeps(subject)).map(|store| store.since)
    }

    fn any(&self, is: impl Fn(&Store) -> bool) -> Option<Store> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().find(|store| is(store)).cloned()
    }

    fn are(&self, stores: Vec<Store>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = stores;
    }
}

/// How a relay sees to it that the bus's streams have what was sent.
pub(crate) struct Refilling {
    stores: Stores,
    next_second_look: Instant,
    /// Whether more is to be sent again than waits already: the rest is looked for when that is sent.
    pub(crate) more: bool,
}

impl Refilling {
    /// With the streams that it learns of.
    pub(crate) fn new(stores: Stores) -> Self {
        Self { stores, next_second_look: Instant::now() + SECOND_LOOK, more: false }
    }

    /// Something is marked as sent of which is not known that it went to a stream that is there: it is looked again with
    /// the next review, however lately it was. Until then it is in no stream as far as anybody knows, and who has lost it
    /// gets no answer.
    pub(crate) fn was_sent_to(&mut self, since: Option<DateTime<Utc>>) {
        if self.stores.any(|store| Some(store.since) == since).is_none() {
            self.next_second_look = Instant::now();
        }
    }

    /// Lets wait again what a stream has lost that is gone, so much at a time; true when there was any.
    pub(crate) async fn look(&mut self, service: &'static str, rows: &Rows, bus: &dyn Bus) -> bool {
        self.more = false;
        // While the bus cannot be reached, it cannot be known.
        let Ok(stores) = bus.stores().await else { return false };
        let known = stores.iter().all(|store| self.stores.any(|known| known == store).is_some());
        if known && Instant::now() < self.next_second_look {
            return false;
        }
        match rows.lost(&stores).await {
            Ok((messages, more)) => {
                if messages > 0 {
                    tracing::info!(
                        service,
                        messages,
                        more,
                        "a stream is newer than what was sent; it is sent again"
                    );
                }
                self.next_second_look = Instant::now() + if more { Duration::ZERO } else { SECOND_LOOK };
                self.more = more;
                self.stores.are(stores);
                messages > 0
            }
            Err(fault) => {
                tracing::warn!(service, error = fault.chain(), "a lost stream could not be filled again");
                false // with the next review
            }
        }
    }
}
