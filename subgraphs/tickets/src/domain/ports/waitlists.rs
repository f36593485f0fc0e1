//! Who waits for places, and what is kept for them.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use kernel::{EventId, Fault, Page, PageAsk, Result, TicketTypeId, UserId, WaitlistEntryId};

use crate::domain::entities::{Kept, OfferFate, WaitlistEntry};

/// What a transaction does with waiting lists. The event is locked: nobody joins, leaves or is served meanwhile.
#[async_trait]
pub trait Waitlists: Send {
    /// Loads an entry, with what became of its offer, if it has one.
    async fn waitlist_entry(
        &mut self,
        id: WaitlistEntryId,
    ) -> Result<Option<(WaitlistEntry, Option<OfferFate>)>, Fault>;
    /// The open entries of a buyer for an event, those left out whose offer is over.
    async fn open_waitlist_entries(
        &mut self,
        event: EventId,
        buyer: UserId,
    ) -> Result<Vec<WaitlistEntry>, Fault>;
    /// True when so many wait for places of an event, or more.
    async fn so_many_wait(&mut self, event: EventId, many: u64) -> Result<bool, Fault>;
    /// Keeps a new entry, which waits.
    async fn add_waitlist_entry(&mut self, entry: &WaitlistEntry) -> Result<(), Fault>;
    /// Saves what became of entries. All of them are sent as one statement.
    async fn save_waitlist_entries(&mut self, entries: &[WaitlistEntry]) -> Result<(), Fault>;
    /// The next who wait for places of an event, in the order in which they joined, behind `after`.
    async fn waiting(
        &mut self,
        event: EventId,
        after: Option<(DateTime<Utc>, WaitlistEntryId)>,
        limit: u64,
    ) -> Result<Vec<WaitlistEntry>, Fault>;
    /// Some of those who wait for what is not sold any more, by what was known when they joined; all who wait where `all`
    /// have to go.
    async fn waiting_in_vain(
        &mut self,
        event: EventId,
        all: bool,
        limit: u64,
    ) -> Result<Vec<WaitlistEntry>, Fault>;
    /// Some of the entries whose offer is over, with what became of it.
    async fn offers_that_ended(
        &mut self,
        event: EventId,
        limit: u64,
    ) -> Result<Vec<(WaitlistEntry, OfferFate)>, Fault>;
    /// For which ticket types of an event somebody waits, and when one of them has waited or gathered for long enough.
    async fn waited_for(
        &mut self,
        event: EventId,
    ) -> Result<(Vec<TicketTypeId>, Option<DateTime<Utc>>), Fault>;
    /// What is kept of an event for who waits.
    async fn kept_for_who_waits(&mut self, event: EventId) -> Result<Vec<Kept>, Fault>;
}

/// An entry for its reader.
#[derive(Clone, Debug)]
pub struct WaitlistView {
    /// The entry.
    pub entry: WaitlistEntry,
    /// What became of its offer, if it has one.
    pub fate: Option<OfferFate>,
}

/// Waiting lists, straight from the database.
#[async_trait]
pub trait WaitlistReads: Send + Sync {
    /// Entries.
    async fn waitlist_entries(&self, ids: &[WaitlistEntryId]) -> Result<Vec<WaitlistView>, Fault>;
    /// A buyer's entries, newest first. How many there are in all is 0 unless it is to be counted.
    async fn waitlist_entries_of(
        &self,
        buyer: UserId,
        ask: &PageAsk,
        counted: bool,
    ) -> Result<Page<WaitlistView>>;
    /// Which places these entries have in the queue, counted from 1 among those who wait for one of the same ticket types;
    /// nothing is said of those that do not wait.
    async fn waitlist_positions(
        &self,
        ids: &[WaitlistEntryId],
    ) -> Result<HashMap<WaitlistEntryId, u32>, Fault>;
    /// Events whose lists somebody has to see to, in the order of their ids, behind `after`.
    async fn events_to_see_to(&self, after: Option<EventId>, limit: u64) -> Result<Vec<EventId>, Fault>;
    /// How long it is until somebody has to see to a list; none when no such time is to come.
    async fn until_next_waitlist(&self) -> Result<Option<Duration>, Fault>;
    /// A buyer's open entries.
    async fn open_waitlist_entries_of(&self, buyer: UserId) -> Result<Vec<WaitlistEntryId>, Fault>;
}
