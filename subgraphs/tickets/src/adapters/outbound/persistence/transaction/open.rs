//! What a transaction consists of, and what is gathered in it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::Announcement;
use kernel::{Fault, Result};
use messaging::Told;
use metrics::Counter;
use sea_orm::DatabaseTransaction;
use service::database::{Write, Writes};

use super::super::store::SeaStore;
use crate::domain::entities::Inventory;

/// What a transaction consists of.
pub(in super::super) struct Open {
    pub(in super::super) transaction: DatabaseTransaction,
    pub(in super::super) now: DateTime<Utc>,
    pub(in super::super) store: SeaStore,
    pub(in super::super) gathered: Gathered,
    /// What is saved of an event's places, behind everything else: all who want the event wait for its row.
    pub(in super::super) inventory: Option<Inventory>,
    /// True when something was sent that cannot be taken back alone.
    pub(in super::super) sent: bool,
    pub(super) locked_order: bool,
}

/// What is done with the commit.
pub(in super::super) struct Gathered {
    writes: Writes,
    /// What is told, until it is written.
    pub(super) tells: Vec<Announcement>,
    pub(super) told: Told,
    /// What is announced after it.
    pub(super) news: BTreeSet<String>,
    /// What is counted after it.
    pub(super) counted: Vec<Counter>,
}

impl Gathered {
    /// Nothing yet.
    pub(in super::super) fn of(store: &SeaStore) -> Self {
        let (writes, tells, news, counted) = Default::default();
        Self { writes, tells, told: store.outbox.begin(), news, counted }
    }
}

impl Open {
    pub(in super::super) fn new(
        store: SeaStore,
        transaction: DatabaseTransaction,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            transaction,
            now,
            gathered: Gathered::of(&store),
            store,
            inventory: None,
            sent: false,
            locked_order: false,
        }
    }

    /// Gathers a write. It is sent with others: before the next look, or the commit.
    pub(in super::super) async fn write(&mut self, write: Write) -> Result<(), Fault> {
        self.sent |= self.gathered.writes.must_go_before(&write);
        self.gathered.writes.add(write, &self.transaction).await
    }

    /// Takes over what was gathered in a turn.
    pub(in super::super) async fn take_over(&mut self, mut turn: Gathered) -> Result<(), Fault> {
        self.gathered.news.append(&mut turn.news);
        self.gathered.counted.append(&mut turn.counted);
        self.gathered.told.join(turn.told);
        for write in turn.writes.take() {
            self.write(write).await?;
        }
        Ok(())
    }

    /// Sends what was gathered, so that it is read by what follows.
    pub(in super::super) async fn send(&mut self) -> Result<(), Fault> {
        self.sent |= !self.gathered.writes.is_empty();
        self.gathered.writes.send(&self.transaction).await
    }

    /// Tells announcements with the commit.
    pub(in super::super) fn publish(&mut self, announcements: Vec<Announcement>) {
        self.gathered.tells.extend(announcements);
    }

    /// Announces news of a topic after the commit.
    pub(in super::super) fn announce(&mut self, topic: String) {
        self.gathered.news.insert(topic);
    }

    /// Counts one after the commit.
    pub(in super::super) fn count(&mut self, counter: Counter) {
        self.gathered.counted.push(counter);
    }
}
