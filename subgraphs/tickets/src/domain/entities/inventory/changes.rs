//! What a use case changed of an inventory; for adapters, when it is saved.

use contracts::Announcement;
use kernel::Fault;

use super::Inventory;
use crate::domain::entities::{SeatChangeLog, SeatState, SeatStatus, SectionCount, TicketType};

impl Inventory {
    /// True when there is something to save; for adapters.
    pub fn has_changed(&self) -> bool {
        self.opening
            || self.changed_waited().is_some()
            || !self.before.is_empty()
            || !self.touched_sections.is_empty()
            || !self.touched_types.is_empty()
    }

    /// The seats that changed: before and after; for adapters.
    pub fn changed_seats(&self) -> impl Iterator<Item = (u32, SeatState, SeatState)> {
        self.before.iter().map(|(number, before)| (*number, *before, self.seats[number]))
    }

    /// The ticket types whose counters changed; for adapters.
    pub fn changed_types(&self) -> impl Iterator<Item = &TicketType> {
        self.types.iter().filter(|known| self.touched_types.contains(&known.state().id))
    }

    /// The sections whose counters changed; for adapters.
    pub fn changed_sections(&self) -> impl Iterator<Item = (&String, &SectionCount)> {
        self.sections.iter().filter(|(key, _)| self.touched_sections.contains(*key))
    }

    /// What the public is to see of the changes, if there are any.
    pub fn change_log(&self) -> Result<Option<SeatChangeLog>, Fault> {
        let seats: Vec<(u32, SeatStatus)> = self
            .changed_seats()
            .filter(|(_, before, after)| before.status != after.status)
            .map(|(number, _, after)| (number, after.status))
            .collect();
        let told = self.event.facts.shows_stock;
        let sections =
            self.changed_sections().map(|(key, count)| Ok((key.clone(), told.then_some(count.available()?))));
        let sections: Vec<(String, Option<u32>)> = sections.collect::<Result<_, Fault>>()?;
        Ok((!seats.is_empty() || !sections.is_empty()).then_some(SeatChangeLog {
            version: self.version + 1,
            seats,
            sections,
        }))
    }

    /// What is to be told; for adapters, when it is saved.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.pending)
    }
}
