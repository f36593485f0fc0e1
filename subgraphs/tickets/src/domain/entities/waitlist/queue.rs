//! In which order who waits is served.
//!
//! Who joined first is served first. Who wants more than there is just now is passed over, so that a group does not keep the
//! places from those behind it, or, when nobody of them wants any, from everybody else. That happens [`PATIENCE`] times at most;
//! then what comes free of what the group wants is gathered for it until it is enough, for [`GATHERS`] at most, and for no
//! longer than a quarter of the time that is left to sell: nobody behind it gets any of that, and nobody else either.
//! If it was not enough even then, the group is passed over as before, and its patience begins anew. So single places never
//! wait for a group for ever, and a group does not see all places go by one by one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Result, TicketTypeId};

use super::WaitlistEntry;

/// How often an entry is passed over before places are gathered for it.
const PATIENCE: u32 = 3;
/// So many at the front of the queue are counted how often they are passed over.
const FRONT: usize = 100;
/// For how long they are gathered.
const GATHERS: TimeDelta = TimeDelta::hours(6);

/// Those who wait have their turns, one after the other.
#[derive(Debug)]
pub struct Queue<'q> {
    now: DateTime<Utc>,
    /// Which types share places with which, each with itself.
    rivals: &'q BTreeMap<TicketTypeId, BTreeSet<TicketTypeId>>,
    /// What is gathered for somebody before.
    gathered: BTreeSet<TicketTypeId>,
    /// Those who had their turn and were not served.
    unserved: Vec<WaitlistEntry>,
    /// Which of them are not as they were.
    changed: BTreeSet<usize>,
}

impl<'q> Queue<'q> {
    /// Nobody has had a turn.
    pub fn begin(now: DateTime<Utc>, rivals: &'q BTreeMap<TicketTypeId, BTreeSet<TicketTypeId>>) -> Self {
        Self { now, rivals, gathered: BTreeSet::new(), unserved: Vec::new(), changed: BTreeSet::new() }
    }

    /// The turn of the next who waits. What they get, when `serve` finds something for them among the ticket types that it is
    /// given: of which type it is, and what. It is given none that are gathered for somebody before.
    pub fn turn<T>(
        &mut self,
        mut entry: WaitlistEntry,
        serve: impl FnOnce(&WaitlistEntry, &[TicketTypeId]) -> Result<Option<(TicketTypeId, T)>>,
    ) -> Result<Option<(WaitlistEntry, T)>> {
        let wanted = entry.state.wish.types.iter().copied();
        let open: Vec<_> = wanted.filter(|wanted| !self.gathered.contains(wanted)).collect();
        let served = if open.is_empty() { None } else { serve(&entry, &open)? };
        if let Some((of, got)) = served {
            self.passes_over(of);
            return Ok(Some((entry, got)));
        }
        let before = entry.clone();
        if self.gathers(&mut entry) {
            let gathered = entry.state.wish.types.iter().filter_map(|wanted| self.rivals.get(wanted));
            let gathered: Vec<_> = gathered.flatten().copied().collect();
            self.gathered.extend(gathered);
        }
        if entry != before {
            self.changed.insert(self.unserved.len());
        }
        self.unserved.push(entry);
        Ok(None)
    }

    /// What came free of these ticket types and nobody got goes to whoever comes by: those who could have taken a part of it are
    /// passed over.
    pub fn lets_go(&mut self, types: &BTreeSet<TicketTypeId>) {
        let gathered = &self.gathered;
        let could = |wanted: &TicketTypeId| types.contains(wanted) && !gathered.contains(wanted);
        for (at, before) in self.unserved.iter_mut().take(FRONT).enumerate() {
            if before.state.wish.types.iter().any(could) {
                before.state.passed_over = before.state.passed_over.saturating_add(1);
                self.changed.insert(at);
            }
        }
    }

    /// What is gathered, and for nobody else.
    pub fn gathered(&self) -> impl Iterator<Item = TicketTypeId> {
        self.gathered.iter().copied()
    }

    /// Those who were not served and are not as they were.
    pub fn changed(self) -> Vec<WaitlistEntry> {
        let changed = self.unserved.into_iter().enumerate().filter(|(at, _)| self.changed.contains(at));
        changed.map(|(_, entry)| entry).collect()
    }

    /// Somebody is served with places that others before could have taken.
    fn passes_over(&mut self, of: TicketTypeId) {
        let Some(rivals) = self.rivals.get(&of) else { return };
        for (at, before) in self.unserved.iter_mut().take(FRONT).enumerate() {
            if before.state.wish.types.iter().any(|wanted| rivals.contains(wanted)) {
                before.state.passed_over = before.state.passed_over.saturating_add(1);
                self.changed.insert(at);
            }
        }
    }

    /// True when what comes free is gathered for who could not be served.
    fn gathers(&self, entry: &mut WaitlistEntry) -> bool {
        match entry.state.gathers_until {
            Some(until) if self.now < until => true,
            Some(_) => {
                entry.state.gathers_until = None;
                entry.state.passed_over = 0;
                false
            }
            None if entry.state.passed_over >= PATIENCE => {
                let left = (entry.state.waits_until - self.now).max(TimeDelta::zero());
                entry.state.gathers_until = Some(self.now + GATHERS.min(left / 4));
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests;
