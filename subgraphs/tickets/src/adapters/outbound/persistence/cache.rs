//! What rarely changes, kept in memory, within bounds.

use std::sync::Arc;

use contracts::events::EventFacts;
use kernel::{EventId, LayoutId};
use moka::future::Cache;

use super::settings::Settings;
use crate::domain::entities::{House, TicketTypeSnapshot};

/// How many seats of all plans are kept.
const SEATS: u64 = 2_000_000;
/// How many events are kept.
const EVENTS: u64 = 10_000;

/// Plans. They never change.
#[derive(Clone, Debug)]
pub(crate) struct Houses(Cache<LayoutId, Arc<House>>);

impl Default for Houses {
    fn default() -> Self {
        let weight =
            |_: &LayoutId, house: &Arc<House>| u32::try_from(house.seat_count() + 100).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(SEATS).weigher(weight).build())
    }
}

impl Houses {
    pub(super) async fn get(&self, id: LayoutId) -> Option<Arc<House>> {
        self.0.get(&id).await
    }

    pub(super) async fn keep(&self, house: Arc<House>) -> Arc<House> {
        self.0.insert(house.layout(), house.clone()).await;
        house
    }
}

/// What was read of an event: good as long as its versions are the same.
#[derive(Clone, Debug)]
pub(super) struct Remembered {
    /// Of the facts.
    pub(super) version: i64,
    pub(super) facts: EventFacts,
    /// On which terms its organization sells.
    pub(super) settings: Settings,
    /// Their counters are of some other time.
    pub(super) types: Arc<Vec<TicketTypeSnapshot>>,
}

impl Remembered {
    /// Rises with each type that is added or changed, since versions only rise.
    pub(super) fn stamp(&self) -> i64 {
        self.types.iter().map(|known| known.version).sum()
    }
}

/// Events with their ticket types.
#[derive(Clone, Debug)]
pub(crate) struct Events(Cache<EventId, Arc<Remembered>>);

impl Default for Events {
    fn default() -> Self {
        Self(Cache::new(EVENTS))
    }
}

impl Events {
    pub(super) async fn get(&self, id: EventId) -> Option<Arc<Remembered>> {
        self.0.get(&id).await
    }

    pub(super) async fn keep(&self, id: EventId, remembered: Arc<Remembered>) {
        self.0.insert(id, remembered).await;
    }
}
